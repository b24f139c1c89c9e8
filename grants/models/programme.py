"""Programmes of funders and their calls."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.fields import HttpsURLField
from essaim.identifiers import search_key
from essaim.scope import ScopedQuerySet


class ProgrammeQuerySet(ScopedQuerySet["Programme"]):
    def visible_to(self, user: Any) -> "ProgrammeQuerySet":
        """Programmes are readable by all staff."""
        return self if user.role_codes else self.none()

    def current(self) -> "ProgrammeQuerySet":
        return self.filter(archived_on=None)


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
                ),
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


class CallQuerySet(ScopedQuerySet["Call"]):
    def visible_to(self, user: Any) -> "CallQuerySet":
        return self if user.role_codes else self.none()


class Call(models.Model):
    """One call of a programme (appel à projets), with its deadline in Paris time."""

    class Recurrence(models.TextChoices):
        ONCE = "once", _("Once")
        YEARLY = "yearly", _("Every year")
        OPEN = "open", _("Always open")

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="calls")
    title = models.CharField(_("Title"), max_length=200)
    opens_on = models.DateField(_("Opens on"), null=True, blank=True)
    pre_deposit_on = models.DateField(_("Pre-deposit by"), null=True, blank=True)
    deadline = models.DateTimeField(_("Deadline"), null=True, blank=True)
    recurrence = models.CharField(
        _("Recurrence"), max_length=6, choices=Recurrence.choices, default=Recurrence.ONCE
    )
    url = HttpsURLField(_("Link"), blank=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ("deadline", "pk")
        indexes = (models.Index(fields=("deadline",), name="calls_by_deadline"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("grants:programme", args=(self.programme_id,))
