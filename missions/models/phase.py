"""Pieces of an agreed price: phases billed once accepted, instalments of a pack of days."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Document
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.guards_price import phase_can_be_accepted
from missions.models.agreement import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance(MoveData):
    """When, by whom at the client's, and the paper that shows it."""

    accepted_on: date | None = None
    accepted_by: str = field(default="", metadata={"words": True})
    evidence: int | None = None


class PhaseQuerySet(ScopedQuerySet["Phase"]):
    def visible_to(self, user: Any) -> "PhaseQuerySet":
        return self.filter(agreement__in=Agreement.objects.visible_to(user))


class Phase(Stateful):
    """One piece of the price: what it is, its net amount, when it is planned, who accepted it."""

    class Kind(models.TextChoices):
        PHASE = "phase", _("Phase")
        INSTALMENT = "instalment", _("Instalment of the pack")

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("phase", "Planned")
        ACCEPTED = "accepted", pgettext_lazy("phase", "Accepted")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="phases")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PHASE)
    position = models.PositiveSmallIntegerField(_("Position"))
    title = models.CharField(_("Title"), max_length=200)
    amount = models.DecimalField(_("Amount, net"), max_digits=12, decimal_places=2)
    planned_on = models.DateField(_("Planned on"), null=True, blank=True)
    state = FSMField(
        _("State"), default=State.PLANNED, choices=State.choices, protected=True, editable=False
    )
    accepted_on = models.DateField(_("Accepted on"), null=True, blank=True, editable=False)
    accepted_by = models.CharField(_("Accepted by"), max_length=120, blank=True, editable=False)
    evidence = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = PhaseQuerySet.as_manager()

    class Meta:
        ordering = ("agreement", "position")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "position"), name="phases_are_ordered"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="phase_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state="planned", accepted_on=None)
                | Q(state="accepted", accepted_on__isnull=False),
                name="accepted_phase_has_a_date",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def state_tone(self) -> str:
        return "good" if self.state == self.State.ACCEPTED else "quiet"

    def get_absolute_url(self) -> str:
        return reverse("missions:agreement", args=(self.agreement_id,))

    @transition(
        state,
        source=State.PLANNED,
        target=State.ACCEPTED,
        permission="missions.accept_phase",
        custom={
            "label": _("Record the acceptance"),
            "data": Acceptance,
            "guards": (phase_can_be_accepted,),
        },
    )
    def accept(self, *, by: Any, on: Any, at: Any, data: Acceptance) -> None:
        self.accepted_on, self.accepted_by = data.accepted_on or on, data.accepted_by.strip()
        self.evidence_id = data.evidence

    @transition(
        state,
        source=State.ACCEPTED,
        target=State.PLANNED,
        permission="missions.accept_phase",
        custom={"label": _("Take the acceptance back")},
    )
    def take_back_acceptance(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.accepted_on, self.accepted_by, self.evidence_id = None, "", None
