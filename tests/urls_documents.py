"""Every address of deposits, corrections, memberships, catalogue and subscriptions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from invoicing import actions
from invoicing.models import Invoice
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice
from tests.url_table import Objects, Row

_LISTS = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_SEEN = {**_LISTS, "ada": 404, "stranger": 404}
_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_OWN = {**_BOOKS, "ada": 404, "stranger": 404}
_TOO_LATE = {**_OWN, "chloe": 409}
_NONE = dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404)
_EMPTY = {**_BOOKS, "chloe": 422}


def _act(o: Objects) -> dict[str, Any]:
    return acting(o.people["chloe"], timezone.localdate())


def _ours(o: Objects) -> None:
    """Our own details are written: what a document copies of us."""
    assert o["issued"].is_issued


def _corrective(o: Objects) -> Invoice:
    invoice = given_invoice(100, on=timezone.localdate(), by=o.people["chloe"])
    return actions.draft_correction(origin=invoice, words="Erreur", **_act(o)).corrective


def _taken_over(o: Objects) -> Invoice:
    _ours(o)
    return actions.take_over_invoice(
        client=given_client("Coop d’avant"),
        number="F-17",
        issued_on=date(2026, 1, 5),
        due_on=date(2026, 2, 5),
        left=Decimal(120),
        vat_rate=Decimal(20),
        copy=b"%PDF-1.4 old",
        **_act(o),
    )


def _recurring(o: Objects) -> Any:
    return actions.save_recurring(
        client=given_client("Coop abonnée"),
        label="Abonnement",
        period="monthly",
        starts_on=date(2026, 1, 1),
        pricing="fixed",
        price=Decimal(40),
        **_act(o),
    )


def _thrown(o: Objects) -> Any:
    """A period whose draft was thrown away."""
    _ours(o)
    actions.draft_recurring(on=_act(o)["on"], at=_act(o)["at"], only=o["recurring"])
    row = o["recurring"].drafts.first()
    actions.delete_draft(invoice=row.invoice, **_act(o))
    return row


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "corrective": _corrective,
    "taken_over": _taken_over,
    "item": lambda o: actions.save_item(label="Atelier", unit_price=Decimal(300), **_act(o)),
    "recurring": _recurring,
    "thrown": _thrown,
}

ROWS: list[Row] = [
    Row(name="invoicing:other_documents", **_LISTS),
    Row(name="invoicing:deposit_new", **_BOOKS),
    Row(name="invoicing:deposit_new", **_EMPTY, method="post"),
    Row(name="invoicing:deposit_new", **{**_BOOKS, "chloe": 404}, query="?agreement=987654"),
    Row(name="invoicing:deposits_deduct", args=("draft",), **_OWN),
    Row(name="invoicing:deposits_deduct", args=("issued",), **_TOO_LATE),
    Row(name="invoicing:discount_add", args=("draft",), **_OWN),
    Row(name="invoicing:discount_add", args=("issued",), **_TOO_LATE, method="post"),
    Row(name="invoicing:correction_new", args=("issued",), **_OWN),
    Row(name="invoicing:correction_new", args=("draft",), **_TOO_LATE),
    Row(name="invoicing:correction", args=("corrective",), **_OWN),
    Row(name="invoicing:correction", args=("draft",), **{**_NONE, "basile": 404}),
    Row(name="invoicing:copy", args=("taken_over",), **_SEEN),
    Row(name="invoicing:copy", args=("issued",), **_NONE),
    Row(name="invoicing:invoice", args=("taken_over",), **_SEEN),
    Row(
        name="invoicing:pdf",
        args=("taken_over",),
        **{**_SEEN, "basile": 409, "chloe": 409, "farid": 409},
    ),
    Row(name="invoicing:take_over_new", **_BOOKS),
    Row(name="invoicing:take_over_new", **_EMPTY, method="post"),
    Row(name="invoicing:membership_calls", **_LISTS),
    Row(name="invoicing:membership_calls_new", **_BOOKS),
    Row(name="invoicing:membership_calls_new", **_EMPTY, method="post"),
    Row(name="invoicing:numbering", **_BOOKS, query="?series=membership"),
    Row(name="invoicing:catalogue", **_LISTS),
    Row(name="invoicing:catalogue_new", **_BOOKS),
    Row(name="invoicing:catalogue_new", **_EMPTY, method="post"),
    Row(name="invoicing:catalogue_edit", args=("item",), **_OWN),
    Row(name="invoicing:catalogue_archive", args=("item",), **_OWN),
    Row(name="invoicing:line_add", args=("draft",), **{**_OWN, "chloe": 404}, query="?item=987654"),
    Row(name="invoicing:recurrings", **_LISTS),
    Row(name="invoicing:recurring_new", **_BOOKS),
    Row(name="invoicing:recurring_new", **_EMPTY, method="post"),
    Row(name="invoicing:recurring_draft", **_BOOKS),
    Row(name="invoicing:recurring_draft", **_NONE, query="?only=987654"),
    Row(name="invoicing:recurring", args=("recurring",), **_SEEN),
    Row(name="invoicing:recurring_edit", args=("recurring",), **_OWN),
    Row(name="invoicing:recurring_move", args=("recurring", "'suspend"), **_OWN),
    Row(
        name="invoicing:recurring_move",
        args=("recurring", "'forget"),
        **{**_SEEN, "basile": 400, "chloe": 400, "farid": 400},
    ),
    Row(name="invoicing:recurring_again", args=("recurring", "thrown"), **_OWN),
    Row(name="invoicing:recurring_again", args=("recurring", "=987654"), **_NONE),
]
