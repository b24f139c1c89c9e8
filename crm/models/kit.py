"""The kit: what a stage asks for, and what each coop has of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.stages import Stage
from essaim.scope import ScopedQuerySet


class MilestoneKind(models.TextChoices):
    COMPANY = "company", _("Company created")
    OPENING = "opening", _("Opening")


class RequirementQuerySet(ScopedQuerySet["Requirement"]):
    def visible_to(self, user: Any) -> "RequirementQuerySet":
        return self if user.role_codes else self.none()

    def asked_of(self, accompaniment: Any) -> "RequirementQuerySet":
        """Items in use for this coop: those of its path and of the civil law of its seat."""
        is_local = accompaniment.coop.organisation.is_in_alsace_moselle
        other_law = {"general_law": False} if is_local else {"local_law": False}
        only = Requirement.paths.through.objects.filter(requirement=OuterRef("pk"))
        mine = Exists(only.filter(path=accompaniment.path_id))
        return self.filter(~Exists(only) | mine, is_active=True, **other_law)


class Requirement(models.Model):
    """One item of the kit, data of the office."""

    class Level(models.TextChoices):
        REQUIRED = "required", _("Required")
        ADVISED = "advised", _("Advised")

    code = models.SlugField(max_length=60, unique=True)
    stage = models.CharField(_("Stage"), max_length=16, choices=Stage.choices, blank=True)
    milestone = models.CharField(
        _("Milestone"), max_length=10, choices=MilestoneKind.choices, blank=True
    )
    title = models.CharField(_("Title"), max_length=160)
    help = models.TextField(_("Help: why, how, template, questions"), blank=True)
    level = models.CharField(
        _("Level"), max_length=10, choices=Level.choices, default=Level.ADVISED
    )
    paths = models.ManyToManyField("crm.Path", blank=True, verbose_name=_("Only on these paths"))
    local_law = models.BooleanField(_("Only in Alsace-Moselle"), default=False)
    general_law = models.BooleanField(_("Only outside Alsace-Moselle"), default=False)
    is_shared = models.BooleanField(_("Shown to the coop"), default=True)
    position = models.PositiveIntegerField(_("Position"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=(Q(stage="") & ~Q(milestone="")) | (~Q(stage="") & Q(milestone="")),
                name="requirement_is_of_a_stage_or_a_milestone",
            ),
            models.CheckConstraint(
                condition=~Q(local_law=True, general_law=True),
                name="requirement_is_of_one_civil_law",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:kit")


class Fulfilment(models.Model):
    """What one accompaniment has of one requirement."""

    class Status(models.TextChoices):
        MISSING = "missing", _("Missing")
        DONE = "done", _("Done")
        WAIVED = "waived", _("Waived")
        BEFORE = "before", _("Before the take-over")

    accompaniment = models.ForeignKey(
        "crm.Accompaniment", models.PROTECT, related_name="fulfilments"
    )
    requirement = models.ForeignKey(Requirement, models.PROTECT, related_name="fulfilments")
    status = models.CharField(
        _("Status"), max_length=8, choices=Status.choices, default=Status.MISSING
    )
    on = models.DateField(_("Date"), null=True, blank=True)
    words = models.CharField(_("In words"), max_length=500, blank=True)
    document = models.ForeignKey(
        "crm.Document", models.PROTECT, null=True, blank=True, related_name="proves"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("accompaniment", "requirement"), name="one_fulfilment_of_a_requirement"
            ),
            models.CheckConstraint(
                condition=Q(status="missing") | Q(on__isnull=False), name="fulfilment_has_a_date"
            ),
            models.CheckConstraint(
                condition=~Q(status="waived") | ~Q(words=""), name="waiver_has_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.requirement}: {self.get_status_display()}"
