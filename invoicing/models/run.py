"""Billing runs: which payers are billed together, and how far each of them is."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from invoicing.models.invoice import Invoice

MAY = "invoicing.issue_invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leasing(MoveData):
    """Until when one worker alone bills the payer."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping(MoveData):
    """Why a payer could not be billed, as it is told on the page."""

    problem: str = field(default="", metadata={"words": True})


class BillingRunQuerySet(ScopedQuerySet["BillingRun"]):
    def visible_to(self, user: Any) -> "BillingRunQuerySet":
        """Amounts are for the office."""
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class BillingRun(Stateful):
    """Payers billed in one go; the truth of the run is in its rows, not in a background task."""

    class State(models.TextChoices):
        RUNNING = "running", pgettext_lazy("billing run", "In progress")
        ENDED = "ended", pgettext_lazy("billing run", "Ended")

    # Given by the preview: the same form sent twice is the same run.
    key = models.CharField(max_length=40, unique=True)
    state = FSMField(
        _("State"), default=State.RUNNING, choices=State.choices, protected=True, editable=False
    )
    until = models.DateField(_("Work until"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Launched by")
    )
    created_at = models.DateTimeField(_("Launched on"))

    objects = BillingRunQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d} {self.key}"

    def get_absolute_url(self) -> str:
        return reverse("invoicing:run", args=(self.pk,))

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @transition(
        state,
        source=State.RUNNING,
        target=State.ENDED,
        permission=MAY,
        custom={"label": _("End")},
    )
    def finish(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """Every payer is issued or refused."""

    @transition(
        state,
        source=State.ENDED,
        target=State.RUNNING,
        permission=MAY,
        custom={"label": _("Resume")},
    )
    def resume(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """A refused payer is tried again."""


class BillingRunPayer(Stateful):
    """One payer of a run: a kill leaves it leased, and the lease ends."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("billing run", "Waiting")
        LEASED = "leased", pgettext_lazy("billing run", "Being issued")
        ISSUED = "issued", pgettext_lazy("billing run", "Issued")
        REFUSED = "refused", pgettext_lazy("billing run", "Refused")

    run = models.ForeignKey(BillingRun, models.PROTECT, related_name="payers")
    payer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("Payer")
    )
    state = FSMField(
        _("State"), default=State.WAITING, choices=State.choices, protected=True, editable=False
    )
    # Net, as previewed: what is billed is that, or nothing.
    amount = models.DecimalField(_("Amount, net"), max_digits=14, decimal_places=2)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    problem = models.TextField(blank=True, editable=False)
    invoices = models.ManyToManyField(Invoice, related_name="run_payers", editable=False)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("run", "payer"), name="a_run_bills_a_payer_once"),
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(lease_until__isnull=False),
                name="a_lease_has_an_end",
            ),
        )

    def __str__(self) -> str:
        return str(self.payer)

    @property
    def is_refused(self) -> bool:
        return self.state == self.State.REFUSED

    @transition(
        state,
        source=[State.WAITING, State.LEASED],
        target=State.LEASED,
        permission=MAY,
        custom={"label": _("Lease"), "data": Leasing},
    )
    def lease(self, *, by: Any, on: Any, at: Any, data: Leasing) -> None:
        self.lease_until = data.until

    @transition(
        state,
        source=State.LEASED,
        target=State.ISSUED,
        permission=MAY,
        custom={"label": _("Issue")},
    )
    def settle(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.lease_until, self.problem = None, ""

    @transition(
        state,
        source=State.LEASED,
        target=State.REFUSED,
        permission=MAY,
        custom={"label": _("Refuse"), "data": Stopping},
    )
    def stop(self, *, by: Any, on: Any, at: Any, data: Stopping) -> None:
        self.lease_until, self.problem = None, data.problem

    @transition(
        state,
        source=State.REFUSED,
        target=State.WAITING,
        permission=MAY,
        custom={"label": _("Try again")},
    )
    def retry(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.problem = ""
