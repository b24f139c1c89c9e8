"""Invoices that come back every month, quarter or year: a schedule that drafts, never issues."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Coop, Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from invoicing.models.invoice import Invoice
from missions.models import Agreement


class RecurringQuerySet(ScopedQuerySet["Recurring"]):
    def visible_to(self, user: Any) -> "RecurringQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class Recurring(Stateful):
    """What is billed again and again to one client: a price, or tiers of members."""

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("recurring", "Running")
        PAUSED = "paused", pgettext_lazy("recurring", "Paused")
        ENDED = "ended", pgettext_lazy("recurring", "Ended")

    class Period(models.TextChoices):
        MONTHLY = "monthly", _("Every month")
        QUARTERLY = "quarterly", _("Every quarter")
        YEARLY = "yearly", _("Every year")

    class Pricing(models.TextChoices):
        FIXED = "fixed", _("One price")
        REGISTERED = "registered", _("By registered members")
        ACTIVE = "active", _("By active members")

    class Moment(models.TextChoices):
        START = "start", _("At the beginning of the period")
        END = "end", _("At its end")

    client = models.ForeignKey(
        Organisation, models.PROTECT, related_name="recurring", verbose_name=_("Client")
    )
    coop = models.ForeignKey(
        Coop,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recurring",
        verbose_name=_("Coop"),
    )
    agreement = models.ForeignKey(
        Agreement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recurring",
        verbose_name=_("Agreement"),
    )
    state = FSMField(
        _("State"), default=State.ACTIVE, choices=State.choices, protected=True, editable=False
    )
    label = models.CharField(_("Description"), max_length=200)
    period = models.CharField(
        _("Period"), max_length=9, choices=Period.choices, default=Period.MONTHLY
    )
    moment = models.CharField(
        _("Billed"), max_length=5, choices=Moment.choices, default=Moment.START
    )
    starts_on = models.DateField(_("First period from"))
    ends_on = models.DateField(_("Until"), null=True, blank=True)
    pricing = models.CharField(
        _("Price"), max_length=10, choices=Pricing.choices, default=Pricing.FIXED
    )
    price = models.DecimalField(
        _("Price of a period, net"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    vat_rate = models.DecimalField(
        _("VAT rate"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    term_days = models.PositiveSmallIntegerField(_("Payment term (days)"), default=30)
    analytic_code = models.CharField(_("Analytic code"), max_length=20, blank=True)
    # Periods that began before this day were left out by a pause.
    resumed_on = models.DateField(null=True, blank=True, editable=False)
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = RecurringQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(pricing="fixed") | Q(price__isnull=False, price__gt=0),
                name="a_fixed_subscription_has_a_price",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="a_subscription_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} · {self.client}"

    def get_absolute_url(self) -> str:
        return reverse("invoicing:recurring", args=(self.pk,))

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @transition(
        state,
        source=State.ACTIVE,
        target=State.PAUSED,
        permission="invoicing.change_recurring",
        custom={"label": _("Pause the subscription")},
    )
    def suspend(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """No draft until it goes on."""

    @transition(
        state,
        source=State.PAUSED,
        target=State.ACTIVE,
        permission="invoicing.change_recurring",
        custom={"label": _("Go on with the subscription")},
    )
    def go_on(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """Periods begun during the pause are left out."""
        self.resumed_on = on

    @transition(
        state,
        source=(State.ACTIVE, State.PAUSED),
        target=State.ENDED,
        permission="invoicing.change_recurring",
        custom={"label": _("End the subscription")},
    )
    def close(self, *, by: Any, on: date, at: Any, data: MoveData) -> None:
        """No more drafts."""


class RecurringTier(models.Model):
    """The price of a period up to so many members; the last tier is open."""

    recurring = models.ForeignKey(Recurring, models.CASCADE, related_name="tiers")
    up_to = models.PositiveIntegerField(_("Up to (members)"), null=True, blank=True)
    price = models.DecimalField(_("Price of a period, net"), max_digits=12, decimal_places=2)

    class Meta:
        ordering = ("up_to", "pk")
        constraints = (
            models.UniqueConstraint(fields=("recurring", "up_to"), name="one_tier_per_size"),
            models.UniqueConstraint(
                fields=("recurring",), condition=Q(up_to=None), name="one_open_tier"
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="tier_price_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.up_to or '+'}: {self.price}"


class RecurringDraft(models.Model):
    """One period of a subscription, drafted once; none when the draft was thrown away."""

    recurring = models.ForeignKey(Recurring, models.PROTECT, related_name="drafts")
    period_from = models.DateField()
    period_to = models.DateField()
    invoice = models.OneToOneField(
        Invoice, models.SET_NULL, null=True, blank=True, related_name="recurring_draft"
    )

    class Meta:
        ordering = ("-period_from",)
        constraints = (
            models.UniqueConstraint(
                fields=("recurring", "period_from"), name="one_draft_per_period"
            ),
        )

    def __str__(self) -> str:
        return f"{self.recurring} {self.period_from:%Y-%m-%d}"
