"""Addresses of what is done with ticked invoices, and what each persona is answered."""

from tests.url_table import Row

_DESK = {"ada": 403, "basile": 403, "chloe": 302, "farid": 403, "stranger": 403}

ROWS: list[Row] = [
    Row(name="invoicing:encash_many", **_DESK),
    Row(name="invoicing:encash_many", **{**_DESK, "chloe": 400}, query="?pk=deux"),
    Row(name="invoicing:encash_many", **{**_DESK, "chloe": 404}, method="post", data={"pk": "987"}),
    Row(name="invoicing:pdf_many", **_DESK),
    Row(name="invoicing:pdf_many", **{**_DESK, "chloe": 404}, method="post", data={"pk": "987"}),
]
