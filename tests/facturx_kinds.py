"""One document of every kind that must validate, built by hand from the figures of the law."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

from invoicing.document import (
    Agreement,
    Bank,
    DeductedDeposit,
    InvoiceDocument,
    Origin,
    Party,
    Picture,
)
from invoicing.rules import (
    DAY,
    PIECE,
    Line,
    Mention,
    instalments,
    mentions,
    totals,
)
from tests import printed

ISSUED, DUE = printed.ISSUED, date(2027, 1, 21)
SELLER = replace(printed.SELLER, postcode="67000", city="Strasbourg")
BUYER = Party(
    name="Supercoop du Ried",
    address=("4 place du Marché", "67600 Sélestat"),
    postcode="67600",
    city="Sélestat",
    siren="552100554",
    siret="55210055400013",
    vat_number="FR39552100554",
    kind="professional",
    vat_status="liable",
)
PUBLIC = Party(
    name="Communauté de communes du Ried",
    address=("1 place de la Mairie", "67390 Marckolsheim"),
    siren="200067106",
    siret="20006710600001",
    kind="public",
)
UNTAXED = {"franchise": "vat_franchise"}


def line(net: str, rate: str = "20", kind: str = "days", **more: Any) -> Line:
    """A line of one piece."""
    values: dict[str, Any] = {
        "label": "Accompagnement", "quantity": D(1), "unit": PIECE, "unit_price": abs(D(net)),
        "net": D(net), "vat_rate": D(rate), **more,
    }  # fmt: skip
    if D(net) < 0:
        values["quantity"] = D(-1)
    return Line(kind, **values)


def document(*lines: Line, regime: str = "receipts", **more: Any) -> InvoiceDocument:
    """An invoice of these lines, with the mentions its client and regime ask for."""
    kind = more.pop("kind", "invoice")
    buyer = more.pop("buyer", BUYER)
    untaxed = more.pop("untaxed", [])
    total = totals(lines, regime=regime)
    doc = InvoiceDocument(
        kind=kind,
        regime=regime,
        seller=SELLER,
        buyer=buyer,
        lines=lines,
        totals=total,
        mentions=mentions(
            regime=regime, client_kind=buyer.kind or "professional", document=kind,
            line_kinds=[row.kind for row in lines], untaxed=untaxed, **printed.TERMS,
        ),
        epoch=printed.EPOCH,
        number="FA-2026-0101",
        issued_on=ISSUED,
        service_from=date(2026, 10, 1),
        service_to=date(2026, 10, 28),
        bank=printed.BANK,
        agreement=Agreement("Convention d’accompagnement", "CO-2026-004", date(2026, 3, 2)),
        chain_hash="3f2a9c" * 10 + "0123",
    )  # fmt: skip
    doc = replace(doc, **more)
    if kind != "credit_note" and not doc.instalments:
        doc = replace(doc, instalments=instalments(doc.due.gross, [DUE]))
    return doc


def deposit_of(*lines: Line, number: str = "FA-2026-0002") -> DeductedDeposit:
    """A deposit already invoiced."""
    return DeductedDeposit(number, date(2026, 6, 1), totals(lines, regime="receipts"))


def _days() -> InvoiceDocument:
    return document(
        line("2275.00", quantity=D("3.5"), unit=DAY, unit_price=D(650), detail="Octobre 2026"),
        line("152.64", kind="expense", quantity=D(318), unit="KMT", unit_price=D("0.48")),
    )


def _franchise(*, vat_number: str) -> InvoiceDocument:
    return document(
        line("1000.00", "0"), regime="franchise", seller=replace(SELLER, vat_number=vat_number)
    )


def _association() -> InvoiceDocument:
    seller = replace(SELLER, vat_number="", legal_form="Association de droit local")
    return document(line("800.00", "0"), regime="association_exempt", seller=seller)


def _reverse_charge() -> InvoiceDocument:
    buyer = Party(
        name="Bio-Markt Kehl GmbH", address=("Hauptstraße 12", "77694 Kehl", "Allemagne"),
        postcode="77694", city="Kehl", country="DE", vat_number="DE136695976",
        email="rechnung@bio-markt.example", kind="professional", vat_status="liable",
    )  # fmt: skip
    return document(line("1300.00", "0", category="AE"), buyer=buyer, untaxed=["reverse_charge"])


def _outside_union() -> InvoiceDocument:
    buyer = Party(
        name="Coop Bâle", address=("Marktplatz 9", "4001 Bâle", "Suisse"), postcode="4001",
        city="Bâle", country="CH", email="compta@coop.example", kind="professional",
    )  # fmt: skip
    return document(line("1300.00", "0", category="O"), buyer=buyer, untaxed=["vat_outside_union"])


def _credit_note(**more: Any) -> InvoiceDocument:
    return document(
        line("216.00", kind="subsidy_share"), kind="credit_note",
        origin=Origin("FA-2026-0008", ISSUED), reason="Aide réduite au solde",
        issued_on=date(2027, 2, 16), **more,
    )  # fmt: skip


def _final() -> InvoiceDocument:
    taken = deposit_of(line("300.01", kind="deposit"))
    return document(line("1000.03", kind="phase"), deposits=(taken,))


def _final_two_rates() -> InvoiceDocument:
    deposits = (
        deposit_of(line("300.00", kind="deposit")),
        deposit_of(line("40.00", "5.5", kind="deposit"), number="FA-2026-0003"),
    )
    return document(line("1000.00"), line("250.00", "5.5", kind="other"), deposits=deposits)


def _paid() -> InvoiceDocument:
    return document(line("500.00"), paid_on=date(2026, 11, 20))


def _discount() -> InvoiceDocument:
    return document(
        line("1000.00"), line("250.00", "5.5", kind="other"),
        line("-100.00", kind="discount", label="Remise de bienvenue"),
        line("-12.50", "5.5", kind="discount", label="Remise de 5 %"),
    )  # fmt: skip


def _out_of_scope() -> InvoiceDocument:
    return document(line("700.00", "0"), regime="out_of_scope")


def _advanced() -> InvoiceDocument:
    return document(
        line("1000.00"), line("62.40", "0", kind="advanced_cost", category="E", label="Greffe"),
        untaxed=["advanced_cost"],
    )  # fmt: skip


def _advanced_franchise() -> InvoiceDocument:
    return document(
        line("1000.00", "0"), line("62.40", "0", kind="advanced_cost", category="E"),
        regime="franchise", untaxed=["advanced_cost"],
    )  # fmt: skip


def _public() -> InvoiceDocument:
    return document(
        line("1000.00"), buyer=PUBLIC, service_code="COMPTA-01", order_number="ENG-2026-118"
    )


def _no_siren() -> InvoiceDocument:
    buyer = Party(
        name="Épicerie des Ormeaux, association en création",
        address=("3 rue Haute", "67600 Sélestat"), email="tresor@ormeaux.example",
        kind="professional", vat_status="not_liable",
    )  # fmt: skip
    return document(line("400.00"), buyer=buyer)


def _nothing_known() -> InvoiceDocument:
    buyer = Party(name="Groupe de Barr", address=("Barr",), kind="professional")
    return document(line("400.00"), buyer=buyer)


def _consumer() -> InvoiceDocument:
    buyer = Party(name="Mme Élise Œrtel", address=("1 rue Basse", "67140 Barr"), kind="consumer")
    return document(line("400.00"), buyer=buyer)


def _many() -> InvoiceDocument:
    rows = (line("33.33", label=f"Étape {rank}") for rank in range(200))
    return document(*rows)


FRENCH = "ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ àâäæçéèêëîïôöœùûüÿ « ’ » – — … 1 200 € & <b>"


def _french() -> InvoiceDocument:
    return document(
        line("100.00", label=FRENCH, detail=FRENCH),
        seller=replace(SELLER, name=f"Essaim {FRENCH}"),
        buyer=replace(BUYER, name=FRENCH, address=(FRENCH, "67000 Strasbourg")),
        note=FRENCH,
    )


def _rounding() -> InvoiceDocument:
    return document(line("0.01"), line("33.33"), line("33.33"), line("333.33", "5.5", kind="other"))


def _schedule() -> InvoiceDocument:
    doc = document(line("1000.00"))
    dates = [date(2026, 12, 22), date(2027, 1, 10), date(2027, 1, 21)]
    return replace(doc, instalments=instalments(doc.due.gross, dates))


def _corrective() -> InvoiceDocument:
    return document(line("950.00"), kind="corrective", origin=Origin("FA-2026-0007", ISSUED))


def _logo() -> InvoiceDocument:
    from tests.pictures import raster

    return replace(_days(), logo=Picture("png", raster()))


def _cooperative() -> InvoiceDocument:
    standing = "Société coopérative, accompagnement d’épiceries participatives"
    return replace(_days(), seller=replace(SELLER, standing=standing))


KINDS: dict[str, Callable[[], InvoiceDocument]] = {
    "days 20 %": _days,
    "VAT on debits": lambda: document(line("1000.00"), regime="debits"),
    "franchise with a VAT number": lambda: _franchise(vat_number="FR44732829320"),
    "franchise without a VAT number": lambda: _franchise(vat_number=""),
    "association 261-7-1": _association,
    "reverse charge": _reverse_charge,
    "professional outside the Union": _outside_union,
    "credit note": _credit_note,
    "credit note with a discount": lambda: replace(
        _credit_note(), **_same(_discount(), "lines", "totals")
    ),
    "deposit": lambda: document(line("300.01", kind="deposit"), kind="deposit"),
    "corrective": _corrective,
    "final after deposit": _final,
    "final after deposits of two rates": _final_two_rates,
    "already paid": _paid,
    "document allowance": _discount,
    "subsidy share": lambda: document(line("540.00", kind="subsidy_share")),
    "mixed 20 / 5.5": lambda: document(line("1000.00"), line("250.00", "5.5", kind="other")),
    "rounding": _rounding,
    "out of scope": _out_of_scope,
    "costs advanced": _advanced,
    "costs advanced in franchise": _advanced_franchise,
    "public client": _public,
    "buyer without SIREN": _no_siren,
    "buyer of whom only the name is known": _nothing_known,
    "private person": _consumer,
    "schedule of three dates": _schedule,
    "raster logo": _logo,
    "cooperative that hides it": _cooperative,
    "200 lines": _many,
    "every French character": _french,
}


def _same(doc: InvoiceDocument, *names: str) -> dict[str, Any]:
    return {name: getattr(doc, name) for name in names}


OTHER_BANK = Bank("FR1420041010050500013M02606")
DEBITS = Mention("vat_on_debits")
