"""Addresses of exports and books, and what each persona is answered."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from invoicing.actions import books as verbs
from invoicing.columns import USUAL
from invoicing.files import Wanted, take
from invoicing.models import Account
from tests.conftest import acting
from tests.url_table import Objects, Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_ONES = {**_BOOKS, "ada": 404, "stranger": 404}
_GONE = {**_BOOKS, "chloe": 404}


def _today(o: Objects) -> dict[str, Any]:
    return acting(o.people["chloe"], timezone.localdate())


def _log(o: Objects) -> Any:
    today = timezone.localdate()
    built, log = take(Wanted("entries", "quadra", today, today), **_today(o))
    built.content.close()
    return log


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "account": lambda o: Account.objects.get(role="bank"),
    "own_account": lambda o: verbs.set_account(
        role="sale_days", analytic_code="ACC", number="706100", label="Jours", **_today(o)
    ),
    "export_log": _log,
    "export_profile": lambda o: verbs.save_profile(name="Cabinet", columns=USUAL, **_today(o)),
}

ROWS: list[Row] = [
    Row(name="invoicing:export_chosen", args=("'entries",), **_GONE),
    Row(
        name="invoicing:export_chosen",
        args=("'entries",),
        **_BOOKS,
        method="post",
        data={"format": "quadra"},
    ),
    Row(
        name="invoicing:export_chosen",
        args=("'entries",),
        **_GONE,
        method="post",
        data={"format": "csv:987654"},
    ),
    Row(name="invoicing:export_send", args=("'entries",), **_BOOKS, query="?format=quadra"),
    Row(name="invoicing:export_send", args=("'entries",), **_GONE, query="?format=docx"),
    Row(name="invoicing:export_again", args=("export_log",), **_BOOKS),
    Row(name="invoicing:export_again", args=("=987654",), **dict.fromkeys(_BOOKS, 404)),
    Row(name="invoicing:vat", **_BOOKS),
    Row(name="invoicing:accruals", **_BOOKS),
    Row(name="invoicing:accounts", **_BOOKS),
    Row(name="invoicing:account", args=("account",), **_BOOKS),
    Row(name="invoicing:account_new", **_BOOKS),
    Row(name="invoicing:account_drop", args=("own_account",), **_BOOKS),
    Row(
        name="invoicing:account_drop",
        args=("account",),
        **{**_BOOKS, "chloe": 409},
        method="post",
    ),
    Row(name="invoicing:code_new", **_BOOKS),
    Row(name="invoicing:books", **_BOOKS),
    Row(name="invoicing:lock", **_BOOKS),
    Row(name="invoicing:reopen", **_BOOKS),
    Row(name="invoicing:profile_new", **_BOOKS),
    Row(name="invoicing:profile", args=("export_profile",), **_BOOKS),
    Row(name="invoicing:profile_delete", args=("export_profile",), **_BOOKS),
    Row(name="invoicing:write_off", args=("issued",), **_ONES),
    Row(
        name="invoicing:write_off",
        args=("draft",),
        **{**_ONES, "chloe": 409},
        method="post",
        data={"reason": "Liquidation."},
    ),
]
