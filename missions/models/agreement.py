"""Agreements: what was agreed with a client, who pays which share, and amendments."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from crm.models import Coop, Document, Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.codes import Basis, Gross, Key, default_quantities, default_works
from missions.guards import agreement_can_be_signed, no_open_mission
from missions.guards_funding import grant_for_one_mission
from missions.guards_price import price_is_whole
from missions.models.envelope import Envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature(MoveData):
    signed_on: date | None = None  # today when nothing is said


class AgreementQuerySet(ScopedQuerySet["Agreement"]):
    def visible_to(self, user: Any) -> "AgreementQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class Agreement(Stateful):
    """Terms agreed with a client; frozen once signed, changed by amendments only."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        SIGNED = "signed", _("Signed")
        RUNNING = "running", _("Running")
        COMPLETED = "completed", _("Completed")
        TERMINATED = "terminated", _("Terminated")

    class Form(models.TextChoices):
        AGREEMENT = "agreement", _("Accompaniment agreement")
        DLA = "dla", _("DLA mission")
        ORDER = "order", _("Order or public contract")

    class Kind(models.TextChoices):
        BY_DAY = "by_day", _("By the day")
        PHASES = "phases", _("By phases")
        PACK = "pack", _("Pack of days")
        OFFERED = "offered", _("Offered")

    class Rhythm(models.TextChoices):
        MONTHLY = "monthly", _("Monthly")
        QUARTERLY = "quarterly", _("Quarterly")
        PHASE = "phase", _("Per phase accepted")
        REPORT = "report", _("On delivery of the report")
        END = "end", _("At the end")

    class TermMethod(models.TextChoices):
        NET = "net", _("Days from the invoice")
        DAYS_THEN_EOM = "days_then_eom", _("Days, then end of month")
        EOM_THEN_DAYS = "eom_then_days", _("End of month, then days")

    # Columns that a signature freezes.
    TERMS = (
        "client_id",
        "coop_id",
        "form",
        "kind",
        "starts_on",
        "ends_on",
        "days_budgeted",
        "days_used_before",
        "daily_rate",
        "hours_per_day",
        "billable_works",
        "quantities",
        "pair_counts",
        "collective_key",
        "collective_fee",
        "km_rate",
        "payment_days",
        "payment_method",
        "penalty_rate",
        "rhythm",
        "price",
    )

    reference = models.CharField(_("Reference"), max_length=60, blank=True)
    title = models.CharField(_("Title"), max_length=200)
    form = models.CharField(_("Form"), max_length=10, choices=Form.choices, default=Form.AGREEMENT)
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices, default=Kind.BY_DAY)
    client = models.ForeignKey(
        Organisation, models.PROTECT, related_name="agreements", verbose_name=_("Client")
    )
    coop = models.ForeignKey(
        Coop,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("Coop"),
        help_text=_("Empty when it serves several coops"),
    )
    state = FSMField(
        _("State"), default=State.DRAFT, choices=State.choices, protected=True, editable=False
    )
    signed_on = models.DateField(_("Signed on"), null=True, blank=True, editable=False)
    starts_on = models.DateField(_("In force from"))
    ends_on = models.DateField(_("In force until"), null=True, blank=True)
    rhythm = models.CharField(
        _("Billing rhythm"), max_length=10, choices=Rhythm.choices, default=Rhythm.MONTHLY
    )
    days_budgeted = models.DecimalField(
        _("Days budgeted"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    # Counted in the earlier tool, and against the budget here.
    days_used_before = models.DecimalField(
        _("Days used before the take-over"), max_digits=7, decimal_places=2, default=0
    )
    daily_rate = models.DecimalField(_("Daily rate"), max_digits=9, decimal_places=2, default=0)
    # The whole of a price by phases, or of a pack of days.
    price = models.DecimalField(
        _("Agreed price, net"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    hours_per_day = models.DecimalField(
        _("Hours in a day"), max_digits=4, decimal_places=2, default=7
    )
    billable_works = models.JSONField(_("Works that are billed"), default=default_works)
    quantities = models.JSONField(_("Quantities per moment"), default=default_quantities)
    pair_counts = models.BooleanField(_("A pair's second person counts"), default=False)
    collective_key = models.CharField(
        _("Key of collective days"), max_length=10, choices=Key.choices, default=Key.ONE_PAYER
    )
    collective_fee = models.DecimalField(
        _("Fixed fee per coop present"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    km_rate = models.DecimalField(
        _("Travel (EUR per km)"), max_digits=5, decimal_places=3, null=True, blank=True
    )
    payment_days = models.PositiveSmallIntegerField(_("Payment term (days)"), default=30)
    payment_method = models.CharField(
        _("Payment term is"), max_length=14, choices=TermMethod.choices, default=TermMethod.NET
    )
    penalty_rate = models.DecimalField(
        _("Late penalty rate (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    order_number = models.CharField(_("Client's order number"), max_length=60, blank=True)
    analytic_code = models.CharField(_("Analytic code"), max_length=20, blank=True)
    # What a mission paid on its report waits for.
    report_delivered_on = models.DateField(
        _("Report delivered on"), null=True, blank=True, editable=False
    )
    report = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    signed_scan = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(daily_rate__gte=0), name="agreement_rate_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gt=0), name="agreement_price_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(days_budgeted=None) | Q(days_budgeted__gt=0),
                name="agreement_budget_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "sent")) | Q(signed_on__isnull=False),
                name="signed_agreement_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="agreement_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("missions:agreement", args=(self.pk,))

    @property
    def is_signed(self) -> bool:
        return self.state in (self.State.SIGNED, self.State.RUNNING)

    @property
    def has_fixed_price(self) -> bool:
        """Phases or a pack: the price is agreed, days are worked within it."""
        return self.kind in (self.Kind.PHASES, self.Kind.PACK)

    @transition(
        state,
        source=State.DRAFT,
        target=State.SENT,
        permission="missions.change_agreement",
        custom={"label": _("Mark as sent")},
    )
    def send(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """The paper left; nothing else changes."""

    @transition(
        state,
        source=State.SENT,
        target=State.DRAFT,
        permission="missions.change_agreement",
        custom={"label": _("Take back to draft")},
    )
    def take_back(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """The paper is written again before anybody signed."""

    @transition(
        state,
        source=[State.DRAFT, State.SENT],
        target=State.SIGNED,
        permission="missions.sign_agreement",
        custom={
            "label": _("Record the signature"),
            "data": Signature,
            "guards": (agreement_can_be_signed, price_is_whole, grant_for_one_mission),
        },
    )
    def sign(self, *, by: Any, on: Any, at: Any, data: Signature) -> None:
        self.signed_on = data.signed_on or on

    @transition(
        state,
        source=State.SIGNED,
        target=State.RUNNING,
        permission="missions.change_agreement",
        custom={"label": _("Start")},
    )
    def start(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """Work under it has begun."""

    @transition(
        state,
        source=[State.SIGNED, State.RUNNING],
        target=State.COMPLETED,
        permission="missions.change_agreement",
        custom={"label": _("Complete"), "guards": (no_open_mission,)},
    )
    def complete(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """All was done as agreed."""

    @transition(
        state,
        source=[State.SENT, State.SIGNED, State.RUNNING],
        target=State.TERMINATED,
        permission="missions.sign_agreement",
        custom={"label": _("Terminate")},
    )
    def terminate(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.signed_on = self.signed_on or on


class FundingShare(models.Model):
    """Who pays which part of an agreement's days; percents sum to 100."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="shares")
    payer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="funding_shares", verbose_name=_("Payer")
    )
    percent = models.DecimalField(_("Percent"), max_digits=5, decimal_places=2)
    basis = models.CharField(_("Basis"), max_length=28, choices=Basis.choices, default=Basis.ORDER)
    cap_eur = models.DecimalField(
        _("Cap (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    cap_days = models.DecimalField(
        _("Cap (days)"), max_digits=7, decimal_places=2, null=True, blank=True
    )
    cap_per_day = models.DecimalField(
        _("Cap per day"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    cap_is = models.CharField(_("Caps are"), max_length=5, choices=Gross.choices, default=Gross.NET)
    priority = models.PositiveSmallIntegerField(_("Priority"), default=1)
    takes_remainder = models.BooleanField(_("Takes what is left"), default=False)
    envelope = models.ForeignKey(
        Envelope,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funding_shares",
        verbose_name=_("Envelope"),
    )

    class Meta:
        ordering = ("priority", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("agreement",),
                condition=Q(takes_remainder=True),
                name="one_remainder_share_an_agreement",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="funding_percent_is_0_to_100"
            ),
            models.CheckConstraint(
                condition=(Q(cap_eur=None) | Q(cap_eur__gte=0))
                & (Q(cap_days=None) | Q(cap_days__gte=0))
                & (Q(cap_per_day=None) | Q(cap_per_day__gte=0)),
                name="funding_caps_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.payer} {self.percent} %"
