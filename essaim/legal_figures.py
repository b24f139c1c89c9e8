"""Figures of the law as they are known today: data for the dated table, each with its source."""

from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """Each figure that the law moves; the unit is in the label."""

    LEGAL_INTEREST = "legal_interest_professional", _("Legal interest, professionals (%)")
    ECB_RATE = "ecb_rate", _("ECB refinancing rate (%)")
    LATE_POINTS_PROFESSIONAL = (
        "late_points_professional",
        _("Late interest above the ECB rate, professionals (points)"),
    )
    LATE_POINTS_PUBLIC = (
        "late_points_public",
        _("Late interest above the ECB rate, public bodies (points)"),
    )
    LATE_FLOOR_MULTIPLE = "late_floor_multiple", _("Floor of late interest (times legal interest)")
    RECOVERY_FEE = "recovery_fee", _("Recovery fee (€)")
    CAP_PROFESSIONAL = "cap_professional", _("Longest payment term, professionals (days)")
    CAP_END_OF_MONTH = "cap_end_of_month", _("Longest end-of-month term (days)")
    CAP_RECAP = "cap_recap", _("Longest term of a recap invoice (days)")
    CAP_PUBLIC = "cap_public", _("Longest payment term, public bodies (days)")
    DEFAULT_TERM = "default_term", _("Payment term when nothing is agreed (days)")
    VAT_STANDARD = "vat_standard", _("VAT, standard rate (%)")
    VAT_INTERMEDIATE = "vat_intermediate", _("VAT, intermediate rate (%)")
    VAT_REDUCED = "vat_reduced", _("VAT, reduced rate (%)")
    VAT_SUPER_REDUCED = "vat_super_reduced", _("VAT, particular rate (%)")
    VAT_OVERSEAS = "vat_overseas", _("VAT, Guadeloupe, Martinique and Réunion (%)")
    VAT_NONE = "vat_none", _("VAT, Guyane and Mayotte (%)")
    FRANCHISE_BASE = "franchise_base", _("VAT franchise for services, threshold (€)")
    FRANCHISE_CEILING = "franchise_ceiling", _("VAT franchise for services, raised threshold (€)")
    ASSOCIATION_RECEIPTS = (
        "association_receipts",
        _("Accessory receipts of an association, threshold (€ a year)"),
    )
    DE_MINIMIS = "de_minimis", _("De minimis aid over three years, ceiling (€)")
    GRANT_AGREEMENT = "grant_agreement", _("Grant above which an agreement is mandatory (€)")
    CASH_LIMIT = "cash_limit", _("Cash payment of a professional debt, limit (€)")
    KM_3_LOW = "km_3_low", _("Km scale, 3 CV, first band (€ per km)")
    KM_3_MIDDLE = "km_3_middle", _("Km scale, 3 CV, second band (€ per km)")
    KM_3_CONSTANT = "km_3_constant", _("Km scale, 3 CV, second band, added (€)")
    KM_3_HIGH = "km_3_high", _("Km scale, 3 CV, third band (€ per km)")
    KM_4_LOW = "km_4_low", _("Km scale, 4 CV, first band (€ per km)")
    KM_4_MIDDLE = "km_4_middle", _("Km scale, 4 CV, second band (€ per km)")
    KM_4_CONSTANT = "km_4_constant", _("Km scale, 4 CV, second band, added (€)")
    KM_4_HIGH = "km_4_high", _("Km scale, 4 CV, third band (€ per km)")
    KM_5_LOW = "km_5_low", _("Km scale, 5 CV, first band (€ per km)")
    KM_5_MIDDLE = "km_5_middle", _("Km scale, 5 CV, second band (€ per km)")
    KM_5_CONSTANT = "km_5_constant", _("Km scale, 5 CV, second band, added (€)")
    KM_5_HIGH = "km_5_high", _("Km scale, 5 CV, third band (€ per km)")
    KM_6_LOW = "km_6_low", _("Km scale, 6 CV, first band (€ per km)")
    KM_6_MIDDLE = "km_6_middle", _("Km scale, 6 CV, second band (€ per km)")
    KM_6_CONSTANT = "km_6_constant", _("Km scale, 6 CV, second band, added (€)")
    KM_6_HIGH = "km_6_high", _("Km scale, 6 CV, third band (€ per km)")
    KM_7_LOW = "km_7_low", _("Km scale, 7 CV and more, first band (€ per km)")
    KM_7_MIDDLE = "km_7_middle", _("Km scale, 7 CV and more, second band (€ per km)")
    KM_7_CONSTANT = "km_7_constant", _("Km scale, 7 CV and more, second band, added (€)")
    KM_7_HIGH = "km_7_high", _("Km scale, 7 CV and more, third band (€ per km)")
    KM_FIRST = "km_first", _("Km scale, end of the first band (km)")
    KM_SECOND = "km_second", _("Km scale, end of the second band (km)")
    KM_ELECTRIC = "km_electric", _("Km scale, added for an electric vehicle (%)")


class Figure(NamedTuple):
    """One default row of the table."""

    kind: str
    value: Decimal
    effective_from: date
    source: str
    noted_on: date = date(2026, 11, 22)


_L441 = date(2019, 4, 26)
_VAT = date(2014, 1, 1)

