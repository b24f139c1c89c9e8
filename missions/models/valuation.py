"""What a day or an hour of each nature is worth, by a dated table."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from missions.codes import Nature


class ValuationQuerySet(ScopedQuerySet["Valuation"]):
    def visible_to(self, user: Any) -> "ValuationQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class Valuation(models.Model):
    """From a day on, a unit of a nature is worth this much (EUR), by this method."""

    class Unit(models.TextChoices):
        DAY = "day", _("A day")
        HOUR = "hour", _("An hour")

    nature = models.CharField(_("Nature"), max_length=10, choices=Nature.choices)
    unit = models.CharField(_("Unit"), max_length=4, choices=Unit.choices, default=Unit.DAY)
    value = models.DecimalField(_("Value (EUR)"), max_digits=9, decimal_places=2)
    hours_per_day = models.DecimalField(
        _("Hours in a day"), max_digits=4, decimal_places=2, default=7
    )
    effective_from = models.DateField(_("In force from"))
    method = models.CharField(_("Method, in words"), max_length=300)
    source = models.CharField(_("Source"), max_length=300)

    objects = ValuationQuerySet.as_manager()

    class Meta:
        ordering = ("nature", "-effective_from")
        constraints = (
            models.UniqueConstraint(
                fields=("nature", "effective_from"), name="one_value_a_nature_and_day"
            ),
            models.CheckConstraint(
                condition=Q(nature__in=("given", "volunteer")),
                name="only_unpaid_work_is_valued_by_the_table",
            ),
            models.CheckConstraint(
                condition=~Q(nature="volunteer") | Q(unit="hour"),
                name="volunteer_work_is_valued_by_the_hour",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0, hours_per_day__gt=0, hours_per_day__lte=24),
                name="value_and_hours_are_positive",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()}, {self.effective_from:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("missions:valuations")

    @property
    def per_day(self) -> Any:
        """EUR a day."""
        return self.value * (self.hours_per_day if self.unit == self.Unit.HOUR else 1)
