"""Subscriptions draft on time, once per period, at the price of their tier."""

from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from crm import actions as crm
from essaim import hooks
from essaim.workflow import Refused, run
from invoicing import actions
from invoicing.models import Invoice, Recurring, RecurringDraft
from invoicing.rules_recurring import Period, Tier, check_tiers, due_periods, tier_for
from invoicing.subscriptions import upcoming
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def subscribed(act: dict[str, Any], **facts: Any) -> Recurring:
    values = {
        "client": facts.pop("client", None) or given_client(),
        "label": "Hébergement",
        "period": "monthly",
        "starts_on": date(2026, 9, 1),
        "pricing": "fixed",
        "price": D(40),
        **facts,
    }
    return actions.save_recurring(**values, **act)


def test_periods_do_not_drift() -> None:
    found = due_periods(date(2026, 1, 31), "monthly", on=date(2026, 4, 1))
    assert found == (
        Period(date(2026, 1, 31), date(2026, 2, 27)),
        Period(date(2026, 2, 28), date(2026, 3, 30)),
        Period(date(2026, 3, 31), date(2026, 4, 29)),
    )
    ended = due_periods(date(2026, 1, 1), "quarterly", on=date(2026, 6, 30), at_end=True)
    assert [p.last for p in ended] == [date(2026, 3, 31), date(2026, 6, 30)]


def test_tiers_price_every_size() -> None:
    tiers = [Tier(None, D(90)), Tier(100, D(30)), Tier(500, D(60))]
    assert [tier_for(tiers, n).price for n in (0, 100, 101, 500, 501)] == [30, 30, 60, 60, 90]
    assert check_tiers(tiers) == ()
    assert [p.code for p in check_tiers(tiers[1:])] == ["open_tier_missing"]
    assert [p.code for p in check_tiers([])] == ["tiers_missing"]


def test_it_catches_up_and_drafts_nothing_twice(act: dict[str, Any]) -> None:
    row = subscribed(act)
    done = actions.draft_recurring(on=act["on"], at=act["at"])
    assert [(i.period_from, i.net) for i in done.invoices] == [
        (date(2026, 9, 1), 40),
        (date(2026, 10, 1), 40),
        (date(2026, 11, 1), 40),
    ]
    assert {i.state for i in done.invoices} == {"draft"}
    assert actions.draft_recurring(on=act["on"], at=act["at"]).invoices == []
    with pytest.raises(IntegrityError), transaction.atomic():
        RecurringDraft.objects.create(
            recurring=row, period_from=date(2026, 9, 1), period_to=date(2026, 9, 30)
        )
    reasons = [w for f in hooks.work_reasons.all() for w in f(act["by"], on=act["on"], limit=9)]
    assert "recurring" in {w.code for w in reasons}


def test_a_draft_thrown_away_comes_back_only_when_asked(act: dict[str, Any]) -> None:
    row = subscribed(act, starts_on=date(2026, 11, 1))
    actions.draft_recurring(on=act["on"], at=act["at"])
    actions.delete_draft(invoice=Invoice.objects.get(), **act)
    assert actions.draft_recurring(on=act["on"], at=act["at"]).invoices == []
    again = actions.draft_again(draft=row.drafts.get(), **act)
    assert row.drafts.get().invoice == again
    # Billed at its beginning: 30 days from the invoice, not from the period's end.
    assert actions.issue(invoice=again, **act).due_on == date(2026, 12, 23)
    with pytest.raises(IntegrityError), transaction.atomic():
        RecurringDraft.objects.all().delete()


def test_the_members_counted_are_printed_on_the_line(act: dict[str, Any], basile: Any) -> None:
    coop = given_coop(by=basile)
    facts = {
        "client": client_of(coop),
        "coop": coop,
        "pricing": "registered",
        "price": None,
        "starts_on": date(2026, 10, 1),
        "tiers": [(100, D(30)), (500, D(60)), (None, D(90))],
    }
    row = subscribed(act, **facts)
    done = actions.draft_recurring(on=act["on"], at=act["at"])
    assert (done.invoices, len(done.skipped)) == ([], 2)
    assert upcoming(row, on=act["on"])[0].price is None
    for on, members in ((date(2026, 9, 15), 100), (date(2026, 10, 20), 101)):
        crm.count_members(coop, as_of=on, registered=members, active=40, source="registre", **act)
    first, second = actions.draft_recurring(on=act["on"], at=act["at"]).invoices
    assert (first.net, second.net) == (30, 60)
    detail = second.lines.get().detail
    assert "101" in detail
    assert "20/10/2026" in detail


def test_a_pause_leaves_its_periods_out(act: dict[str, Any], chloe: Any) -> None:
    row = subscribed(act, starts_on=date(2026, 9, 1))
    actions.suspend_recurring(row, **acting(chloe, date(2026, 9, 10)))
    assert row.drafts.count() == 1
    row.refresh_from_db()
    run(row, "go_on", **acting(chloe, date(2026, 10, 15)))
    actions.draft_recurring(on=act["on"], at=act["at"])
    froms = list(row.drafts.order_by("period_from").values_list("period_from", flat=True))
    assert froms == [date(2026, 9, 1), date(2026, 11, 1)]
    run(row, "close", **act)
    assert actions.draft_recurring(on=date(2027, 3, 1), at=act["at"]).invoices == []


def test_a_term_that_no_invoice_could_carry_is_refused_at_once(act: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        subscribed(act, term_days=200)
    assert [m.code for m in refused.value.missing] == ["term_days"]
    assert subscribed(act, term_days=30).pk


def test_a_scale_that_does_not_hold_is_refused(act: dict[str, Any], basile: Any) -> None:
    for facts in (
        {"pricing": "registered", "coop": given_coop(by=basile), "tiers": [(100, D(30))]},
        {"pricing": "active", "tiers": [(None, D(30))]},
        {"price": None},
        {"price": D(0)},
        {"ends_on": date(2026, 8, 1)},
    ):
        with pytest.raises(Refused):
            subscribed(act, **facts)


def test_the_command_drafts_and_says_so(act: dict[str, Any]) -> None:
    subscribed(act, starts_on=date(2026, 1, 1), period="yearly")
    out = StringIO()
    call_command("draft_recurring", stdout=out)
    assert "Hébergement" in out.getvalue()
    assert Invoice.objects.filter(state="draft").exists()
