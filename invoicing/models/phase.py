"""A payer's part of a phase, or of a pack's instalment, on a line: billed once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invoicing.models.line import InvoiceLine
from missions.models import FundingShare, Phase


class BilledPhase(models.Model):
    """Reserved by a draft, frozen at issue; a next generation asks that the last was given back."""

    # A line is of one phase and one payer.
    line = models.OneToOneField(InvoiceLine, models.CASCADE, related_name="billed_phase")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="billed")
    share = models.ForeignKey(FundingShare, models.PROTECT, related_name="billed_phases")
    generation = models.PositiveSmallIntegerField(_("Generation"), default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("phase", "share", "generation"), name="phase_is_billed_once_a_generation"
            ),
            models.CheckConstraint(
                condition=Q(generation__gte=1), name="billed_phase_generation_starts_at_one"
            ),
        )

    def __str__(self) -> str:
        return f"{self.phase} on {self.line}"
