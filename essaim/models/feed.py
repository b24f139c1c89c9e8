"""Private agendas: an address with a token in it, that a calendar reads without signing in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FeedToken(models.Model):
    """One address of one person; only the fingerprint of its token is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="feed_tokens", verbose_name=_("Who")
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    only_mine = models.BooleanField(_("Only mine"), default=False)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("user",), condition=Q(revoked_at=None), name="one_living_feed_a_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d}"
