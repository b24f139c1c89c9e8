"""Paths: the stages a kind of project goes through."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.stages import Stage
from essaim.scope import ScopedQuerySet


class PathQuerySet(ScopedQuerySet["Path"]):
    def visible_to(self, user: Any) -> "PathQuerySet":
        return self if user.role_codes else self.none()


class Path(models.Model):
    """A way from a first contact to what this kind of project aims at; data of the office."""

    code = models.SlugField(max_length=30, unique=True)
    label = models.CharField(_("Label"), max_length=80)
    members_target = models.PositiveIntegerField(_("Member target"), default=50)
    position = models.PositiveIntegerField(_("Position"), default=0)

    objects = PathQuerySet.as_manager()

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("crm:paths")


class PathStage(models.Model):
    """A stage of a path, and how long it usually lasts (the limit only colours the age)."""

    path = models.ForeignKey(Path, models.CASCADE, related_name="stages")
    stage = models.CharField(_("Stage"), max_length=16, choices=Stage.choices)
    is_optional = models.BooleanField(_("Optional"), default=False)
    limit_days = models.PositiveIntegerField(_("Usual duration (days)"), null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("path", "position")
        constraints = (
            models.UniqueConstraint(fields=("path", "stage"), name="one_stage_once_in_a_path"),
        )

    def __str__(self) -> str:
        return f"{self.path}: {self.get_stage_display()}"
