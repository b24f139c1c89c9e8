"""Who may take which move from which state: accompaniment, agreement, mission day, one table each.

Every role tries every edge from every state, by the door and by the page. A new edge, state or role
without its place in a table fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from crm import actions
from crm.actions.moves import moved
from crm.models import Accompaniment, Path
from essaim.models import Event, User
from essaim.stateful import door
from essaim.workflow import Refused, run
from missions.models import Agreement, DayShare, MissionDay
from tests.conftest import acting, person, signed_in
from tests.given_crm import given_accompaniment, given_coop, kit_done
from tests.given_missions import given_agreement, given_day, given_mission

TODAY = date(2026, 11, 23)
SENTENCE = {"advised": "Le groupe avance plus vite que le kit."}
# consultant: who follows the coop; stranger: another consultant.
ROLES = ("consultant", "stranger", "coordinator", "accountant", "administrator", "nobody")
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Edge:
    """The states an edge leaves, and the roles that may take it."""

    sources: frozenset[str]
    roles: frozenset[str]


def edge(sources: str, roles: str) -> Edge:
    return Edge(frozenset(sources.split()), frozenset(roles.split()))


OFFICE = "coordinator administrator"
FIELD = f"consultant {OFFICE}"
AT_WORK = "contact collective premises"

ACCOMPANIMENT: dict[str, Edge] = {
    # A consultant moves own coops up to the limit of the office, which `premises` is past.
    "advance": edge(AT_WORK, FIELD),
    "go_back": edge("collective premises", FIELD),
    "change_path": edge(f"{AT_WORK} untouched", OFFICE),
    "place": edge("untouched", OFFICE),
    "finish": edge(f"{AT_WORK} untouched", OFFICE),
    "reopen_closed": edge("closed", OFFICE),
    "pause": edge(f"{AT_WORK} untouched", FIELD),
    "resume": edge("paused", FIELD),
    "abandon": edge(f"{AT_WORK} untouched paused", OFFICE),
    "release": edge(f"{AT_WORK} untouched paused", OFFICE),
    "merge": edge(f"{AT_WORK} untouched paused", OFFICE),
    "reopen": edge("abandoned released", OFFICE),
}
ACCOMPANIMENT_STATES = (
    "untouched", "contact", "collective", "premises",
    "paused", "abandoned", "released", "merged", "closed",
)  # fmt: skip
# Edges whose outcome depends on one more thing than state and role, said here and nowhere else.
BEYOND_THE_LIMIT = {("advance", "premises", "consultant")}

AGREEMENT: dict[str, Edge] = {
    "send": edge("draft", f"{OFFICE} accountant"),
    "take_back": edge("sent", f"{OFFICE} accountant"),
    "sign": edge("draft sent", f"{OFFICE} accountant"),
    "start": edge("signed", f"{OFFICE} accountant"),
    "complete": edge("signed running", f"{OFFICE} accountant"),
    "terminate": edge("sent signed running", f"{OFFICE} accountant"),
}
DAY: dict[str, Edge] = {
    # Whoever logs the first day of a pair: the second one is the colleague's.
    "propose": edge("logged", f"{FIELD} stranger"),
    # Only the colleague whose day it is.
    "confirm": edge("proposed", "consultant"),
    "decline": edge("proposed", "consultant"),
    "submit": edge("logged", "consultant coordinator"),
    "withdraw": edge("submitted", "consultant coordinator"),
    "validate": edge("submitted", "coordinator"),
    "reject": edge("submitted validated", "coordinator"),
    "bill": edge("validated", "accountant"),
    "free": edge("billed", "accountant"),
}


@pytest.fixture
def people(db: None) -> dict[str, User]:
    return {
        "consultant": person("Ada Lutz", "consultant"),
        "stranger": person("Simon Stoll", "consultant"),
        "coordinator": person("Basile Roth", "coordinator"),
        "accountant": person("Chloé Weiss", "accountant"),
        "administrator": person("Farid Kern", "administrator"),
        "nobody": person("Dina Maurer"),
    }


def outcome(table: Mapping[str, Edge], name: str, state: str, role: str) -> str:
    """done, refused (the state does not allow it) or denied (the role does not)."""
    row = table[name]
    if role not in row.roles:
        return "denied"
    return "done" if state in row.sources else "refused"


def tried(move: Any) -> str:
    """What a move answers; whatever it wrote is undone."""
    with transaction.atomic():
        try:
            move()
            said = "done"
        except Refused:
            said = "refused"
        except PermissionDenied:
            said = "denied"
        transaction.set_rollback(True)
    return said


def told(found: str, expected: str) -> bool:
    """Without the right, a wrong state may be told first: nothing is done either way."""
    return found == expected or (expected == "denied" and found == "refused")


def edges_of(model: type[Any], *fields: str) -> set[str]:
    return {t.name for f in fields for t in model._meta.get_field(f).get_all_transitions(model)}


def test_the_tables_name_every_edge_state_and_role() -> None:
    assert set(ACCOMPANIMENT) == edges_of(Accompaniment, "stage", "activity")
    assert set(AGREEMENT) == edges_of(Agreement, "state")
    assert set(DAY) == edges_of(MissionDay, "state")
    for table in (ACCOMPANIMENT, AGREEMENT, DAY):
        assert {r for row in table.values() for r in row.roles} <= set(ROLES)
    assert {s for row in AGREEMENT.values() for s in row.sources} <= set(Agreement.State.values)
    assert {s for row in DAY.values() for s in row.sources} <= set(MissionDay.State.values)
    assert {s for row in ACCOMPANIMENT.values() for s in row.sources} <= set(ACCOMPANIMENT_STATES)


# -- the accompaniment -------------------------------------------------------------------------


def accompaniment_in(state: str, people: dict[str, User], other: Accompaniment) -> Accompaniment:
    by = people["coordinator"]
    stage = state if state in ("contact", "collective", "premises") else "collective"
    row = given_accompaniment("La Musette", owner=people["consultant"], by=by)
    act = acting(by, TODAY)
    if state == "untouched":
        # As a take-over makes it, before its one Event.
        Event.objects.filter(model="crm.Accompaniment", object_id=row.pk)
        return Accompaniment.objects.create(
            coop=given_bare(people), path=row.path, owner=people["consultant"],
            started_on=TODAY, stage_since=TODAY,
        )  # fmt: skip
    if stage != "contact":
        for left in ("contact", "diagnosis", "collective", "set_up"):
            kit_done(row, left, by, TODAY)
        actions.move_on(row, to=stage, reasons=SENTENCE, **act)
    ends: dict[str, Any] = {
        "paused": lambda: actions.pause(row, review_on=TODAY, why="Été", **act),
        "abandoned": lambda: actions.abandon(row, reason_code="no_group", decided_by="L’AG", **act),
        "released": lambda: actions.release(row, why="Autonomes", **act),
        "merged": lambda: actions.merge(row, into=other, **act),
        "closed": lambda: actions.finish(row, outcome="stopped", reasons=SENTENCE, **act),
    }
    if state in ends:
        ends[state]()
    row.refresh_from_db()
    kit_if_open(row, by)
    return row


def kit_if_open(row: Accompaniment, by: User) -> None:
    for left in ("contact", "diagnosis", "collective", "set_up", "premises"):
        if not row.is_read_only:
            kit_done(row, left, by, TODAY)


def given_bare(people: dict[str, User]) -> Any:
    """A coop whose first accompaniment was released: free for another."""
    row = given_accompaniment("Le Panier", owner=people["consultant"], by=people["coordinator"])
    actions.release(row, why="x", **acting(people["coordinator"], TODAY))
    return row.coop


def data_for(name: str, state: str, other: Accompaniment) -> dict[str, Any]:
    """Good data for an edge from a state, so that only state and role may refuse."""
    later = {"contact": "collective", "premises": "follow_up"}.get(state, "test_shop")
    return {
        "advance": {"to": later, "effective_on": TODAY, "reasons": SENTENCE},
        "go_back": {"to": "contact", "effective_on": TODAY, "why": "À reprendre"},
        "change_path": {
            "path": Path.objects.get(code="grocery"),
            "to": "premises" if state == "premises" else "collective",
            "effective_on": TODAY,
            "why": "Plus petit",
        },
        "place": {"to": "set_up", "effective_on": TODAY},
        "finish": {"outcome": "stopped", "effective_on": TODAY, "reasons": SENTENCE},
        "reopen_closed": {"why": "Nouvelle équipe"},
        "pause": {"review_on": TODAY + timedelta(days=30), "why": "Été"},
        "resume": {},
        "abandon": {"reason_code": "no_group", "effective_on": TODAY, "decided_by": "L’AG"},
        "release": {"effective_on": TODAY, "why": "Ils volent de leurs ailes"},
        "merge": {"into": other, "effective_on": TODAY},
        "reopen": {"why": "Nouvelle équipe"},
    }[name]


def expected_of(name: str, state: str, role: str) -> str:
    if (name, state, role) in BEYOND_THE_LIMIT:
        return "refused"
    return outcome(ACCOMPANIMENT, name, state, role)


@pytest.mark.parametrize("state", ACCOMPANIMENT_STATES)
def test_every_role_tries_every_move_of_an_accompaniment(
    state: str, people: dict[str, User]
) -> None:
    other = given_accompaniment("L’Échalote", owner=people["coordinator"], stage="collective")
    row = accompaniment_in(state, people, other)
    wrong = []
    for name in ACCOMPANIMENT:
        for role in ROLES:
            mine = Accompaniment.objects.get(pk=row.pk)
            data = data_for(name, state, other)
            act = acting(people[role], TODAY)
            found = tried(lambda: moved(mine, name, **data, **act))  # noqa: B023
            if not told(found, expected := expected_of(name, state, role)):
                wrong.append(f"{state} {name} {role}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)


STATUS = {"done": 302, "refused": 409, "denied": 403}


@pytest.mark.parametrize("state", [s for s in ACCOMPANIMENT_STATES if s != "untouched"])
def test_the_page_of_each_move_answers_as_the_door_does(
    state: str, people: dict[str, User]
) -> None:
    """Posted with good fields: done, refused with the list, not theirs, or not there at all."""
    other = given_accompaniment("L’Échalote", owner=people["coordinator"], stage="collective")
    row = accompaniment_in(state, people, other)
    wrong = []
    for name in ACCOMPANIMENT:
        address = reverse("crm:move", args=(row.coop_id, name))
        for role in ROLES:
            with transaction.atomic():
                answer = signed_in(people[role]).post(address, posted(name, state, other))
                transaction.set_rollback(True)
            expected = page_status(name, state, role)
            if answer.status_code not in expected:
                wrong.append(f"{state} {name} {role}: {answer.status_code}, not {expected}")
    assert not wrong, "\n".join(wrong)


def page_status(name: str, state: str, role: str) -> set[int]:
    if role == "nobody":
        return {403}
    if role == "stranger":
        return {404}
    if name == "place":
        return {400}  # a take-over alone
    found = STATUS[expected_of(name, state, role)]
    # A form that does not offer the stage says so beside the field.
    return {409, 422} if found == 409 else {found}


def posted(name: str, state: str, other: Accompaniment) -> dict[str, Any]:
    data = {**data_for(name, state, other)}
    reasons = data.pop("reasons", {})
    for code, sentence in reasons.items():
        data[f"reason_{code}"] = sentence
    if "into" in data:
        data["into"] = data["into"].coop_id
    if "path" in data:
        data["path"] = data["path"].pk
    return data


# -- the agreement and the day -----------------------------------------------------------------


def placed(obj: Any, state: str) -> Any:
    with door():
        obj.__dict__["state"] = state
        obj.save()
    return obj


@pytest.mark.parametrize("state", Agreement.State.values)
def test_every_role_tries_every_move_of_an_agreement(state: str, people: dict[str, User]) -> None:
    coop = given_coop(owner=people["consultant"])
    agreement = given_agreement(coop, signed=False)
    agreement.signed_on = TODAY if state not in ("draft", "sent") else None
    placed(agreement, state)
    wrong = []
    for name in AGREEMENT:
        address = reverse("missions:agreement_move", args=(agreement.pk, name))
        for role in ROLES:
            mine = Agreement.objects.get(pk=agreement.pk)
            found = tried(lambda: run(mine, name, **acting(people[role], TODAY)))  # noqa: B023
            expected = outcome(AGREEMENT, name, state, role)
            if not told(found, expected):
                wrong.append(f"{state} {name} {role}: {found}, not {expected}")
            with transaction.atomic():
                answer = signed_in(people[role]).post(address, {"signed_on": TODAY})
                transaction.set_rollback(True)
            # A consultant sees no agreement at all; somebody without a role is told so.
            status = {"nobody": 403, "consultant": 404, "stranger": 404}.get(role)
            status = status or STATUS[expected]
            if answer.status_code != status:
                wrong.append(f"page {state} {name} {role}: {answer.status_code}, not {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", MissionDay.State.values)
def test_every_role_tries_every_move_of_a_day(state: str, people: dict[str, User]) -> None:
    coop = given_coop(owner=people["consultant"])
    day = given_day(people["consultant"], given_mission(given_agreement(coop)), validated=False)
    day.rate, day.validated_at, day.validated_by = 600, day.logged_at, people["coordinator"]
    day.save()
    DayShare.objects.create(
        day=day, payer=coop.organisation, nature="billed", quantity=1, rate=600, amount=600,
        rules_version="1",
    )  # fmt: skip
    placed(day, state)
    wrong = []
    for name in DAY:
        data = {"why": "Parce que"} if name == "reject" else {}
        for role in ROLES:
            mine = MissionDay.objects.get(pk=day.pk)
            act = acting(people[role], TODAY)
            found = tried(lambda: run(mine, name, **data, **act))  # noqa: B023
            if not told(found, expected := outcome(DAY, name, state, role)):
                wrong.append(f"{state} {name} {role}: {found}, not {expected}")
    assert not wrong, "\n".join(wrong)
