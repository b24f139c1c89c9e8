"""Programmes of funders and their calls."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Organisation
from crm.stages import Stage
from essaim.fields import HttpsURLField
from essaim.identifiers import search_key
from essaim.scope import ScopedQuerySet


class ProgrammeQuerySet(ScopedQuerySet["Programme"]):
    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """Programmes are readable by all staff."""
        return self if user.role_codes else self.none()

    def current(self) -> "ProgrammeQuerySet":
        return self.filter(archived_on=None)

    def to_recheck(self, *, before: date) -> "ProgrammeQuerySet":
        """Those nobody has read since a day, or ever."""
        return self.filter(Q(checked_on=None) | Q(checked_on__lt=before))


class Programme(models.Model):
    class Kind(models.TextChoices):
        GRANT = "grant", _("Grant")
        LOAN = "loan", _("Loan")
        DONATION = "donation", _("Donation")
        TAX_CREDIT = "tax_credit", _("Tax credit")
        CROWDFUNDING = "crowdfunding", _("Crowdfunding")
        DLA = "dla", _("DLA days")

    class Pays(models.TextChoices):
        DAILY_PRICE = "daily_price", _("A daily price")
        SALARY = "salary", _("Real salary cost and a flat rate")
        INVOICES = "invoices", _("Invoices")
        LUMP = "lump", _("A lump sum")

    class SuccessFee(models.TextChoices):
        YES = "yes", _("Yes")
        NO = "no", _("No")
        UNKNOWN = "unknown", _("Unknown")

    class ReportRule(models.TextChoices):
        """When the financial report is due: counted in months from one of these days."""

        UNSAID = "", pgettext_lazy("report rule", "Not known")
        EXERCISE = "exercise", _("Counted from the end of the financial year")
        PROJECT = "project", _("Counted from the end of the project")
        AGREEMENT = "agreement", _("On the date the agreement gives")

    # Kinds that are public aid when the funder is public; a loan is paid back.
    AID = (Kind.GRANT, Kind.TAX_CREDIT, Kind.DLA)

    funder = models.ForeignKey(
        Organisation, models.PROTECT, related_name="programmes", verbose_name=_("Funder")
    )
    name = models.CharField(_("Name"), max_length=200)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices, default=Kind.GRANT)
    rate_cap = models.DecimalField(
        _("Rate cap (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    amount_cap = models.DecimalField(
        _("Amount cap"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    amount_floor = models.DecimalField(
        _("Amount floor"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    public_aid_cap = models.DecimalField(
        _("Public aid cap (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    own_share_minimum = models.DecimalField(
        _("Minimum own share (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    pays = models.CharField(_("It pays"), max_length=12, choices=Pays.choices, default=Pays.LUMP)
    day_rate_cap = models.DecimalField(
        _("Maximum price of a day"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    travel_eligible = models.BooleanField(_("Travel is eligible"), default=False)
    paid_expenses_only = models.BooleanField(_("Reimburses paid expenses only"), default=False)
    no_early_commitment = models.BooleanField(
        _("No commitment before the acknowledgement of receipt"), default=False
    )
    is_de_minimis = models.BooleanField("De minimis", default=False)
    is_public = models.BooleanField(_("Public money"), default=True)
    flat_rate = models.DecimalField(
        _("Flat rate of cost claims (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    report_rule = models.CharField(
        _("Financial report"),
        max_length=9,
        choices=ReportRule.choices,
        default=ReportRule.UNSAID,
        blank=True,
    )
    report_months = models.PositiveSmallIntegerField(_("Months to report"), null=True, blank=True)
    success_fee_allowed = models.CharField(
        _("Success fee allowed"),
        max_length=8,
        choices=SuccessFee.choices,
        default=SuccessFee.UNKNOWN,
    )
    success_fee_source = models.CharField(_("Source"), max_length=300, blank=True)
    url = HttpsURLField(_("Link"), blank=True)
    facts = models.TextField(_("Facts"), blank=True, max_length=5000)
    checked_on = models.DateField(_("Checked on"), null=True, blank=True)
    search_key = models.CharField(max_length=260, editable=False, db_index=True)
    archived_on = models.DateField(null=True, blank=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ("search_key", "pk")
        constraints = (
            models.CheckConstraint(
                condition=(Q(rate_cap=None) | Q(rate_cap__gte=0, rate_cap__lte=100))
                & (Q(public_aid_cap=None) | Q(public_aid_cap__gte=0, public_aid_cap__lte=100))
                & (
                    Q(own_share_minimum=None)
                    | Q(own_share_minimum__gte=0, own_share_minimum__lte=100)
                )
                & (Q(flat_rate=None) | Q(flat_rate__gte=0, flat_rate__lte=100)),
                name="programme_percents_are_0_to_100",
            ),
            models.CheckConstraint(
                condition=Q(amount_cap=None) | Q(amount_cap__gte=0),
                name="programme_cap_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(success_fee_allowed__in=("yes", "no")) | ~Q(success_fee_source=""),
                name="success_fee_rule_has_a_source",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = search_key(f"{self.name} {self.funder}")[:260]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("grants:programme", args=(self.pk,))

    @property
    def is_public_aid(self) -> bool:
        """Whether its money counts against a cap on public aid."""
        return self.is_public and self.kind in self.AID


class CallQuerySet(ScopedQuerySet["Call"]):
    def visible_to(self, user: Any) -> "CallQuerySet":
        return self if user.role_codes else self.none()

    def current(self) -> "CallQuerySet":
        return self.filter(archived_on=None)

    def open(self, *, on: date, at: datetime) -> "CallQuerySet":
        """Calls that take files at this moment."""
        opened = Q(opens_on=None) | Q(opens_on__lte=on)
        return self.current().filter(opened, Q(deadline=None) | Q(deadline__gte=at))


class Call(models.Model):
    """One call of a programme (appel à projets); its deadline is an instant, told in its zone."""

    class Recurrence(models.TextChoices):
        ONCE = "once", _("Once")
        YEARLY = "yearly", _("Every year")
        OPEN = "open", _("Always open")

    class Zone(models.TextChoices):
        """Where the clock of the deadline hangs."""

        PARIS = "Europe/Paris", _("Paris time")
        BRUSSELS = "Europe/Brussels", _("Brussels time")
        GUADELOUPE = "America/Guadeloupe", _("Guadeloupe time")
        MARTINIQUE = "America/Martinique", _("Martinique time")
        CAYENNE = "America/Cayenne", _("French Guiana time")
        MIQUELON = "America/Miquelon", _("Saint-Pierre-et-Miquelon time")
        REUNION = "Indian/Reunion", _("Réunion time")
        MAYOTTE = "Indian/Mayotte", _("Mayotte time")
        NOUMEA = "Pacific/Noumea", _("New Caledonia time")
        TAHITI = "Pacific/Tahiti", _("Tahiti time")
        UTC = "UTC", _("Universal time")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="calls")
    title = models.CharField(_("Title"), max_length=200)
    opens_on = models.DateField(_("Opens on"), null=True, blank=True)
    pre_deposit_on = models.DateField(_("Pre-deposit by"), null=True, blank=True)
    deadline = models.DateTimeField(_("Deadline"), null=True, blank=True)
    zone = models.CharField(
        _("Time zone of the deadline"), max_length=20, choices=Zone.choices, default=Zone.PARIS
    )
    recurrence = models.CharField(
        _("Recurrence"), max_length=6, choices=Recurrence.choices, default=Recurrence.ONCE
    )
    territory = models.CharField(_("Eligible territory"), max_length=200, blank=True)
    territory_key = models.CharField(max_length=200, editable=False, blank=True)
    # Codes of the pipeline's stages; an empty list means every stage.
    stages = models.JSONField(_("Eligible stages"), default=list, blank=True)
    url = HttpsURLField(_("Link"), blank=True)
    source = models.CharField(_("List it comes from"), max_length=120, blank=True)
    source_id = models.CharField(_("Its number in that list"), max_length=120, blank=True)
    licence = models.CharField(_("Licence of the list"), max_length=120, blank=True)
    checked_on = models.DateField(_("Checked on"), null=True, blank=True)
    archived_on = models.DateField(null=True, blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ("deadline", "pk")
        indexes = (models.Index(fields=("deadline",), name="calls_by_deadline"),)
        constraints = (
            models.UniqueConstraint(
                fields=("source", "source_id"),
                condition=~Q(source_id=""),
                name="call_once_per_number_of_its_list",
            ),
            models.CheckConstraint(
                condition=Q(source_id="") | ~Q(source=""), name="call_number_names_its_list"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.territory_key = search_key(self.territory)[:200]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("grants:programme", args=(self.programme_id,))

    @property
    def local_deadline(self) -> datetime | None:
        """The deadline as the clock of its zone shows it."""
        return self.deadline.astimezone(ZoneInfo(self.zone)) if self.deadline else None

    @property
    def is_in_paris(self) -> bool:
        return self.zone == self.Zone.PARIS

    @property
    def stage_words(self) -> str:
        """The stages it is for, in words; empty when it is for all."""
        labels = dict(Stage.choices)
        return ", ".join(str(labels[code]) for code in self.stages if code in labels)
