"""How many members a coop counted, registered and active, and who said so."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.models.coop import Coop
from essaim.scope import ScopedQuerySet


class MemberCountQuerySet(ScopedQuerySet["MemberCount"]):
    def visible_to(self, user: Any) -> "MemberCountQuerySet":
        return self.filter(coop__in=Coop.objects.visible_to(user))


class InForce(models.Manager.from_queryset(MemberCountQuerySet)):  # type: ignore[misc]
    """Counts that no later row corrects."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(replaced_on=None)


class MemberCount(models.Model):
    """One count; a correction is another row that `replaces` it and leaves it readable."""

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="member_counts")
    as_of = models.DateField(_("As of"))
    registered = models.PositiveIntegerField(_("Registered members"))
    active = models.PositiveIntegerField(_("Active members"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=160)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replaced_on = models.DateField(null=True, blank=True, editable=False)
    why = models.CharField(_("What was wrong"), max_length=200, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = InForce()
    history = MemberCountQuerySet.as_manager()

    class Meta:
        ordering = ("-as_of", "-pk")
        base_manager_name = "history"
        constraints = (
            models.CheckConstraint(
                condition=Q(active=None) | Q(active__lte=F("registered")),
                name="active_members_are_registered",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | ~Q(replaces=F("pk")),
                name="member_count_does_not_replace_itself",
            ),
            models.UniqueConstraint(
                fields=("coop", "as_of", "source"),
                condition=Q(replaced_on=None),
                name="one_member_count_a_day_and_source",
            ),
        )

    def __str__(self) -> str:
        return f"{self.registered} ({self.as_of:%Y-%m-%d})"
