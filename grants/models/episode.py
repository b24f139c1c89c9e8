"""Episodes of a grant that are no states: a control, an appeal, a mediation."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.models.application import GrantApplication
from grants.models.office import OfficeQuerySet


class Episode(models.Model):
    """It opens, lasts, and closes with an outcome; the file keeps its state meanwhile."""

    class Kind(models.TextChoices):
        CONTROL = "control", pgettext_lazy("episode", "Control")
        APPEAL = "appeal", pgettext_lazy("episode", "Appeal")
        MEDIATION = "mediation", pgettext_lazy("episode", "Mediation")

    class Outcome(models.TextChoices):
        FAVOURABLE = "favourable", pgettext_lazy("episode", "Favourable")
        PARTIAL = "partial", pgettext_lazy("episode", "Partly favourable")
        UNFAVOURABLE = "unfavourable", pgettext_lazy("episode", "Unfavourable")
        DROPPED = "dropped", pgettext_lazy("episode", "Dropped")

    application = models.ForeignKey(GrantApplication, models.PROTECT, related_name="episodes")
    kind = models.CharField(_("Kind"), max_length=9, choices=Kind.choices, default=Kind.CONTROL)
    opened_on = models.DateField(_("Opened on"))
    closed_on = models.DateField(_("Closed on"), null=True, blank=True)
    outcome = models.CharField(_("Outcome"), max_length=12, choices=Outcome.choices, blank=True)
    words = models.TextField(_("In words"), blank=True, max_length=2000)

    objects = OfficeQuerySet["Episode"].as_manager()

    class Meta:
        ordering = ("-opened_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="episode_closes_after_it_opened",
            ),
            models.CheckConstraint(
                condition=(Q(closed_on=None, outcome="")) | (~Q(outcome="") & ~Q(closed_on=None)),
                name="closed_episode_has_an_outcome",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return f"{self.application.get_absolute_url()}#episodes"

    @property
    def state_tone(self) -> Any:
        tones = {"favourable": "good", "unfavourable": "bad", "partial": "warn", "": "warn"}
        return tones.get(self.outcome, "quiet")
