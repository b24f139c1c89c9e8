"""What happened to an accompaniment: its moves and its milestones."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.kit import MilestoneKind
from crm.models.path import Path
from crm.models.pipeline import Accompaniment
from crm.stages import Activity, Stage
from essaim.models import Event


class Move(models.Model):
    """One move of an accompaniment, as stage analytics read it; never edited."""

    accompaniment = models.ForeignKey(Accompaniment, models.PROTECT, related_name="moves")
    event = models.OneToOneField(Event, models.PROTECT, related_name="+")
    edge = models.CharField(max_length=20)
    from_stage = models.CharField(max_length=16, choices=Stage.choices)
    to_stage = models.CharField(max_length=16, choices=Stage.choices)
    from_activity = models.CharField(max_length=10, choices=Activity.choices)
    to_activity = models.CharField(max_length=10, choices=Activity.choices)
    # The path left and the path taken, of a change of path alone.
    from_path = models.ForeignKey(Path, models.PROTECT, null=True, blank=True, related_name="+")
    to_path = models.ForeignKey(Path, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    effective_on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("accompaniment", "-at", "-id"), name="move_timeline"),)

    def __str__(self) -> str:
        return f"{self.accompaniment}: {self.edge}"


class Milestone(models.Model):
    """« Société créée » and « Ouverture »: dated, in any order, from Montage on."""

    Kind = MilestoneKind

    accompaniment = models.ForeignKey(Accompaniment, models.PROTECT, related_name="milestones")
    kind = models.CharField(_("Milestone"), max_length=10, choices=MilestoneKind.choices)
    on = models.DateField(_("Date"))

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("accompaniment", "kind"), name="one_milestone_of_a_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%Y-%m-%d}"
