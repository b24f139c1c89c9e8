"""Grant applications, from the first sighting to the last control."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from crm.models import Coop, Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from grants.guards import (
    a_date_said,
    a_reason,
    an_amount,
    requested_amount,
    within_cap,
)
from grants.models.programme import Call, Programme


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(MoveData):
    """A move dated by the funder's paper."""

    dated: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedAmount(Dated):
    amount: Decimal
    base: Decimal | None = None


class GrantApplicationQuerySet(ScopedQuerySet["GrantApplication"]):
    def visible_to(self, user: Any) -> "GrantApplicationQuerySet":
        """Amounts of grants are for the office; a consultant sees no application."""
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


_EDIT = "grants.move_application"


class GrantApplication(Stateful):
    class State(models.TextChoices):
        SPOTTED = "spotted", _("Spotted")
        ELIGIBILITY = "eligibility", _("Eligibility to check")
        DRAFTING = "drafting", _("Being written")
        SUBMITTED = "submitted", _("Submitted")
        INCOMPLETE = "incomplete", _("Incomplete")
        COMPLETE = "complete", _("Complete")
        REVIEW = "review", _("Under review")
        COMMITTEE = "committee", _("In committee")
        AWARDED = "awarded", _("Awarded")
        WAITING_LIST = "waiting_list", _("Waiting list")
        ADJOURNED = "adjourned", _("Adjourned")
        REFUSED = "refused", _("Refused")
        NO_ANSWER = "no_answer", _("No answer")
        AGREED = "agreed", _("Agreement signed")
        RUNNING = "running", _("Running")
        REPORTED = "reported", _("Report sent")
        SETTLED = "settled", _("Settled")
        CLOSED = "closed", _("Closed")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RENOUNCED = "renounced", _("Renounced")
        LAPSED = "lapsed", _("Lapsed")
        CLAWBACK = "clawback", _("Repayment claimed")

    class AmountsAre(models.TextChoices):
        NET = "net", _("Net of VAT")
        GROSS = "gross", _("VAT included")

    BEFORE_DECISION = (
        State.SPOTTED,
        State.ELIGIBILITY,
        State.DRAFTING,
        State.SUBMITTED,
        State.INCOMPLETE,
        State.COMPLETE,
        State.REVIEW,
        State.COMMITTEE,
        State.WAITING_LIST,
        State.ADJOURNED,
    )
    GRANTED = (
        State.AWARDED,
        State.AGREED,
        State.RUNNING,
        State.REPORTED,
        State.SETTLED,
        State.CLOSED,
    )

    applicant = models.ForeignKey(
        Organisation, models.PROTECT, related_name="applications", verbose_name=_("Applicant")
    )
    coop = models.ForeignKey(
        Coop,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("Coop"),
        help_text=_("Empty when our own structure applies"),
    )
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="applications")
    call = models.ForeignKey(
        Call, models.PROTECT, null=True, blank=True, related_name="applications"
    )
    title = models.CharField(_("Title"), max_length=200)
    reference = models.CharField(_("Funder's reference"), max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="applications",
        verbose_name=_("Owner"),
    )
    state = FSMField(
        _("State"), default=State.SPOTTED, choices=State.choices, protected=True, editable=False
    )
    spotted_on = models.DateField(_("Spotted on"))
    submitted_on = models.DateField(_("Submitted on"), null=True, blank=True)
    acknowledged_on = models.DateField(_("Acknowledged on"), null=True, blank=True)
    complete_on = models.DateField(_("Declared complete on"), null=True, blank=True)
    committee_on = models.DateField(_("Committee on"), null=True, blank=True)
    decided_on = models.DateField(_("Decided on"), null=True, blank=True)
    notified_on = models.DateField(_("Notified on"), null=True, blank=True)
    agreed_on = models.DateField(_("Agreement signed on"), null=True, blank=True)
    expenses_from = models.DateField(_("Eligible expenses from"), null=True, blank=True)
    expenses_until = models.DateField(_("Eligible expenses until"), null=True, blank=True)
    project_from = models.DateField(_("Project from"), null=True, blank=True)
    project_until = models.DateField(_("Project until"), null=True, blank=True)
    report_due_on = models.DateField(_("Report due on"), null=True, blank=True)
    report_sent_on = models.DateField(_("Report sent on"), null=True, blank=True)
    report_accepted_on = models.DateField(_("Report accepted on"), null=True, blank=True)
    lapses_on = models.DateField(_("Lapses on"), null=True, blank=True)
    archive_until = models.DateField(_("Keep until"), null=True, blank=True)
    amounts_are = models.CharField(
        _("Amounts are"), max_length=5, choices=AmountsAre.choices, default=AmountsAre.GROSS
    )
    total_cost = models.DecimalField(
        _("Total cost"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    eligible_base = models.DecimalField(
        _("Eligible base"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    requested = models.DecimalField(
        _("Requested"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    awarded = models.DecimalField(
        _("Awarded"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    agreed = models.DecimalField(
        _("Agreed"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    justified = models.DecimalField(
        _("Justified expenses"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    retained = models.DecimalField(
        _("Final grant"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    clawed_back = models.DecimalField(
        _("Clawed back"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    own_share = models.DecimalField(
        _("Own share"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    in_kind = models.DecimalField(
        _("In kind"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    objects = GrantApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("-spotted_on", "-pk")
        indexes = (
            models.Index(fields=("-spotted_on", "-id"), name="applications_in_order"),
            models.Index(fields=("state",), name="applications_of_a_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=(Q(total_cost=None) | Q(total_cost__gte=0))
                & (Q(eligible_base=None) | Q(eligible_base__gte=0))
                & (Q(requested=None) | Q(requested__gte=0))
                & (Q(awarded=None) | Q(awarded__gte=0))
                & (Q(agreed=None) | Q(agreed__gte=0))
                & (Q(justified=None) | Q(justified__gte=0))
                & (Q(retained=None) | Q(retained__gte=0))
                & (Q(clawed_back=None) | Q(clawed_back__gte=0)),
                name="application_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(
                    state__in=("awarded", "agreed", "running", "reported", "settled", "closed")
                )
                | Q(awarded__isnull=False, decided_on__isnull=False),
                name="granted_application_has_amount_and_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("spotted", "eligibility", "drafting", "withdrawn"))
                | Q(submitted_on__isnull=False),
                name="submitted_application_has_a_date",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def is_granted(self) -> bool:
        return self.state in self.GRANTED

    @property
    def is_ours(self) -> bool:
        """Our own structure is the applicant: no subsidy share is possible."""
        return hasattr(self.applicant, "structure")

    # -- before the decision ----------------------------------------------------------------
    @transition(
        state,
        source=State.SPOTTED,
        target=State.ELIGIBILITY,
        permission=_EDIT,
        custom={"label": _("Check eligibility")},
    )
    def check_eligibility(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Somebody reads the rules of the call."""

    @transition(
        state,
        source=[State.SPOTTED, State.ELIGIBILITY],
        target=State.DRAFTING,
        permission=_EDIT,
        custom={"label": _("Start writing")},
    )
    def draft(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """The file is being written."""

    @transition(
        state,
        source=State.DRAFTING,
        target=State.SUBMITTED,
        permission=_EDIT,
        custom={
            "label": _("Record the deposit"),
            "data": Dated,
            "guards": (a_date_said, requested_amount, within_cap),
        },
    )
    def deposit(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.submitted_on = data.dated

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.DRAFTING,
        permission=_EDIT,
        custom={"label": _("Back to writing"), "data": Dated, "guards": (a_date_said, a_reason)},
    )
    def rewrite(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.submitted_on = None

    @transition(
        state,
        source=[State.SUBMITTED, State.COMPLETE],
        target=State.INCOMPLETE,
        permission=_EDIT,
        custom={"label": _("Declared incomplete"), "data": Dated, "guards": (a_date_said,)},
    )
    def declare_incomplete(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.complete_on = None

    @transition(
        state,
        source=[State.SUBMITTED, State.INCOMPLETE],
        target=State.COMPLETE,
        permission=_EDIT,
        custom={"label": _("Declared complete"), "data": Dated, "guards": (a_date_said,)},
    )
    def declare_complete(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.complete_on = data.dated

    @transition(
        state,
        source=[State.SUBMITTED, State.COMPLETE],
        target=State.REVIEW,
        permission=_EDIT,
        custom={"label": _("Under review")},
    )
    def review(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """The funder examines it."""

    @transition(
        state,
        source=[State.SUBMITTED, State.COMPLETE, State.REVIEW, State.WAITING_LIST, State.ADJOURNED],
        target=State.COMMITTEE,
        permission=_EDIT,
        custom={"label": _("To committee"), "data": Dated},
    )
    def to_committee(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.committee_on = data.dated

    # -- the decision -----------------------------------------------------------------------
    @transition(
        state,
        source=[
            State.SUBMITTED,
            State.COMPLETE,
            State.REVIEW,
            State.COMMITTEE,
            State.WAITING_LIST,
            State.NO_ANSWER,
        ],
        target=State.AWARDED,
        permission=_EDIT,
        custom={
            "label": _("Record the award"),
            "data": DatedAmount,
            "guards": (a_date_said, an_amount),
        },
    )
    def award(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        self.awarded, self.decided_on = data.amount, data.dated
        self.notified_on = self.notified_on or data.dated

    @transition(
        state,
        source=[State.COMMITTEE, State.REVIEW],
        target=State.WAITING_LIST,
        permission=_EDIT,
        custom={"label": _("Waiting list")},
    )
    def wait(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Kept in reserve."""

    @transition(
        state,
        source=[State.COMMITTEE, State.REVIEW],
        target=State.ADJOURNED,
        permission=_EDIT,
        custom={"label": _("Adjourned")},
    )
    def adjourn(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Put off to a later committee."""

    @transition(
        state,
        source=[
            State.SUBMITTED,
            State.INCOMPLETE,
            State.COMPLETE,
            State.REVIEW,
            State.COMMITTEE,
            State.WAITING_LIST,
            State.ADJOURNED,
            State.NO_ANSWER,
        ],
        target=State.REFUSED,
        permission=_EDIT,
        custom={"label": _("Record the refusal"), "data": Dated, "guards": (a_date_said,)},
    )
    def refuse(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.decided_on = data.dated

    @transition(
        state,
        source=[
            State.SUBMITTED,
            State.INCOMPLETE,
            State.COMPLETE,
            State.REVIEW,
            State.COMMITTEE,
            State.WAITING_LIST,
            State.ADJOURNED,
        ],
        target=State.NO_ANSWER,
        permission=_EDIT,
        custom={"label": _("No answer")},
    )
    def give_up_waiting(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """The funder never answered; an answer may still come."""

    @transition(
        state,
        source=list(BEFORE_DECISION),
        target=State.WITHDRAWN,
        permission=_EDIT,
        custom={"label": _("Withdraw"), "data": Dated, "guards": (a_reason,)},
    )
    def withdraw(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        """Taken back before any decision."""

    # -- after the decision -----------------------------------------------------------------
    @transition(
        state,
        source=State.AWARDED,
        target=State.AGREED,
        permission=_EDIT,
        custom={
            "label": _("Record the agreement"),
            "data": DatedAmount,
            "guards": (a_date_said, an_amount),
        },
    )
    def agree(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        self.agreed, self.agreed_on = data.amount, data.dated
        self.eligible_base = data.base if data.base is not None else self.eligible_base

    @transition(
        state,
        source=[State.AWARDED, State.AGREED],
        target=State.RUNNING,
        permission=_EDIT,
        custom={"label": _("The project has started")},
    )
    def start(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """A small grant may run on its notification alone (agreement mandatory above 23,000)."""
        self.agreed = self.agreed if self.agreed is not None else self.awarded

    @transition(
        state,
        source=State.RUNNING,
        target=State.REPORTED,
        permission=_EDIT,
        custom={"label": _("Report sent"), "data": DatedAmount, "guards": (a_date_said, an_amount)},
    )
    def report(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        """`amount` is what was really spent and justified."""
        self.report_sent_on, self.justified = data.dated, data.amount

    @transition(
        state,
        source=State.REPORTED,
        target=State.RUNNING,
        permission=_EDIT,
        custom={"label": _("Report sent back"), "data": Dated, "guards": (a_date_said, a_reason)},
    )
    def report_sent_back(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.report_sent_on = None

    @transition(
        state,
        source=State.REPORTED,
        target=State.SETTLED,
        permission=_EDIT,
        custom={"label": _("Settle"), "data": DatedAmount, "guards": (a_date_said, an_amount)},
    )
    def settle(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        """`amount` is the final grant the funder retains."""
        self.retained, self.report_accepted_on = data.amount, data.dated

    @transition(
        state,
        source=[State.SETTLED, State.CLAWBACK],
        target=State.CLOSED,
        permission=_EDIT,
        custom={"label": _("Close the file")},
    )
    def close_file(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Nothing more is awaited."""

    @transition(
        state,
        source=[State.AWARDED, State.AGREED, State.RUNNING],
        target=State.RENOUNCED,
        permission=_EDIT,
        custom={"label": _("Renounce"), "data": Dated, "guards": (a_reason,)},
    )
    def renounce(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        """The applicant gives the grant up."""

    @transition(
        state,
        source=[State.AWARDED, State.AGREED, State.RUNNING],
        target=State.LAPSED,
        permission=_EDIT,
        custom={"label": _("Lapsed"), "data": Dated, "guards": (a_date_said,)},
    )
    def lapse(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.lapses_on = data.dated

    @transition(
        state,
        source=[State.AGREED, State.RUNNING, State.REPORTED, State.SETTLED, State.CLOSED],
        target=State.CLAWBACK,
        permission=_EDIT,
        custom={
            "label": _("Repayment claimed"),
            "data": DatedAmount,
            "guards": (a_date_said, an_amount),
        },
    )
    def claw_back(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        self.clawed_back = data.amount


class CoFunder(models.Model):
    """Another funder of the same project, and where its answer stands."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        REQUESTED = "requested", _("Requested")
        OBTAINED = "obtained", _("Obtained")
        REFUSED = "refused", _("Refused")

    application = models.ForeignKey(GrantApplication, models.CASCADE, related_name="co_funders")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=2)
    is_public = models.BooleanField(_("Public money"), default=True)
    standing = models.CharField(
        _("Standing"), max_length=9, choices=State.choices, default=State.PLANNED
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="co_funding_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.funder} {self.amount}"
