"""Screens of expenses: noted from a phone, sent, validated, given back, billed with the days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from crm.models import Coop
from essaim.models import User
from invoicing.models import Invoice
from missions.models import Expense, Mission
from tests.conftest import person, signed_in
from tests.given_crm import given_coop
from tests.given_expenses import PDF, given_expense
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.test_invoice_list_queries import same_for
from tests.ticked import confirmed

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def coop(ada: User, basile: User, chloe: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, ada: User, basile: User) -> Mission:
    agreement = given_agreement(coop, client_of(coop), km_rate=D("0.60"), by=basile)
    return given_mission(agreement, team=[ada], by=basile)


def _typed(mission: Mission, **facts: Any) -> dict[str, Any]:
    return {
        "kind": "train",
        "spent_on": timezone.localdate().isoformat(),
        "mission": mission.pk,
        "label": "Strasbourg – Colmar",
        "gross": "24,60",
        "vat": "",
        "treatment": "rebilled",
        "paid_by": "person",
        **facts,
    }


def test_what_has_no_agreement_to_be_billed_to_is_proposed_at_our_charge(
    ada: User, basile: User, mission: Mission
) -> None:
    browser = signed_in(ada)
    inside = given_mission(None, "Réunion d’équipe", team=[ada], by=basile)
    for chosen, treatment in ((mission, "rebilled"), (inside, "kept")):
        form = browser.get(f"/journees/frais/noter/?mission={chosen.pk}").context["form"]
        assert form["treatment"].value() == treatment


def test_an_expense_is_noted_with_a_picture(ada: User, mission: Mission) -> None:
    browser = signed_in(ada)
    form = browser.get("/journees/frais/noter/").content.decode()
    assert 'accept="image/*,application/pdf"' in form and 'capture="environment"' in form
    file = SimpleUploadedFile("billet.pdf", PDF, "application/pdf")
    answer = browser.post("/journees/frais/noter/", _typed(mission, receipt=file))
    expense = Expense.objects.get()
    assert answer.status_code == 302 and answer.url == expense.get_absolute_url()
    assert (expense.gross, expense.consultant) == (D("24.60"), ada)
    got = browser.get(f"/journees/frais/{expense.pk}/justificatif/")
    assert got.content == PDF and "attachment" in got["Content-Disposition"]


@pytest.mark.parametrize(
    ("facts", "status", "words"),
    [
        ({"label": ""}, 422, "obligatoire"),
        ({"gross": "douze"}, 422, "nombre"),
        ({"gross": ""}, 409, "supérieur à zéro"),
        ({"vat": "12"}, 409, "plus de TVA"),
        ({"kind": "km", "gross": ""}, 409, "kilomètres"),
        ({"kind": "km", "km": "12", "power": "5", "treatment": "advanced"}, 409, "personnelle"),
        ({"spent_on": "2090-01-01"}, 409, "à venir"),
    ],
)
def test_a_mistake_is_told_beside_its_field(
    ada: User, mission: Mission, facts: dict[str, Any], status: int, words: str
) -> None:
    answer = signed_in(ada).post("/journees/frais/noter/", _typed(mission, **facts))
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert not Expense.objects.exists()


def test_an_empty_form_and_a_forged_file_change_nothing(ada: User, mission: Mission) -> None:
    browser = signed_in(ada)
    assert browser.post("/journees/frais/noter/", {}).status_code == 422
    file = SimpleUploadedFile("billet.pdf", b"<script>", "application/pdf")
    answer = browser.post("/journees/frais/noter/", _typed(mission, receipt=file))
    assert answer.status_code == 409
    assert not Expense.objects.exists()


def test_an_expense_goes_from_the_phone_to_the_invoice(
    ada: User, basile: User, chloe: User, mission: Mission
) -> None:
    today = timezone.localdate()
    given_day(ada, mission, today - timedelta(days=40), today=today, by=basile)
    mine, office, books = signed_in(ada), signed_in(basile), signed_in(chloe)
    mine.post("/journees/frais/noter/", _typed(mission))
    expense = Expense.objects.get()
    assert mine.post("/journees/frais/envoyer/").status_code == 302
    assert mine.post(f"{expense.get_absolute_url()}move/validate/").status_code == 403
    answer = confirmed(office, "/journees/frais/valider/", [expense.pk])
    assert answer.status_code == 302
    page = books.get("/facturation/").content.decode()
    assert "Avec les frais" in page and "Les frais seuls" in page
    sent = {"payer": mission.agreement.client_id, "agreement": mission.agreement_id}
    answer = books.post("/facturation/preparer/", sent | {"with_expenses": "on"})
    assert answer.status_code == 302
    invoice = Invoice.objects.get()
    assert (invoice.net, invoice.lines.count()) == (D("624.60"), 2)
    answer = confirmed(office, "/journees/frais/rembourser/", [expense.pk])
    expense.refresh_from_db()
    assert answer.status_code == 302 and expense.reimbursed_on == timezone.localdate()


def test_expenses_alone_make_their_own_draft_once(
    ada: User, basile: User, chloe: User, mission: Mission
) -> None:
    today = timezone.localdate()
    given_expense(ada, mission, "24.60", on=today, today=today, by=basile)
    books = signed_in(chloe)
    sent = {"payer": mission.agreement.client_id, "agreement": mission.agreement_id}
    assert books.post("/facturation/preparer/frais/", sent).status_code == 302
    assert books.post("/facturation/preparer/frais/", sent).status_code == 409
    assert Invoice.objects.count() == 1


def test_the_draft_takes_the_expenses_that_wait(
    ada: User, basile: User, chloe: User, mission: Mission
) -> None:
    today = timezone.localdate()
    given_day(ada, mission, today - timedelta(days=40), today=today, by=basile)
    books = signed_in(chloe)
    sent = {"payer": mission.agreement.client_id, "agreement": mission.agreement_id}
    books.post("/facturation/preparer/", sent)
    invoice = Invoice.objects.get()
    given_expense(ada, mission, "24.60", on=today, today=today, by=basile)
    page = books.get(f"/facturation/factures/{invoice.pk}/frais/").content.decode()
    assert "24,60" in page
    assert books.post(f"/facturation/factures/{invoice.pk}/frais/").status_code == 302
    invoice.refresh_from_db()
    assert invoice.net == D("624.60")


def test_a_colleague_finds_nothing_of_mine(ada: User, basile: User, mission: Mission) -> None:
    expense = given_expense(ada, mission, state="logged")
    other = signed_in(person("Louis Ober", "consultant"))
    assert "Colmar" not in other.get("/journees/frais/").content.decode()
    for tail in ("", "modifier/", "justificatif/", "move/submit/"):
        assert other.get(f"{expense.get_absolute_url()}{tail}").status_code == 404


def test_the_list_of_expenses_reads_as_much_of_few_as_of_many(
    ada: User, basile: User, mission: Mission
) -> None:
    def more(count: int) -> None:
        for _n in range(count):
            given_expense(ada, mission, state="logged", with_receipt=False)

    same_for(signed_in(basile), "/journees/frais/", more)


def test_the_filters_keep_what_they_say(ada: User, basile: User, mission: Mission) -> None:
    today = date(2026, 11, 23)
    given_expense(ada, mission, state="submitted", label="Premier")
    given_expense(ada, mission, state="validated", label="Second", on=today, by=basile)
    browser = signed_in(basile)
    for show, there, absent in (
        ("submitted", "Premier", "Second</a>"),
        ("back", "Second", "Premier</a>"),
    ):
        page = browser.get(f"/journees/frais/?show={show}").content.decode()
        assert there in page and absent not in page
