"""What grants answer to the ground: loose ends, timeline, what needs somebody today, the panel."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.template import Context, Template

from essaim import hooks
from essaim.models import User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_call,
    given_disbursement,
    given_programme,
    move,
)

pytestmark = pytest.mark.django_db


def _ends(coop: Any) -> Any:
    return next(p for p in hooks.loose_ends.all() if type(p).__name__ == "GrantEnds")


def _accompaniment(coop: Any) -> Any:
    return SimpleNamespace(coop=coop, coop_id=coop.pk)


def test_a_stopped_project_decides_on_open_files_and_awaited_payments(basile: User) -> None:
    coop = given_applicant()
    opened = given_application(coop, state="review")
    given_application(coop, state="refused")
    running = given_application(coop, state="running")
    given_disbursement(running, received=True)
    awaited = given_disbursement(running, "balance", Decimal(7200))
    given_disbursement(given_application(given_applicant("Une autre"), state="agreed"))
    found = _ends(coop).find(_accompaniment(coop), user=basile)
    assert {end.key for end in found} == {f"application:{opened.pk}", f"disbursement:{awaited.pk}"}
    codes = {end.key.split(":")[0]: {code for code, _label in end.choices} for end in found}
    assert codes == {"application": {"withdraw", "keep"}, "disbursement": {"cancel", "keep"}}
    assert all(end.url for end in found)


def test_who_sees_no_grants_is_told_without_amount_nor_link(ada: User) -> None:
    coop = given_applicant()
    running = given_application(coop, state="running", title="Titre secret")
    given_disbursement(running, "balance", Decimal(7200))
    given_application(coop, state="review", title="Titre secret")
    found = _ends(coop).find(_accompaniment(coop), user=ada)
    assert len(found) == 2
    assert not any("secret" in end.label or "7" in end.label or end.url for end in found)


def test_each_decision_is_carried_out(basile: User) -> None:
    coop = given_applicant()
    opened, kept = (given_application(coop, state="review") for _ in range(2))
    running = given_application(coop, state="running")
    awaited = given_disbursement(running, "balance", Decimal(7200))
    who, ends, stopped = acting(basile, DAY), _ends(coop), _accompaniment(coop)
    with transaction.atomic():
        assert ends.settle(stopped, f"application:{opened.pk}", "withdraw", **who)
        assert ends.settle(stopped, f"application:{kept.pk}", "keep", **who)
        assert ends.settle(stopped, f"disbursement:{awaited.pk}", "cancel", **who)
        assert not ends.settle(stopped, "mission:3", "done", **who)
        with pytest.raises(Refused):
            ends.settle(stopped, f"disbursement:{awaited.pk}", "forget", **who)
    for row in (opened, kept, awaited):
        row.refresh_from_db()
    assert (opened.state, kept.state, awaited.state) == ("withdrawn", "review", "cancelled")


def _timeline(coop: Any, user: User, before: Any = None, limit: int = 50) -> list[Any]:
    (provider,) = hooks.timeline.of("grant")
    return provider(coop, user=user, before=before, limit=limit)


def test_the_timeline_tells_moves_and_payments_in_one_query(
    basile: User, django_assert_num_queries: Any
) -> None:
    coop = given_applicant()
    application = given_application(coop, state="agreed", title="Local et travaux")
    given_disbursement(application, received=True)
    given_application(given_applicant("Une autre"), state="agreed")
    with django_assert_num_queries(1):
        entries = _timeline(coop, basile)
    assert len(entries) == 5  # draft, deposit, award, agree, payment
    assert entries[0].detail == "10\u00a0800,00\u00a0€"
    assert all("Local et travaux" in entry.title for entry in entries)
    assert all(entry.url == application.get_absolute_url() for entry in entries)


def test_the_timeline_goes_on_where_it_stopped(basile: User) -> None:
    coop = given_applicant()
    given_application(coop, state="reported")
    whole = _timeline(coop, basile)
    first = _timeline(coop, basile, limit=2)
    last = first[-1]
    rest = _timeline(coop, basile, before=(last.at, last.kind, last.key))
    assert first + rest == whole


def test_a_consultant_reads_no_grant_in_the_timeline(ada: User) -> None:
    coop = given_applicant()
    given_application(coop, state="agreed")
    assert _timeline(coop, ada) == []


def _reasons(user: User, on: date) -> list[str]:
    return [
        reason.code
        for provider in hooks.work_reasons.all()
        if provider.__module__.startswith("grants.hooks.")
        for reason in provider(user, on=on, limit=10)
    ]


def test_a_deadline_within_three_weeks_needs_its_owner(basile: User, chloe: User) -> None:
    deadline = datetime(2026, 3, 20, 11, tzinfo=UTC)
    programme = given_programme()
    call = given_call(programme, deadline=deadline)
    given_application(given_applicant(), programme, state="drafting", call=call, owner=basile)
    assert _reasons(basile, date(2026, 3, 10)) == ["grant_deadline"]
    assert _reasons(basile, date(2026, 2, 1)) == []
    assert _reasons(chloe, date(2026, 3, 10)) == []


def test_a_deposited_file_has_no_deadline_left(basile: User) -> None:
    programme = given_programme()
    call = given_call(programme, deadline=datetime(2026, 3, 20, 11, tzinfo=UTC))
    given_application(given_applicant(), programme, state="submitted", call=call, owner=basile)
    assert _reasons(basile, date(2026, 3, 10)) == []


def test_a_late_payment_needs_the_accountant_and_the_owner(
    basile: User, chloe: User, ada: User, farid: User
) -> None:
    application = given_application(given_applicant(), state="agreed", owner=basile)
    given_disbursement(application, expected_on=DAY)
    tomorrow = DAY + timedelta(days=1)
    assert _reasons(basile, tomorrow) == _reasons(chloe, tomorrow) == ["disbursement_late"]
    assert _reasons(ada, tomorrow) == _reasons(farid, tomorrow) == []
    assert _reasons(chloe, DAY) == []


def test_a_report_due_needs_its_owner_until_it_is_sent(basile: User) -> None:
    due = DAY + timedelta(days=20)
    application = given_application(
        given_applicant(), state="running", owner=basile, report_due_on=due
    )
    assert _reasons(basile, DAY) == ["grant_report"]
    move(application, "report", amount=Decimal(100))
    assert _reasons(basile, DAY) == []


def _panel(coop: Any, user: User) -> str:
    source = "{% load grants %}{% grants_panel coop %}"
    return Template(source).render(Context({"coop": coop, "user": user}))


def test_the_panel_of_a_coop_says_what_came_and_what_is_awaited(basile: User, ada: User) -> None:
    coop = given_applicant()
    application = given_application(coop, state="agreed", title="Local et travaux")
    given_disbursement(application, received=True)
    given_disbursement(application, "balance", Decimal(7200))
    shown = _panel(coop, basile)
    assert "Local et travaux" in shown
    assert "10\u00a0800,00\u00a0€" in shown
    assert "7\u00a0200,00\u00a0€" in shown
    assert _panel(coop, ada).strip() == ""


def test_the_panel_costs_the_same_whatever_the_files(
    basile: User, django_assert_num_queries: Any
) -> None:
    coop = given_applicant()
    for _ in range(3):
        given_disbursement(given_application(coop, state="agreed"))
    with django_assert_num_queries(2):
        _panel(coop, basile)
