"""Addresses of time to pay, and what each persona is answered."""

from collections.abc import Callable
from typing import Any

from tests.url_table import Objects, Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}

OBJECTS: dict[str, Callable[[Objects], Any]] = {}

ROWS: list[Row] = [
    Row(name="invoicing:antifraud", **_BOOKS),
    Row(name="invoicing:antifraud", **{**_BOOKS, "chloe": 422}, method="post"),
]
