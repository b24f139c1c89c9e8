"""Pages of time to pay: the live sum, the planner applied in one click, queries that stay flat."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from invoicing import actions
from invoicing.actions import issuing
from invoicing.models import Invoice, LateClaim, RepaymentPlan
from invoicing.rules_schedule import PERCENT, REMAINDER, PlannedPart
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def draft(chloe: Any) -> Invoice:
    """1,200.00 to a professional with 60 days."""
    on = timezone.localdate()
    given_issuer(date(on.year - 1, 1, 1))
    client = given_client("La Musette")
    client.client_kind = "professional"
    client.save()
    agreement = given_agreement(None, client, on=on, payment_days=60)
    act = acting(chloe, on)
    made = actions.draft_free(
        client=client, agreement=agreement, title="Appui", period_from=on, period_to=on, **act
    )
    actions.add_line(
        invoice=made, label="Appui", quantity=D(1), unit="C62", unit_price=D(1000), **act
    )
    return Invoice.objects.get(pk=made.pk)


def rows(*parts: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"rows-TOTAL_FORMS": len(parts), "rows-INITIAL_FORMS": 0}
    for rank, part in enumerate(parts):
        data |= {f"rows-{rank}-{name}": value for name, value in part.items()}
    return data


def plain(answer: Any) -> str:
    return str(answer.content.decode().replace("\u202f", " ").replace("\u00a0", " "))


def address(invoice: Invoice) -> str:
    return f"/facturation/factures/{invoice.pk}/echeancier/"


def test_the_sum_comes_from_the_server_before_anything_is_kept(draft: Invoice, chloe: Any) -> None:
    browser = signed_in(chloe)
    typed = rows(
        {"share": "amount", "value": "300,00", "days": "10"},
        {"share": "remainder", "days": "90"},
    )
    shown = browser.post(address(draft), typed | {"preview": "1"}, headers={"hx-request": "true"})
    assert shown.status_code == 200
    assert "900,00 €" in plain(shown)
    assert "au-delà de la limite légale" in plain(shown)
    assert "<html" not in plain(shown)
    assert not draft.planned.exists()


def test_a_schedule_past_the_cap_is_refused_by_its_number_and_kept_with_a_basis(
    draft: Invoice, chloe: Any
) -> None:
    browser = signed_in(chloe)
    typed = rows(
        {"share": "percent", "value": "50", "days": "30"},
        {"share": "remainder", "days": "90"},
    )
    refused = browser.post(address(draft), typed)
    assert refused.status_code == 409
    assert "Échéance 2" in plain(refused)
    assert "acomptes" in plain(refused)
    kept = browser.post(address(draft), typed | {"term_basis": "Accord de filière, art. L441-11"})
    assert kept.status_code == 302
    assert draft.planned.count() == 2


@pytest.mark.parametrize(
    "part",
    [
        {"share": "amount", "days": "10"},
        {"share": "amount", "value": "-5", "days": "10"},
        {"share": "amount", "value": "5"},
        {"share": "amount", "value": "5", "days": "1", "due_on": "2030-01-01"},
        {"value": "5", "days": "1"},
        {"share": "trois", "value": "5", "days": "1"},
        {"share": "amount", "value": "beaucoup", "days": "1"},
    ],
)
def test_a_row_that_says_too_little_answers_beside_the_field(
    part: Any, draft: Invoice, chloe: Any
) -> None:
    answer = signed_in(chloe).post(address(draft), rows(part))
    assert answer.status_code == 422
    assert not draft.planned.exists()


def test_rows_that_do_not_sum_are_refused_in_words(draft: Invoice, chloe: Any) -> None:
    answer = signed_in(chloe).post(
        address(draft), rows({"share": "amount", "value": "5", "days": "1"})
    )
    assert answer.status_code == 409
    assert "1 200,00 €" in plain(answer)


ASKED = {
    "net": "9000",
    "months": "9",
    "client_kind": "professional",
    "term_days": "30",
    "term_method": "net",
}


def test_the_planner_says_why_nine_months_are_refused_and_what_gives_them(basile: Any) -> None:
    given_issuer(date(2025, 1, 1))
    page = plain(signed_in(basile).get("/facturation/planifier/", ASKED))
    assert "refusée" in page
    assert "L441-10" in page
    assert page.count("donne 9 mois") == 3
    assert "10 800,00 €" in page


def test_one_click_writes_the_phases_on_a_draft_agreement(basile: Any) -> None:
    given_issuer(date(2025, 1, 1))
    agreement = given_agreement(None, given_client("La Musette"), signed=False, by=basile)
    browser = signed_in(basile)
    posted = ASKED | {"plan": "phases", "agreement": agreement.pk}
    assert browser.post("/facturation/planifier/appliquer/", posted).status_code == 302
    assert [p.amount for p in agreement.phases.all()] == [D("1800.00")] * 5
    again = browser.post("/facturation/planifier/appliquer/", posted)
    assert again.status_code == 409
    assert agreement.phases.count() == 5


def test_one_click_writes_the_instalments_on_a_draft_invoice(
    draft: Invoice, chloe: Any, basile: Any
) -> None:
    posted = ASKED | {"net": "1000", "term_days": "60", "plan": "schedule", "invoice": draft.pk}
    url = "/facturation/planifier/appliquer/"
    assert signed_in(basile).post(url, posted).status_code == 403
    assert signed_in(chloe).post(url, posted).status_code == 302
    on = timezone.localdate()
    issued = actions.issue(invoice=draft, **acting(chloe, on))
    parts = list(issued.instalments.all())
    assert len(parts) == 3
    assert parts[-1].due_on == on + timedelta(days=60)
    assert sum(p.amount for p in parts) == issued.gross


def test_a_plan_written_by_hand_is_not_applied(draft: Invoice, chloe: Any) -> None:
    posted = ASKED | {"plan": "subscription", "invoice": draft.pk}
    answer = signed_in(chloe).post("/facturation/planifier/appliquer/", posted)
    assert answer.status_code == 409


def test_claiming_and_planning_from_the_page_of_an_invoice(chloe: Any) -> None:
    today = timezone.localdate()
    given_issuer(date(today.year - 1, 1, 1))
    invoice = given_invoice(1000, on=today - timedelta(days=60), by=chloe)
    browser = signed_in(chloe)
    page = plain(browser.get(invoice.get_absolute_url()))
    assert "Ni réclamé ni abandonné" in page
    base = f"/facturation/factures/{invoice.pk}/penalites/"
    assert browser.post(base, {}).status_code == 409
    assert browser.post(base, {"with_fee": "on", "with_interest": "on"}).status_code == 302
    assert browser.post(base, {"with_fee": "on"}).status_code == 409
    assert LateClaim.objects.count() == 1
    plan = f"/facturation/factures/{invoice.pk}/plan/"
    due = today + timedelta(days=30)
    typed = rows({"due_on": f"{due:%Y-%m-%d}", "amount": "1200,00"})
    assert browser.post(plan, rows({"amount": "5"})).status_code == 422
    assert browser.post(plan, typed).status_code == 302
    assert browser.post(plan, typed).status_code == 409
    made = RepaymentPlan.objects.get()
    moved = browser.post(
        f"/facturation/plans/{made.pk}/move/sign/", {"signed_on": f"{today:%Y-%m-%d}"}
    )
    assert moved.status_code == 302
    assert browser.get(f"/facturation/plans/{made.pk}/pdf/").content.startswith(b"%PDF")
    claim = LateClaim.objects.get()
    assert browser.get(f"/facturation/decomptes/{claim.pk}/pdf/").content.startswith(b"%PDF")


def test_the_list_asks_as_much_of_one_instalment_as_of_twelve(chloe: Any) -> None:
    on = timezone.localdate()
    given_issuer(date(on.year - 1, 1, 1))
    client = given_client("Zoé Keller")
    client.client_kind = "consumer"
    client.save()
    browser = signed_in(chloe)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/facturation/factures/", {"show": "owed"}).status_code == 200
        return len(seen)

    def more(parts: int) -> None:
        act = acting(chloe, on)
        made = given_invoice(1200, client, on, issued=False, by=chloe)
        planned = [PlannedPart(PERCENT, D(5), days=n) for n in range(parts - 1)]
        planned.append(PlannedPart(REMAINDER, days=parts))
        actions.plan_schedule(invoice=made, rows=planned, **act)
        actions.issue(invoice=made, **act)

    more(2)
    few = asked()
    for _rank in range(6):
        more(12)
    assert asked() == few


def test_a_client_in_no_register_is_told_before_the_issue(chloe: Any) -> None:
    client = given_client("Collectif des voisins")
    draft = given_invoice(100, client, timezone.localdate(), issued=False, by=chloe)
    page = f"/facturation/factures/{draft.pk}/emettre/"
    client.siren = client.siret = client.rna = client.court_register = ""
    client.client_kind = "professional"
    client.save()
    words = "inscrit à aucun registre"
    assert words in signed_in(chloe).get(page).content.decode()
    client.rna = "W671000001"
    client.save()
    assert words not in signed_in(chloe).get(page).content.decode()
