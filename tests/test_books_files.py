"""What leaves for the accountant's firm: each format to the letter, and the same bytes again."""

import csv
import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from openpyxl import load_workbook

from essaim.sheets import write_xlsx
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import books as verbs
from invoicing.actions import issuing
from invoicing.actions.firm import send_to_firm
from invoicing.columns import USUAL
from invoicing.entries import ALL, Entry
from invoicing.files import FORMATS, Wanted, build, take, wanted_of
from invoicing.models import ExportLog, FrozenFile, Invoice
from invoicing.rules_entries import Account, Posting
from invoicing.rules_fec import COLUMNS, entry_lines, letter_code
from invoicing.rules_quadra import LENGTH, line_of
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
T18 = (
    "VE\tVentes\t1\t20261122\t411000\tClients\tC0007\tCoop Exemple\tFA-2026-0007\t20261122"
    "\tFA-2026-0007 Coop Exemple\t2913,17\t0,00\t\t\t20261122\t\t"
)


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def entry(**facts: Any) -> Entry:
    posting = Posting(
        Account("411000", "Clients"), D("2913.17"), D("0.00"), "ACC", third=True, letter=0
    )
    values: dict[str, Any] = {
        "journal": "VE",
        "on": date(2026, 11, 22),
        "piece": "FA-2026-0007",
        "label": "FA-2026-0007 Coop Exemple",
        "code": "C0007",
        "client": "Coop Exemple",
        "postings": (posting, Posting(Account("706000", "Services"), D(0), D("2913.17"), "ACC")),
        "due_on": date(2026, 12, 22),
    }
    return Entry(**values | facts)


@pytest.fixture
def sold(chloe: Any, today: date) -> dict[str, Any]:
    """Two invoices of clients with difficult names, one paid in part, one credited."""
    given_issuer()
    odd = given_client("=L’Épicerie\tœuvre", siren="552100554")
    one = given_invoice("1000.00", odd, today, by=chloe)
    two = given_invoice("333.33", given_client("Łódź & fils"), today, by=chloe)
    act = acting(chloe, today)
    draft = actions.draft_credit(
        origin=two, words="Trop.", amounts={two.lines.get().pk: D("33.33")}, **act
    )
    credit = actions.issue(invoice=draft, **act)
    actions.record_payment(
        client=odd, amount=D("1200.00"), received_on=today, method="transfer",
        reference="VIR\n12", invoices={one: D("1200.00")}, **act,
    )  # fmt: skip
    return {"one": one, "two": two, "credit": credit}


def made(kind: str, file_format: str, **more: Any) -> bytes:
    verbs.give_codes(last=LAST)
    wanted = Wanted(kind, file_format, FIRST, LAST, **{"scope": ALL} | more)
    return b"".join(build(wanted).chunks())


