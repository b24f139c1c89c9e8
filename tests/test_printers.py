"""Warm processes that print: in order, several at once, and whatever dies the rest is printed."""

import os
from typing import Any

import pytest

from essaim.models import User
from essaim.printers import Printers
from invoicing.actions import render_pending
from invoicing.actions.issuing import post
from invoicing.assembly import document_of
from invoicing.models import FrozenFile, Invoice
from invoicing.rendering import render_invoice
from tests import printed
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.one_engine


def test_they_print_in_order_in_several_processes() -> None:
    with Printers("tests.dying.who", 2) as printers:
        found = list(printers.each((n, n) for n in range(12)))
    assert [key for key, _made in found] == list(range(12))
    pids = {made for _key, made in found}
    assert str(os.getpid()).encode() not in pids
    assert 1 <= len(pids) <= 2


def test_one_that_fails_stops_no_other() -> None:
    with Printers("tests.dying.fails_on_two", 2) as printers:
        found = dict(printers.each((n, n) for n in range(5)))
    assert found[2] is None
    assert [found[n] for n in (0, 1, 3, 4)] == [b"printed %d" % n for n in (0, 1, 3, 4)]


def test_when_a_process_dies_the_rest_is_printed_here() -> None:
    with Printers("tests.dying.dies_elsewhere", 2) as printers:
        found = list(printers.each((n, n) for n in range(6)))
    assert found == [(n, b"printed %d" % n) for n in range(6)]


def test_a_process_that_prints_loads_no_table_and_stays_under_110_mb() -> None:
    with Printers("tests.dying.weighs", 2) as printers:
        found = dict(printers.each((n, printed.doc_days()) for n in range(6)))
    for told in found.values():
        assert told is not None
        tables, kilobytes = told.split()
        assert tables == b"0"
        assert int(kilobytes) <= 110_000


@pytest.mark.django_db
def test_an_invoice_is_the_same_wherever_it_is_printed(chloe: User, today: Any) -> None:
    given_issuer()
    client = given_client()
    drafts = [given_invoice(100 + n, client, issued=False) for n in range(3)]
    issued = post(drafts, **acting(chloe, today))
    act = acting(chloe, today)
    assert render_pending(at=act["at"], within=Invoice.objects.filter(pk=issued[0].pk)) == 1
    assert render_pending(at=act["at"], workers=2) == 2
    assert render_pending(at=act["at"], workers=2) == 0
    kinds = FrozenFile.objects.filter(kind="pdf")
    assert kinds.count() == 3
    kept = bytes(kinds.get(invoice=issued[1]).content)
    from_here = kept_here(issued[1])
    assert kept == from_here


def kept_here(invoice: Invoice) -> bytes:

    assert invoice.issued_on is not None
    return render_invoice(document_of(invoice, on=invoice.issued_on))
