"""Disbursements: what a funder pays to the applicant, expected then received."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Document
from essaim.money import ZERO
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import Stateful
from grants.guards import (
    a_date_said,
    a_reason,
    an_amount,
    evidence_of_the_same_coop,
    grant_is_agreed,
    not_before_award,
    not_more_than_expected,
    pieces_at_hand,
    within_the_grant,
)
from grants.models.application import GrantApplication
from grants.moves import Cancellation, Claim, Reception


class DisbursementQuerySet(ScopedQuerySet["Disbursement"]):
    def visible_to(self, user: Any) -> "DisbursementQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def expected(self) -> "DisbursementQuerySet":
        return self.filter(state__in=(Disbursement.State.PLANNED, Disbursement.State.CLAIMED))

    def late(self, *, on: date) -> "DisbursementQuerySet":
        return self.expected().filter(expected_on__lt=on)

    def late_by(self, least: int, most: int | None, *, on: date) -> "DisbursementQuerySet":
        """Expected between `least` and `most` days ago."""
        rows = self.expected().filter(expected_on__lte=on - timedelta(days=least))
        if most is not None:
            rows = rows.filter(expected_on__gte=on - timedelta(days=most))
        return rows

    def unscheduled(self) -> "DisbursementQuerySet":
        return self.expected().filter(expected_on=None)


class Disbursement(Stateful):
    class Kind(models.TextChoices):
        ADVANCE = "advance", pgettext_lazy("disbursement", "Advance")
        INSTALMENT = "instalment", pgettext_lazy("disbursement", "Interim payment")
        BALANCE = "balance", pgettext_lazy("disbursement", "Balance")
        CLAWBACK = "clawback", pgettext_lazy("disbursement", "Repayment")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("disbursement", "Planned")
        CLAIMED = "claimed", pgettext_lazy("disbursement", "Claimed")
        RECEIVED = "received", pgettext_lazy("disbursement", "Received")
        CANCELLED = "cancelled", pgettext_lazy("disbursement", "Cancelled")

    application = models.ForeignKey(GrantApplication, models.PROTECT, related_name="disbursements")
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)
    state = FSMField(
        _("State"), default=State.PLANNED, choices=State.choices, protected=True, editable=False
    )
    expected_on = models.DateField(_("Expected on"), null=True, blank=True)
    expected_amount = models.DecimalField(_("Expected amount"), max_digits=12, decimal_places=2)
    pieces = models.TextField(_("Required pieces"), blank=True, max_length=2000)
    claimed_on = models.DateField(_("Claimed on"), null=True, blank=True, editable=False)
    received_on = models.DateField(_("Received on"), null=True, blank=True, editable=False)
    received_amount = models.DecimalField(
        _("Received amount"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    # The day by which the payment is to be claimed: expenses must be paid by then.
    claim_by = models.DateField(_("To claim by"), null=True, blank=True)
    # Part of what was received that passes the grant, and the row by which it is given back.
    overpaid = models.DecimalField(
        _("Paid in excess"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    returns = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="returned_by", editable=False
    )
    evidence = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    remainder_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="remainders", editable=False
    )

    objects = DisbursementQuerySet.as_manager()

    class Meta:
        ordering = ("application", "expected_on", "pk")
        indexes = (models.Index(fields=("state", "expected_on"), name="disbursements_expected"),)
        constraints = (
            models.CheckConstraint(
                condition=(Q(kind="clawback") & Q(expected_amount__lt=0))
                | (~Q(kind="clawback") & Q(expected_amount__gt=0)),
                name="only_a_clawback_is_negative",
            ),
            models.CheckConstraint(
                condition=~Q(state="received")
                | Q(received_on__isnull=False, received_amount__isnull=False),
                name="received_disbursement_has_date_and_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="received") | Q(received_on=None, received_amount=None),
                name="only_a_received_disbursement_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(overpaid=None) | Q(state="received"),
                name="only_a_received_disbursement_is_overpaid",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.application}"

    def get_absolute_url(self) -> str:
        return f"{self.application.get_absolute_url()}#versement-{self.pk}"

    @property
    def is_expected(self) -> bool:
        return self.state in (self.State.PLANNED, self.State.CLAIMED)

    @property
    def counted(self) -> Decimal:
        """What this row weighs in the plan: received, else expected, nothing once cancelled."""
        if self.state == self.State.CANCELLED:
            return ZERO
        return self.expected_amount if self.received_amount is None else self.kept

    @property
    def kept(self) -> Decimal:
        """Euros received on account of the grant: what was paid in excess is no part of it."""
        return (self.received_amount or ZERO) - (self.overpaid or ZERO)

    @property
    def state_tone(self) -> str:
        return {"received": "good", "claimed": "info", "cancelled": "quiet"}.get(
            self.state, "draft"
        )

    @transition(
        state,
        source=State.PLANNED,
        target=State.CLAIMED,
        permission="grants.change_disbursement",
        custom={
            "label": _("Record the claim"),
            "data": Claim,
            "guards": (a_date_said, not_before_award, pieces_at_hand),
        },
    )
    def claim(self, *, by: Any, on: date, at: Any, data: Claim) -> None:
        self.claimed_on = data.dated

    @transition(
        state,
        source=[State.PLANNED, State.CLAIMED],
        target=State.RECEIVED,
        permission="grants.receive_disbursement",
        custom={
            "label": _("Record the reception"),
            "data": Reception,
            "guards": (
                a_date_said,
                an_amount,
                grant_is_agreed,
                not_before_award,
                within_the_grant,
                not_more_than_expected,
                evidence_of_the_same_coop,
            ),
        },
    )
    def receive(self, *, by: Any, on: date, at: Any, data: Reception) -> None:
        self.received_on, self.received_amount = data.dated, data.amount
        self.evidence = data.evidence or self.evidence
        if self.returns_id is not None:
            self.overpaid = data.amount
        elif data.is_overpayment:
            self.overpaid = self.application.above_grant(data.amount) or None

    @transition(
        state,
        source=[State.PLANNED, State.CLAIMED],
        target=State.CANCELLED,
        permission="grants.change_disbursement",
        custom={"label": _("Cancel"), "data": Cancellation, "guards": (a_reason,)},
    )
    def cancel(self, *, by: Any, on: date, at: Any, data: Cancellation) -> None:
        """It will not come."""
