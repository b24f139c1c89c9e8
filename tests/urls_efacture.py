"""Addresses of the electronic invoice and of our logo, and what each persona is answered."""

from collections.abc import Callable
from typing import Any

from crm.actions import wear_logo
from crm.models import IssuerProfile
from tests.conftest import acting
from tests.given_invoicing import given_issuer
from tests.pictures import raster
from tests.url_objects import ON
from tests.url_table import Objects, Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_OWN = {**_BOOKS, "ada": 404, "stranger": 404}
_SEEN = {**_OWN, "basile": 200, "farid": 200}


def _logo(o: Objects) -> Any:
    o["issued"]
    if not IssuerProfile.objects.exists():
        given_issuer()
    profile = wear_logo(content=raster(), **acting(o.people["chloe"], ON))
    assert profile.logo is not None
    return profile.logo.sha256


OBJECTS: dict[str, Callable[[Objects], Any]] = {"logo": _logo}

ROWS: list[Row] = [
    Row(name="invoicing:file", args=("issued", "'plain"), **{
        **_SEEN, "basile": 409, "chloe": 409, "farid": 409}),
    Row(name="invoicing:file", args=("issued", "'acquitted"), **{
        **_SEEN, "basile": 409, "chloe": 409, "farid": 409}),
    Row(name="invoicing:file", args=("issued", "'pdf"),
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404)),
    Row(name="invoicing:make_plain", args=("issued",), **{**_OWN, "basile": 200}),
    Row(name="invoicing:make_plain", args=("draft",), **{**_OWN, "basile": 409, "chloe": 409},
        method="post"),
    Row(name="invoicing:acquit", args=("issued",), **{**_OWN, "chloe": 409}),
    Row(name="invoicing:acquit", args=("draft",), **{**_OWN, "chloe": 409}, method="post"),
    Row(name="invoicing:status", args=("issued",), **_OWN),
    Row(name="invoicing:status", args=("issued",), **{**_OWN, "chloe": 422}, method="post"),
    Row(name="invoicing:status", args=("draft",), **{**_OWN, "chloe": 409}, method="post",
        data={"status": "deposited", "dated": "2026-11-23"}),
    Row(name="invoicing:ereporting", **_BOOKS),
    Row(name="invoicing:ereporting", **{**_BOOKS, "chloe": 422}, query="?start=2026-02-30&end=x"),
    Row(name="invoicing:ereporting_file", args=("'csv",), **_BOOKS, method="post"),
    Row(name="invoicing:ereporting_file", args=("'exe",), **{**_BOOKS, "chloe": 404},
        method="post"),
    Row(name="crm:logo", **_BOOKS),
    Row(name="crm:logo", **{**_BOOKS, "chloe": 422}, method="post"),
    Row(name="crm:logo_file", args=("logo",), **{**_BOOKS, "farid": 200}),
    Row(name="crm:logo_file", args=("'unknown",), **{**_BOOKS, "chloe": 404, "farid": 404}),
]  # fmt: skip
