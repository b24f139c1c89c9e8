"""Time to pay: planned instalments, disputes, repayment plans, and claims of late interest."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from invoicing.guards_terms import plan_can_be_signed, plan_has_a_late_row, plan_is_honoured
from invoicing.models.invoice import Invoice
from invoicing.models.payment import Payment

_USER: Any = settings.AUTH_USER_MODEL


class PlannedInstalment(models.Model):
    """One row of a draft's schedule; issuing turns the rows into dated, frozen instalments."""

    class Share(models.TextChoices):
        AMOUNT = "amount", _("Amount (€)")
        PERCENT = "percent", _("Percent")
        REMAINDER = "remainder", _("What is left")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="planned")
    position = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("Days after issue"), null=True, blank=True)
    share = models.CharField(_("Share"), max_length=10, choices=Share.choices)
    value = models.DecimalField(_("How much"), max_digits=14, decimal_places=2, default=0)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("invoice", "position"), name="planned_instalments_are_ordered"
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=False, days=None) | Q(due_on=None, days__isnull=False),
                name="planned_instalment_has_a_date_or_days",
            ),
            models.CheckConstraint(
                condition=Q(share="remainder", value=0) | ~Q(share="remainder") & Q(value__gt=0),
                name="planned_instalment_says_how_much",
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}: {self.share} {self.value}"


class Dispute(models.Model):
    """A client contests an invoice, then it is settled; rows are inserted, never changed."""

    class Outcome(models.TextChoices):
        GROUNDED = "grounded", _("The client was right: a credit note follows")
        UNGROUNDED = "ungrounded", _("The invoice stands")
        SETTLED = "settled", _("An agreement was found")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="disputes")
    opening = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="closing"
    )
    outcome = models.CharField(
        _("Outcome"), max_length=10, choices=Outcome.choices, blank=True, default=""
    )
    words = models.CharField(_("In words"), max_length=500)
    on = models.DateField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(opening=None, outcome="") | Q(opening__isnull=False) & ~Q(outcome=""),
                name="a_dispute_is_closed_with_an_outcome",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="a_dispute_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.invoice}: {self.words[:40]}"


class LateClaim(models.Model):
    """Late interest and recovery fee: claimed, or given up with a reason; inserted only."""

    class Kind(models.TextChoices):
        CLAIMED = "claimed", pgettext_lazy("interest", "Claimed")
        WAIVED = "waived", pgettext_lazy("interest", "Waived")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="late_claims")
    rank = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # A waiver of what an earlier row had claimed.
    cancels = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="cancelled_by"
    )
    until = models.DateField(_("Computed until"))
    interest = models.DecimalField(_("Interest"), max_digits=14, decimal_places=2)
    fee = models.DecimalField(_("Recovery fee"), max_digits=14, decimal_places=2)
    statement = models.JSONField(default=dict)
    why = models.CharField(_("Why"), max_length=500, blank=True)
    on = models.DateField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "rank"), name="late_claims_are_ordered"),
            models.CheckConstraint(
                condition=Q(interest__gte=0, fee__gte=0) & ~Q(interest=0, fee=0),
                name="a_late_claim_is_of_something",
            ),
            models.CheckConstraint(
                condition=Q(kind="claimed", cancels=None) | Q(kind="waived") & ~Q(why=""),
                name="a_waiver_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice}-P{self.rank}"

    def get_absolute_url(self) -> str:
        return self.invoice.get_absolute_url()

    @property
    def total(self) -> Any:
        """Interest and fee together."""
        return self.interest + self.fee


class ClaimSettlement(models.Model):
    """Part of a payment set against a claim of late interest; undone by a negative row."""

    claim = models.ForeignKey(LateClaim, models.PROTECT, related_name="settlements")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="claim_settlements")
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    on = models.DateField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount=0), name="claim_settlement_is_not_nothing"),
        )

    def __str__(self) -> str:
        return f"{self.claim}: {self.amount}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSignature(MoveData):
    signed_on: date | None = None  # today when nothing is said


class RepaymentPlanQuerySet(ScopedQuerySet["RepaymentPlan"]):
    def visible_to(self, user: Any) -> "RepaymentPlanQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class RepaymentPlan(Stateful):
    """Time given after issue (moratorium): its own dates beside the invoice's, never in place."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("repayment plan", "Proposed")
        SIGNED = "signed", pgettext_lazy("repayment plan", "Signed")
        KEPT = "kept", pgettext_lazy("repayment plan", "Kept")
        BROKEN = "broken", pgettext_lazy("repayment plan", "Broken")
        WITHDRAWN = "withdrawn", pgettext_lazy("repayment plan", "Withdrawn")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="repayment_plans")
    state = FSMField(
        _("State"), default=State.PROPOSED, choices=State.choices, protected=True, editable=False
    )
    # What was left to pay when it was drawn up; its rows sum to it.
    total = models.DecimalField(_("Total"), max_digits=14, decimal_places=2)
    proposed_on = models.DateField()
    signed_on = models.DateField(_("Signed on"), null=True, blank=True, editable=False)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = RepaymentPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(state__in=("proposed", "signed")),
                name="one_open_repayment_plan_an_invoice",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("proposed", "withdrawn")) | Q(signed_on__isnull=False),
                name="signed_repayment_plan_has_a_date",
            ),
            models.CheckConstraint(condition=Q(total__gt=0), name="repayment_plan_is_of_something"),
        )

    def __str__(self) -> str:
        return f"{self.invoice} {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("invoicing:plan", args=(self.pk,))

    @transition(
        state,
        source=State.PROPOSED,
        target=State.SIGNED,
        permission="invoicing.change_terms",
        custom={
            "label": _("Record the signature"),
            "data": PlanSignature,
            "guards": (plan_can_be_signed,),
        },
    )
    def sign(self, *, by: Any, on: date, at: Any, data: PlanSignature) -> None:
        self.signed_on = data.signed_on or on

    @transition(
        state,
        source=State.SIGNED,
        target=State.KEPT,
        permission="invoicing.change_terms",
        custom={"label": _("Close: it was kept"), "guards": (plan_is_honoured,)},
    )
    def keep(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        self.ended_on = on

    @transition(
        state,
        source=State.SIGNED,
        target=State.BROKEN,
        permission="invoicing.change_terms",
        custom={"label": _("Declare it broken"), "guards": (plan_has_a_late_row,)},
    )
    def break_off(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        self.ended_on = on

    @transition(
        state,
        source=State.PROPOSED,
        target=State.WITHDRAWN,
        permission="invoicing.change_terms",
        custom={"label": _("Withdraw")},
    )
    def withdraw(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        self.ended_on = on


class RepaymentRow(models.Model):
    """One dated payment of a repayment plan."""

    plan = models.ForeignKey(RepaymentPlan, models.CASCADE, related_name="rows")
    position = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(_("Due on"))
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("plan", "position"), name="repayment_rows_are_ordered"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_row_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.due_on:%Y-%m-%d} {self.amount}"


class AntifraudNotice(models.Model):
    """Somebody read what cash-register law asks of us before private customers' payments."""

    class Proof(models.TextChoices):
        CERTIFICATE = "certificate", _("Certificate of an accredited body")
        ATTESTATION = "attestation", _("Individual attestation of the publisher")
        OUTSIDE = "outside", _("We are outside the obligation, and know why")

    siren = models.CharField(max_length=9, unique=True)
    proof = models.CharField(_("What we rely on"), max_length=12, choices=Proof.choices)
    words = models.CharField(_("In words"), max_length=500)
    on = models.DateField()
    by = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(words=""), name="antifraud_notice_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.siren} {self.proof}"
