"""Many drafts issued in one transaction: as one by one, in a constant number of queries."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from essaim.models import Event, NumberSlot, Series, SeriesYear, User
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions.drafting_days import draft_days_of
from invoicing.actions.issuing import post
from invoicing.models import Allocation, Instalment, Invoice
from invoicing.verification import verify
from missions.models import MissionDay
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
SIGNED = date(2026, 9, 1)
COPIED = ("issuer_copy", "client_copy", "terms_copy", "vat_copy", "net", "vat", "gross", "due_on")


@pytest.fixture
def act(chloe: User, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def worked(ada: User, act: dict[str, Any], rank: int, days: int = 2) -> Invoice:
    """A draft of days of one coop."""
    who = person(f"C{rank} Lutz", "consultant")
    coop = given_coop(f"Coop {rank:03d}", owner=ada)
    agreement = given_agreement(coop, client_of(coop), on=SIGNED)
    mission = given_mission(agreement, team=[who], on=SIGNED)
    for day in range(days):
        given_day(who, mission, on=date(2026, 10, 5 + day))
    return actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)


def queries(drafts: Sequence[Invoice], act: dict[str, Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        post(drafts, **act)
    return len(seen)


def test_fifty_take_as_many_queries_as_five(ada: User, act: dict[str, Any]) -> None:
    few = [worked(ada, act, rank) for rank in range(5)]
    many = [worked(ada, act, rank) for rank in range(5, 55)]
    given_invoice()  # the series has its year
    assert queries(few, act) == queries(many, act) <= 60


def test_the_numbers_follow_the_order_given(act: dict[str, Any]) -> None:
    client = given_client()
    drafts = [given_invoice(100 + n, client, issued=False) for n in range(4)]
    issued = post([drafts[2], drafts[0], drafts[3], drafts[1]], **act)
    assert [i.number for i in issued] == [f"FA-2026-000{n}" for n in (1, 2, 3, 4)]
    assert [i.pk for i in issued] == [drafts[n].pk for n in (2, 0, 3, 1)]
    assert [i.previous for i in issued[1:]] == [i.digest for i in issued[:-1]]
    assert Series.objects.get().head == issued[-1].digest
    assert not NumberSlot.objects.exists()


def test_many_are_issued_as_one_by_one(ada: User, act: dict[str, Any]) -> None:
    alone, among = worked(ada, act, 1), worked(ada, act, 2)
    one = post([alone], **act)[0]
    other = post([given_invoice(issued=False), among], **act)[1]
    for name in COPIED:
        mine, theirs = str(getattr(one, name)), str(getattr(other, name))
        assert mine.replace("Coop 001", "Coop 002") == theirs, name
    schedule = Instalment.objects.filter(invoice__in=(one, other))
    assert len(set(schedule.values_list("position", "due_on", "amount"))) == 1
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"billed"}
    told = Event.objects.filter(verb="invoicing.Invoice.issue")
    assert {e.codes["number"] for e in told} == {f"FA-2026-000{n}" for n in (1, 2, 3)}
    assert verify(at=act["at"]) == (3, verify(at=act["at"])[1])
    assert [f for f in verify(at=act["at"])[1] if f.is_error] == []


def test_one_that_lacks_something_stops_them_all(act: dict[str, Any]) -> None:
    good = given_invoice(issued=False)
    bad = given_invoice(
        client=given_client("Sans adresse", street="", postcode="", city=""), issued=False
    )
    with pytest.raises(Refused) as refused:
        post([good, bad], **act)
    assert [m.code for m in refused.value.missing] == ["buyer_address_missing"]
    assert not Invoice.objects.issued().exists()
    assert not SeriesYear.objects.filter(counter__gt=0).exists()


def test_one_issued_already_stops_them_all(act: dict[str, Any]) -> None:
    issued, draft = given_invoice(), given_invoice(issued=False)
    with pytest.raises(Refused) as refused:
        post([draft, issued], **act)
    assert refused.value.missing[0].code == "state"
    assert Invoice.objects.issued().count() == 1


def test_the_right_to_issue_is_asked_for_many_too(ada: User, act: dict[str, Any]) -> None:
    draft = given_invoice(issued=False)
    with pytest.raises(PermissionDenied):
        post([draft], **{**act, "by": ada})


def test_credit_notes_among_them_settle_their_invoices(act: dict[str, Any]) -> None:
    invoice, other = given_invoice(1000), given_invoice(500)
    credits = [actions.draft_credit(origin=i, words="Erreur", **act) for i in (invoice, other)]
    post([given_invoice(issued=False), *credits], **act)
    assert sorted(Allocation.objects.values_list("amount", flat=True)) == [
        Decimal("600.00"),
        Decimal("1200.00"),
    ]
    assert [f for f in verify(at=act["at"])[1] if f.is_error] == []


def test_two_credit_notes_on_one_invoice_take_back_no_more_than_it_asks(
    act: dict[str, Any],
) -> None:
    invoice = given_invoice("33.33")
    line = invoice.lines.get()
    parts = {line.pk: Decimal("16.66")}
    first = actions.draft_credit(origin=invoice, words="Un", amounts=parts, **act)
    parts = {line.pk: Decimal("16.67")}
    second = actions.draft_credit(origin=invoice, words="Deux", amounts=parts, **act)
    made = post([first, second], **act)
    assert sum(i.gross for i in made) == invoice.gross
    assert [f for f in verify(at=act["at"])[1] if f.is_error] == []


def test_fifty_are_drafted_in_as_many_queries_as_five(ada: User, act: dict[str, Any]) -> None:
    def drafting(ranks: range) -> int:
        pairs = []
        for rank in ranks:
            draft = worked(ada, act, rank)
            assert draft.agreement is not None
            pairs.append((draft.client, draft.agreement))
            actions.delete_draft(invoice=draft, **act)
        with CaptureQueriesContext(connection) as seen:
            made = draft_days_of(pairs, **act)
        assert [i.client_id for i in made] == [payer.pk for payer, _agreement in pairs]
        assert {i.net for i in made} == {Decimal("1200.00")}
        return len(seen)

    assert drafting(range(3)) == drafting(range(3, 33)) <= 16
