"""Money given back to a client, out of an over-payment or of a credit note."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from invoicing.models.invoice import Invoice
from invoicing.models.payment import Payment


class Refund(models.Model):
    """What left our account for a client on a date; it uses up the balance it comes from."""

    client = models.ForeignKey(Organisation, models.PROTECT, related_name="refunds")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="refunds"
    )
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    paid_on = models.DateField(_("Paid back on"))
    method = models.CharField(
        _("Method"),
        max_length=10,
        choices=Payment.Method.choices,
        default=Payment.Method.TRANSFER,
    )
    reference = models.CharField(_("Reference"), max_length=80, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("-paid_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit_note=None)
                | Q(payment=None, credit_note__isnull=False),
                name="refund_is_of_a_payment_or_a_credit_note",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive"),
        )

    def __str__(self) -> str:
        return f"{self.client} {self.amount}"
