"""What the bank says: statements, their lines, cheques and the slips they are paid in with."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from invoicing.models.payment import Payment


class BankQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> "BankQuerySet":
        """Movements of our account are the accountant's."""
        return self if user.has_role(Role.ACCOUNTANT) else self.none()


class BankStatement(models.Model):
    """One file of the bank, as it was read; its lines are booked by hand."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        CAMT = "camt053", "CAMT.053"

    name = models.CharField(_("File"), max_length=120)
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices)
    sha256 = models.CharField(max_length=64, unique=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    first_on = models.DateField(_("From"), null=True, blank=True)
    last_on = models.DateField(_("To"), null=True, blank=True)
    # [{"row", "why", "text"}]: lines that were not taken.
    refused = models.JSONField(default=list)
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(_("Imported"))

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ("-imported_at", "-pk")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("invoicing:statement", args=(self.pk,))


class BankLine(models.Model):
    """One movement of the account: what it became, once somebody said so."""

    class Fate(models.TextChoices):
        NEW = "", _("To look at")
        BOOKED = "booked", _("Recorded")
        IGNORED = "ignored", _("Set aside")

    statement = models.ForeignKey(BankStatement, models.CASCADE, related_name="lines")
    row = models.PositiveIntegerField()
    booked_on = models.DateField(_("Date"))
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    label = models.CharField(_("Label"), max_length=300, blank=True)
    counterparty = models.CharField(_("Other side"), max_length=300, blank=True)
    reference = models.CharField(_("Reference"), max_length=300, blank=True)
    # A movement already imported by an earlier file is known by it.
    fingerprint = models.CharField(max_length=64, unique=True)
    fate = models.CharField(max_length=8, choices=Fate.choices, blank=True, default="")
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="bank_line"
    )
    cheques = models.OneToOneField(
        "invoicing.ChequeBatch", models.PROTECT, null=True, blank=True, related_name="bank_line"
    )
    why = models.CharField(_("Why"), max_length=300, blank=True)

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ("booked_on", "pk")
        indexes = (models.Index(fields=("statement", "fate"), name="lines_of_a_statement"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(fate="booked", payment__isnull=False, cheques=None)
                | Q(fate="booked", payment=None, cheques__isnull=False)
                | (~Q(fate="booked") & Q(payment=None, cheques=None)),
                name="booked_line_names_what_it_became",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="bank_line_is_not_nothing"),
        )

    def __str__(self) -> str:
        return f"{self.booked_on:%Y-%m-%d} {self.amount}"

    @property
    def is_credit(self) -> bool:
        return bool(self.amount > 0)

    @property
    def words(self) -> str:
        """All that the bank wrote, for recognising a payer."""
        return " ".join(p for p in (self.counterparty, self.label, self.reference) if p)


class ChequeBatch(models.Model):
    """A slip: cheques paid in together, one line of the bank when they are credited."""

    made_on = models.DateField(_("Made on"))
    reference = models.CharField(_("Reference of the slip"), max_length=40, blank=True)
    credited_on = models.DateField(_("Credited on"), null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ("-made_on", "-pk")

    def __str__(self) -> str:
        return str(_("Slip of %(day)s") % {"day": f"{self.made_on:%d/%m/%Y}"})

    def get_absolute_url(self) -> str:
        return reverse("invoicing:cheque_batch", args=(self.pk,))


class Cheque(models.Model):
    """A cheque in our hands: no payment before the bank credits it."""

    client = models.ForeignKey(
        Organisation, models.PROTECT, related_name="cheques", verbose_name=_("Client")
    )
    received_on = models.DateField(_("Received on"))
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    number = models.CharField(_("Cheque number"), max_length=20)
    bank = models.CharField(_("Bank"), max_length=60, blank=True)
    batch = models.ForeignKey(
        ChequeBatch, models.PROTECT, null=True, blank=True, related_name="cheques"
    )
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="cheque"
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = BankQuerySet.as_manager()

    class Meta:
        ordering = ("received_on", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="cheque_amount_is_positive"),
            models.UniqueConstraint(
                fields=("client", "number", "amount"), name="a_cheque_is_received_once"
            ),
            models.CheckConstraint(
                condition=Q(payment=None) | Q(batch__isnull=False),
                name="credited_cheque_was_paid_in",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.amount}"
