"""Grant applications, from the first sighting to the last control."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from crm.models import Coop, Organisation
from essaim.money import ZERO
from essaim.workflow import MoveData, Stateful
from grants.guards import (
    a_date_said,
    a_positive_amount,
    a_reason,
    agreement_for_large_grants,
    an_amount,
    not_above_received,
    not_below_received,
    nothing_awaited,
    requested_amount,
    within_agreed,
    within_award,
    within_cap,
    within_request,
)
from grants.models.facts import (
    AMOUNTS,
    ApplicationFacts,
    GrantApplicationQuerySet,
    none_negative,
)
from grants.models.programme import Call, Programme
from grants.moves import Dated, DatedAmount
from grants.states import AT_THE_FUNDER, BEFORE_DECISION, GRANTED, ApplicationState

_EDIT = "grants.move_application"


class GrantApplication(ApplicationFacts, Stateful):
    State = ApplicationState
    BEFORE_DECISION = BEFORE_DECISION
    GRANTED = GRANTED

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

    objects = GrantApplicationQuerySet.as_manager()

    class Meta:
        ordering = ("-spotted_on", "-pk")
        indexes = (
            models.Index(fields=("-spotted_on", "-id"), name="applications_in_order"),
            models.Index(fields=("state",), name="applications_of_a_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=none_negative(*AMOUNTS),
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

    def get_absolute_url(self) -> str:
        return reverse("grants:application", args=(self.pk,))

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
        self.spotted_on = min(self.spotted_on, data.dated)

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.DRAFTING,
        permission=_EDIT,
        custom={"label": _("Back to writing"), "data": Dated, "guards": (a_date_said, a_reason)},
    )
    def rewrite(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.submitted_on = self.acknowledged_on = self.complete_on = self.committee_on = None

    @transition(
        state,
        source=[State.SUBMITTED, State.COMPLETE],
        target=State.INCOMPLETE,
        permission=_EDIT,
        custom={
            "label": _("Declare incomplete"),
            "data": Dated,
            "guards": (a_date_said,),
        },
    )
    def declare_incomplete(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.complete_on = None

    @transition(
        state,
        source=[State.SUBMITTED, State.INCOMPLETE],
        target=State.COMPLETE,
        permission=_EDIT,
        custom={
            "label": _("Declare complete"),
            "data": Dated,
            "guards": (a_date_said,),
        },
    )
    def declare_complete(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.complete_on = data.dated

    @transition(
        state,
        source=[State.SUBMITTED, State.COMPLETE],
        target=State.REVIEW,
        permission=_EDIT,
        custom={"label": _("Send to review")},
    )
    def review(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """The funder examines it."""

    @transition(
        state,
        source=[State.SUBMITTED, State.COMPLETE, State.REVIEW, State.WAITING_LIST, State.ADJOURNED],
        target=State.COMMITTEE,
        permission=_EDIT,
        custom={"label": _("Send to committee"), "data": Dated},
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
            "guards": (a_date_said, a_positive_amount, within_request),
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
        custom={"label": _("Put on the waiting list")},
    )
    def wait(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Kept in reserve."""

    @transition(
        state,
        source=[State.COMMITTEE, State.REVIEW],
        target=State.ADJOURNED,
        permission=_EDIT,
        custom={"label": _("Adjourn the file")},
    )
    def adjourn(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Put off to a later committee."""

    @transition(
        state,
        source=[*AT_THE_FUNDER, State.NO_ANSWER],
        target=State.REFUSED,
        permission=_EDIT,
        custom={"label": _("Record the refusal"), "data": Dated, "guards": (a_date_said,)},
    )
    def refuse(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.decided_on = data.dated

    @transition(
        state,
        source=list(AT_THE_FUNDER),
        target=State.NO_ANSWER,
        permission=_EDIT,
        custom={"label": _("File as unanswered")},
    )
    def give_up_waiting(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """The funder never answered; an answer may still come."""

    @transition(
        state,
        source=list(BEFORE_DECISION),
        target=State.WITHDRAWN,
        permission=_EDIT,
        custom={
            "label": _("Withdraw the file"),
            "data": Dated,
            "guards": (a_date_said, a_reason),
        },
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
            "guards": (a_date_said, a_positive_amount, within_award),
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
        custom={
            "label": _("The project has started"),
            "guards": (agreement_for_large_grants,),
        },
    )
    def start(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """A small grant may run on its notification alone (agreement mandatory above 23,000)."""
        self.agreed = self.agreed if self.agreed is not None else self.awarded

    @transition(
        state,
        source=State.RUNNING,
        target=State.REPORTED,
        permission=_EDIT,
        custom={
            "label": _("Record the report"),
            "data": DatedAmount,
            "guards": (a_date_said, an_amount),
        },
    )
    def report(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        """`amount` is what was really spent and justified."""
        self.report_sent_on, self.justified = data.dated, data.amount

    @transition(
        state,
        source=State.REPORTED,
        target=State.RUNNING,
        permission=_EDIT,
        custom={
            "label": _("Report sent back"),
            "data": Dated,
            "guards": (a_date_said, a_reason),
        },
    )
    def report_sent_back(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.report_sent_on = None

    @transition(
        state,
        source=State.REPORTED,
        target=State.SETTLED,
        permission=_EDIT,
        custom={
            "label": _("Settle the grant"),
            "data": DatedAmount,
            "guards": (a_date_said, an_amount, within_agreed, not_below_received),
        },
    )
    def settle(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        """`amount` is the final grant the funder retains."""
        self.retained, self.report_accepted_on = data.amount, data.dated

    @transition(
        state,
        source=[State.SETTLED, State.CLAWBACK],
        target=State.CLOSED,
        permission=_EDIT,
        custom={"label": _("Close the file"), "guards": (nothing_awaited,)},
    )
    def close_file(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Nothing more is awaited."""

    @transition(
        state,
        source=[State.AWARDED, State.AGREED, State.RUNNING],
        target=State.RENOUNCED,
        permission=_EDIT,
        custom={"label": _("Renounce the grant"), "data": Dated, "guards": (a_date_said, a_reason)},
    )
    def renounce(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        """The applicant gives the grant up."""

    @transition(
        state,
        source=[State.AWARDED, State.AGREED, State.RUNNING],
        target=State.LAPSED,
        permission=_EDIT,
        custom={"label": _("Declare lapsed"), "data": Dated, "guards": (a_date_said,)},
    )
    def lapse(self, *, by: Any, on: date, at: Any, data: Dated) -> None:
        self.lapses_on = data.dated

    @transition(
        state,
        source=[*GRANTED, State.RENOUNCED, State.LAPSED],
        target=State.CLAWBACK,
        permission=_EDIT,
        custom={
            "label": _("Record a claim for repayment"),
            "data": DatedAmount,
            "guards": (a_date_said, a_positive_amount, not_above_received),
        },
    )
    def claw_back(self, *, by: Any, on: date, at: Any, data: DatedAmount) -> None:
        """`amount` is asked back, on top of what was asked back before."""
        self.clawed_back = (self.clawed_back or ZERO) + data.amount
