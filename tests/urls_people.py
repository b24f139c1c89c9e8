"""Addresses of people over time, of duplicates and of a colleague who leaves."""

from datetime import date
from typing import Any

from crm import actions
from tests.conftest import acting
from tests.given_crm import given_organisation
from tests.url_table import Objects, Row

ON = date(2026, 11, 2)
_OFFICE = {"ada": 403, "basile": 200, "chloe": 403, "farid": 200, "dina": 403, "stranger": 403}
_ADMIN = {**_OFFICE, "basile": 403}
_OF_A_COOP = {**_OFFICE, "stranger": 404}
_WRITTEN = {**_OF_A_COOP, "ada": 200}


def _twin(o: Objects) -> Any:
    return given_organisation("Ville de Barre", by=o.people["basile"])


def _archived(o: Objects) -> Any:
    row = given_organisation("Dissoute", by=o.people["basile"])
    return actions.archive_organisation(row, reason="x", **acting(o.people["basile"], ON))


OBJECTS = {
    "role": lambda o: o["contact"].roles.get(),
    "twin": _twin,
    "archived": _archived,
}

ROWS: list[Row] = [
    Row(name="crm:role_new", args=("contact",), **_WRITTEN),
    Row(name="crm:role_edit", args=("role",), **_WRITTEN),
    Row(name="crm:organisation_archive", args=("organisation",), **_OF_A_COOP),
    Row(name="crm:organisation_archive", args=("authority",), **_OFFICE),
    Row(
        name="crm:organisation_archive",
        args=("authority",),
        **{**_OFFICE, "basile": 302, "farid": 302},
        method="post",
        data={"reason": "dissoute"},
    ),
    Row(name="crm:organisation_restore", args=("archived",), **_OFFICE),
    Row(name="crm:contact_archive", args=("contact",), **_OF_A_COOP),
    Row(name="crm:contact_restore", args=("contact",), **_OF_A_COOP),
    Row(name="crm:duplicates", **_OFFICE),
    Row(name="crm:join", args=("'organisation", "twin", "authority"), **_OFFICE),
    Row(
        name="crm:join",
        args=("'organisation", "twin", "authority"),
        **{**_OFFICE, "basile": 302, "farid": 302},
        method="post",
        data={"legal_name": "target"},
    ),
    Row(name="crm:join", args=("'organisation", "twin", "organisation"), **_OF_A_COOP),
    Row(
        name="crm:join",
        args=("'nothing", "twin", "authority"),
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404),
    ),
    Row(name="crm:distinct", args=("'organisation", "twin", "authority"), **_OFFICE),
    Row(name="crm:organisation_twin", args=("authority",), **_OFFICE),
    Row(name="crm:contact_twin", args=("contact",), **_OF_A_COOP),
    Row(name="crm:person_export", args=("contact",), **_OF_A_COOP),
    Row(name="crm:person_export", args=("contact",), **_OF_A_COOP, method="post"),
    Row(name="crm:person_erase", args=("contact",), **{**_ADMIN, "stranger": 404}),
    Row(name="crm:retention", **_OFFICE),
    Row(name="crm:person_keep", args=("contact",), **_OF_A_COOP),
    Row(name="crm:person_tell", args=("contact",), **_OF_A_COOP),
]
ROWS += [
    Row(name="leaving", **_OFFICE),
    Row(name="hand_over", args=("user",), **_OFFICE),
]
