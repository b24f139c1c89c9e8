"""Aids that an organisation got elsewhere and that count with ours."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from grants.models.office import OfficeQuerySet


class OtherAid(models.Model):
    """A de minimis aid that is no application of ours, typed from its letter."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="other_aids")
    giver = models.CharField(_("Given by"), max_length=160)
    granted_on = models.DateField(
        _("Date of the right"), help_text=_("The day the aid was granted, not the day it was paid.")
    )
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=2)
    words = models.CharField(_("In words"), max_length=300, blank=True)

    objects = OfficeQuerySet["OtherAid"].as_manager()

    class Meta:
        ordering = ("-granted_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="other_aid_is_positive"),
        )

    def __str__(self) -> str:
        return self.giver

    def get_absolute_url(self) -> str:
        return reverse("grants:de_minimis", args=(self.organisation_id,))
