"""What a person's work costs the structure in a year, from a day on; read by very few."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim.roles import Role
from essaim.scope import ScopedQuerySet


class CostRateQuerySet(ScopedQuerySet["CostRate"]):
    def visible_to(self, user: Any) -> "CostRateQuerySet":
        """Salaries are for the coordinator and the accountant alone."""
        return self if user.has_role(Role.COORDINATOR, Role.ACCOUNTANT) else self.none()


class CostRate(models.Model):
    """The charged salary of a person (EUR a year) and the hours it buys, from a day on."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="cost_rates",
        verbose_name=_("Person"),
    )
    since = models.DateField(_("In force from"))
    yearly_cost = models.DecimalField(
        _("Yearly cost, charges included (EUR)"), max_digits=10, decimal_places=2
    )
    yearly_hours = models.DecimalField(
        _("Hours worked in a year"), max_digits=7, decimal_places=2, default=1607
    )
    source = models.CharField(_("Source"), max_length=300, blank=True)

    objects = CostRateQuerySet.as_manager()

    class Meta:
        ordering = ("person__name", "-since")
        constraints = (
            models.UniqueConstraint(fields=("person", "since"), name="one_cost_a_person_and_day"),
            models.CheckConstraint(
                condition=Q(yearly_cost__gt=0, yearly_hours__gt=0, yearly_hours__lte=3000),
                name="cost_and_hours_are_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.since:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("missions:cost_rates")

    @property
    def per_hour(self) -> Any:
        """EUR an hour, for information."""
        return self.yearly_cost / self.yearly_hours
