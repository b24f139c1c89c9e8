"""What the office sets once for the whole catalogue."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CatalogueSetting(models.Model):
    """The one row of habits of the catalogue."""

    recheck_months = models.PositiveSmallIntegerField(
        _("Check a programme again after (months)"), default=12
    )

    def __str__(self) -> str:
        return str(self.recheck_months)
