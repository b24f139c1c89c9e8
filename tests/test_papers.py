"""Papers: what leaves is frozen word for word, drafts are marked, amendments show both terms."""

import hashlib
from datetime import timedelta
from decimal import Decimal as D
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.db import DatabaseError, transaction

from essaim.workflow import run
from invoicing.annex import agreement_contents, annex_contents
from missions import actions
from missions.actions import ShareLine, print_paper
from missions.compose import amendment_paper, amendment_rows, quote_paper
from missions.models import FrozenPaper, PaperFile
from missions.printing import canonical, paper_html
from tests.conftest import acting, signed_in
from tests.given_contracts import given_phases, given_quote
from tests.given_crm import given_coop
from tests.given_grants import given_application
from tests.given_invoicing import client_of, given_clause, given_client, given_issuer
from tests.given_missions import TODAY, given_agreement

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(db: None) -> Any:
    given_issuer()
    return given_coop()


def words(contents: Any, *, is_draft: bool = False) -> str:
    return " ".join(paper_html(contents, is_draft=is_draft).replace("\u00a0", " ").split())


def test_a_quote_asks_for_a_signature(coop: Any, chloe: Any) -> None:
    quote = given_quote(client_of(coop), coop, by=chloe)
    text = words(quote_paper(quote, on=TODAY))
    for said in ("Bon pour accord", "Valable jusqu’au", "3 600,00 €", "Total HT", "TVA 20 %"):
        assert said in text, said
    assert "BROUILLON" in words(quote_paper(quote, on=TODAY), is_draft=True)


def test_an_agreement_says_who_pays_what_and_under_which_law(coop: Any, chloe: Any) -> None:
    client, town = client_of(coop), given_client("Commune de Sélestat")
    shares = [
        ShareLine(payer=town, percent=D(40), cap_eur=D(900), priority=1),
        ShareLine(payer=client, percent=D(60), takes_remainder=True, priority=2),
    ]
    agreement = given_agreement(coop, client, 600, 12, shares, signed=False, by=chloe)
    text = words(agreement_contents(agreement, on=TODAY))
    for said in (
        "Convention d’accompagnement",
        "Commune de Sélestat",
        "au plus 900,00 €",
        "prend le reste",
        "600,00 € par jour",
        str(agreement.get_rhythm_display()),
        "art. L441-10",
        "40,00 € par facture en retard",
        "Modèle à faire relire par un avocat et un expert-comptable.",
        "Pour le client",
    ):
        assert said in text, said


@pytest.mark.parametrize(
    ("form", "title"), [("dla", "Convention de mission DLA"), ("order", "Bon de commande")]
)
def test_each_form_has_its_title(coop: Any, chloe: Any, form: str, title: str) -> None:
    agreement = given_agreement(coop, client_of(coop), signed=False, form=form, by=chloe)
    assert agreement_contents(agreement, on=TODAY)["title"] == title


def test_the_phases_of_a_price_are_listed_with_their_sum(coop: Any, chloe: Any) -> None:
    agreement = given_phases(coop, client_of(coop), [1000, 2000], signed=False, by=chloe)
    text = words(agreement_contents(agreement, on=TODAY))
    assert "Étape 2" in text
    assert "3 000,00 €" in text


def test_the_agreement_is_frozen_as_it_leaves_and_once_more_when_sent_again(
    coop: Any, chloe: Any
) -> None:
    act = acting(chloe, TODAY)
    agreement = given_agreement(coop, client_of(coop), signed=False, by=chloe)
    actions.send_agreement(agreement, **act)
    first = FrozenPaper.objects.get(agreement=agreement)
    assert first.digest == hashlib.sha256(canonical(first.contents)).hexdigest()
    run(agreement, "take_back", **act)
    agreement.refresh_from_db()
    actions.edit_agreement(agreement, daily_rate=D(650), **act)
    actions.send_agreement(agreement, **act)
    actions.sign_agreement(agreement, **act)
    papers = list(FrozenPaper.objects.filter(agreement=agreement))
    assert [p.rank for p in papers] == [1, 2]  # the signature signs what was sent
    assert "650,00" in str(papers[1].contents)
    assert "650,00" not in str(papers[0].contents)


def test_signed_without_having_left_it_is_frozen_then(coop: Any, chloe: Any) -> None:
    agreement = given_agreement(coop, client_of(coop), by=chloe)
    assert FrozenPaper.objects.filter(agreement=agreement).count() == 1


