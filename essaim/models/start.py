"""The first run: what the office says it uses, how far it came, and which rows are examples."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Feature(models.Model):
    """The answer to one question about the office; without a row everything is shown."""

    code = models.SlugField(_("Question"), max_length=30, unique=True)
    is_on = models.BooleanField(_("Used"))

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class StartMark(models.Model):
    """One thing of the first run that nothing else tells: a step skipped, the kit accepted."""

    code = models.SlugField(max_length=40, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class SampleRow(models.Model):
    """One row that stands in the database as an example, and goes with all the others."""

    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("model", "object_id"), name="a_row_is_an_example_only_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.model}:{self.object_id}"
