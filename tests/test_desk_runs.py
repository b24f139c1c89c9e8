"""A run's warnings take a sentence, its preview makes drafts too, and a list is added up."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Organisation
from essaim.models import EventText, User
from essaim.workflow import Missing
from invoicing.actions import issuing
from invoicing.actions.running import State, start_run
from invoicing.billing import proposals
from invoicing.models import BillingRun, Invoice
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.test_billing_runs import worked

pytestmark = pytest.mark.django_db
PREVIEW = "/facturation/lancer/apercu/"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")
    given_issuer()


def text(answer: Any) -> str:
    return str(answer.content.decode()).replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def doubtful(monkeypatch: Any) -> None:
    """Every draft asks for a sentence."""
    before = issuing.own_problems

    def problems(*args: Any, **more: Any) -> list[Missing]:
        return [*before(*args, **more), Missing("odd", "Cela sort de l’ordinaire.", level="warn")]

    monkeypatch.setattr(issuing, "own_problems", problems)


def launched(chloe: User, payer: Organisation) -> BillingRun:
    today = timezone.localdate()
    owed = {p.key: p.amount for p in proposals(until=today, on=today, keys=[payer.pk])}
    return start_run(key="c" * 32, payers=owed, until=today, **acting(chloe, today))


@pytest.mark.usefixtures("doubtful")
def test_a_warning_of_a_run_takes_a_sentence_that_the_trail_keeps(chloe: User) -> None:
    run = launched(chloe, worked(1))
    browser = signed_in(chloe)
    browser.post(reverse("invoicing:run_carry_on", args=(run.pk,)))
    row = run.payers.get()
    assert row.state == State.REFUSED
    again = reverse("invoicing:run_retry", args=(run.pk, row.pk))
    asked = browser.get(again)
    assert 'name="reason_odd"' in text(asked)
    assert not Invoice.objects.exists(), "a trial leaves nothing behind"
    assert browser.post(again, {}).status_code == 409
    why = {"reason_odd": "Le client l’a demandé."}
    assert browser.post(again, why).status_code == 302
    row.refresh_from_db()
    run.refresh_from_db()
    assert (row.state, run.state) == (State.ISSUED, BillingRun.State.ENDED)
    assert Invoice.objects.issued().count() == 1
    assert any("Le client l’a demandé." in str(kept.words) for kept in EventText.objects.all())


def test_the_preview_makes_drafts_only_once(chloe: User) -> None:
    payers = [worked(1), worked(2)]
    browser, until = signed_in(chloe), timezone.localdate().isoformat()
    html = text(browser.post(PREVIEW, {"payer": [p.pk for p in payers], "until": until}))
    assert "Préparer 2 brouillons seulement" in html
    given = {
        "key": re.findall(r'name="key" value="([0-9a-f]{32})"', html)[0],
        "until": until,
        "payer": re.findall(r'name="payer" value="([0-9:.]+)"', html),
        "drafts": "1",
    }
    answer = browser.post(PREVIEW, given)
    assert answer["Location"].endswith("?show=drafts")
    assert set(Invoice.objects.values_list("state", "number")) == {("draft", None)}
    assert browser.post(PREVIEW, given).status_code == 409, "nothing is left to draft"
    assert Invoice.objects.count() == 2
    assert not BillingRun.objects.exists()


def test_a_run_that_has_not_ended_is_found_again_from_the_first_page(chloe: User) -> None:
    run = launched(chloe, worked(1))
    html = text(signed_in(chloe).get("/facturation/"))
    assert "il reste 1 payeur" in html
    assert run.get_absolute_url() in html


def test_a_list_is_added_up_on_demand(chloe: User) -> None:
    today = timezone.localdate()
    for net in (100, 50):
        given_invoice(net, given_client(f"Coop {net}"), today, by=chloe)
    browser = signed_in(chloe)
    assert "2 documents" not in text(browser.get("/facturation/factures/?show=owed"))
    shown = browser.get("/facturation/factures/?show=owed&sums=1")
    gross = sum((i.gross for i in Invoice.objects.all()), Decimal(0))
    assert shown.context["sums"] == {"count": 2, "left": gross, "total": gross}
    late = browser.get("/facturation/factures/?show=late&sums=1")
    assert late.context["sums"] == {"count": 0, "left": Decimal(0), "total": Decimal(0)}
