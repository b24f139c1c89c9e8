"""Addresses of payments, deadlines and private agendas, and what each persona is answered."""

from typing import Any

from django.utils import timezone

from essaim.feeds import open_feed
from tests.url_table import Objects, Row

_ALL = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "dina": 403, "stranger": 200}
# The token decides, not who happens to be signed in.
_WHOEVER = dict.fromkeys((*_ALL, "anonymous"), 200)
_NOBODY = dict.fromkeys(_WHOEVER, 404)


def _feed(o: Objects) -> str:
    return open_feed(by=o.people["basile"], on=timezone.localdate(), at=timezone.now())[1]


OBJECTS: dict[str, Any] = {"feed_token": _feed}

ROWS: list[Row] = [
    Row(name="my_feed", **_ALL),
    Row(name="my_feed", method="post", **_ALL),
    Row(name="my_feed_revoke", **_ALL),
    Row(
        name="my_feed_revoke",
        method="post",
        **_ALL | dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 409),
    ),
    Row(name="feed", args=("feed_token",), **_WHOEVER),
    Row(name="feed", args=("'unknown",), **_NOBODY),
]
