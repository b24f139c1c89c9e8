"""Payments received and what they settle; rows are inserted, never changed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from invoicing.models.books import WriteOff
from invoicing.models.invoice import Invoice


class PaymentQuerySet(ScopedQuerySet["Payment"]):
    def visible_to(self, user: Any) -> "PaymentQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class Payment(models.Model):
    """Money credited on our account on a date; undone by a reversing row."""

    class Method(models.TextChoices):
        TRANSFER = "transfer", _("Transfer")
        CHEQUE = "cheque", _("Cheque")
        MANDATE = "mandate", _("Public treasury order")
        HELLOASSO = "helloasso", "HelloAsso"
        CASH = "cash", _("Cash")

    client = models.ForeignKey(
        Organisation, models.PROTECT, related_name="payments", verbose_name=_("Client")
    )
    received_on = models.DateField(_("Credited on"))
    method = models.CharField(
        _("Method"), max_length=10, choices=Method.choices, default=Method.TRANSFER
    )
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    reference = models.CharField(_("Reference"), max_length=80, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ("-received_on", "-pk")
        indexes = (models.Index(fields=("-received_on", "-id"), name="payments_in_order"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(reverses=None, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                name="only_a_reversal_is_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.client} {self.amount}"

    def get_absolute_url(self) -> str:
        return reverse("invoicing:payment", args=(self.pk,))


class Allocation(models.Model):
    """Part of a payment or of a credit note, or a loss, set against an invoice (lettrage)."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="allocations"
    )
    credit_note = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="allocated_to"
    )
    write_off = models.OneToOneField(
        WriteOff, models.PROTECT, null=True, blank=True, related_name="allocation"
    )
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(payment__isnull=False, credit_note=None, write_off=None)
                | Q(payment=None, credit_note__isnull=False, write_off=None)
                | Q(payment=None, credit_note=None, write_off__isnull=False),
                name="allocation_is_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="allocation_is_not_nothing"),
        )

    def __str__(self) -> str:
        return f"{self.invoice}: {self.amount}"
