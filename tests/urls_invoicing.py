"""Every address of the invoicing room, and what each persona is answered."""

from collections.abc import Callable
from typing import Any

from tests.given_invoicing import given_clause
from tests.url_table import Objects, Row

_LISTS = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_SEEN = {**_LISTS, "ada": 404, "stranger": 404}
_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_OWN = {**_BOOKS, "ada": 404, "stranger": 404}
_TERMS = {**_SEEN, "farid": 403}
# A confirmation asked of something already issued, or already active.
_TOO_LATE = {**_OWN, "chloe": 409}

OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "draft_clause": lambda o: given_clause(
        o["agreement"], o["agreed_application"], active=False, by=o.people["chloe"]
    ),
}

ROWS: list[Row] = [
    Row(name="invoicing:to_bill", **_LISTS),
    Row(name="invoicing:prepare", **_BOOKS),
    Row(name="invoicing:prepare", **{**_BOOKS, "chloe": 422}, method="post"),
    Row(
        name="invoicing:prepare",
        **{**_BOOKS, "chloe": 404},
        method="post",
        data={"payer": "987654"},
    ),
    Row(name="invoicing:prepare_fee", args=("clause",), **_OWN),
    Row(name="invoicing:invoices", **_LISTS),
    Row(name="invoicing:invoice_new", **_BOOKS),
    Row(name="invoicing:invoice_new", **{**_BOOKS, "chloe": 404}, query="?client=987654"),
    Row(name="invoicing:invoice", args=("draft",), **_SEEN),
    Row(name="invoicing:invoice", args=("issued",), **_SEEN),
    Row(name="invoicing:pdf", args=("issued",), **_SEEN),
    Row(name="invoicing:pdf", args=("draft",), **_SEEN),
    Row(name="invoicing:invoice_edit", args=("draft",), **_OWN),
    Row(name="invoicing:invoice_edit", args=("issued",), **_TOO_LATE),
    Row(name="invoicing:line_add", args=("draft",), **_OWN),
    Row(name="invoicing:line_remove", args=("draft", "line"), **_OWN),
    Row(
        name="invoicing:line_remove",
        args=("draft", "=987654"),
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404),
    ),
    Row(name="invoicing:invoice_delete", args=("draft",), **_OWN),
    Row(name="invoicing:invoice_delete", args=("issued",), **_TOO_LATE, method="post"),
    Row(name="invoicing:issue", args=("draft",), **_OWN),
    Row(name="invoicing:issue", args=("issued",), **_TOO_LATE, method="post"),
    Row(name="invoicing:credit", args=("issued",), **_OWN),
    Row(name="invoicing:credit", args=("draft",), **_TOO_LATE),
    Row(name="invoicing:allocate", args=("issued",), **{**_OWN, "chloe": 200}),
    Row(name="invoicing:payments", **_LISTS),
    Row(name="invoicing:payment_new", **_BOOKS),
    Row(
        name="invoicing:payment_new",
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404),
        query="?invoice=987654",
    ),
    Row(name="invoicing:payment", args=("payment",), **_SEEN),
    Row(name="invoicing:payment_reverse", args=("payment",), **_OWN),
    Row(name="invoicing:clauses", **_LISTS),
    Row(name="invoicing:clause_new", **{**_LISTS, "farid": 403}),
    Row(name="invoicing:clause", args=("clause",), **_SEEN),
    Row(name="invoicing:clause_edit", args=("draft_clause",), **_TERMS),
    Row(name="invoicing:clause_edit", args=("clause",), **{**_TERMS, "basile": 409, "chloe": 409}),
    Row(name="invoicing:clause_move", args=("draft_clause", "'activate"), **_TERMS),
    Row(name="invoicing:clause_move", args=("clause", "'end"), **_TERMS),
    Row(
        name="invoicing:clause_move",
        args=("clause", "'forget"),
        **{**_SEEN, "basile": 400, "chloe": 400, "farid": 400},
    ),
    Row(name="invoicing:funding_link_new", args=("agreement",), **_TERMS),
    Row(name="invoicing:exports", **_BOOKS),
    Row(name="invoicing:export", args=("'sales", "'csv"), **_BOOKS),
    Row(name="invoicing:export", args=("'all", "'xlsx"), **_BOOKS, method="post"),
    Row(name="invoicing:export", args=("'ledger", "'csv"), **{**_BOOKS, "chloe": 404}),
    Row(name="invoicing:numbering", **_BOOKS),
    Row(name="invoicing:reports", **_LISTS),
]
