"""« Lancer la facturation » in a browser: choose, preview, issue, follow, try again."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from crm.models import Organisation
from essaim.models import User
from invoicing.actions.running import State
from invoicing.models import BillingRun, Invoice
from invoicing.tasks import carry_run
from tests.conftest import signed_in
from tests.given_invoicing import given_issuer
from tests.test_billing_runs import worked

pytestmark = pytest.mark.django_db
NEW, PREVIEW = "/facturation/lancer/", "/facturation/lancer/apercu/"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")
    given_issuer()


@pytest.fixture
def browser(chloe: User) -> Client:
    return signed_in(chloe)


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return str(answer.content.decode()).replace("\xa0", " ").replace("\u202f", " ")


def previewed(browser: Client, payers: list[Organisation]) -> dict[str, Any]:
    """What the form of the preview posts."""
    until = timezone.localdate().isoformat()
    html = page(browser.post(PREVIEW, {"payer": [p.pk for p in payers], "until": until}))
    return {
        "key": re.findall(r'name="key" value="([0-9a-f]{32})"', html)[0],
        "until": until,
        "payer": re.findall(r'name="payer" value="([0-9:.]+)"', html),
    }


def launched(browser: Client, payers: list[Organisation]) -> BillingRun:
    answer = browser.post(PREVIEW, previewed(browser, payers))
    assert answer.status_code == 302
    return BillingRun.objects.get()


def test_choose_preview_issue_and_see_the_result(browser: Client) -> None:
    payers = [worked(1), worked(2)]
    assert "Coop 001" in page(browser.get(NEW))
    given = previewed(browser, payers)
    html = page(browser.post(PREVIEW, {**given, "key": ""}), 422)
    assert not BillingRun.objects.exists()
    html = page(browser.post(PREVIEW, {"payer": [p.pk for p in payers], "until": given["until"]}))
    assert "Émettre 2 factures (2 400,00 € HT)" in html
    assert "Pas de SIREN" in html
    assert not Invoice.objects.exists()
    run = launched(browser, payers)
    html = page(browser.get(run.get_absolute_url()))
    assert '<progress value="0" max="2"' in html
    assert "En attente" in html
    # A button for those without a script; the second step prints.
    for _step in range(2):
        answer = browser.post(reverse("invoicing:run_carry_on", args=(run.pk,)))
        assert answer["Location"] == run.get_absolute_url()
    html = page(browser.get(run.get_absolute_url()))
    assert '<progress value="2" max="2"' in html
    assert "FA-" in html
    assert "Tout est fait" in html
    assert "hx-post" not in html
    assert "2 factures émises (2 400,00 € HT)" in html


def test_a_double_click_is_one_run(browser: Client) -> None:
    given = previewed(browser, [worked(1)])
    first, second = browser.post(PREVIEW, given), browser.post(PREVIEW, given)
    assert first["Location"] == second["Location"]
    assert BillingRun.objects.count() == 1


def test_the_fragment_alone_answers_htmx(browser: Client) -> None:
    run = launched(browser, [worked(1)])
    url = reverse("invoicing:run_carry_on", args=(run.pk,))
    html = page(browser.post(url, headers={"HX-Request": "true"}))
    assert html.strip().startswith('<div class="stack" id="run">')
    assert "Émise" in html


def test_what_is_missing_stands_on_top_and_cannot_be_chosen(browser: Client) -> None:
    good, bad = worked(1), worked(2)
    Organisation.objects.filter(pk=bad.pk).update(street="", city="")
    html = page(browser.get(NEW))
    assert html.index("Son adresse manque") < html.index("Coop 001")
    assert f'value="{bad.pk}"' not in html
    given = previewed(browser, [good, bad])
    assert [text.split(":")[0] for text in given["payer"]] == [str(good.pk)]


def test_what_changed_since_the_preview_is_said(browser: Client) -> None:
    payer = worked(1)
    given = previewed(browser, [payer])
    given["payer"] = [f"{payer.pk}:1.00"]
    html = page(browser.post(PREVIEW, given), 409)
    assert "1 200,00 € à facturer désormais" in html
    assert not BillingRun.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"until": "2026-10-31"},
        {"until": "2026-10-31", "payer": "x"},
        {"until": "hier", "payer": "1"},
        {"until": "2026-10-31", "payer": "1", "key": "a" * 32},
        {"until": "2026-10-31", "payer": "1:1e5", "key": "a" * 32},
        {"until": "2026-10-31", "payer": "1:1.00", "key": "<script>"},
    ],
)
def test_mistakes_are_answered_beside_the_form(browser: Client, wrong: dict[str, str]) -> None:
    page(browser.post(PREVIEW, wrong), 422)
    assert not BillingRun.objects.exists()


def test_a_refused_payer_says_why_and_is_tried_again(browser: Client, chloe: User) -> None:
    payer = worked(1)
    run = launched(browser, [payer])
    Organisation.objects.filter(pk=payer.pk).update(street="", postcode="", city="")
    carry = reverse("invoicing:run_carry_on", args=(run.pk,))
    browser.post(carry)
    html = page(browser.get(run.get_absolute_url()))
    assert "Refusée" in html
    assert "adresse" in html
    again = reverse("invoicing:run_retry", args=(run.pk, run.payers.get().pk))
    page(browser.post(again), 409)
    Organisation.objects.filter(pk=payer.pk).update(street="1 rue", city="Barr")
    assert browser.post(again).status_code == 302
    browser.post(carry)
    assert run.payers.get().state == State.ISSUED


def test_the_background_task_ends_a_run_too(browser: Client) -> None:
    run = launched(browser, [worked(1), worked(2)])
    assert DBTaskResult.objects.get().args_kwargs["args"] == [run.pk]
    carry_run.call(run.pk)
    run.refresh_from_db()
    assert (run.state, Invoice.objects.issued().count()) == (BillingRun.State.ENDED, 2)
    assert not Invoice.objects.without_pdf().exists()
    carry_run.call(run.pk)  # once more does no harm
    assert Invoice.objects.count() == 2


def test_pages_take_as_many_queries_for_ten_payers_as_for_two(browser: Client) -> None:
    def counted(payers: list[Organisation], key: str) -> list[int]:
        run = BillingRun.objects.filter(key=key).first()
        if run is None:
            given = previewed(browser, payers) | {"key": key}
            assert browser.post(PREVIEW, given).status_code == 302
            run = BillingRun.objects.get(key=key)
        found = []
        for url in (NEW, "/facturation/lots/", run.get_absolute_url()):
            with CaptureQueriesContext(connection) as seen:
                page(browser.get(url))
            found.append(len(seen))
        return found

    few = counted([worked(n) for n in range(2)], "a" * 32)
    many = counted([worked(n) for n in range(2, 12)], "b" * 32)
    assert few == many
    assert max(few) <= 20


def test_the_list_tells_runs_and_the_empty_one_teaches(browser: Client, chloe: User) -> None:
    assert "Aucune facturation groupée" in page(browser.get("/facturation/lots/"))
    launched(browser, [worked(1)])
    html = page(browser.get("/facturation/lots/"))
    assert "Chloé Weiss" in html
    assert "1 200,00 €" in html
