"""A printed invoice says all the law asks, to the cent, and keeps hostile text as text."""

import re
from base64 import b64decode
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfReader
from segno.helpers import make_epc_qr

from invoicing import document, wording
from invoicing.document import missing_to_issue
from invoicing.facturx import xml_of
from invoicing.pictures import payment_qr
from invoicing.printing import invoice_html, render_facturx, render_invoice
from invoicing.rules import Mention
from tests import printed


def pages(doc) -> list[str]:
    """The text of each page, every run of spaces as one."""
    reader = PdfReader(BytesIO(render_invoice(doc)))
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]


def codes(doc) -> list[str]:
    return [problem.code for problem in missing_to_issue(doc)]


def test_an_invoice_of_days_prints_its_amounts_and_particulars():
    (page,) = pages(printed.doc_days())
    for said in [
        "Facture", "FA-2026-0007", "22/11/2026", "du 01/10/2026 au 28/10/2026",
        "Essaim d’Alsace", "12 rue des Orfèvres", "SIRET 732 829 320 00074", "TVA FR44732829320",
        "RCS Strasbourg", "La Quetsche", "Chez Mme Élise Œrtel",
        "SIREN 552 100 554 · Registre des associations de Sélestat, vol. 45, fol. 7",
        "Convention d’accompagnement n° CO-2026-004 du 02/03/2026",
        "3,5 jours 650,00 € 20 % 2 275,00 €", "318 km 0,48 € 20 % 152,64 €",
        "Total HT 2 427,64 €", "TVA 485,53 €", "Total TTC 2 913,17 €",
        "au plus tard le 21/01/2027", "11,5 utilisés, 0,5 restants",
        "FR76 3000 6000 0112 3456 7890 189", "Référence à rappeler FA-2026-0007",
        "prestation de services", "Escompte pour paiement anticipé : néant", "12,15 % l’an",
        "40,00 €", "Chloé Vernier", "1 / 1", "3f2a9c" * 10 + "0123",
    ]:  # fmt: skip
        assert said in page, said


def test_amounts_are_printed_with_no_break_spaces():
    html = invoice_html(printed.doc_days())
    assert "2\u00a0913,17\u00a0€" in html
    assert "2 913,17" not in html


def test_the_shares_the_order_and_the_billing_address_are_printed():
    first, second = pages(printed.doc_whole())
    for said in [
        "Votre commande BC-2026-118", "Au bénéfice de La Quetsche (Sélestat)",
        "Adresse de facturation", "Service des finances, BP 40, 67210 Obernai",
        "Coût total 4 550,00 € · pris en charge par la Région Grand Est 1 365,00 €",
        "reste à votre charge 2 275,00 €", "5,5 % 250,00 € 13,75 €", "20 % 2 427,64 € 485,53 €",
        "Total TTC 3 176,92 €", "Versement 1 22/12/2026 1 588,46 €",
        "Option pour le paiement de la taxe d’après les débits",
    ]:  # fmt: skip
        assert said in first, said
    assert "Relevé des journées" in second
    assert "2 / 2" in second


def test_the_second_page_lists_the_days_with_their_share():
    (_, second) = pages(replace(printed.doc_days(), days=printed.day_rows(4)))
    for said in [
        "01/10/2026 Journée Jeanne Bœuf Atelier modèle économique",
        "04/10/2026 Soirée", "07/10/2026 Matin", "10/10/2026 Après-midi",
        "Votre part HT", "Total 2,5 1 456,00 €",
    ]:  # fmt: skip
        assert said in second, said


def test_the_golden_fees_are_printed_to_the_cent():
    for net, gross in [("540.00", "648,00"), ("900.00", "1 080,00"), ("144.00", "172,80")]:
        (page,) = pages(printed.doc_fee(net))
        assert f"Total HT {wording.number(D(net), 2)} €".replace("\u00a0", " ") in page
        assert f"Total TTC {gross} €" in page
        assert "Honoraires non imputables sur la subvention, sauf accord écrit" in page


def test_a_credit_note_names_its_origin_and_asks_for_no_payment():
    (page,) = pages(printed.doc_credit())
    for said in [
        "Avoir", "Avoir sur la facture FA-2026-0008 du 22/11/2026", "216,00 €", "259,20 €",
        "Motif : Aide réduite au solde par le financeur", "Avoir en votre faveur",
    ]:  # fmt: skip
        assert said in page, said
    for unsaid in ["IBAN", "Échéance", "Pénalités", "À payer"]:
        assert unsaid not in page, unsaid


def test_a_final_invoice_takes_off_its_deposit_and_the_deposits_vat():
    (page,) = pages(printed.doc_final())
    assert "Total TTC 1 200,04 €" in page
    assert "Acompte FA-2026-0002 du 01/06/2026 (dont TVA 60,00 €) −360,01 €" in page
    assert "Dont TVA restant due 140,01 €" in page
    assert "Reste à payer 840,03 €" in page


def test_a_draft_says_so_and_has_no_number_no_date_and_no_seal():
    first, _ = pages(printed.doc_draft())
    assert "BROUILLON" in first
    assert "brouillon, sans numéro" in first
    for unsaid in ["FA-2026", "Date d’émission", "Empreinte"]:
        assert unsaid not in first, unsaid
    assert "BROUILLON" not in pages(printed.doc_days())[0]


def test_an_exempt_association_prints_its_article_and_no_vat_columns():
    first, second = pages(printed.doc_exempt())
    assert "Exonération de TVA, art. 261-7-1° du CGI" in first
    assert "registre des associations du tribunal judiciaire de Strasbourg, vol. 98" in first
    for unsaid in ["293 B", "Taux de TVA", "Total HT", "Pénalités", "loi 1901"]:
        assert unsaid not in first, unsaid
    assert "Votre part" not in second


