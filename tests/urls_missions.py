"""Every address of the missions room, and what each persona is answered."""

from typing import Any

from missions import actions
from missions.models import Mission
from tests.conftest import acting
from tests.given_missions import given_day
from tests.url_objects import ON
from tests.url_table import Objects, Row


def _amendment(o: Objects) -> Any:
    act = acting(o.people["basile"], ON)
    return actions.create_amendment(
        o["agreement"], effective_on=ON, why="Suite", days_budgeted=30, **act
    )


def _start_up(o: Objects) -> Any:
    return Mission.objects.get(coop=o["coop"], kind="start_up")


def _sent_day(o: Objects) -> Any:
    day = given_day(o.people["ada"], o["mission"], ON, "0.5", validated=False, today=ON)
    actions.submit_days([day], **acting(o.people["ada"], ON))
    return day


def _proposed(o: Objects) -> Any:
    """A day that Basile proposes to Ada."""
    act = acting(o.people["basile"], ON)
    first = actions.log_day(mission=o["mission"], worked_on=ON, pair=o.people["ada"], **act)
    return first.pairs.get()


OBJECTS = {
    "missions_amendment": _amendment,
    "missions_start_up": _start_up,
    "missions_sent": _sent_day,
    "missions_proposed": _proposed,
}

_ALL = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "stranger": 200}
_LOG = _ALL | {"chloe": 403}
_OFFICE = _ALL | {"ada": 403, "stranger": 403}
_COORDINATOR = {"ada": 403, "basile": 200, "chloe": 403, "farid": 403, "stranger": 403}
_CHANGE = _COORDINATOR | {"farid": 200}
# About one object: it does not exist for a consultant who does not see it.
_MINE = _ALL | {"stranger": 404}
_MINE_LOG = _LOG | {"stranger": 404}
_MINE_CHANGE = _CHANGE | {"stranger": 404}
_ONE_DAY = _COORDINATOR | {"stranger": 404}
_ONE_OFFICE = _ALL | {"ada": 404, "stranger": 404}
_ONE_ENVELOPE = _ONE_OFFICE | {"chloe": 403}

ROWS = [
    Row(name="missions:days", **_ALL),
    Row(name="missions:log", **_LOG),
    Row(name="missions:log_budget", **_LOG),
    Row(name="missions:week", **_LOG),
    Row(name="missions:validation", **_COORDINATOR),
    Row(name="missions:validate", method="post", **_COORDINATOR | {"basile": 302}),
    Row(name="missions:day", args=("missions_sent",), **_MINE),
    Row(name="missions:day_edit", args=("missions_sent",), **_MINE_LOG),
    Row(name="missions:day_delete", args=("missions_sent",), **_MINE_LOG),
    Row(name="missions:day_validate", args=("missions_sent",), **_ONE_DAY),
    Row(name="missions:day_split", args=("missions_sent",), **_ONE_DAY),
    Row(name="missions:arbitrate", args=("missions_sent",), **_ONE_DAY),
    Row(name="missions:pair_confirm", args=("missions_proposed",), **_MINE_LOG),
    Row(name="missions:pair_decline", args=("missions_proposed",), **_MINE_LOG),
    Row(name="missions:day_move", args=("missions_sent", "'withdraw"), **_MINE_LOG),
    Row(name="missions:day_move", args=("missions_sent", "'reject"), **_ONE_DAY),
    Row(
        name="missions:day_move",
        args=("missions_sent", "'bill"),
        **dict.fromkeys(("ada", "basile", "chloe", "farid"), 400) | {"stranger": 404},
    ),
    Row(name="missions:months", **_COORDINATOR),
    Row(name="missions:missions", **_ALL),
    Row(name="missions:mission_new", **_CHANGE),
    Row(name="missions:mission", args=("mission",), **_MINE),
    Row(name="missions:mission_edit", args=("mission",), **_MINE_CHANGE),
    Row(name="missions:mission_move", args=("mission", "'close"), **_MINE_CHANGE),
    Row(name="missions:move_days", args=("missions_start_up",), **_MINE_CHANGE),
    Row(name="missions:agreements", **_OFFICE),
    Row(name="missions:agreement_new", **_OFFICE),
    Row(name="missions:agreement", args=("agreement",), **_ONE_OFFICE),
    Row(name="missions:agreement_edit", args=("agreement",), **_ONE_OFFICE),
    Row(name="missions:agreement_shares", args=("agreement",), **_ONE_OFFICE),
    Row(name="missions:agreement_move", args=("agreement", "'start"), **_ONE_OFFICE),
    Row(name="missions:rerate", args=("agreement",), **_ONE_OFFICE),
    Row(name="missions:amendment_new", args=("agreement",), **_ONE_OFFICE),
    Row(name="missions:amendment_sign", args=("missions_amendment",), **_ONE_OFFICE),
    Row(name="missions:envelopes", **_OFFICE),
    Row(name="missions:envelope_new", **_CHANGE),
    Row(name="missions:envelope", args=("envelope",), **_ONE_OFFICE),
    Row(name="missions:envelope_edit", args=("envelope",), **_ONE_ENVELOPE),
]