def test_the_bytes_are_made_once_and_served_as_they_are(coop: Any, chloe: Any) -> None:
    quote = given_quote(client_of(coop), coop, state="sent", by=chloe)
    paper = FrozenPaper.objects.get()
    at = acting(chloe, TODAY)["at"]
    made = print_paper(paper, at=at)
    assert made is not None
    assert bytes(made.content).startswith(b"%PDF")
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    again = print_paper(paper, at=at + timedelta(days=9))
    assert again is not None
    assert again.pk == made.pk
    browser = signed_in(chloe)
    answer = browser.get(f"/journees/devis/{quote.pk}/pdf/")
    assert answer.content == bytes(made.content)
    same = browser.get(
        f"/journees/devis/{quote.pk}/pdf/", headers={"if-none-match": answer["ETag"]}
    )
    assert same.status_code == 304
    for attack in (
        lambda: PaperFile.objects.update(sha256="x"),
        lambda: PaperFile.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()


def test_an_amendment_shows_old_and_new_terms_and_never_an_empty_place(
    coop: Any, chloe: Any
) -> None:
    act = acting(chloe, TODAY)
    agreement = given_agreement(coop, client_of(coop), 600, None, by=chloe)
    amendment = actions.create_amendment(
        agreement,
        effective_on=TODAY,
        why="Suite",
        days_budgeted=D(20),
        daily_rate=D(650),
        ends_on=TODAY + timedelta(days=90),
        **act,
    )
    rows = [(old, new) for _term, old, new in amendment_rows(amendment)]
    wanted = [("non fixé", "20\u00a0j"), ("600,00", "650,00"), ("non fixé", "21/02/2027")]
    for (old, new), (before, after) in zip(rows, wanted, strict=True):
        assert before in old
        assert after in new
    text = words(amendment_paper(amendment, on=TODAY))
    assert "Avenant n° 1" in text
    assert "non fixé" in text
    actions.send_amendment(amendment, **act)
    actions.sign_amendment(amendment, **act)
    assert amendment.papers.count() == 1
    amendment.agreement.refresh_from_db()
    same = [(old, new) for _term, old, new in amendment_rows(amendment)]
    assert same == rows  # the old terms stay the old ones once signed
    page = signed_in(chloe).get(agreement.get_absolute_url()).content.decode()
    assert "non fixé → 20" in page.replace("\u00a0", " ")


def test_the_agreement_sums_up_its_fees_tied_to_a_grant(coop: Any, chloe: Any) -> None:
    agreement = given_agreement(coop, client_of(coop), signed=False, by=chloe)
    application = given_application(coop)
    given_clause(agreement, application, active=False, by=chloe)
    text = words(agreement_contents(agreement, on=TODAY))
    assert "5 % HT, soit 6 % TTC" in text
    assert "non imputables sur la subvention, sauf accord écrit du financeur" in text


def test_the_annex_shows_each_case_and_ends_with_what_is_never_owed(coop: Any, chloe: Any) -> None:
    agreement = given_agreement(coop, client_of(coop), 600, 10, by=chloe)
    application = given_application(coop, requested=D(36000))
    clause = given_clause(agreement, application, by=chloe)
    contents = annex_contents(clause, on=TODAY)
    rows = contents["sections"][1]["table"]["rows"]
    plain = [[cell.replace("\u00a0", " ") for cell in row] for row in rows]
    assert [row[2] for row in plain] == ["0,00 €", "1 800,00 €", "1 440,00 €", "0,00 €"]
    assert [row[3] for row in plain] == ["0,00 €", "2 160,00 €", "1 728,00 €", "0,00 €"]
    assert plain[1][5] == "180,00 €"  # by day of work
    assert contents["closing"] == (
        "Vous ne devez rien si l’aide n’est pas versée. Ces honoraires se paient sur vos"
        " ressources propres."
    )
    paper = FrozenPaper.objects.get(kind="annex", clause_key=clause.pk)
    made = print_paper(paper, at=acting(chloe, TODAY)["at"])
    assert made is not None

    with pikepdf.open(BytesIO(bytes(made.content))) as pdf:
        assert len(pdf.pages) == 1  # one page, as the board reads it


def test_without_vat_the_share_says_so(coop: Any, chloe: Any) -> None:
    given_issuer(TODAY, regime="franchise", vat_rate=D(0), vat_number="")
    agreement = given_agreement(coop, client_of(coop), 600, 10, by=chloe)
    clause = given_clause(agreement, given_application(coop), by=chloe)
    text = words(annex_contents(clause, on=TODAY))
    assert "5 %, TVA non applicable" in text
    assert "art. 293 B" in text
