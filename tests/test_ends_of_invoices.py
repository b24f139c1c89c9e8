"""What may be decided of an unpaid invoice when a project stops, and by whom."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Accompaniment
from essaim.hooks import LooseEnd, loose_ends
from essaim.models import User
from essaim.workflow import Refused
from invoicing.actions import issuing
from invoicing.models import Invoice, ReminderHold, WriteOff
from tests.conftest import acting, signed_in
from tests.given_crm import given_accompaniment
from tests.given_invoicing import given_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopping(basile: User) -> Accompaniment:
    return given_accompaniment("La Musette", owner=basile, by=basile)


@pytest.fixture
def unpaid(stopping: Accompaniment, chloe: User, today: date, quick: None) -> Invoice:
    """A free invoice that the coop itself owes: no day, no agreement behind it."""
    return given_invoice(100, stopping.coop.organisation, today, by=chloe)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents that these tests need not print."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def room() -> Any:
    return next(r for r in loose_ends.all() if type(r).__name__ == "InvoiceEnds")


def end_of(stopping: Accompaniment, user: User) -> LooseEnd:
    (found,) = room().find(stopping, user=user)
    return found


def test_each_person_is_offered_what_they_may_do(
    stopping: Accompaniment, unpaid: Invoice, basile: User, chloe: User, farid: User
) -> None:
    offered = {u: [code for code, _ in end_of(stopping, u).choices] for u in (basile, chloe, farid)}
    assert offered == {
        basile: ["keep", "hold"],
        chloe: ["keep", "hold", "credit", "write_off"],
        farid: ["keep"],
    }


def test_suspending_holds_the_reminders_for_three_months(
    stopping: Accompaniment, unpaid: Invoice, basile: User, today: date
) -> None:
    key = end_of(stopping, basile).key
    assert room().settle(stopping, key, "hold", **acting(basile, today))
    hold = ReminderHold.objects.get(invoice=unpaid)
    assert (hold.until, hold.by) == (today + timedelta(days=90), basile)


def test_writing_off_is_the_accountants(
    stopping: Accompaniment, unpaid: Invoice, basile: User, chloe: User, today: date
) -> None:
    key = end_of(stopping, chloe).key
    with pytest.raises(Refused):
        room().settle(stopping, key, "write_off", **acting(basile, today))
    assert not WriteOff.objects.exists()
    assert room().settle(stopping, key, "write_off", **acting(chloe, today))
    assert WriteOff.objects.get().amount == unpaid.gross
    assert not room().find(stopping, user=chloe)


def test_the_page_carries_the_decision_out(
    stopping: Accompaniment, unpaid: Invoice, basile: User, today: date
) -> None:
    browser: Client = signed_in(basile)
    address = reverse("crm:move", args=(stopping.coop_id, "abandon"))
    fields = {
        "reason_code": "no_group",
        "decided_by": "L’assemblée",
        "effective_on": today.isoformat(),
    }
    assert browser.post(address, fields).status_code in (409, 422)
    key = end_of(stopping, basile).key
    name = next(field for field in browser.get(address).context["form"].fields if key in str(field))
    assert browser.post(address, {**fields, name: "hold"}).status_code == 302
    stopping.refresh_from_db()
    assert stopping.activity == "abandoned"
    assert ReminderHold.objects.filter(invoice=unpaid).exists()
