"""Other funders of the same project."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Organisation
from grants.models.application import GrantApplication
from grants.models.office import OfficeQuerySet


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
    standing_on = models.DateField(_("Since"), null=True, blank=True)
    own_application = models.ForeignKey(
        GrantApplication,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Our application there"),
    )

    objects = OfficeQuerySet["CoFunder"].as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(amount__gte=0), name="co_funding_not_negative"),
            models.CheckConstraint(
                condition=Q(own_application=None) | ~Q(own_application=models.F("application")),
                name="co_funder_is_not_the_file_itself",
            ),
        )

    def __str__(self) -> str:
        return f"{self.funder} {self.amount}"

    def get_absolute_url(self) -> str:
        return f"{self.application.get_absolute_url()}#financeurs"

    @property
    def state_tone(self) -> str:
        return {"obtained": "good", "refused": "bad", "requested": "info"}.get(
            self.standing, "draft"
        )
