"""Grants whose agreement has to be amended because the project got a second legal entity."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from grants.models.application import GrantApplication
from grants.models.office import OfficeQuerySet


class AmendmentNeedQuerySet(OfficeQuerySet["AmendmentNeed"]):
    def open(self) -> "AmendmentNeedQuerySet":
        return self.filter(settled_on=None)


class AmendmentNeed(models.Model):
    """An amendment to ask the funder for, until somebody says what came of it."""

    application = models.ForeignKey(
        GrantApplication, models.PROTECT, related_name="amendment_needs"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    since = models.DateField(null=True, blank=True)
    raised_on = models.DateField()
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.CharField(_("What came of it"), max_length=500, blank=True)

    objects = AmendmentNeedQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("application", "organisation"), name="amendment_needed_once_per_entity"
            ),
            models.CheckConstraint(
                condition=Q(settled_on=None, settled_by=None)
                | (~Q(settled_on=None) & ~Q(settled_by=None) & ~Q(words="")),
                name="settled_amendment_says_how",
            ),
        )

    def __str__(self) -> str:
        return f"{self.application} {self.raised_on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return f"{self.application.get_absolute_url()}#avenants"
