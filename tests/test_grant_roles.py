"""Role x state x edge of an application: done, or refused in the exact way, and nothing written."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from essaim.models import Event, User
from essaim.scope import state_fields
from essaim.workflow import Refused
from grants import actions
from grants.models import GrantApplication
from tests.conftest import person, signed_in
from tests.given_grants import AGREED, DAY, data_of, given_applicant, given_application, who
from tests.grant_graph import GRAPH, ROLES

pytestmark = pytest.mark.django_db
State = GrantApplication.State
WARNINGS = ("above_received", "below_received", "above_award", "above_agreed", "agreement")
PEOPLE = {
    "consultant": ("Ada Lutz", "consultant"),
    "coordinator": ("Basile Roth", "coordinator"),
    "accountant": ("Chloé Weiss", "accountant"),
    "administrator": ("Farid Kern", "administrator"),
    "none": ("Dina Maurer",),
}
# What a page answers to who may not take the edge: a consultant sees no application at all.
BARRED = {"consultant": 404, "accountant": 403, "none": 403}


def _edges_of_the_model() -> set[str]:
    (field,) = state_fields(GrantApplication)
    return {t.name for t in field.get_all_transitions(GrantApplication)}


def test_every_edge_has_its_row_in_the_table() -> None:
    assert set(GRAPH) == set(ROLES) == _edges_of_the_model()
    assert {s for sources, _to in GRAPH.values() for s in sources} <= set(State.values)


def _made(state: str) -> tuple[GrantApplication, dict[str, User]]:
    application = given_application(given_applicant(), state=state)
    for row in application.disbursements.expected():
        actions.cancel_disbursement(row, why="Pour le test.", **who())
    people = {role: person(*names) for role, names in PEOPLE.items()}
    return application, people


def _data(edge: str) -> dict[str, Any]:
    return data_of(edge, amount=AGREED, on=DAY)


@pytest.mark.parametrize("state", State.values)
def test_each_role_takes_each_edge_or_is_refused_by_the_door(state: str) -> None:
    application, people = _made(state)
    for edge, (sources, target) in GRAPH.items():
        for role, user in people.items():
            with transaction.atomic():
                seen = _by_the_door(application, edge, user)
                transaction.set_rollback(True)
            if state not in sources:
                expected: Any = ("refused", "state")
            elif role not in ROLES[edge]:
                expected = ("denied", state)
            else:
                expected = ("done", target)
            assert seen == expected, (role, state, edge)


def _by_the_door(application: GrantApplication, edge: str, user: User) -> tuple[str, str]:
    events = Event.objects.count()
    reasons = dict.fromkeys(WARNINGS, "C’est ainsi.")
    try:
        with transaction.atomic():
            actions.move(application, edge, reasons=reasons, **_data(edge), **who(user))
    except Refused as refused:
        assert Event.objects.count() == events
        return "refused", ",".join(m.code for m in refused.missing)
    except PermissionDenied:
        assert Event.objects.count() == events
        return "denied", str(GrantApplication.objects.get(pk=application.pk).state)
    return "done", str(GrantApplication.objects.get(pk=application.pk).state)


@pytest.mark.parametrize("state", State.values)
def test_each_role_is_answered_by_the_page_of_the_edge(state: str) -> None:
    application, people = _made(state)
    browsers = {role: signed_in(user) for role, user in people.items()}
    for edge, (sources, target) in GRAPH.items():
        url = reverse("grants:application_move", args=(application.pk, edge))
        posted = {k: str(v) for k, v in _data(edge).items()}
        posted |= {f"reason_{code}": "C’est ainsi." for code in WARNINGS}
        for role, browser in browsers.items():
            with transaction.atomic():
                answer = browser.post(url, posted)
                now = str(GrantApplication.objects.get(pk=application.pk).state)
                transaction.set_rollback(True)
            if role not in ROLES[edge]:
                expected = (BARRED[role], state)
            elif state in sources:
                expected = (302, target)
            else:
                expected = (409, state)
            assert (answer.status_code, now) == expected, (role, state, edge)