def checked(path: Path, capsys: Any) -> tuple[int, str]:
    try:
        call_command("check_fec", path)
    except SystemExit as stop:
        return int(stop.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


# -- FEC ------------------------------------------------------------------------------------


def test_a_line_of_the_fec_layout_is_the_one_of_the_law() -> None:
    assert next(entry_lines(entry(), 1, "Ventes")) == T18


def test_a_letter_bears_its_day_and_only_third_parties_a_code() -> None:
    lettered = entry(letters={28: date(2026, 11, 30)})
    postings = (lettered.postings[0]._replace(letter=28), lettered.postings[1])
    first, second = entry_lines(lettered._replace(postings=postings), 3, "Ventes")
    assert first.split("\t")[13:15] == ["AB", "20261130"]
    assert second.split("\t")[6:8] == ["", ""]
    assert [letter_code(n) for n in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]


def test_our_file_passes_our_checker(sold: Any, tmp_path: Path, capsys: Any) -> None:
    for encoding in ("utf-8", "iso-8859-15"):
        for scope in ("sales", ALL):
            path = tmp_path / "732829320FEC20261231.txt"
            path.write_bytes(made("entries", "fec", encoding=encoding, scope=scope))
            status, words = checked(path, capsys)
            assert (status, words.endswith("no fault found\n")) == (0, True), words


def test_the_file_has_eighteen_columns_and_numbers_from_one(sold: Any) -> None:
    text = made("entries", "fec").decode()
    rows = [line.split("\t") for line in text.removesuffix("\r\n").split("\r\n")]
    assert rows[0] == list(COLUMNS)
    assert {len(row) for row in rows} == {18}
    numbers = [(row[0], int(row[2])) for row in rows[1:]]
    assert sorted(set(numbers)) == [("BQ", 1), ("VE", 1), ("VE", 2), ("VE", 3)]
    # No tab, no break: what people typed can't shift a column.
    assert rows[1][7] == "=L'Épicerie œuvre"
    assert rows[-1][8] == "VIR 12"
    assert "?" in made("entries", "fec", encoding="iso-8859-15").decode("iso-8859-15")


def test_without_our_siren_the_file_has_no_name(chloe: Any) -> None:
    given_issuer(siren="", siret="")
    with pytest.raises(Refused, match="SIREN"):
        build(Wanted("entries", "fec", FIRST, LAST))


# -- the others -----------------------------------------------------------------------------


def test_a_quadra_line_has_each_thing_at_its_place() -> None:
    held = entry()
    client = line_of(held, held.postings[0])
    assert len(client) == LENGTH == 231
    assert (client[0], client[1:9], client[9:11]) == ("M", "C0007   ", "VE")
    assert (client[11:14], client[14:20]) == ("000", "221126")
    assert client[21:41] == "FA-2026-0007 Coop Ex"
    assert (client[41:43], client[43:55]) == ("D+", "000000291317")
    assert (client[55:63], client[63:69]) == ("706000  ", "221226")
    assert client[79:89] == "ACC       "
    assert client[116:146] == "FA-2026-0007 Coop Exemple     "
    assert client[148:158] == "-2026-0007"
    product = line_of(held, held.postings[1])
    assert (product[1:9], product[41], product[55:63]) == ("706000  ", "C", "C0007   ")
    assert product[63:69] == "      "


def test_every_quadra_line_is_as_long_in_bytes(sold: Any) -> None:
    content = made("entries", "quadra")
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert {len(line) for line in lines} == {231}
    debits = sum(int(line[43:55]) for line in lines if line[41:42] == b"D")
    assert debits == sum(int(line[43:55]) for line in lines if line[41:42] == b"C") > 0


def test_a_profile_says_columns_order_and_ways_of_writing(sold: Any, chloe: Any) -> None:
    profile = verbs.save_profile(
        name="Cabinet", columns=["debit", "date", "any_account", "client"], separator="|",
        decimal_mark=".", date_format="%d%m%y", encoding="cp1252", has_header=False,
        **acting(chloe, LAST),
    )  # fmt: skip
    text = made("entries", "csv", profile=profile.as_data()).decode("cp1252")
    first = text.split("\r\n")[0].split("|")
    assert first == ["1200.00", "231126", "C0001", "'=L’Épicerie\tœuvre"]


def test_profiles_that_cannot_be_read_are_refused(chloe: Any) -> None:
    act = acting(chloe, LAST)
    with pytest.raises(Refused, match="décimal"):
        verbs.save_profile(name="A", columns=USUAL, separator=",", decimal_mark=",", **act)
    with pytest.raises(Refused, match="colonne"):
        verbs.save_profile(name="A", columns=[], **act)
    verbs.save_profile(name="A", columns=USUAL, **act)
    with pytest.raises(Refused, match="porte ce nom"):
        verbs.save_profile(name="A", columns=USUAL, **act)


def test_the_workbook_of_entries_holds_numbers_and_no_formula(sold: Any) -> None:
    book = load_workbook(io.BytesIO(made("entries", "xlsx")))
    assert book.active is not None
    rows = list(book.active.iter_rows())
    heading = [cell.value for cell in rows[0]]
    assert "Code analytique" in heading
    assert rows[1][heading.index("Débit")].value == 1200
    assert rows[1][heading.index("Date")].value == datetime(2026, 11, 23)  # noqa: DTZ001
    assert rows[1][heading.index("Client")].value == "=L’Épicerie\tœuvre"
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert sum(row[heading.index("Débit")].value or 0 for row in rows[1:]) == pytest.approx(
        sum(row[heading.index("Crédit")].value or 0 for row in rows[1:])
    )


def test_a_workbook_takes_any_text_and_no_float() -> None:
    target = io.BytesIO()
    texts = ["<b>&", "a\x00b", "_x0041_", "  spaces ", "\ud800", "=1+1", "é" * 40000]
    write_xlsx(target, ["Texte"], [[t] for t in texts], title="a/b:c")
    sheet = load_workbook(target).active
    assert sheet is not None
    found = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert found[0] == "<b>&"
    # What Excel reads as the six signs typed; openpyxl leaves the mark before them.
    assert found[2] == "_x005F_x0041_"
    assert found[3] == "  spaces "
    assert found[5] == "=1+1"
    assert len(found[6]) == 32767
    with pytest.raises(TypeError):
        write_xlsx(io.BytesIO(), ["x"], [[1.5]])


def freeze(invoice: Invoice, content: bytes, sha: str = "") -> None:
    FrozenFile.objects.create(
        invoice=invoice, content=content, sha256=sha or sha256(content).hexdigest(),
        size=len(content), rendered_at=invoice.issued_at,
    )  # fmt: skip


def test_the_zip_names_each_pdf_and_its_hash(sold: Any) -> None:
    for name in ("one", "two", "credit"):
        freeze(sold[name], f"%PDF {name}".encode())
    with zipfile.ZipFile(io.BytesIO(made("documents", "zip"))) as archive:
        names = archive.namelist()
        assert names[0] == "FA-2026-0001_L-Epicerie-oeuvre.pdf"
        manifest = archive.read("manifest.csv").decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(manifest), delimiter=";"))
        for row in rows:
            content = archive.read(row["Fichier"])
            assert row["SHA-256"] == sha256(content).hexdigest()
    assert [row["Numéro"] for row in rows] == ["FA-2026-0001", "FA-2026-0002", "FA-2026-0003"]