def test_a_client_who_recovers_no_vat_reads_the_gross_amount_first():
    (page,) = pages(replace(printed.doc_days(), gross_first=True))
    assert page.index("Total TTC") < page.index("Total HT")


def test_sixty_lines_break_over_pages_that_repeat_heading_number_and_count():
    found = pages(replace(printed.doc_many(60), days=()))
    assert len(found) == 3
    for rank, page in enumerate(found, start=1):
        assert "Prix unitaire HT" in page
        assert "Facture FA-2026-0007" in page
        assert f"{rank} / 3" in page


def test_hostile_text_in_any_field_stays_text(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("le secret", "utf-8")
    trap = f'<a rel=attachment href="{secret.as_uri()}">x</a><img src=http://127.0.0.1:9/x>'
    base = printed.doc_whole()
    hostile = replace(
        base,
        note=trap,
        reason=trap,
        buyer=replace(base.buyer, name=trap, address=(trap,)),
        seller=replace(base.seller, name=trap),
        lines=tuple(replace(line, label=trap, detail=trap) for line in base.lines),
        days=tuple(replace(row, subject=trap, people=trap) for row in base.days),
    )
    html = invoice_html(hostile)
    assert "<a rel" not in html
    # Ours, the code to pay from, and no other.
    assert html.count("<img") == html.count('<img class="qr" src="data:image/png;base64,') == 1
    assert PdfReader(BytesIO(render_invoice(hostile))).attachments == {}


def test_the_same_document_gives_the_same_file_and_a_small_one():
    made = render_invoice(printed.doc_days())
    assert made == render_invoice(printed.doc_days())
    assert len(made) < 60_000


def test_a_page_with_its_data_inside_is_smaller_than_25_kb():
    doc = printed.doc_days()
    assert len(render_facturx(doc, xml_of(doc))) <= 25_000


def test_the_code_printed_is_the_code_computed_square_for_square():
    doc = printed.doc_days()
    code = make_epc_qr(
        name="Essaim d’Alsace", iban=doc.bank.iban, amount=doc.due.gross, text=doc.number,
        bic=doc.bank.bic, encoding="utf-8",
    )  # fmt: skip
    picture = Image.open(BytesIO(b64decode(payment_qr(doc).partition(",")[2])))
    side = len(code.matrix)
    assert picture.size == (2 * side, 2 * side)
    dots = [[picture.getpixel((x, y)) for x in range(2 * side)] for y in range(2 * side)]
    wide = [[0 if dark else 255 for dark in row for _ in "12"] for row in code.matrix]
    assert dots == [row for row in wide for _ in "12"]


def test_a_document_is_french_whatever_the_reader_speaks(settings):
    settings.LANGUAGE_CODE = "en"
    assert "Facture" in invoice_html(printed.doc_days())


# What is missing


def test_a_whole_document_lacks_nothing():
    for make in [printed.doc_days, printed.doc_credit, printed.doc_exempt, printed.doc_draft]:
        assert codes(make()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": ()}, "lines_missing"),
        ({"service_from": None}, "service_date_missing"),
        ({"instalments": ()}, "due_date_missing"),
        ({"bank": None}, "bank_missing"),
        ({"mentions": ()}, "mentions_missing"),
        ({"buyer": replace(printed.BUYER, address=())}, "buyer_address_missing"),
        ({"seller": replace(printed.SELLER, siren="", siret="")}, "seller_siren_missing"),
        ({"seller": replace(printed.SELLER, vat_number="")}, "seller_vat_number_missing"),
        ({"kind": document.CORRECTIVE}, "origin_missing"),
    ],
)
def test_a_mandatory_particular_that_is_absent_is_named(change, code):
    assert codes(replace(printed.doc_days(), **change)) == [code]


def test_a_credit_note_needs_its_origin_and_no_due_date():
    assert codes(replace(printed.doc_credit(), origin=None)) == ["origin_missing"]


def test_a_buyer_may_have_no_siren_yet_and_an_exempt_seller_no_vat_number():
    buyer = replace(printed.BUYER, siren="", siret="")
    assert codes(replace(printed.doc_exempt(), buyer=buyer)) == []


# Words


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (wording.euros(D("1200")), "1 200,00 €"),
        (wording.euros(D("-1234567.8")), "−1 234 567,80 €"),
        (wording.quantity(D("0.5000")), "0,5"),
        (wording.quantity(D("100")), "100"),
        (wording.quantity(D("0.3333")), "0,3333"),
        (wording.percent(D("5.50")), "5,5 %"),
        (wording.day(date(2027, 2, 16)), "16/02/2027"),
        (wording.iban("FR7630006000011234567890189"), "FR76 3000 6000 0112 3456 7890 189"),
        (wording.siren("73282932000074"), "732 829 320 00074"),
    ],
)
def test_figures_are_written_the_french_way(written, expected):
    assert written == expected.replace(" ", "\u00a0")


def test_every_mention_has_its_words():
    for code in wording._MENTIONS:
        values = (("rate", D("12.15")), ("amount", D("40.00")))
        assert wording.mention(Mention(code, values)).endswith(".")


def test_units_follow_the_count_and_the_french_plural():
    assert [wording.unit("DAY", D(q)) for q in ("0.5", "1.5", "2")] == ["jour", "jour", "jours"]
    assert [wording.unit("C62", D(q)) for q in ("1", "-1", "20")] == ["forfait"] * 2 + ["unités"]
