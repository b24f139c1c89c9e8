"""Quotes: what is proposed to a client, until when, and what became of it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Coop, Document, Organisation
from essaim.money import sql_cents
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.guards_quotes import quote_can_be_accepted, quote_can_be_sent, quote_has_expired
from missions.models.agreement import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered(MoveData):
    """The number the series gave (or the one the earlier version has)."""

    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(MoveData):
    """The day the client answered, and who signed or said no."""

    decided_on: date | None = None
    decided_by: str = field(default="", metadata={"words": True})


class QuoteQuerySet(ScopedQuerySet["Quote"]):
    def visible_to(self, user: Any) -> "QuoteQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def expired(self, *, on: date) -> "QuoteQuerySet":
        """Marked so, or sent and past their date."""
        return self.filter(
            Q(state=Quote.State.EXPIRED) | Q(state=Quote.State.SENT, valid_until__lt=on)
        )

    def waiting(self, *, on: date) -> "QuoteQuerySet":
        return self.filter(state=Quote.State.SENT, valid_until__gte=on)


class Quote(Stateful):
    """A priced proposal with its own series; frozen once sent, replaced by a new version."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", pgettext_lazy("quote", "Sent")
        ACCEPTED = "accepted", pgettext_lazy("quote", "Accepted")
        DECLINED = "declined", pgettext_lazy("quote", "Declined")
        EXPIRED = "expired", pgettext_lazy("quote", "Expired")
        SUPERSEDED = "superseded", pgettext_lazy("quote", "Replaced by a new version")

    number = models.CharField(_("Number"), max_length=35, blank=True, editable=False)
    version = models.PositiveSmallIntegerField(_("Version"), default=1, editable=False)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", editable=False
    )
    title = models.CharField(_("Subject"), max_length=200)
    words = models.TextField(_("Words printed on the quote"), blank=True, max_length=2000)
    form = models.CharField(
        _("Form"), max_length=10, choices=Agreement.Form.choices, default=Agreement.Form.AGREEMENT
    )
    client = models.ForeignKey(
        Organisation, models.PROTECT, related_name="quotes", verbose_name=_("Client")
    )
    coop = models.ForeignKey(
        Coop, models.PROTECT, null=True, blank=True, related_name="quotes", verbose_name=_("Coop")
    )
    state = FSMField(
        _("State"), default=State.DRAFT, choices=State.choices, protected=True, editable=False
    )
    starts_on = models.DateField(_("Work from"), null=True, blank=True)
    valid_until = models.DateField(_("Valid until"))
    rhythm = models.CharField(
        _("Billing rhythm"),
        max_length=10,
        choices=Agreement.Rhythm.choices,
        default=Agreement.Rhythm.MONTHLY,
    )
    payment_days = models.PositiveSmallIntegerField(_("Payment term (days)"), default=30)
    payment_method = models.CharField(
        _("Payment term is"),
        max_length=14,
        choices=Agreement.TermMethod.choices,
        default=Agreement.TermMethod.NET,
    )
    vat_rate = models.DecimalField(max_digits=4, decimal_places=2, default=0, editable=False)
    net = models.DecimalField(_("Net"), max_digits=14, decimal_places=2, default=0, editable=False)
    vat = models.DecimalField(_("VAT"), max_digits=14, decimal_places=2, default=0, editable=False)
    gross = models.DecimalField(
        _("Gross"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_on = models.DateField()
    sent_on = models.DateField(_("Sent on"), null=True, blank=True, editable=False)
    decided_on = models.DateField(_("Answered on"), null=True, blank=True, editable=False)
    decided_by = models.CharField(_("Answered by"), max_length=120, blank=True, editable=False)
    agreement = models.OneToOneField(
        Agreement, models.PROTECT, null=True, blank=True, related_name="quote", editable=False
    )
    signed_scan = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    objects = QuoteQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "valid_until"), name="quotes_by_validity"),)
        constraints = (
            models.UniqueConstraint(
                fields=("number", "version"),
                condition=~Q(number=""),
                name="quote_number_and_version_are_given_once",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(number="") & Q(sent_on__isnull=False)),
                name="sent_quote_has_number_and_date",
            ),
            models.CheckConstraint(
                condition=Q(gross=sql_cents(F("net") + F("vat"))),
                name="quote_gross_is_net_plus_vat",
            ),
            models.CheckConstraint(
                condition=Q(agreement=None) | Q(state="accepted"),
                name="only_an_accepted_quote_has_an_agreement",
            ),
        )

    def __str__(self) -> str:
        return self.reference or self.title

    def get_absolute_url(self) -> str:
        return reverse("missions:quote", args=(self.pk,))

    @property
    def reference(self) -> str:
        """DE-2026-0001, and its version from the second on."""
        if not self.number or self.version == 1:
            return self.number
        return _now("%(number)s, version %(version)s") % {
            "number": self.number,
            "version": self.version,
        }

    @property
    def state_tone(self) -> str:
        tones = {"draft": "draft", "sent": "info", "accepted": "good", "expired": "warn"}
        return tones.get(self.state, "quiet")

    def is_expired(self, on: date) -> bool:
        past = self.state == self.State.SENT and self.valid_until < on
        return self.state == self.State.EXPIRED or past

    @transition(
        state,
        source=State.DRAFT,
        target=State.SENT,
        permission="missions.change_quote",
        custom={
            "label": _("Send (final number)"),
            "data": Numbered,
            "guards": (quote_can_be_sent,),
        },
    )
    def send_quote(self, *, by: Any, on: Any, at: Any, data: Numbered) -> None:
        self.number, self.sent_on = data.number, on

    @transition(
        state,
        source=State.SENT,
        target=State.ACCEPTED,
        permission="missions.decide_quote",
        custom={
            "label": _("Record the agreement of the client"),
            "data": Decision,
            "guards": (quote_can_be_accepted,),
        },
    )
    def accept_quote(self, *, by: Any, on: Any, at: Any, data: Decision) -> None:
        self.decided_on, self.decided_by = data.decided_on or on, data.decided_by.strip()

    @transition(
        state,
        source=[State.SENT, State.EXPIRED],
        target=State.DECLINED,
        permission="missions.decide_quote",
        custom={"label": _("Declined by the client"), "data": Decision},
    )
    def decline_quote(self, *, by: Any, on: Any, at: Any, data: Decision) -> None:
        self.decided_on, self.decided_by = data.decided_on or on, data.decided_by.strip()

    @transition(
        state,
        source=State.SENT,
        target=State.EXPIRED,
        permission="missions.decide_quote",
        custom={"label": _("Close as expired"), "guards": (quote_has_expired,)},
    )
    def expire_quote(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.decided_on = on

    @transition(
        state,
        source=[State.SENT, State.DECLINED, State.EXPIRED],
        target=State.SUPERSEDED,
        permission="missions.change_quote",
        custom={"label": _("Replace by the new version")},
    )
    def supersede_quote(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """A later version was sent under the same number."""


class QuoteLine(models.Model):
    """One priced line of a quote; net amounts in euros."""

    class Kind(models.TextChoices):
        DAYS = "days", _("Mission days")
        PHASE = "phase", _("Phase")
        PACK = "pack", _("Pack of days")
        TRAVEL = "travel", _("Travel")
        FREE = "free", _("Free line")

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices, default=Kind.DAYS)
    label = models.CharField(_("Description"), max_length=300)
    quantity = models.DecimalField(_("Quantity"), max_digits=12, decimal_places=4, default=1)
    unit_price = models.DecimalField(_("Unit price, net"), max_digits=12, decimal_places=3)
    net = models.DecimalField(_("Net"), max_digits=14, decimal_places=2)
    planned_on = models.DateField(_("Planned on"), null=True, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("quote", "position"), name="quote_lines_are_ordered"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_price__gte=0, net__gte=0),
                name="quote_line_is_not_negative",
            ),
        )

    def __str__(self) -> str:
        return self.label


class QuoteShare(models.Model):
    """Who is proposed to pay which part."""

    quote = models.ForeignKey(Quote, models.CASCADE, related_name="shares")
    payer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("Payer")
    )
    percent = models.DecimalField(_("Percent"), max_digits=5, decimal_places=2)
    cap_eur = models.DecimalField(
        _("Cap (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    takes_remainder = models.BooleanField(_("Takes what is left"), default=False)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="quote_percent_is_0_to_100"
            ),
        )

    def __str__(self) -> str:
        return f"{self.payer} {self.percent} %"
