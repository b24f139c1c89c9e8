"""Addresses of the browser itself: anybody may read them, and they tell of nobody."""

from tests.url_table import Row

_OPEN = dict.fromkeys(("ada", "basile", "chloe", "farid", "dina", "stranger", "anonymous"), 200)

ROWS: list[Row] = [Row(name=name, **_OPEN) for name in ("worker", "manifest", "offline")]
