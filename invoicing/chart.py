"""The accounts of the books, by what each is for, as the French chart of 2025 numbers them."""

from typing import Any, Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What an account of third parties, bank, tax or adjustment is for."""

    CLIENTS = "clients", _("Clients")
    DEPOSITS = "deposits", _("Deposits received from clients")
    UNBILLED = "unbilled", _("Clients, invoices to be drawn up")
    VAT_DUE = "vat_due", _("VAT collected")
    VAT_PENDING = "vat_pending", _("VAT awaiting its receipt")
    VAT_UNBILLED = "vat_unbilled", _("VAT on invoices to be drawn up")
    ADVANCED = "advanced", _("Expenses advanced for clients")
    GRANTS_DUE = "grants_due", _("Grants to receive")
    DEFERRED = "deferred", _("Deferred income")
    BANK = "bank", _("Bank")
    BAD_DEBTS = "bad_debts", _("Bad debts")
    LATE_INCOME = "late_income", _("Late interest and recovery fees")
    GRANTS = "grants", _("Operating grants")
    MEMBERSHIPS = "memberships", _("Memberships")


class Product(models.TextChoices):
    """The account of each kind of line that is income."""

    DAYS = "sale_days", _("Mission days")
    SUBSIDY_SHARE = "sale_subsidy_share", _("Fees tied to the grant")
    FIXED_PART = "sale_fixed_part", _("Fixed part")
    FREE = "sale_free", _("Free line")
    PHASE = "sale_phase", _("Phase accepted")
    PACK = "sale_pack", _("Pack of days")
    SUBSCRIPTION = "sale_subscription", _("Subscription")
    DISCOUNT = "sale_discount", _("Discount")
    EXPENSE = "sale_expense", pgettext_lazy("account", "Rebilled expense")


def role_label(role: str) -> str:
    """What a role is, in words."""
    labels = dict(Role.choices) | dict(Product.choices)
    return str(labels.get(role, role))


def role_of_line(kind: str) -> str:
    """The role a line of an invoice is booked under."""
    special = {
        "deposit": Role.DEPOSITS,
        "advanced_cost": Role.ADVANCED,
        "membership": Role.MEMBERSHIPS,
    }
    return str(special.get(kind, f"sale_{kind}"))


class Default(NamedTuple):
    """One account as it is installed."""

    role: str
    number: str
    label: str


_SERVICES: Final = "Prestations de services"
DEFAULTS: Final = (
    Default(Role.CLIENTS, "411000", "Clients"),
    Default(Role.DEPOSITS, "419100", "Clients - Avances et acomptes reçus"),
    Default(Role.UNBILLED, "418100", "Clients - Factures à établir"),
    Default(Role.VAT_DUE, "445710", "TVA collectée"),
    Default(Role.VAT_PENDING, "445740", "TVA collectée en attente d'encaissement"),
    Default(Role.VAT_UNBILLED, "445870", "TVA sur factures à établir"),
    Default(Role.ADVANCED, "467000", "Débours pour le compte de clients"),
    Default(Role.GRANTS_DUE, "441000", "État - Subventions à recevoir"),
    Default(Role.DEFERRED, "487000", "Produits constatés d'avance"),
    Default(Role.BANK, "512000", "Banque"),
    Default(Role.BAD_DEBTS, "654100", "Créances irrécouvrables"),
    Default(Role.LATE_INCOME, "758100", "Pénalités et indemnités perçues"),
    Default(Role.GRANTS, "741000", "Subventions d'exploitation"),
    Default(Role.MEMBERSHIPS, "756000", "Cotisations"),
    Default(Product.EXPENSE, "708500", "Frais refacturés"),
    *(
        Default(product, "706000", _SERVICES)
        for product in Product
        if product != Product.EXPENSE
    ),
)  # fmt: skip


def install_defaults(model: type[Any]) -> None:
    """Insert the accounts that the table lacks; one already there is left as edited."""
    model._default_manager.bulk_create(
        (model(**row._asdict()) for row in DEFAULTS), ignore_conflicts=True
    )
