"""Twelve months of receipts: what is issued is certain, what depends on something is not."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from crm.actions import count_members, set_membership
from essaim.series import open_series
from invoicing import actions
from invoicing.actions import issuing
from invoicing.actions.lateness import claim_interest
from invoicing.forecast import forecast, held
from invoicing.models import Invoice
from invoicing.rules_receivables import Month
from tests.conftest import acting
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement
from tests.given_invoicing import client_of, given_clause, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.given_receivables import given_payment

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def month(year: int, number: int) -> Month:
    return next(m for m in forecast(on=ON).months if m.first == date(year, number, 1))


def test_what_is_issued_comes_on_its_day_and_what_is_late_now(chloe: Any) -> None:
    late = given_invoice(1000, None, date(2026, 9, 1), by=chloe)
    given_invoice(500, late.client, ON, by=chloe)
    given_payment(late.client, "200", ON, to={late: "200"})
    given_payment(late.client, "33", ON)
    assert month(2026, 11).certain == {"late": D("1000.00")}
    assert month(2026, 12).certain == {"due": D("600.00")}
    assert held(on=ON) == D("33.00")


def test_late_interest_claimed_is_certain_as_it_is_in_what_is_owed(chloe: Any) -> None:
    late = given_invoice(1000, None, date(2026, 9, 1), by=chloe)
    before = month(2026, 11).certain["late"]
    claim = claim_interest(invoice=late, **acting(chloe, ON))
    assert month(2026, 11).certain["late"] == before + claim.interest + claim.fee


def test_a_draft_is_conditional(chloe: Any) -> None:
    given_invoice(500, None, ON, issued=False, by=chloe)
    assert month(2026, 12).certain == {}
    assert month(2026, 12).conditional == {"drafts": D("600.00")}


def test_unbilled_work_comes_at_the_rhythm_and_the_term_of_its_contract(
    ada: Any, basile: Any
) -> None:
    given_issuer()
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(
        coop, client_of(coop), by=basile, on=ON, rhythm="quarterly", payment_days=45
    )
    mission = given_mission(agreement, team=[ada], by=basile, on=ON)
    given_day(ada, mission, ON - timedelta(days=6), by=basile, today=ON)
    # Billed on 31 December, paid 45 days later, VAT included.
    assert month(2027, 2).conditional == {"work": D("720.00")}


def test_an_expected_grant_brings_its_fee_within_the_cap(ada: Any, basile: Any, chloe: Any) -> None:
    given_issuer()
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(coop, client_of(coop), by=basile, on=ON)
    application = given_application(coop, state="agreed")
    given_clause(agreement, application, by=chloe, cap=D("1000"), fixed_part=D(0))
    given_disbursement(application, amount=D("10800"), expected_on=date(2027, 1, 10))
    given_disbursement(application, amount=D("18000"), expected_on=date(2027, 3, 10))
    # 5 % of 10,800 = 540.00; of 18,000 it would be 900.00, the cap leaves 460.00; 20 % of VAT.
    assert month(2027, 2).conditional == {"fees": D("648.00")}
    assert month(2027, 4).conditional == {"fees": D("552.00")}


def test_memberships_are_expected_now_when_unpaid_and_again_in_january(chloe: Any) -> None:
    client, other = given_client(), given_client("Autre")
    act = acting(chloe, ON)
    set_membership(client, year=2026, amount=D("80"), **act)
    set_membership(other, year=2026, amount=D("50"), paid_on=date(2026, 3, 1), **act)
    assert month(2026, 11).conditional == {"memberships": D("80.00")}
    assert month(2027, 1).conditional == {"memberships": D("130.00")}


def test_an_agreed_price_is_expected_when_it_is_planned(chloe: Any) -> None:
    given_issuer()
    coop = given_coop()
    planned = (date(2027, 2, 10), None)
    agreement = given_phases(coop, client_of(coop), planned=planned)
    agreement.refresh_from_db()
    due = date(2027, 2, 10) + timedelta(days=agreement.payment_days)
    # A phase nobody planned has no month.
    assert month(due.year, due.month).conditional == {"prices": D("1200.00")}
    assert forecast(on=ON).total(certain=False) == D("1200.00")


def test_a_membership_that_was_called_is_counted_once(chloe: Any) -> None:
    given_issuer()
    act = acting(chloe, ON)
    open_series("membership", pattern="CO-{year}-{number:04d}")
    called, draft = given_client(), given_client("Autre")
    for client in (called, draft):
        actions.draft_membership_call(client=client, year=2026, amount=D("80"), **act)
    actions.issue(invoice=Invoice.objects.get(client=called), **act)
    set_membership(draft, year=2027, amount=D("90"), **act)
    found = forecast(on=ON).months
    assert [(m.certain, m.conditional) for m in found[:3]] == [
        ({}, {}),
        ({"due": D("80.00")}, {"drafts": D("80.00")}),
        # 80.00 again of the one, 90.00 already known of the other.
        ({}, {"memberships": D("170.00")}),
    ]


def test_subscriptions_come_by_their_schedules(ada: Any, basile: Any, chloe: Any) -> None:
    given_issuer()
    act = acting(chloe, ON)
    coop = given_coop(owner=ada, by=basile)
    count_members(coop, as_of=date(2026, 10, 1), registered=120, source="Registre", **act)
    common = {"client": client_of(coop), "starts_on": date(2026, 12, 1), "term_days": 30}
    actions.save_recurring(
        label="Caisse", period="monthly", price=D(100), ends_on=date(2027, 2, 28), **common, **act
    )
    actions.save_recurring(
        label="Paliers",
        period="quarterly",
        moment="end",
        coop=coop,
        pricing="registered",
        vat_rate=D("5.5"),
        tiers=[(100, D(30)), (None, D(60))],
        **common,
        **act,
    )
    # Thirty days after each first of the month; the quarter is billed on 28 February.
    assert month(2026, 12).conditional == {"recurring": D("120.00")}
    assert month(2027, 1).conditional == {"recurring": D("120.00")}
    assert month(2027, 3).conditional == {"recurring": D("183.30")}
    assert month(2027, 6).conditional == {"recurring": D("63.30")}
    actions.draft_recurring(on=date(2026, 12, 1), at=act["at"], by=chloe)
    assert month(2026, 12).conditional == {"drafts": D("120.00")}
    assert month(2027, 1).conditional == {"recurring": D("120.00")}


def test_a_forecast_asks_the_same_of_few_and_of_many(
    chloe: Any, ada: Any, basile: Any, django_assert_max_num_queries: Any
) -> None:
    given_issuer()

    def more(count: int) -> None:
        for rank in range(count):
            coop = given_coop(f"Coop {rank} {count}", owner=ada, by=basile)
            client = client_of(coop)
            agreement = given_agreement(coop, client, by=basile, on=ON)
            mission = given_mission(agreement, team=[ada], by=basile, on=ON)
            given_day(ada, mission, ON - timedelta(days=10 * rank + count), by=basile, today=ON)
            application = given_application(coop, state="agreed")
            given_clause(agreement, application, by=chloe)
            given_disbursement(application, amount=D("100"), expected_on=ON)
            given_invoice(100, client, ON, by=chloe)
            given_invoice(100, client, ON, issued=False, by=chloe)
            actions.save_recurring(
                client=client,
                label="Paliers",
                starts_on=ON,
                coop=coop,
                pricing="registered",
                tiers=[(None, D(60))],
                **acting(chloe, ON),
            )

    more(2)
    with django_assert_max_num_queries(30) as few:
        forecast(on=ON)
    count = len(few)
    more(5)
    with django_assert_max_num_queries(count):
        forecast(on=ON)
