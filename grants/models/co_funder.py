"""Other funders of the same project."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Organisation
from grants.models.application import GrantApplication


class CoFunder(models.Model):
    """Another funder of the same project, and where its answer stands."""

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("co-funder", "Planned")
        REQUESTED = "requested", pgettext_lazy("co-funder", "Requested")
        OBTAINED = "obtained", pgettext_lazy("co-funder", "Obtained")
        REFUSED = "refused", pgettext_lazy("co-funder", "Refused")

    application = models.ForeignKey(GrantApplication, models.CASCADE, related_name="co_funders")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=2)
    is_public = models.BooleanField(_("Public money"), default=True)
    standing = models.CharField(
        _("Standing"), max_length=9, choices=State.choices, default=State.PLANNED
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="co_funding_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.funder} {self.amount}"
