"""Open invoices of an earlier tool: claimed and paid here, numbered and printed there."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions.issuing import amount_left
from invoicing.entries import issued_between
from invoicing.models import FrozenFile, Invoice
from invoicing.verification import verify
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def taken(client: Any, act: dict[str, Any], **facts: Any) -> Invoice:
    values = {
        "number": "FA-2026-0001",
        "issued_on": date(2026, 8, 1),
        "due_on": date(2026, 8, 31),
        "left": D("600.00"),
        "vat_rate": D(20),
        **facts,
    }
    return actions.take_over_invoice(client=client, **values, **act)


def test_it_keeps_its_number_outside_series_and_chain(act: dict[str, Any], today: date) -> None:
    client = given_client()
    old = taken(client, act, total=D("2400.00"), copy=b"%PDF-1.4 old")
    assert (old.number, old.rank, old.series_id_used, old.previous) == (
        "FA-2026-0001",
        None,
        None,
        "",
    )
    assert (old.net, old.vat, old.gross) == (D("500.00"), D("100.00"), D("600.00"))
    assert old.issued_on == date(2026, 8, 1)
    # Our own series gives the same number to another document, and the chain knows one only.
    ours = given_invoice(100, client=client)
    assert ours.number == "FA-2026-0001"
    assert list(issued_between(date(2026, 1, 1), today)) == [ours]
    assert FrozenFile.objects.filter(invoice=old).get().kind == "copy"
    assert old not in Invoice.objects.without_pdf()
    assert verify(at=act["at"]) == (1, [])


def test_it_is_owed_late_and_paid(act: dict[str, Any], today: date) -> None:
    old = taken(given_client(), act)
    assert list(Invoice.objects.overdue(on=today)) == [old]
    actions.record_payment(
        client=old.client,
        amount=D(600),
        received_on=today,
        method="transfer",
        invoices={old: D(600)},
        **act,
    )
    assert amount_left(old) == 0


def test_it_is_taken_over_once_per_client(act: dict[str, Any]) -> None:
    client = given_client()
    taken(client, act)
    with pytest.raises(Refused) as error:
        taken(client, act)
    assert "number" in {m.code for m in error.value.missing}
    assert taken(given_client("Autre coop"), act).number == "FA-2026-0001"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"number": "  "}, "number"),
        ({"number": "x" * 36}, "number"),
        ({"issued_on": date(2027, 1, 1), "due_on": date(2027, 2, 1)}, "issued_on"),
        ({"due_on": date(2026, 7, 1)}, "due_on"),
        ({"left": D(0)}, "left"),
    ],
)
def test_what_can_not_be_is_refused(facts: dict[str, Any], code: str, act: dict[str, Any]) -> None:
    with pytest.raises(Refused) as error:
        taken(given_client(), act, **facts)
    assert [m.code for m in error.value.missing] == [code]
    assert not Invoice.objects.exists()


def test_it_is_frozen_and_no_other_draft_becomes_one(act: dict[str, Any]) -> None:
    old = taken(given_client(), act)
    draft = given_invoice(100, issued=False)
    for attack in (
        f"UPDATE invoicing_invoice SET gross = 1, net = 1, vat = 0 WHERE id = {old.pk}",
        f"UPDATE invoicing_invoice SET number = 'X' WHERE id = {old.pk}",
        f"DELETE FROM invoicing_invoice WHERE id = {old.pk}",
        f"UPDATE invoicing_invoice SET kind = 'taken_over' WHERE id = {draft.pk}",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(attack)


def test_it_is_not_credited_here(act: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        actions.draft_credit(origin=taken(given_client(), act), words="Erreur", **act)
