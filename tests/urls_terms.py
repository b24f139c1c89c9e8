"""Addresses of time to pay, and what each persona is answered."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from invoicing import actions
from invoicing.models import Invoice, LateClaim, RepaymentPlan
from tests.conftest import acting
from tests.given_invoicing import client_of, given_invoice
from tests.url_table import Objects, Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_OWN = {**_BOOKS, "ada": 404, "stranger": 404}
_TOO_LATE = {**_OWN, "chloe": 409}
_SEEN = {"ada": 404, "basile": 200, "chloe": 200, "farid": 200, "stranger": 404}
_DESK = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_UNREADABLE = {who: 422 if code == 200 else code for who, code in _DESK.items()}
_ASKED = "?net=9000&months=9&client_kind=professional&term_days=30&term_method=net"


def _late(o: Objects) -> Invoice:
    """An invoice issued two months ago, unpaid."""
    client = client_of(o["coop"])
    on = timezone.localdate() - timedelta(days=60)
    return given_invoice(client=client, on=on, by=o.people["chloe"])


def _claim(o: Objects) -> LateClaim:
    act = acting(o.people["chloe"], timezone.localdate())
    return actions.claim_interest(invoice=o["late_invoice"], with_fee=False, **act)


def _plan(o: Objects) -> RepaymentPlan:
    today = timezone.localdate()
    rows = [(today + timedelta(days=30), Decimal(o["late_invoice"].gross))]
    act = acting(o.people["chloe"], today)
    return actions.propose_plan(invoice=o["late_invoice"], rows=rows, **act)


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "late_invoice": _late,
    "fresh_invoice": lambda o: given_invoice(
        client=client_of(o["coop"]), on=timezone.localdate(), by=o.people["chloe"]
    ),
    "late_claim": _claim,
    "repayment_plan": _plan,
}

ROWS: list[Row] = [
    Row(name="invoicing:antifraud", **_BOOKS),
    Row(name="invoicing:antifraud", **{**_BOOKS, "chloe": 422}, method="post"),
    Row(name="invoicing:schedule", args=("draft",), **_OWN),
    Row(name="invoicing:schedule", args=("issued",), **_TOO_LATE),
    Row(name="invoicing:dispute_open", args=("issued",), **_OWN),
    Row(name="invoicing:dispute_open", args=("draft",), **_TOO_LATE),
    Row(name="invoicing:dispute_open", args=("issued",), **{**_OWN, "chloe": 422}, method="post"),
    Row(name="invoicing:dispute_close", args=("issued",), **_TOO_LATE),
    Row(name="invoicing:plan_new", args=("issued",), **_OWN),
    Row(name="invoicing:plan_new", args=("draft",), **_TOO_LATE),
    Row(name="invoicing:plan", args=("repayment_plan",), **_SEEN),
    Row(name="invoicing:plan_pdf", args=("repayment_plan",), **_SEEN),
    Row(
        name="invoicing:plan_move",
        args=("repayment_plan", "'sign"),
        **{**_SEEN, "basile": 403, "farid": 403},
    ),
    Row(
        name="invoicing:plan_move",
        args=("repayment_plan", "'forget"),
        **{**_SEEN, "basile": 400, "chloe": 400, "farid": 400},
    ),
    Row(name="invoicing:late_claim", args=("late_invoice",), **_OWN),
    Row(name="invoicing:late_claim", args=("fresh_invoice",), **_TOO_LATE),
    Row(name="invoicing:late_waive", args=("late_invoice",), **_OWN),
    Row(name="invoicing:claim_pdf", args=("late_claim",), **_SEEN),
    Row(name="invoicing:claim_cancel", args=("late_claim",), **_OWN),
    Row(name="invoicing:claim_settle", args=("late_claim",), **_TOO_LATE),
    Row(name="invoicing:planner", **_DESK),
    Row(
        name="invoicing:planner",
        **_DESK,
        query="?net=9000&months=9&client_kind=professional&term_days=30&term_method=net",
    ),
    Row(
        name="invoicing:planner",
        **_UNREADABLE,
        query="?net=x",
    ),
    Row(
        name="invoicing:planner",
        **dict.fromkeys(_DESK, 404),
        query="?invoice=987654",
    ),
    Row(name="invoicing:planner_apply", **{k: 302 if v == 200 else v for k, v in _DESK.items()}),
    Row(
        name="invoicing:planner_apply",
        **_UNREADABLE,
        method="post",
    ),
]
