"""What the office decided about a reason of the day: how many days, and whether it is told."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReasonSetting(models.Model):
    """One row per reason the office changed; a reason without a row follows the table's default."""

    code = models.SlugField(_("Reason"), max_length=40, unique=True)
    days = models.PositiveSmallIntegerField(_("Days"), null=True, blank=True)
    is_on = models.BooleanField(_("Told"), default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code
