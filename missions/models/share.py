"""Shares of validated days: who owes which fraction, kept as it was decided."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Coop, Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from missions.codes import Basis, Nature
from missions.models.agreement import FundingShare
from missions.models.day import MissionDay
from missions.models.envelope import Envelope


class DayShareQuerySet(ScopedQuerySet["DayShare"]):
    def visible_to(self, user: Any) -> "DayShareQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def current(self) -> "DayShareQuerySet":
        """The last generation of each share."""
        return self.filter(replaced_by=None)


class DayShare(models.Model):
    """A fraction of a validated day: for one coop, from one payer, of one nature; a snapshot."""

    day = models.ForeignKey(MissionDay, models.PROTECT, related_name="shares")
    coop = models.ForeignKey(Coop, models.PROTECT, null=True, blank=True, related_name="day_shares")
    payer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="day_shares"
    )
    funding_share = models.ForeignKey(
        FundingShare, models.PROTECT, null=True, blank=True, related_name="day_shares"
    )
    envelope = models.ForeignKey(
        Envelope, models.PROTECT, null=True, blank=True, related_name="day_shares"
    )
    nature = models.CharField(_("Nature"), max_length=10, choices=Nature.choices)
    basis = models.CharField(max_length=28, choices=Basis.choices, blank=True)
    # What the percent bears on, as a line lists it; `days` is the part of them it covers.
    quantity = models.DecimalField(max_digits=7, decimal_places=4)
    days = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    base = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    is_remainder = models.BooleanField(default=False)
    is_cut = models.BooleanField(default=False)
    is_fee = models.BooleanField(default=False)
    why = models.CharField(max_length=300, blank=True)
    rate = models.DecimalField(max_digits=9, decimal_places=2)
    percent = models.DecimalField(max_digits=5, decimal_places=2, default=100)
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=2)
    public_value = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    generation = models.PositiveSmallIntegerField(default=1)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    rules_version = models.CharField(max_length=10)

    objects = DayShareQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(fields=("payer", "nature"), name="shares_of_a_payer"),
            models.Index(fields=("coop", "nature"), name="shares_of_a_coop"),
            models.Index(fields=("envelope",), name="shares_of_an_envelope"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount__gte=0, quantity__gte=0, days__gte=0),
                name="day_share_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(nature__in=("billed", "covered")) | Q(payer__isnull=False),
                name="paid_share_has_a_payer",
            ),
            models.CheckConstraint(
                condition=Q(nature__in=("billed", "covered")) | Q(amount=0),
                name="unpaid_share_has_no_amount",
            ),
            models.CheckConstraint(
                condition=(Q(generation=1) & Q(replaces=None))
                | (Q(generation__gt=1) & Q(replaces__isnull=False)),
                name="later_generation_replaces_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.day}: {self.nature} {self.amount}"
