"""Envelopes: a payer's yearly quota of days across coops."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from missions.codes import Gross


class EnvelopeQuerySet(ScopedQuerySet["Envelope"]):
    def visible_to(self, user: Any) -> "EnvelopeQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class Envelope(models.Model):
    class Basis(models.TextChoices):
        GRANT = "grant", _("Grant (claims and a report, no invoice)")
        ORDER = "order", _("Order (one periodic invoice)")

    payer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="envelopes", verbose_name=_("Payer")
    )
    reference = models.CharField(_("Reference"), max_length=120)
    starts_on = models.DateField(_("From"))
    ends_on = models.DateField(_("To"))
    basis = models.CharField(_("Basis"), max_length=6, choices=Basis.choices, default=Basis.GRANT)
    quota_days = models.DecimalField(_("Quota of days"), max_digits=8, decimal_places=2)
    quota_coops = models.PositiveIntegerField(_("Quota of coops"), null=True, blank=True)
    cap_days_per_coop = models.DecimalField(
        _("Cap per coop (days)"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    value_per_day = models.DecimalField(_("Value per day"), max_digits=9, decimal_places=2)
    value_is = models.CharField(max_length=5, choices=Gross.choices, default=Gross.NET)
    engagement_number = models.CharField(_("Engagement number"), max_length=50, blank=True)
    departments = models.JSONField(_("Eligible departments"), default=list, blank=True)
    stages = models.JSONField(_("Eligible stages"), default=list, blank=True)
    works = models.JSONField(_("Eligible works"), default=list, blank=True)
    report_due_on = models.DateField(_("Report due on"), null=True, blank=True)

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_on", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="envelope_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(quota_days__gt=0, value_per_day__gte=0),
                name="envelope_has_days_and_no_negative_value",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("missions:envelope", args=(self.pk,))
