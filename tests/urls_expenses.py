"""Addresses of expenses, timesheets, values and periodic invoices, and who is answered what."""

from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from missions import actions
from tests.conftest import acting
from tests.given_crm import given_organisation
from tests.given_expenses import PDF, given_expense
from tests.given_missions import given_envelope
from tests.url_objects import ON
from tests.url_table import Objects, Row


def _expense(o: Objects) -> Any:
    return given_expense(o.people["ada"], o["mission"], on=ON, state="logged", today=ON)


def _sent(o: Objects) -> Any:
    return given_expense(o.people["ada"], o["mission"], on=ON, state="submitted", today=ON)


def _sheet(o: Objects) -> Any:
    ada = o.people["ada"]
    assert o["day"]
    file = ContentFile(PDF, "releve.pdf")
    return actions.sign_timesheet(month=ON, consultant=ada, file=file, **acting(ada, ON))


def _valuation(o: Objects) -> Any:
    return actions.note_valuation(
        nature="volunteer",
        unit="hour",
        value=Decimal("12.50"),
        effective_from=ON,
        method="SMIC chargé",
        source="Décret",
        **acting(o.people["chloe"], ON),
    )


def _order(o: Objects) -> Any:
    payer = given_organisation("Département", by=o.people["basile"])
    return given_envelope(payer, basis="order", by=o.people["basile"])


OBJECTS = {
    "expense": _expense,
    "expense_sent": _sent,
    "sheet": _sheet,
    "valuation": _valuation,
    "order": _order,
    "ada": lambda o: o.people["ada"],
}

_ALL = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "stranger": 200}
_LOG = _ALL | {"chloe": 403}
_MINE = _ALL | {"stranger": 404}
_MINE_LOG = _LOG | {"stranger": 404}
_POST = {"ada": 403, "basile": 302, "chloe": 403, "farid": 403, "stranger": 403}
_OFFICE = _ALL | {"ada": 403, "stranger": 403}
_VALUE = _OFFICE | {"basile": 403}
_ONE_VALUE = _VALUE | {"ada": 404, "stranger": 404}
_DRAFT = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_ONE_DRAFT = _DRAFT | {"ada": 404, "stranger": 404}
_VALIDATE = {"ada": 403, "basile": 200, "chloe": 403, "farid": 403, "stranger": 404}
_PROOF = {"ada": 404, "basile": 200, "chloe": 200, "farid": 403, "stranger": 404}

ROWS = [
    Row(name="missions:expenses", **_ALL),
    Row(name="missions:expense_new", **_LOG),
    Row(name="missions:expenses_send", **_LOG),
    Row(name="missions:expenses_validate", method="post", **_POST),
    Row(name="missions:expenses_reimburse", method="post", **_POST | {"chloe": 302}),
    Row(name="missions:expense", args=("expense",), **_MINE),
    Row(name="missions:expense_edit", args=("expense",), **_MINE_LOG),
    Row(name="missions:expense_delete", args=("expense",), **_MINE_LOG),
    Row(name="missions:expense_receipt", args=("expense",), **_MINE),
    Row(name="missions:expense_move", args=("expense", "'submit"), **_MINE_LOG),
    Row(name="missions:expense_move", args=("expense_sent", "'validate"), **_VALIDATE),
    Row(name="missions:expense_move", args=("expense_sent", "'reject"), **_VALIDATE),
    Row(
        name="missions:expense_move",
        args=("expense_sent", "'bill"),
        **dict.fromkeys(("ada", "basile", "chloe", "farid"), 400) | {"stranger": 404},
    ),
    Row(name="missions:timesheets", **_ALL),
    Row(name="missions:timesheet_pdf", query="?month=2026-11", **_ALL),
    Row(name="missions:timesheet_sign", query="?month=2026-11", **_LOG),
    Row(name="missions:timesheet_file", args=("sheet",), **_MINE),
    Row(name="missions:valuations", **_OFFICE),
    Row(name="missions:valuation_new", **_VALUE),
    Row(
        name="missions:valuation_edit",
        args=("valuation",),
        **_VALUE | {"ada": 404, "stranger": 404},
    ),
    Row(name="invoicing:prepare_expenses", **_DRAFT),
    Row(name="invoicing:prepare_envelope", args=("order",), **_ONE_DRAFT),
    Row(name="invoicing:take_expenses", args=("draft",), **_ONE_DRAFT),
    Row(name="invoicing:proof_envelope", args=("order",), **_PROOF),
    Row(name="invoicing:proof_application", args=("application",), **_PROOF),
    Row(
        name="invoicing:proof_programme",
        args=("programme",),
        **_PROOF | {"ada": 403, "stranger": 403},
    ),
]
