"""A bank's file is read line by line: what is wrong in it is refused alone, and said."""

from datetime import date
from decimal import Decimal

import pytest

from invoicing.statements import MAX_BYTES, Statement, Unreadable, read_statement

D = Decimal
TODAY = date(2026, 11, 23)
OURS = "FR1420041010050500013M02606"
OTHER = "FR7630006000011234567890189"
CSV = """Date;Libellé;Débit;Crédit
16/11/2026;VIR SEPA COOP EPI FA-2026-0001;;1 200,00
17/11/2026;PRLV ASSURANCE;45,90;
"""


def read(text: str | bytes, *, iban: str = OURS) -> Statement:
    content = text if isinstance(text, bytes) else text.encode()
    return read_statement(content, iban=iban, today=TODAY)


def camt(entries: str, iban: str = OURS) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"""


def entry(amount: str = "1200.00", side: str = "CRDT", more: str = "", **over: str) -> str:
    currency, status = over.get("currency", "EUR"), over.get("status", "BOOK")
    return f"""<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>
<Sts>{status}</Sts><BookgDt><Dt>{over.get("day", "2026-11-16")}</Dt></BookgDt>{more}</Ntry>"""


def test_credit_and_debit_columns_give_signed_amounts() -> None:
    found = read(CSV)
    assert [(line.booked_on, line.amount) for line in found.lines] == [
        (date(2026, 11, 16), D("1200.00")),
        (date(2026, 11, 17), D("-45.90")),
    ]
    assert found.refused == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encodings_of_banks_are_read(encoding: str) -> None:
    assert read(CSV.encode(encoding)).lines[0].amount == 1200


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ('Date,Label,Amount\n2026-11-16,Coop,"1200,00"\n', D(1200)),
        ("Date opération\tLibellé\tMontant\n16.11.2026\tCoop\t-12,5\n", D("-12.50")),
        ("DATE;LIBELLE;MONTANT;DEVISE\n16/11/26;Coop;1.200,50 €;EUR\n", D("1200.50")),
        ("Compte : 123\n\nTitulaire : Nous\nDate;Libellé;Montant\n20261116;Coop;+7,00\n", D(7)),
    ],
)
def test_the_shapes_of_banks_are_read(text: str, amount: Decimal) -> None:
    (line,) = read(text).lines
    assert (line.booked_on, line.amount) == (date(2026, 11, 16), amount)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("32/11/2026;Coop;10,00;EUR;", "date"),
        ("24/11/2026;Coop;10,00;EUR;", "futur"),
        ("16/11/2026;Coop;dix;EUR;", "montant"),
        ("16/11/2026;Coop;0,00;EUR;", "montant"),
        ("16/11/2026;Coop;10,00;CHF;", "CHF"),
        (f"16/11/2026;Coop;10,00;EUR;{OTHER}", "autre compte"),
        ("16/11/2026;Coop;10,00;EUR;FR1420041010050500013M02607", "pas valide"),
    ],
)
def test_a_wrong_line_is_refused_alone_with_its_row_and_reason(row: str, why: str) -> None:
    found = read(f"Date;Libellé;Montant;Devise;IBAN\n16/11/2026;Bon;5,00;EUR;\n{row}\n")
    assert [line.label for line in found.lines] == ["Bon"]
    (refused,) = found.refused
    assert refused.row == 3
    assert why in refused.why


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_the_bank_ends_them(end: str) -> None:
    assert read(CSV.replace("\n", end)).lines == read(CSV).lines


def test_a_cell_without_end_is_no_table() -> None:
    with pytest.raises(Unreadable):
        read('Date;Libellé;Montant\n"' + "a" * 200_000)


def test_two_movements_alike_on_one_day_are_two_and_the_same_file_gives_the_same_marks() -> None:
    text = "Date;Libellé;Montant\n16/11/2026;Coop;10,00\n16/11/2026;Coop;10,00\n"
    first, second = read(text).lines
    assert first.fingerprint != second.fingerprint
    assert [line.fingerprint for line in read(text).lines] == [
        first.fingerprint,
        second.fingerprint,
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "vide"),
        (b"  \r\n", "vide"),
        (b"%PDF-1.7\x00\x01", "relev"),
        (b"a;b;c\n1;2;3\n", "en-têtes"),
        (b"Date;Libell\xe9;Montant\n", "mouvement"),
        (b"<html><body>Erreur</body></html>", "CAMT.053"),
        (b"<Document><BkToCstmrStmt>", "illisible"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><Document>&a;</Document>', "illisible"),
        (b"x" * (MAX_BYTES + 1), "trop gros"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_whole(content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(content)


@pytest.mark.parametrize("text", [f"IBAN {OTHER}\n{CSV}", camt(entry(), iban=OTHER)])
def test_a_statement_of_another_account_is_refused_whole(text: str) -> None:
    with pytest.raises(Unreadable, match="le nôtre est"):
        read(text)


def test_an_entry_of_camt_says_who_paid_and_what_they_wrote() -> None:
    detail = """<NtryDtls><TxDtls><Refs><EndToEndId>E2E-7</EndToEndId></Refs>
    <RltdPties><Dbtr><Nm>Coop’Épi du Ried</Nm></Dbtr></RltdPties>
    <RmtInf><Ustrd>FACTURE FA-2026-0001</Ustrd></RmtInf></TxDtls></NtryDtls>"""
    (line,) = read(camt(entry(more=detail))).lines
    assert (line.amount, line.counterparty) == (D(1200), "Coop’Épi du Ried")
    assert (line.label, line.reference) == ("FACTURE FA-2026-0001", "E2E-7")


def test_a_batch_of_camt_is_split_when_its_parts_add_up() -> None:
    part = "<TxDtls><Amt Ccy='EUR'>{}</Amt><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls>"
    good = f"<NtryDtls>{part.format('700.00', 'A')}{part.format('500.00', 'B')}</NtryDtls>"
    bad = f"<NtryDtls>{part.format('700.00', 'A')}{part.format('400.00', 'B')}</NtryDtls>"
    assert [(x.label, x.amount) for x in read(camt(entry(more=good))).lines] == [
        ("A", D(700)),
        ("B", D(500)),
    ]
    assert [x.amount for x in read(camt(entry(more=bad))).lines] == [D(1200)]


@pytest.mark.parametrize(
    ("text", "amounts", "refused"),
    [
        (entry(side="DBIT"), [D(-1200)], 0),
        (entry(more="<RvslInd>true</RvslInd>"), [D(-1200)], 0),
        (entry(side="DBIT", more="<RvslInd>true</RvslInd>"), [D(1200)], 0),
        (entry(status="PDNG"), [], 1),
        (entry(currency="USD"), [], 1),
        (entry(amount="x"), [], 1),
        (entry(day="2027-01-01"), [], 1),
    ],
)
def test_each_entry_of_camt_stands_alone(text: str, amounts: list[Decimal], refused: int) -> None:
    found = read(camt(text))
    assert [line.amount for line in found.lines] == amounts
    assert len(found.refused) == refused


def test_hostile_text_is_kept_as_plain_words() -> None:
    (line,) = read("Date;Libellé;Montant\n16/11/2026;=1+1\x07<script>;10,00\n").lines
    assert line.label == "=1+1 <script>"
