"""Deposits taken off a final invoice, and the pair that corrects an invoice."""

from django.db import models
from django.db.models import Q

from invoicing.models.invoice import Invoice


class DepositRelease(models.Model):
    """A final invoice was wholly given back: its deposit may be deducted anew."""

    use = models.OneToOneField("DepositUse", models.PROTECT, related_name="release")
    credit_note = models.ForeignKey(Invoice, models.PROTECT, related_name="deposit_releases")

    def __str__(self) -> str:
        return f"{self.use} released by {self.credit_note}"


class DepositUse(models.Model):
    """A deposit on a final invoice: reserved by a draft, frozen at issue, deducted once.

    `after` is the release that makes this second use lawful; without one a deposit has one use.
    """

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="deposit_uses")
    deposit = models.ForeignKey(Invoice, models.PROTECT, related_name="deducted_by")
    after = models.OneToOneField(
        DepositRelease, models.PROTECT, null=True, blank=True, related_name="next_use"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("deposit",), condition=Q(after=None), name="a_deposit_is_deducted_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.deposit} on {self.invoice}"


class Correction(models.Model):
    """A corrective invoice and the full credit note it is issued with, at once."""

    credit_note = models.OneToOneField(Invoice, models.CASCADE, related_name="correction")
    corrective = models.OneToOneField(Invoice, models.CASCADE, related_name="corrects")

    def __str__(self) -> str:
        return f"{self.corrective} with {self.credit_note}"
