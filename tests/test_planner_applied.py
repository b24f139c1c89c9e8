"""Plans of an agreement in force, applied in one click: deposits, a subscription."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import issuing
from invoicing.forecast import forecast
from invoicing.models import Invoice, Recurring
from missions.models import Agreement
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_issuer
from tests.given_missions import given_agreement

pytestmark = pytest.mark.django_db
D = Decimal
URL = "/facturation/planifier/appliquer/"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def agreement(basile: Any) -> Agreement:
    on = timezone.localdate()
    given_issuer(date(on.year - 1, 1, 1))
    return given_agreement(None, given_client("La Musette"), on=on, by=basile, payment_days=30)


def asked(agreement: Agreement, plan: str, net: str = "9000") -> dict[str, Any]:
    return {
        "net": net,
        "months": "9",
        "client_kind": "professional",
        "term_days": "10",
        "term_method": "net",
        "plan": plan,
        "agreement": agreement.pk,
    }


def test_one_click_drafts_every_deposit_on_its_day(agreement: Agreement, chloe: Any) -> None:
    browser = signed_in(chloe)
    assert browser.post(URL, asked(agreement, "instalments")).status_code == 302
    made = list(Invoice.objects.filter(kind="deposit").order_by("pk"))
    on = timezone.localdate()
    assert len(made) == 8
    assert {d.net for d in made} == {D("1000.00")}
    assert {d.state for d in made} == {"draft"}
    assert made[0].period_from == on
    days = [d.period_from for d in made]
    assert days == sorted(set(days))
    assert "acompte 1 sur 8" in made[0].title
    again = browser.post(URL, asked(agreement, "instalments"))
    assert again.status_code == 409
    assert Invoice.objects.filter(kind="deposit").count() == 8


def test_a_deposit_waits_for_its_day_unless_a_sentence_says_why(
    agreement: Agreement, chloe: Any
) -> None:
    signed_in(chloe).post(URL, asked(agreement, "instalments"))
    first, second, *_rest = Invoice.objects.filter(kind="deposit").order_by("pk")
    act = acting(chloe, timezone.localdate())
    assert actions.issue(invoice=first, **act).number.endswith("-0001")
    with pytest.raises(Refused) as refused:
        actions.issue(invoice=second, **act)
    assert [m.code for m in refused.value.missing] == ["deposit_is_early"]
    why = {"deposit_is_early": "Demandé par la trésorière"}
    assert actions.issue(invoice=second, reasons=why, **act).number.endswith("-0002")


def test_the_forecast_expects_each_deposit_after_its_day(agreement: Agreement, chloe: Any) -> None:
    signed_in(chloe).post(URL, asked(agreement, "instalments"))
    months = [m for m in forecast(on=timezone.localdate()).months if m.conditional]
    assert len(months) >= 7
    assert sum((m.conditional["drafts"] for m in months), D(0)) == D("9600.00")


def test_one_click_writes_the_subscription(agreement: Agreement, chloe: Any) -> None:
    browser = signed_in(chloe)
    assert browser.post(URL, asked(agreement, "subscription")).status_code == 302
    row = Recurring.objects.get()
    on = timezone.localdate()
    assert (row.client, row.agreement, row.price) == (agreement.client, agreement, D("1000.00"))
    assert row.starts_on == on
    assert row.ends_on is not None
    # Its periods come to the amount asked for.
    done = actions.draft_recurring(by=chloe, **_later(chloe, row.ends_on + timedelta(days=1)))
    assert sum((d.net for d in done.invoices), D(0)) == D("9000.00")
    assert browser.post(URL, asked(agreement, "subscription")).status_code == 409
    assert Recurring.objects.count() == 1


def _later(user: Any, on: date) -> dict[str, Any]:
    return {k: v for k, v in acting(user, on).items() if k != "by"}


def test_months_that_are_not_even_are_refused_with_the_amount_that_is(
    agreement: Agreement, chloe: Any
) -> None:
    answer = signed_in(chloe).post(URL, asked(agreement, "subscription", "9000.03"))
    assert answer.status_code == 409
    assert "9\xa0000,0" in answer.content.decode()
    assert not Recurring.objects.exists()


def test_nothing_is_called_before_the_signature_nor_by_another_role(
    agreement: Agreement, basile: Any, chloe: Any
) -> None:
    draft = given_agreement(
        None, given_client("La Ruche"), signed=False, on=timezone.localdate(), by=basile
    )
    for plan in ("instalments", "subscription"):
        assert signed_in(chloe).post(URL, asked(draft, plan)).status_code == 409
        assert signed_in(basile).post(URL, asked(agreement, plan)).status_code == 403
    assert not Invoice.objects.exists()
    assert not Recurring.objects.exists()


def test_the_page_offers_what_it_applies(agreement: Agreement, chloe: Any) -> None:
    page = signed_in(chloe).get("/facturation/planifier/", asked(agreement, "")).content.decode()
    assert 'value="instalments"' in page
    assert 'value="subscription"' in page
    assert 'value="phases"' not in page
