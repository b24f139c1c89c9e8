"""What the books need besides documents: accounts, locks, profiles of files, bad debts."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from invoicing.chart import Product, Role
from invoicing.models.invoice import Invoice


class Account(models.Model):
    """The account a role is booked on; a product may have another one for an analytic code."""

    role = models.CharField(_("Role"), max_length=24, choices=[*Role.choices, *Product.choices])
    analytic_code = models.CharField(_("Analytic code"), max_length=20, blank=True)
    number = models.CharField(_("Account"), max_length=12)
    label = models.CharField(_("Account label"), max_length=80)

    class Meta:
        ordering = ("role", "analytic_code")
        constraints = (
            models.UniqueConstraint(
                fields=("role", "analytic_code"), name="one_account_per_role_and_analytic_code"
            ),
            models.CheckConstraint(
                condition=~Q(number="") & ~Q(label=""), name="account_has_a_number_and_a_label"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.label}"


class AuxiliaryAccount(models.Model):
    """The code of a client in the books, given once."""

    organisation = models.OneToOneField(
        Organisation, models.PROTECT, related_name="auxiliary", verbose_name=_("Client")
    )
    code = models.CharField(_("Code of the client"), max_length=12, unique=True)
    # As it was when the code was given: a client renamed changes no past export.
    name = models.CharField(_("Name in the books"), max_length=200)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class BookSettings(models.Model):
    """The one row of what the accountant's firm wants: journals, address, client codes."""

    sales_journal = models.CharField(_("Sales journal"), max_length=2, default="VE")
    bank_journal = models.CharField(_("Bank journal"), max_length=2, default="BQ")
    misc_journal = models.CharField(_("Miscellaneous journal"), max_length=2, default="OD")
    code_prefix = models.CharField(_("Client codes begin with"), max_length=4, default="C")
    code_digits = models.PositiveSmallIntegerField(_("Figures of a client code"), default=4)
    firm_name = models.CharField(_("Accountant’s firm"), max_length=120, blank=True)
    firm_email = models.EmailField(_("E-mail of the firm"), blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(code_digits__gte=2, code_digits__lte=8),
                name="client_codes_have_a_few_figures",
            ),
        )

    def __str__(self) -> str:
        return self.firm_name or str(_("Books"))

    @classmethod
    def current(cls) -> "BookSettings":
        """The row, or what it would say if nobody had written it."""
        return cls.objects.order_by("pk").first() or cls()


class PeriodLockQuerySet(models.QuerySet["PeriodLock"]):
    def until(self) -> date | None:
        """The last day of the period that is closed now; None when none is."""
        return self.order_by("-pk").values_list("until", flat=True).first()


class PeriodLock(models.Model):
    """The books are closed up to a day, or opened again: the last row says which."""

    until = models.DateField(_("Closed up to"), null=True, blank=True)
    reason = models.CharField(_("Why the period is opened again"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = PeriodLockQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.until:%Y-%m-%d}" if self.until else "-"


class ExportProfile(models.Model):
    """A CSV as one firm wants it: columns in their order, separators, dates, encoding."""

    class Separator(models.TextChoices):
        SEMICOLON = ";", _("Semicolon")
        COMMA = ",", _("Comma")
        TAB = "\t", _("Tab")
        PIPE = "|", _("Vertical bar")

    class Mark(models.TextChoices):
        COMMA = ",", _("Comma")
        POINT = ".", _("Point")

    class Dates(models.TextChoices):
        FRENCH = "%d/%m/%Y", "31/12/2026"
        COMPACT = "%d%m%Y", "31122026"
        SHORT = "%d%m%y", "311226"
        ISO = "%Y-%m-%d", "2026-12-31"
        PLAIN = "%Y%m%d", "20261231"

    class Encoding(models.TextChoices):
        UTF8_BOM = "utf-8-sig", _("UTF-8 with BOM (Excel)")
        UTF8 = "utf-8", "UTF-8"
        LATIN9 = "iso-8859-15", "ISO-8859-15"
        WINDOWS = "cp1252", "Windows-1252"

    name = models.CharField(_("Name of the profile"), max_length=60, unique=True)
    columns = models.JSONField(_("Columns"), default=list)
    separator = models.CharField(
        _("Separator"), max_length=1, choices=Separator.choices, default=Separator.SEMICOLON
    )
    decimal_mark = models.CharField(
        _("Decimal mark"), max_length=1, choices=Mark.choices, default=Mark.COMMA
    )
    date_format = models.CharField(
        _("Dates"), max_length=10, choices=Dates.choices, default=Dates.FRENCH
    )
    encoding = models.CharField(
        _("Encoding"), max_length=12, choices=Encoding.choices, default=Encoding.UTF8_BOM
    )
    has_header = models.BooleanField(_("First line names the columns"), default=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(separator=models.F("decimal_mark")),
                name="separator_is_not_the_decimal_mark",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def as_data(self) -> dict[str, Any]:
        """What a log keeps of it, so that the export can be made again as it was."""
        names = ("name", "columns", "separator", "decimal_mark", "date_format", "encoding")
        return {name: getattr(self, name) for name in names} | {"has_header": self.has_header}


class WriteOff(models.Model):
    """What is left of an invoice, given up as a bad debt; it is no credit note."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="write_offs")
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)
    reason = models.CharField(_("Why it is given up"), max_length=300)
    on = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="write_off_is_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="write_off_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.invoice}: {self.amount}"
