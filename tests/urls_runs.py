"""Addresses of billing runs, and what each persona is answered."""

from datetime import date
from typing import Any

from invoicing.actions.running import start_run
from invoicing.billing import proposals
from tests.conftest import acting
from tests.given_invoicing import client_of
from tests.url_objects import ON
from tests.url_table import Objects, Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_OWN = {**_BOOKS, "ada": 404, "stranger": 404}
_SEEN = {"ada": 404, "basile": 200, "chloe": 200, "farid": 200, "stranger": 404}


def _run(o: Objects) -> Any:
    assert o["validated"] and o["issued"]
    client_of(o["coop"])
    until = date(9000, 1, 1)
    ready = [p for p in proposals(until=until, on=ON) if p.is_ready]
    payers = {p.key: p.amount for p in ready}
    return start_run(key="a" * 32, payers=payers, until=until, **acting(o.people["chloe"], ON))


OBJECTS = {"run": _run, "run_payer": lambda o: o["run"].payers.first()}

ROWS: list[Row] = [
    Row(name="invoicing:run_new", **_BOOKS),
    Row(name="invoicing:run_new", **{**_BOOKS, "chloe": 422}, query="?until=bientot"),
    Row(name="invoicing:run_preview", **{**_BOOKS, "chloe": 302}),
    Row(name="invoicing:run_preview", **{**_BOOKS, "chloe": 422}, method="post"),
    Row(
        name="invoicing:run_preview",
        **{**_BOOKS, "chloe": 409},
        method="post",
        data={"key": "b" * 32, "until": "2026-10-31", "payer": "987654:12.00"},
    ),
    Row(
        name="invoicing:runs",
        ada=403,
        basile=200,
        chloe=200,
        farid=200,
        stranger=403,
    ),
    Row(name="invoicing:run", args=("run",), **_SEEN),
    Row(name="invoicing:run_carry_on", args=("run",), **{**_OWN, "chloe": 302}),
    Row(name="invoicing:run_carry_on", args=("run",), **{**_OWN, "chloe": 302}, method="post"),
    Row(name="invoicing:run_retry", args=("run", "run_payer"), **_OWN),
    # Billed by the step above: there is nothing to try again.
    Row(
        name="invoicing:run_retry",
        args=("run", "run_payer"),
        **{**_OWN, "chloe": 409},
        method="post",
    ),
    Row(
        name="invoicing:run_retry",
        args=("run", "=987654"),
        **{**_OWN, "basile": 404, "chloe": 404, "farid": 404},
    ),
]
