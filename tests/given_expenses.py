"""Expenses for tests, made by the actions."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from essaim.models import User
from missions import actions
from missions.models import Expense, Mission
from tests.conftest import acting
from tests.given_missions import TODAY

PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def receipt(name: str = "billet.pdf", content: bytes = PDF) -> "ContentFile[bytes]":
    """A receipt as a browser sends it."""
    return ContentFile(content, name)


def given_expense(
    person: User,
    mission: Mission,
    gross: Decimal | int | str = "120.00",
    on: date = TODAY,
    *,
    kind: str = "train",
    state: str = "validated",
    by: User | None = None,
    with_receipt: bool = True,
    today: date = TODAY,
    **facts: Any,
) -> Expense:
    """An expense up to a state; a coordinator validates it."""
    mission.team.add(person)
    values: dict[str, Any] = {
        "mission": mission,
        "spent_on": on,
        "kind": kind,
        "label": "Strasbourg – Colmar",
        "treatment": "rebilled",
        **facts,
    }
    if kind == "km":
        values.setdefault("power", 5)
    else:
        values |= {"gross": Decimal(gross), "vat": values.pop("vat", Decimal(0))}
    file = receipt() if with_receipt and kind != "km" else None
    expense = actions.log_expense(receipt=file, **values, **acting(person, today))
    if state in ("submitted", "validated"):
        actions.submit_expenses([expense], **acting(person, today))
        expense.refresh_from_db()
    if state == "validated" and expense.state == "submitted":
        assert by is not None
        actions.validate_expense(expense, **acting(by, today))
    return expense
