"""Our logo: each picture is kept for ever, since issued documents show the one of their day."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Logo(models.Model):
    class Kind(models.TextChoices):
        PNG = "png", "PNG"
        SVG = "svg", "SVG"

    kind = models.CharField(_("Kind"), max_length=3, choices=Kind.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.sha256[:12]}"
