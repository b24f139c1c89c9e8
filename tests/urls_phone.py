"""Addresses of a consultant's phone, and what each persona is answered."""

from django.utils import timezone

from tests.given_missions import given_day
from tests.url_table import Objects, Row


def _fresh(o: Objects) -> object:
    today = timezone.localdate()
    return given_day(o.people["ada"], o["mission"], today, "0.5", validated=False, today=today)


OBJECTS = {"phone_day": _fresh}

_LOG = {"ada": 200, "basile": 200, "chloe": 403, "farid": 200, "stranger": 200}
# A day of one's own: it exists for nobody else, and the accountant logs none.
_OWN = {"ada": 200, "basile": 404, "chloe": 404, "farid": 404, "stranger": 404}

ROWS = [
    Row(name="missions:my_month", query="?month=2026-11", **_LOG),
    Row(name="missions:day_noted", args=("phone_day",), **_OWN),
    Row(name="missions:day_undo", args=("phone_day",), **_OWN),
]
