"""A list of calls read from a file, kept between its preview and its confirmation."""

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim.scope import ScopedQuerySet


class CallImportQuerySet(ScopedQuerySet["CallImport"]):
    def visible_to(self, user: Any) -> "CallImportQuerySet":
        """A preview belongs to who made it."""
        return self.filter(by=user)


class CallImport(models.Model):
    """The table of the file as it was read; nothing of it is a call yet."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    name = models.CharField(max_length=200)
    source = models.CharField(_("Name of the list"), max_length=120)
    licence = models.CharField(_("Licence of the list"), max_length=120, blank=True)
    checked_on = models.DateField(_("Checked on"))
    header = models.JSONField()
    # Rows of (number in the file, cells).
    rows = models.JSONField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)

    objects = CallImportQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("grants:call_import", args=(self.pk,))
