"""Amendments: a signed agreement takes new terms, the old ones stay readable."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Document
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.guards import amendment_can_be_signed
from missions.models.agreement import Agreement


class AmendmentQuerySet(ScopedQuerySet["Amendment"]):
    def visible_to(self, user: Any) -> "AmendmentQuerySet":
        return self.filter(agreement__in=Agreement.objects.visible_to(user))


class Amendment(Stateful):
    """A change of a signed agreement; the old terms stay readable."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", pgettext_lazy("amendment", "Sent")
        SIGNED = "signed", pgettext_lazy("amendment", "Signed")

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField(_("Number"))
    state = FSMField(
        _("State"), default=State.DRAFT, choices=State.choices, protected=True, editable=False
    )
    effective_on = models.DateField(_("In force from"))
    signed_on = models.DateField(null=True, blank=True, editable=False)
    days_budgeted = models.DecimalField(
        _("Days budgeted"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    daily_rate = models.DecimalField(
        _("Daily rate"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    ends_on = models.DateField(_("In force until"), null=True, blank=True)
    why = models.CharField(_("Why"), max_length=500)
    old_terms = models.JSONField(default=dict, editable=False)
    signed_scan = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        ordering = ("agreement", "number")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "number"), name="amendments_are_numbered"),
        )

    def __str__(self) -> str:
        return f"{self.agreement} / {self.number}"

    def get_absolute_url(self) -> str:
        return self.agreement.get_absolute_url()

    @transition(
        state,
        source=State.DRAFT,
        target=State.SENT,
        permission="missions.change_agreement",
        custom={"label": _("Mark as sent"), "guards": (amendment_can_be_signed,)},
    )
    def send_amendment(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """The paper left for its signatures."""

    @transition(
        state,
        source=[State.DRAFT, State.SENT],
        target=State.SIGNED,
        permission="missions.sign_agreement",
        custom={"label": _("Record the signature"), "guards": (amendment_can_be_signed,)},
    )
    def sign_amendment(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.signed_on = on
        self.old_terms = {
            "days_budgeted": str(self.agreement.days_budgeted or ""),
            "daily_rate": str(self.agreement.daily_rate),
            "ends_on": str(self.agreement.ends_on or ""),
        }
