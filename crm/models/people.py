"""What is remembered about people and organisations: no duplicates, and how long they are kept."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models.contact import Contact


class Distinct(models.Model):
    """Two rows that look alike and were said to be two: they are not proposed again."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("Organisation")
        CONTACT = "contact", _("Contact")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    first = models.BigIntegerField()
    second = models.BigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "first", "second"), name="two_rows_are_said_distinct_once"
            ),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="distinct_rows_are_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.first} ≠ {self.second}"


class Retention(models.Model):
    """What was decided for a person we have not heard of for long: told, or kept until a date.

    Why is said in the words beside its Event, which may be erased.
    """

    class Kind(models.TextChoices):
        TOLD = "told", pgettext_lazy("retention", "Told")
        KEPT = "kept", pgettext_lazy("retention", "Kept")

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="retentions")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    on = models.DateField()
    review_on = models.DateField(_("Look at it again on"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-on", "-pk")
        verbose_name_plural = _("Decisions on how long they are kept")
        constraints = (
            models.CheckConstraint(
                condition=Q(review_on__gt=F("on")), name="retention_is_looked_at_later"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%Y-%m-%d}"


def end_of(row: Any) -> Any:
    """What a duplicate stands for in the end; the row itself when it is no duplicate."""
    while row.duplicate_of_id is not None:
        row = row.duplicate_of
    return row
