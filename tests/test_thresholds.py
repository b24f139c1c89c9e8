"""Thresholds of the year: told before the invoice that crosses them (T21)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from essaim.models import Event
from essaim.workflow import Refused
from invoicing import actions
from invoicing.rules_threshold import Franchise, association_doubts, franchise_doubts
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer

D = Decimal
MARKS = Franchise(D("37500"), D("41250"))


@pytest.mark.parametrize(
    ("before", "amount", "code"),
    [
        ("36900.00", "1080.00", "franchise_base"),  # T21: VAT from 1 January
        ("41000.00", "1080.00", "franchise_ceiling"),  # T21: VAT at once
        ("29000.00", "1000.00", "franchise_near"),
        ("28000.00", "1000.00", ""),
        ("30500.00", "1000.00", ""),  # told once, when it was crossed
        ("36420.00", "1080.00", ""),  # at the threshold, not past it
        ("42000.00", "1.00", "franchise_ceiling"),
    ],
)
def test_the_franchise_in_figures(before: str, amount: str, code: str) -> None:
    found = franchise_doubts(D(before), D(amount), MARKS)
    assert [p.code for p in found] == ([code] if code else [])
    assert all(p.level == "warn" for p in found)


def test_a_last_year_past_the_base_is_told() -> None:
    found = franchise_doubts(D(0), D(10), MARKS, last_year=D("37500.01"))
    assert [p.code for p in found] == ["franchise_lost"]
    assert franchise_doubts(D(0), D(10), MARKS, last_year=D(37500)) == ()


def test_accessory_receipts_in_figures() -> None:
    mark = D("80011")
    assert [p.code for p in association_doubts(D(80000), D(12), mark)] == ["association_mark"]
    assert [p.code for p in association_doubts(D(64000), D(100), mark)] == ["association_near"]
    assert association_doubts(D(70000), D(100), mark) == ()


def received(amount: str, chloe: Any, on: date) -> None:
    actions.record_payment(
        client=given_client("Autre client"),
        amount=D(amount),
        received_on=on,
        method="transfer",
        **acting(chloe, on),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("before", "code"), [("36900", "franchise_base"), ("41000", "franchise_ceiling")]
)
def test_a_fee_that_crosses_is_issued_with_a_sentence_only(
    before: str, code: str, chloe: Any, today: date
) -> None:
    given_issuer(regime="franchise", vat_rate=0, vat_number="")
    received(before, chloe, today)
    draft = given_invoice(1080, issued=False)
    act = acting(chloe, today)
    with pytest.raises(Refused) as error:
        actions.issue(invoice=draft, **act)
    assert [(m.code, m.level) for m in error.value.missing] == [(code, "warn")]
    why = "L’expert-comptable change le régime demain."
    issued = actions.issue(invoice=draft, reasons={code: why}, **act)
    event = Event.objects.get(verb="invoicing.Invoice.issue", object_id=issued.pk)
    assert event.codes["warned"] == [code]
    assert event.text.words[code] == why


@pytest.mark.django_db
def test_memberships_are_no_receipts_of_services(chloe: Any, today: date) -> None:
    given_issuer(regime="franchise", vat_rate=0, vat_number="")
    assert given_invoice(1000).number == "FA-2026-0001"
