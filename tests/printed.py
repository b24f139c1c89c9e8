"""Documents to print in tests and benches: one of each kind, with the figures of the story."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

from invoicing.document import (
    Agreement,
    Bank,
    Budget,
    Cover,
    DayRow,
    DeductedDeposit,
    Funding,
    InvoiceDocument,
    Origin,
    Party,
    Person,
)
from invoicing.rules import DAY, PIECE, Line, instalments, mentions, totals

EPOCH = 1_795_340_000
ISSUED = date(2026, 11, 22)
SELLER = Party(
    name="Essaim d’Alsace",
    legal_form="SCIC SA à capital variable, société coopérative",
    address=("12 rue des Orfèvres", "67000 Strasbourg"),
    registration="RCS Strasbourg 732 829 320",
    siren="732829320",
    siret="73282932000074",
    vat_number="FR44732829320",
    phone="03 88 00 00 00",
    email="compta@essaim.example",
)
BUYER = Party(
    name="La Quetsche, association de préfiguration",
    address=("Chez Mme Élise Œrtel", "4 place du Marché", "67600 Sélestat"),
    siren="552100554",
    registration="Registre des associations de Sélestat, vol. 45, fol. 7",
)
BANK = Bank("FR7630006000011234567890189", "AGRIFRPP", "Essaim d’Alsace")
TERMS: dict[str, Any] = {"penalty_rate": D("12.15"), "recovery_fee": D("40.00")}


def day_rows(count: int = 4, share: D | None = D("364.00")) -> tuple[DayRow, ...]:
    """Worked days, one every third day of the autumn."""
    subjects = (
        "Atelier modèle économique avec le collectif",
        "Réunion publique à la salle des fêtes : présentation du projet et appel à adhésions",
        "Relecture du dossier FDVA et du budget prévisionnel",
        "Point téléphonique avec la mairie et visite du local pressenti",
    )
    moments = ("full_day", "evening", "morning", "afternoon")
    return tuple(
        DayRow(
            on=date(2026, 10, 1) + timedelta(days=3 * rank),
            moment=moments[rank % 4],
            people=("Jeanne Bœuf", "Jeanne Bœuf, Loïc Büchel")[rank % 2],
            subject=subjects[rank % 4],
            quantity=D(1) if rank % 4 == 0 else D("0.5"),
            share=share,
        )
        for rank in range(count)
    )


def doc_days(lines: int = 0) -> InvoiceDocument:
    """Days and travel of a month, 20 % (2,427.64 net, 2,913.17 gross)."""
    made = (
        Line(
            "days", "Accompagnement au montage, octobre 2026", D("3.5"), DAY, D("650.00"),
            D("2275.00"), D(20), key="1", detail="Du 01/10/2026 au 28/10/2026, détail en page 2",
        ),
        Line(
            "expense", "Déplacements Strasbourg – Sélestat", D("318"), "KMT", D("0.48"),
            D("152.64"), D(20), key="2",
        ),
    )  # fmt: skip
    more = tuple(
        Line("phase", f"Étape {rank} de l’étude de marché", D(1), DAY, D(650), D("650.00"), D(20))
        for rank in range(1, lines - 1)
    )
    total = totals(made + more, regime="receipts")
    return InvoiceDocument(
        kind="invoice",
        regime="receipts",
        number="FA-2026-0007",
        issued_on=ISSUED,
        service_from=date(2026, 10, 1),
        service_to=date(2026, 10, 28),
        seller=SELLER,
        buyer=BUYER,
        lines=made + more,
        totals=total,
        mentions=mentions(regime="receipts", client_kind="professional", **TERMS),
        instalments=instalments(total.gross, [date(2027, 1, 21)]),
        bank=BANK,
        agreement=Agreement("Convention d’accompagnement", "CO-2026-004", date(2026, 3, 2)),
        budget=Budget(D("11.5"), D("0.5")),
        contact=Person("Chloé Vernier", "03 88 00 00 01", "chloe@essaim.example"),
        chain_hash="3f2a9c" * 10 + "0123",
        epoch=EPOCH,
    )


def doc_whole() -> InvoiceDocument:
    """All that can be printed at once: shares, two rates, instalments, billing address, days."""
    base = doc_days()
    lines = (
        *base.lines,
        Line("other", "Guide du futur coopérateur (livret)", D(20), PIECE, D("12.50"),
             D("250.00"), D("5.5"), key="3"),
    )  # fmt: skip
    total = totals(lines, regime="debits")
    dates = [date(2026, 12, 22), date(2027, 1, 21)]
    return replace(
        base,
        lines=lines,
        totals=total,
        regime="debits",
        mentions=mentions(regime="debits", client_kind="public", **TERMS),
        instalments=instalments(total.gross, dates),
        buyer=replace(
            BUYER,
            name="Communauté de communes du Ried et de la Haute-Bruche",
            billing_address=("Service des finances", "BP 40", "67210 Obernai"),
            siret="20006710000016",
            vat_number="FR83200067100",
        ),
        order_number="BC-2026-118",
        beneficiary="La Quetsche (Sélestat)",
        funding=Funding(
            D("4550.00"),
            (
                Cover("la Région Grand Est", D("1365.00")),
                Cover("la Ville de Sélestat", D("910.00")),
            ),
            D("2275.00"),
        ),
        days=day_rows(4),
        note="Merci d’indiquer votre numéro de commande sur le virement.",
    )


def doc_draft() -> InvoiceDocument:
    """The same days before they are issued."""
    return replace(doc_days(), number="", issued_on=None, chain_hash="", days=day_rows(2, None))


def doc_fee(net: str = "540.00", basis: str = "10 800,00 €") -> InvoiceDocument:
    """A share of what a funder paid."""
    line = Line(
        "subsidy_share", "Honoraires liés à la subvention Emploi ESS", D(1), PIECE, D(net),
        D(net), D(20), key="1",
        detail=f"5 % de {basis} reçus le 10/11/2026 (convention CO-2026-004, article 7)",
    )  # fmt: skip
    total = totals([line], regime="receipts")
    kinds = ["subsidy_share"]
    told = mentions(regime="receipts", client_kind="professional", line_kinds=kinds, **TERMS)
    return replace(
        doc_days(), lines=(line,), totals=total, mentions=told, budget=None,
        instalments=instalments(total.gross, [date(2026, 12, 22)]), number="FA-2026-0008",
        service_from=date(2026, 11, 10), service_to=None,
    )  # fmt: skip


def doc_credit() -> InvoiceDocument:
    """The credit note of a grant reduced at its settlement (216.00 net)."""
    fee = doc_fee("216.00")
    line = replace(
        fee.lines[0], detail="Aide définitive 31 680,00 € au lieu de 36 000,00 € : 5 % de l’écart"
    )
    told = mentions(
        regime="receipts", client_kind="professional", document="credit_note",
        line_kinds=["subsidy_share"],
    )  # fmt: skip
    return replace(
        fee, kind="credit_note", number="FA-2027-0003", lines=(line,), mentions=told,
        origin=Origin("FA-2026-0008", ISSUED), issued_on=date(2027, 2, 16), instalments=(),
        reason="Aide réduite au solde par le financeur",
    )  # fmt: skip


def doc_exempt() -> InvoiceDocument:
    """An association outside VAT, in Alsace-Moselle."""
    base = doc_days()
    lines = tuple(replace(line, vat_rate=D(0)) for line in base.lines)
    total = totals(lines, regime="association_exempt")
    return replace(
        base,
        regime="association_exempt",
        seller=replace(
            SELLER, name="Les Butineuses", legal_form="association", vat_number="",
            registration="Association inscrite au registre des associations du tribunal"
            " judiciaire de Strasbourg, vol. 98, fol. 112",
        ),
        lines=lines,
        totals=total,
        mentions=mentions(regime="association_exempt", client_kind="consumer", **TERMS),
        instalments=instalments(total.gross, [date(2027, 1, 21)]),
        days=day_rows(6, None),
    )  # fmt: skip


def doc_final() -> InvoiceDocument:
    """A final invoice that takes off its deposit: VAT 140.01 left, not 140.00."""
    line = Line("phase", "Étude de faisabilité, rapport remis", D(1), PIECE, D("1000.03"),
                D("1000.03"), D(20), key="1")  # fmt: skip
    total = totals([line], regime="receipts")
    deposit = totals([replace(line, net=D("300.01"), unit_price=D("300.01"))], regime="receipts")
    base = replace(
        doc_days(), lines=(line,), totals=total, budget=None,
        deposits=(DeductedDeposit("FA-2026-0002", date(2026, 6, 1), deposit),),
    )  # fmt: skip
    return replace(base, instalments=instalments(base.due.gross, [date(2027, 1, 21)]))


def doc_many(lines: int = 60) -> InvoiceDocument:
    """Many lines, for the breaks between pages."""
    return replace(doc_days(lines), days=day_rows(45))
