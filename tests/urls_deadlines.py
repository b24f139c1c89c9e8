"""Addresses of payments, deadlines and private agendas, and what each persona is answered."""

from decimal import Decimal
from typing import Any

from django.utils import timezone

from essaim.feeds import open_feed
from tests.given_grants import given_disbursement
from tests.url_table import Objects, Row

_ALL = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "dina": 403, "stranger": 200}
# The token decides, not who happens to be signed in.
_WHOEVER = dict.fromkeys((*_ALL, "anonymous"), 200)
_NOBODY = dict.fromkeys(_WHOEVER, 404)
_AWAY = {"dina": 403, "anonymous": 302}


def _feed(o: Objects) -> str:
    return open_feed(by=o.people["basile"], on=timezone.localdate(), at=timezone.now())[1]


def _piece(o: Objects) -> Any:
    row = given_disbursement(
        o["agreed_application"], "balance", Decimal(900), pieces="RIB", by=o.people["basile"]
    )
    return row.claim_pieces.get()


OBJECTS: dict[str, Any] = {
    "feed_token": _feed,
    "claim_piece": _piece,
    "claimed": lambda o: o["claim_piece"].disbursement,
}

_OFFICE = {"ada": 404, "basile": 200, "chloe": 200, "farid": 200, "dina": 403, "stranger": 404}
_LISTS = {**_OFFICE, "ada": 403, "stranger": 403}
_FILES = {**_OFFICE, "chloe": 403}
_PROGRAMMES = {**_FILES, "ada": 403, "stranger": 403}
_CASH = {**_OFFICE, "farid": 403}
_DATES = {"completeness_by": "", "agreement_by": ""}

ROWS: list[Row] = [
    Row(name="my_feed", **_ALL),
    Row(name="my_feed", method="post", **_ALL),
    Row(name="my_feed_revoke", **_ALL),
    Row(
        name="my_feed_revoke",
        method="post",
        **_ALL | dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 409),
    ),
    Row(name="grants:schedule", args=("agreed_application",), **_OFFICE),
    Row(
        name="grants:schedule",
        args=("agreed_application",),
        method="post",
        **_OFFICE | {"basile": 422, "chloe": 422, "farid": 422},
    ),
    Row(name="grants:application_amount", args=("agreed_application",), **_FILES),
    Row(name="grants:answer_dates", args=("application",), **_FILES),
    Row(
        name="grants:answer_dates",
        args=("application",),
        method="post",
        data=_DATES,
        **_FILES | {"basile": 302, "farid": 302},
    ),
    Row(name="grants:exercise_end", args=("application",), **_FILES),
    Row(
        name="grants:exercise_end",
        args=("application",),
        method="post",
        data={"day": "30", "month": "6"},
        **_FILES | {"basile": 302, "farid": 302},
    ),
    Row(name="grants:arrival", args=("claimed",), **_CASH),
    Row(
        name="grants:arrival",
        args=("claimed",),
        method="post",
        data={"answer": "not_yet"},
        **_CASH | {"basile": 302, "chloe": 302},
    ),
    Row(name="grants:claim_piece", args=("claimed", "claim_piece"), **_OFFICE),
    Row(name="grants:claim_piece", args=("disbursement", "claim_piece"), **_NOBODY | _AWAY),
    Row(name="grants:payment_terms", args=("programme",), **_PROGRAMMES),
    Row(name="grants:deadline_reminders", **_PROGRAMMES),
    Row(name="grants:rates", **_LISTS),
    Row(
        name="grants:rates",
        query="?since=2026-02-01&until=2026-01-01",
        **_LISTS | {"basile": 422, "chloe": 422, "farid": 422},
    ),
    Row(name="grants:rates_file", args=("'csv",), **_LISTS),
    Row(name="grants:rates_file", args=("'xlsx",), **_LISTS),
    Row(
        name="grants:rates_file",
        args=("'pdf",),
        **_LISTS | {"basile": 404, "chloe": 404, "farid": 404},
    ),
    Row(name="feed", args=("feed_token",), **_WHOEVER),
    Row(name="feed", args=("'unknown",), **_NOBODY),
]
