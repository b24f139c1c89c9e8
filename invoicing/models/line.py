"""Lines of invoices, and what each of them bills once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grants.models import Disbursement, GrantApplication
from invoicing.models.clause import SubsidyShareClause
from invoicing.models.invoice import Invoice
from missions.models import DayShare


class InvoiceLine(models.Model):
    class Kind(models.TextChoices):
        DAYS = "days", _("Mission days")
        SUBSIDY_SHARE = "subsidy_share", _("Fees tied to the grant")
        FIXED_PART = "fixed_part", _("Fixed part")
        FREE = "free", _("Free line")
        PHASE = "phase", _("Phase accepted")
        PACK = "pack", _("Pack of days")
        EXPENSE = "expense", _("Rebilled expense")
        ADVANCED_COST = "advanced_cost", _("Expense advanced for the client (débours)")
        DEPOSIT = "deposit", _("Deposit")
        SUBSCRIPTION = "subscription", _("Subscription")
        MEMBERSHIP = "membership", _("Membership")
        DISCOUNT = "discount", _("Discount")

    class Unit(models.TextChoices):
        DAY = "DAY", _("day")
        HOUR = "HUR", _("hour")
        KM = "KMT", "km"
        PIECE = "C62", _("flat rate")

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(_("Kind"), max_length=14, choices=Kind.choices, default=Kind.FREE)
    label = models.CharField(_("Description"), max_length=300)
    detail = models.TextField(_("Detail"), blank=True, max_length=2000)
    quantity = models.DecimalField(_("Quantity"), max_digits=12, decimal_places=4, default=1)
    unit = models.CharField(_("Unit"), max_length=3, choices=Unit.choices, default=Unit.PIECE)
    unit_price = models.DecimalField(_("Unit price"), max_digits=12, decimal_places=2)
    net = models.DecimalField(_("Net"), max_digits=14, decimal_places=2)
    vat_rate = models.DecimalField(_("VAT rate"), max_digits=4, decimal_places=2)
    vat_category = models.CharField(max_length=2, default="S")
    # A rate of the table chosen for this line; none: the usual rate of the client's place.
    chosen_rate = models.DecimalField(
        _("VAT rate of this line"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    days = models.JSONField(_("Days, as printed"), default=list)
    analytic_code = models.CharField(max_length=20, blank=True)
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by"
    )
    billable_again = models.BooleanField(_("Billable again"), default=False)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(
                fields=("invoice", "position"), name="invoice_lines_are_ordered"
            ),
            models.CheckConstraint(
                condition=Q(kind="discount", net__lte=0) | (~Q(kind="discount") & Q(net__gte=0)),
                name="only_a_discount_line_is_negative",
            ),
        )

    def __str__(self) -> str:
        return self.label


class BilledShare(models.Model):
    """A day share on a line: reserved by a draft, frozen at issue; a share is billed once."""

    line = models.ForeignKey(InvoiceLine, models.CASCADE, related_name="billed_shares")
    share = models.OneToOneField(DayShare, models.PROTECT, related_name="billed")

    def __str__(self) -> str:
        return f"{self.share} on {self.line}"


class SubsidyFee(models.Model):
    """What a line bills of a clause: for one disbursement, one award, or the fixed part."""

    line = models.OneToOneField(InvoiceLine, models.CASCADE, related_name="fee")
    clause = models.ForeignKey(SubsidyShareClause, models.PROTECT, related_name="fees")
    application = models.ForeignKey(
        GrantApplication, models.PROTECT, null=True, blank=True, related_name="+"
    )
    disbursement = models.ForeignKey(
        Disbursement, models.PROTECT, null=True, blank=True, related_name="fees"
    )
    is_fixed_part = models.BooleanField(default=False)
    is_reduction = models.BooleanField(default=False)
    base = models.DecimalField(max_digits=12, decimal_places=2)
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(is_fixed_part=True) | Q(application__isnull=False),
                name="subsidy_fee_is_of_an_application",
            ),
        )

    def __str__(self) -> str:
        return f"{self.clause}: {self.amount}"