def test_a_pdf_that_is_not_the_frozen_one_stops_the_zip(sold: Any) -> None:
    freeze(sold["one"], b"%PDF", sha="0" * 64)
    with pytest.raises(Refused, match="FA-2026-0001"):
        made("documents", "zip")


@pytest.mark.parametrize(
    ("kind", "file_format"), [(k, f) for k, several in FORMATS.items() for f in several]
)
def test_the_same_export_again_is_the_same_bytes(sold: Any, kind: str, file_format: str) -> None:
    freeze(sold["one"], b"%PDF one")
    assert made(kind, file_format) == made(kind, file_format)


# -- log, again, mail -----------------------------------------------------------------------


def test_the_log_holds_what_it_takes_to_make_the_file_again(
    sold: Any, chloe: Any, today: date
) -> None:
    profile = verbs.save_profile(name="Cabinet", columns=["date", "debit"], **acting(chloe, today))
    browser = signed_in(chloe)
    asked = {"start": "2026-01-01", "end": "2026-12-31", "format": f"csv:{profile.pk}",
             "scope": ALL}  # fmt: skip
    answer = browser.post("/facturation/exports/entries/fichier/", asked)
    sent = b"".join(answer)
    log = ExportLog.objects.get()
    assert (log.kind, log.file_format, log.by) == ("entries", "csv", chloe)
    assert log.fingerprint == sha256(sent).hexdigest() == answer["ETag"].strip('"')
    assert log.perimeter["scope"] == ALL
    assert log.perimeter["profile"]["columns"] == ["date", "debit"]
    json.dumps(log.perimeter)
    verbs.delete_profile(profile=profile, **acting(chloe, today))
    again = browser.post(f"/facturation/exports/{log.pk}/refaire/")
    assert b"".join(again) == sent
    assert again["X-Same-As-Before"] == "yes"
    assert wanted_of(ExportLog.objects.first() or log) == wanted_of(log)


def test_a_file_is_mailed_to_the_firm_once_and_logged(sold: Any, chloe: Any, today: date) -> None:
    wanted = Wanted("entries", "fec", FIRST, LAST)
    log = send_to_firm(
        wanted=wanted, to="cabinet@example.org", subject="Écritures", body="Bonjour,",
        **acting(chloe, today),
    )  # fmt: skip
    assert log.sent_to == "cabinet@example.org"
    call_command("send_outbox", stdout=io.StringIO())
    call_command("send_outbox", stdout=io.StringIO())
    (message,) = mail.outbox
    assert message.to == ["cabinet@example.org"]
    assert log.fingerprint in str(message.body)
    attached: Any = message.attachments[0]
    name, content = attached[0], attached[1]
    content = content if isinstance(content, bytes) else content.encode()
    assert name == "732829320FEC20261231.txt"
    assert sha256(content).hexdigest() == log.fingerprint


def test_the_page_sends_to_the_address_of_the_firm(sold: Any, chloe: Any, today: date) -> None:
    verbs.set_books(
        firm_name="Cabinet", firm_email="cabinet@example.org", sales_journal="VT",
        bank_journal="BQ", misc_journal="OD", code_prefix="C", code_digits=4,
        **acting(chloe, today),
    )  # fmt: skip
    browser = signed_in(chloe)
    asked = {"start": "2026-01-01", "end": "2026-12-31", "format": "fec", "scope": "sales"}
    address = "/facturation/exports/entries/envoyer/"
    shown = browser.get(address, asked).content.decode()
    assert 'value="cabinet@example.org"' in shown
    assert "732829320FEC20261231.txt" in shown
    wrong = browser.post(address, asked | {"to": "nobody", "subject": "x", "body": "y"})
    assert wrong.status_code == 422
    sent = browser.post(address, asked | {"to": "cabinet@example.org", "subject": "x", "body": "y"})
    assert sent.status_code == 302
    assert ExportLog.objects.get().sent_to == "cabinet@example.org"
    history = browser.get("/facturation/exports/").content.decode()
    assert "cabinet@example.org" in history
    assert "n’est pas le FEC légal" in history


def test_a_file_too_heavy_for_a_mail_is_refused_whole(
    sold: Any, chloe: Any, today: date, monkeypatch: Any
) -> None:
    monkeypatch.setattr("invoicing.actions.firm.HEAVIEST", 10)
    with pytest.raises(Refused, match="trop"):
        send_to_firm(
            wanted=Wanted("entries", "fec", FIRST, LAST), to="a@b.fr", subject="x", body="y",
            **acting(chloe, today),
        )  # fmt: skip
    assert not ExportLog.objects.exists()


def test_taking_a_file_gives_codes_first(sold: Any, chloe: Any, today: date) -> None:
    built, _log = take(Wanted("entries", "fec", FIRST, LAST), **acting(chloe, today))
    assert b"\tC0001\t" in b"".join(built.chunks())
