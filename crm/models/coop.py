"""Coops: the profile of an organisation that is accompanied, and its members over time."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.organisation import Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet


class CoopQuerySet(ScopedQuerySet["Coop"]):
    def visible_to(self, user: Any) -> "CoopQuerySet":
        """A consultant sees the coops they accompany; the office sees all."""
        if user.sees_everything:
            return self
        if not user.has_role(Role.CONSULTANT):
            return self.none()
        accompaniments = self.model._meta.apps.get_model("crm.Accompaniment")
        mine = accompaniments.objects.visible_to(user).filter(coop=OuterRef("pk"))
        return self.filter(Exists(mine))

    def paused(self) -> "CoopQuerySet":
        """Those of which nobody is reminded until they resume."""
        accompaniments = self.model._meta.apps.get_model("crm.Accompaniment").objects
        return self.filter(pk__in=accompaniments.filter(activity="paused").values("coop"))


class Coop(models.Model):
    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="coop")
    commune = models.CharField(_("Commune"), max_length=100, blank=True)
    insee = models.CharField(_("INSEE code"), max_length=5, blank=True)
    epci = models.CharField("EPCI", max_length=120, blank=True)
    department = models.CharField(_("Department"), max_length=3, blank=True, db_index=True)
    is_qpv = models.BooleanField(_("Priority district (QPV)"), default=False)
    is_frr = models.BooleanField(_("Rural revitalisation area (FRR)"), default=False)
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    mother = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="daughters",
        verbose_name=_("Mother coop"),
    )
    members_target = models.PositiveIntegerField(_("Member target"), null=True, blank=True)
    opening_target = models.DateField(_("Target opening date"), null=True, blank=True)
    jobs_created = models.DecimalField(
        _("Jobs created (FTE)"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    origin = models.CharField(_("Origin of the contact"), max_length=200, blank=True)

    objects = CoopQuerySet.as_manager()

    class Meta:
        ordering = ("organisation__sort_key", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(mother=None) | ~Q(mother=models.F("pk")),
                name="coop_is_not_its_own_mother",
            ),
        )

    def __str__(self) -> str:
        return self.organisation.name

    def get_absolute_url(self) -> str:
        return reverse("crm:coop", args=(self.pk,))

    @property
    def current(self) -> Any:
        """The accompaniment under way, else the last one; None for a coop never accompanied."""
        found = list(self.accompaniments.select_related("path", "owner").order_by("-pk"))
        for accompaniment in found:
            accompaniment.coop = self
        return next((a for a in found if a.is_live), found[0] if found else None)
