"""How a programme pays, as data, and the pieces that a claim asks for."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Document
from grants.models.disbursement import Disbursement
from grants.models.programme import Programme


class PaymentTerms(models.Model):
    """How one programme pays: its steps, and the caps of an investment aid of the State."""

    programme = models.OneToOneField(Programme, models.PROTECT, related_name="payment_terms")
    is_state_investment = models.BooleanField(_("Investment aid of the State"), default=False)
    advance_cap = models.DecimalField(
        _("Advance, at most (%)"), max_digits=5, decimal_places=2, default=Decimal(30)
    )
    before_balance_cap = models.DecimalField(
        _("Before the balance, at most (%)"), max_digits=5, decimal_places=2, default=Decimal(80)
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(advance_cap__gte=0, advance_cap__lte=100)
                & Q(before_balance_cap__gte=0, before_balance_cap__lte=100),
                name="state_caps_are_percents",
            ),
        )

    def __str__(self) -> str:
        return str(self.programme)


class PaymentStep(models.Model):
    """One payment of a programme's pattern."""

    Kind = Disbursement.Kind

    terms = models.ForeignKey(PaymentTerms, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices)
    percent = models.DecimalField(_("Percent of the grant"), max_digits=5, decimal_places=2)
    months = models.PositiveSmallIntegerField(
        _("Months after the agreement"),
        null=True,
        blank=True,
        help_text=_("Empty: not dated beforehand, as a balance paid after the report."),
    )
    pieces = models.TextField(_("Required pieces"), blank=True, max_length=2000)

    class Meta:
        ordering = ("terms", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("terms", "position"), name="payment_steps_have_an_order"
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100), name="payment_step_is_a_percent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.percent} %"


class ClaimPiece(models.Model):
    """One piece that the funder asks for with a claim, and what shows that it is at hand."""

    disbursement = models.ForeignKey(Disbursement, models.PROTECT, related_name="claim_pieces")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(_("Piece"), max_length=300)
    done_on = models.DateField(_("At hand since"), null=True, blank=True)
    words = models.CharField(_("Where it is"), max_length=300, blank=True)
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("evidence", "Document"),
    )

    class Meta:
        ordering = ("disbursement", "position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(done_on__isnull=False) | Q(document=None, words=""),
                name="claim_piece_with_evidence_is_dated",
            ),
        )

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> Any:
        return self.disbursement.get_absolute_url()
