"""Addresses of the bank: statements, lines, cheques and slips, the accountant's alone."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from invoicing.actions import banking, cheques
from tests.conftest import acting
from tests.url_table import Objects, Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_OWN = {"ada": 404, "basile": 404, "chloe": 200, "farid": 404, "stranger": 404}


def _statement(o: Objects) -> Any:
    on = timezone.localdate()
    content = f"Date;Libellé;Montant\n{on:%d/%m/%Y};VIR;10,00\n".encode()
    act = acting(o.people["chloe"], on)
    return banking.import_statement(content=content, name="b.csv", **act)


def _cheque(o: Objects) -> Any:
    on = timezone.localdate()
    return cheques.receive_cheque(
        client=o["issued"].client,
        amount=o["issued"].gross,
        number="12",
        received_on=on,
        **acting(o.people["chloe"], on),
    )


def _slip(o: Objects) -> Any:
    on = timezone.localdate()
    act = acting(o.people["chloe"], on)
    cheque = cheques.receive_cheque(
        client=o["issued"].client, amount=o["issued"].gross, number="13", received_on=on, **act
    )
    return cheques.make_slip(cheques=[cheque], **act)


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "statement": _statement,
    "bank_line": lambda o: o["statement"].lines.get(),
    "cheque": _cheque,
    "slip": _slip,
}

ROWS: list[Row] = [
    Row(name="invoicing:statements", **_BOOKS),
    Row(name="invoicing:statement_new", **_BOOKS),
    Row(name="invoicing:statement_new", **{**_BOOKS, "chloe": 422}, method="post"),
    Row(name="invoicing:statement", args=("statement",), **_OWN),
    Row(name="invoicing:statement", args=("statement",), **_OWN, query="?show=out"),
    Row(name="invoicing:book_sure", args=("statement",), **{**_OWN, "chloe": 302}),
    Row(name="invoicing:book_sure", args=("statement",), **{**_OWN, "chloe": 409}, method="post"),
    Row(name="invoicing:statement_forget", args=("statement",), **_OWN),
    Row(name="invoicing:bank_line", args=("bank_line",), **_OWN),
    Row(name="invoicing:bank_line_aside", args=("bank_line",), **_OWN),
    Row(name="invoicing:bank_line_back", args=("bank_line",), **_OWN),
    Row(name="invoicing:bank_line_tie", args=("bank_line", "'slip", "slip"), **_OWN),
    Row(
        name="invoicing:bank_line_tie",
        args=("bank_line", "'nothing", "slip"),
        **{**_OWN, "chloe": 404},
    ),
    Row(name="invoicing:cheques", **_BOOKS),
    Row(name="invoicing:cheque_new", **_BOOKS),
    Row(name="invoicing:cheque_remove", args=("cheque",), **_OWN),
    Row(name="invoicing:slip_new", **_BOOKS),
    Row(name="invoicing:cheque_batch", args=("slip",), **_OWN),
    Row(name="invoicing:slip_credit", args=("slip",), **_OWN),
    Row(name="invoicing:slip_undo", args=("slip",), **_OWN),
    Row(name="invoicing:slip_pdf", args=("slip",), **_OWN),
]
