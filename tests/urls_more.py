"""The index of billing, and what each persona is answered."""

from tests.url_table import Row

ROWS: list[Row] = [
    Row(name="invoicing:more", ada=403, basile=200, chloe=200, farid=200, stranger=403),
]