# No figure of the second half of 2026 is known here: the table says when a row has aged.
_DEFAULTS: Final = (
    Figure(
        Kind.LEGAL_INTEREST,
        Decimal("2.62"),
        date(2026, 1, 1),
        "C. mon. fin. art. L313-2, 1er semestre 2026, créances des professionnels",
        date(2026, 1, 1),
    ),
    Figure(
        Kind.ECB_RATE,
        Decimal("2.15"),
        date(2025, 6, 11),
        "BCE, opérations principales de refinancement, taux au 1er janvier 2026",
        date(2026, 1, 1),
    ),
    Figure(Kind.LATE_POINTS_PROFESSIONAL, Decimal(10), _L441, "C. com. art. L441-10, II"),
    Figure(
        Kind.LATE_POINTS_PUBLIC, Decimal(8), date(2019, 4, 1), "C. commande publ. art. R2192-31"
    ),
    Figure(Kind.LATE_FLOOR_MULTIPLE, Decimal(3), _L441, "C. com. art. L441-10, II"),
    Figure(Kind.RECOVERY_FEE, Decimal(40), date(2013, 1, 1), "C. com. art. D441-5"),
    Figure(Kind.CAP_PROFESSIONAL, Decimal(60), _L441, "C. com. art. L441-10, I"),
    Figure(Kind.CAP_END_OF_MONTH, Decimal(45), _L441, "C. com. art. L441-10, I"),
    Figure(Kind.CAP_RECAP, Decimal(45), _L441, "C. com. art. L441-10, I"),
    Figure(Kind.CAP_PUBLIC, Decimal(30), date(2019, 4, 1), "C. commande publ. art. R2192-10"),
    Figure(Kind.DEFAULT_TERM, Decimal(30), _L441, "C. com. art. L441-10, I"),
    Figure(Kind.VAT_STANDARD, Decimal(20), _VAT, "CGI art. 278"),
    Figure(Kind.VAT_INTERMEDIATE, Decimal(10), _VAT, "CGI art. 279"),
    Figure(Kind.VAT_REDUCED, Decimal("5.5"), _VAT, "CGI art. 278-0 bis"),
    Figure(Kind.VAT_SUPER_REDUCED, Decimal("2.1"), _VAT, "CGI art. 281 quater et suivants"),
    Figure(Kind.VAT_OVERSEAS, Decimal("8.5"), _VAT, "CGI art. 296"),
    Figure(Kind.VAT_NONE, Decimal(0), _VAT, "CGI art. 294"),
    Figure(Kind.FRANCHISE_BASE, Decimal(37500), date(2025, 1, 1), "CGI art. 293 B, prestations"),
    Figure(Kind.FRANCHISE_CEILING, Decimal(41250), date(2025, 1, 1), "CGI art. 293 B, prestations"),
    Figure(
        Kind.ASSOCIATION_RECEIPTS,
        Decimal(80011),
        date(2025, 1, 1),
        "CGI art. 206-1 bis et 261-7-1° b, seuil 2025 (2026 non connu)",
    ),
    Figure(Kind.DE_MINIMIS, Decimal(300000), date(2024, 1, 1), "Règlement (UE) 2023/2831, art. 3"),
    Figure(Kind.GRANT_AGREEMENT, Decimal(23000), date(2001, 6, 8), "Décret 2001-495, art. 1er"),
    Figure(Kind.CASH_LIMIT, Decimal(1000), date(2015, 9, 1), "C. mon. fin. art. D112-3"),
)
_KM = date(2023, 1, 1)
_KM_SOURCE = "Arrêté du 27 mars 2023, CGI ann. IV art. 6 B (barème kilométrique, voitures)"
# Per fiscal power: EUR per km of the three bands, and what the second one adds.
_KM_SCALE: Final = {
    3: {"low": "0.529", "middle": "0.316", "constant": "1065", "high": "0.370"},
    4: {"low": "0.606", "middle": "0.340", "constant": "1330", "high": "0.407"},
    5: {"low": "0.636", "middle": "0.357", "constant": "1395", "high": "0.427"},
    6: {"low": "0.665", "middle": "0.374", "constant": "1457", "high": "0.447"},
    7: {"low": "0.697", "middle": "0.394", "constant": "1515", "high": "0.470"},
}
KM_DEFAULTS: Final = (
    *(
        Figure(Kind(f"km_{power}_{band}"), Decimal(value), _KM, _KM_SOURCE)
        for power, bands in _KM_SCALE.items()
        for band, value in bands.items()
    ),
    Figure(Kind.KM_FIRST, Decimal(5000), _KM, _KM_SOURCE),
    Figure(Kind.KM_SECOND, Decimal(20000), _KM, _KM_SOURCE),
    Figure(Kind.KM_ELECTRIC, Decimal(20), _KM, _KM_SOURCE),
)
DEFAULTS: Final = (*_DEFAULTS, *KM_DEFAULTS)

# Postcodes that begin like Guadeloupe's but lie outside VAT: Saint-Barthélemy, Saint-Martin.
_OUTSIDE_VAT: Final = ("973", "975", "976", "977", "978", "986", "987", "988", "97133", "97150")
_OVERSEAS: Final = ("971", "972", "974")


def vat_kinds_at(postcode: str) -> tuple[Kind, ...]:
    """Give the VAT rates that may apply to services for a client at a French postcode.

    The first is the usual one. The place is the client's (CGI art. 259, 294, 296).
    """
    if postcode.startswith(_OUTSIDE_VAT):
        return (Kind.VAT_NONE,)
    if postcode.startswith(_OVERSEAS):
        return (Kind.VAT_OVERSEAS, Kind.VAT_SUPER_REDUCED)
    return (Kind.VAT_STANDARD, Kind.VAT_INTERMEDIATE, Kind.VAT_REDUCED, Kind.VAT_SUPER_REDUCED)


def install_defaults(model: type[Any]) -> None:
    """Insert the default rows that the table lacks; a row already there is left as edited.

    `model` is LegalFigure, or its historical form in a data migration.
    """
    model._default_manager.bulk_create(
        (model(**figure._asdict()) for figure in DEFAULTS), ignore_conflicts=True
    )
