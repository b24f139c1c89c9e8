"""The address of a coop's summary sheet, and the board asked as a fragment."""

from tests.url_table import Row

ROWS: list[Row] = [
    Row(
        name="invoicing:coop_sheet",
        args=("coop",),
        ada=200,
        basile=200,
        chloe=200,
        farid=200,
        stranger=404,
    ),
]
