"""Addresses of one's own calendar and of the calls of the week, and who is answered what."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from missions.models import CalendarProposal
from tests.given_agenda import event, given_call, given_import
from tests.url_table import Objects, Row


def _event(o: Objects) -> Any:
    on = timezone.localdate()
    ada = o.people["ada"]
    given_import(ada, on, event("1@x", on - timedelta(days=2), "0900-1200", "Réunion"))
    return ada_rows(ada).get()


def ada_rows(ada: Any) -> Any:
    return CalendarProposal.objects.visible_to(ada)


def _called(o: Objects) -> Any:
    """Ada's coop, with calls of last week that make a quarter of a day."""
    given_call(o["coop"], o.people["ada"], _last_week(), 105)
    return o["coop"]


def _last_week() -> Any:
    on = timezone.localdate()
    return on - timedelta(days=on.weekday() + 7)


OBJECTS = {"agenda_event": _event, "called": _called, "week": lambda o: _last_week().isoformat()}

_LOG = {"ada": 200, "basile": 200, "chloe": 403, "farid": 200, "stranger": 200}
# The owner's alone: it exists for nobody else, whatever the role.
_OWN = {"ada": 200, "basile": 404, "chloe": 404, "farid": 404, "stranger": 404}
_CALLS = {"ada": 200, "basile": 404, "chloe": 403, "farid": 404, "stranger": 404}

ROWS = [
    Row(name="missions:agenda", **_LOG),
    Row(
        name="missions:agenda",
        method="post",
        data={"do": "check"},
        **_LOG | {"ada": 302, "basile": 302, "farid": 302, "stranger": 302},
    ),
    Row(
        name="missions:agenda",
        method="post",
        data={"do": "made-up"},
        **_LOG | {"ada": 400, "basile": 400, "farid": 400, "stranger": 400},
    ),
    Row(name="missions:agenda_import", **_LOG),
    Row(
        name="missions:agenda_import",
        method="post",
        **_LOG | {"ada": 422, "basile": 422, "farid": 422, "stranger": 422},
    ),
    Row(name="missions:agenda_confirm", **_LOG),
    Row(
        name="missions:agenda_confirm",
        method="post",
        **_LOG | {"ada": 409, "basile": 409, "farid": 409, "stranger": 409},
    ),
    Row(name="missions:agenda_event", args=("agenda_event",), **_OWN),
    Row(name="missions:calls", **_LOG),
    Row(name="missions:calls_note", args=("called", "week"), **_CALLS),
    Row(name="missions:calls_dismiss", args=("called", "week"), **_CALLS),
]
