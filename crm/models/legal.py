"""Legal persons that stand beside a coop's own."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.coop import Coop
from crm.models.organisation import Organisation


class ParallelEntity(models.Model):
    """A second organisation created beside a coop's own, which lives on."""

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="parallel_entities")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="stands_beside")
    since = models.DateField(_("Since"))
    why = models.CharField(_("What it is for"), max_length=300)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Declared by")
    )

    class Meta:
        ordering = ("since", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("coop", "organisation"), name="a_parallel_entity_is_declared_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} ({self.coop})"
