"""The work of a day: every room is asked, and one that fails does not stop the others."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from essaim import hooks

# The ground empties its own rows as well: the keys of forms long sent.
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_else() -> Iterator[None]:
    kept, hooks.daily.rows = hooks.daily.rows, []
    yield
    hooks.daily.rows = kept


def broken(*, on: date, at: datetime) -> Mapping[str, int]:
    raise ValueError("no such thing")


def counted(*, on: date, at: datetime) -> Mapping[str, int]:
    return {"tasks": 2}


def test_every_room_is_asked_and_says_what_it_did() -> None:
    hooks.daily.register(counted)
    told = StringIO()
    call_command("daily", stdout=told)
    assert told.getvalue() == "tasks: 2\n"


def test_a_room_that_fails_is_named_and_the_others_go_on() -> None:
    hooks.daily.register(broken)
    hooks.daily.register(counted)
    told = StringIO()
    with pytest.raises(CommandError, match="ValueError: no such thing"):
        call_command("daily", stdout=told)
    assert told.getvalue() == "tasks: 2\n"
