"""Addresses of exports and books, and what each persona is answered."""

from tests.url_table import Row

_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}

ROWS: list[Row] = [
    Row(name="invoicing:export_entries", **{**_BOOKS, "chloe": 404}),
    Row(name="invoicing:export_entries", **_BOOKS, method="post", data={"format": "quadra"}),
]
