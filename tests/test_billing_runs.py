"""Billing runs: previewed, launched once, advanced by many hands, ended after a kill."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from crm.models import Organisation
from essaim.models import Event, User
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions.running import Advanced, advance, retry_payer, start_run
from invoicing.billing import proposals
from invoicing.models import BilledShare, BillingRun, BillingRunPayer, Invoice, SubsidyFee
from invoicing.verification import verify
from missions.models import MissionDay
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement
from tests.given_invoicing import client_of, given_clause, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

D = Decimal
SIGNED = date(2026, 9, 1)
UNTIL = date(2026, 10, 31)
State = BillingRunPayer.State
together = pytest.mark.django_db(transaction=True)
alone = pytest.mark.django_db


@pytest.fixture
def act(chloe: User, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def worked(rank: int, days: int = 2, on: date = date(2026, 10, 5)) -> Organisation:
    """A payer with validated days of one agreement (600.00 a day)."""
    who = person(f"C{rank} Lutz", "consultant")
    coop = given_coop(f"Coop {rank:03d}", owner=who)
    agreement = given_agreement(coop, client_of(coop), on=SIGNED)
    mission = given_mission(agreement, team=[who], on=SIGNED)
    for day in range(days):
        given_day(who, mission, on=on + timedelta(days=day))
    return agreement.client


def previewed(payers: list[Organisation], on: date, until: date = UNTIL) -> dict[int, Decimal]:
    found = proposals(until=until, on=on, keys=[p.pk for p in payers])
    return {p.key: p.amount for p in found}


def launched(payers: list[Organisation], act: dict[str, Any], key: str = "k1") -> BillingRun:
    return start_run(key=key, payers=previewed(payers, act["on"]), until=UNTIL, **act)


def states(run: BillingRun) -> list[str]:
    return list(run.payers.order_by("pk").values_list("state", flat=True))


def until_the_end(run: BillingRun, act: dict[str, Any], batch: int = 50) -> None:
    while advance(run=run, batch=batch, **act).taken:
        pass


def all_is_well(act: dict[str, Any], numbers: int) -> None:
    ranks = sorted(Invoice.objects.issued().values_list("rank", flat=True))
    assert ranks == list(range(1, numbers + 1))
    assert [f for f in verify(at=act["at"])[1] if f.is_error] == []


# -- the preview -------------------------------------------------------------------------------
@alone
def test_the_preview_numbers_nothing_and_puts_what_lacks_first(act: dict[str, Any]) -> None:
    whole, nowhere = worked(1), worked(2)
    Organisation.objects.filter(pk=nowhere.pk).update(street="", city="")
    first, second = proposals(until=UNTIL, on=act["on"])
    assert (first.organisation, first.is_ready) == (nowhere, False)
    assert [m.code for m in first.bars] == ["address"]
    assert (second.organisation, second.amount, second.documents) == (whole, D("1200.00"), 1)
    assert len(second.notes) == 1  # no SIREN is said, and bars nothing
    assert not Invoice.objects.exists()


@alone
def test_the_preview_stops_at_a_date_and_at_what_is_due(act: dict[str, Any]) -> None:
    late, fresh = worked(1), worked(2, on=date(2026, 11, 2))
    both = proposals(until=act["on"], on=act["on"])
    assert {p.organisation for p in both} == {late, fresh}
    assert [p.organisation for p in proposals(until=UNTIL, on=act["on"])] == [late]
    # Monthly: November is not over.
    assert [p.organisation for p in proposals(until=act["on"], on=act["on"], due=True)] == [late]


# -- launched ----------------------------------------------------------------------------------
@alone
def test_the_same_key_is_the_same_run(act: dict[str, Any]) -> None:
    payer = worked(1)
    run = launched([payer], act)
    assert start_run(key="k1", payers={}, until=UNTIL, **act) == run
    assert BillingRunPayer.objects.count() == 1
    assert not Invoice.objects.exists()


@alone
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda payers: {}, "payers"),
        (lambda payers: {key: amount + 1 for key, amount in payers.items()}, "amount"),
        (lambda payers: {**payers, 987654: D(1)}, "payers"),
    ],
)
def test_it_refuses_what_is_not_as_previewed(
    act: dict[str, Any], change: Callable[[Any], Any], code: str
) -> None:
    payers = change(previewed([worked(1)], act["on"]))
    with pytest.raises(Refused) as refused:
        start_run(key="k1", payers=payers, until=UNTIL, **act)
    assert {m.code for m in refused.value.missing} == {code}
    assert not BillingRun.objects.exists()


@alone
def test_it_refuses_a_payer_without_address(act: dict[str, Any]) -> None:
    payer = worked(1)
    payers = previewed([payer], act["on"])
    Organisation.objects.filter(pk=payer.pk).update(street="")
    with pytest.raises(Refused) as refused:
        start_run(key="k1", payers=payers, until=UNTIL, **act)
    assert [m.code for m in refused.value.missing] == ["address"]
    assert refused.value.missing[0].url == payer.get_absolute_url()


# -- advanced ----------------------------------------------------------------------------------
@alone
def test_a_run_issues_every_payer_once_and_ends(act: dict[str, Any]) -> None:
    payers = [worked(rank) for rank in range(5)]
    run = launched(payers, act)
    assert advance(run=run, batch=2, **act) == Advanced(taken=2, left=3)
    assert states(run) == [State.ISSUED] * 2 + [State.WAITING] * 3
    until_the_end(run, act, batch=2)
    run.refresh_from_db()
    assert run.state == BillingRun.State.ENDED
    assert states(run) == [State.ISSUED] * 5
    assert [i.client for i in Invoice.objects.order_by("rank")] == payers
    assert [list(row.invoices.all()) for row in run.payers.all()] == [
        [i] for i in Invoice.objects.order_by("rank")
    ]
    assert advance(run=run, **act) == Advanced(taken=0, left=0)
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"billed"}
    all_is_well(act, 5)


@alone
def test_days_after_the_chosen_date_stay_to_bill(act: dict[str, Any]) -> None:
    payer = worked(1)
    given_day(User.objects.get(name="C1 Lutz"), MissionDay.objects.first().mission,  # type: ignore[union-attr]
              on=date(2026, 11, 3))  # fmt: skip
    until_the_end(launched([payer], act), act)
    assert Invoice.objects.get().net == D("1200.00")
    assert BilledShare.objects.count() == 2


@alone
def test_fees_due_are_issued_with_the_days(act: dict[str, Any]) -> None:
    payer = worked(1)
    mission = MissionDay.objects.first().mission  # type: ignore[union-attr]
    application = given_application(mission.agreement.coop, state="agreed")
    given_clause(mission.agreement, application)
    given_disbursement(application, received=D("10800"), on=date(2026, 10, 10))
    (found,) = proposals(until=UNTIL, on=act["on"])
    assert (found.documents, found.amount) == (3, D("2040.00"))
    until_the_end(launched([payer], act), act)
    assert sorted(i.net for i in Invoice.objects.issued()) == [D(300), D(540), D(1200)]
    assert SubsidyFee.objects.count() == 2
    assert BillingRunPayer.objects.get().invoices.count() == 3


@alone
def test_one_that_lacks_something_stops_nobody_else_and_is_tried_again(
    act: dict[str, Any],
) -> None:
    payers = [worked(rank) for rank in range(3)]
    run = launched(payers, act)
    Organisation.objects.filter(pk=payers[1].pk).update(street="", postcode="", city="")
    until_the_end(run, act)
    assert states(run) == [State.ISSUED, State.REFUSED, State.ISSUED]
    row = run.payers.get(state=State.REFUSED)
    assert "adresse" in row.problem
    # No draft is left behind: its days wait as before.
    assert not Invoice.objects.filter(state="draft").exists()
    with pytest.raises(Refused):
        retry_payer(row=row, **act)
    Organisation.objects.filter(pk=payers[1].pk).update(street="1 rue", city="Barr")
    retry_payer(row=row, **act)
    run.refresh_from_db()
    assert (run.is_running, states(run)[1]) == (True, State.WAITING)
    until_the_end(run, act)
    assert states(run) == [State.ISSUED] * 3
    all_is_well(act, 3)


@alone
def test_what_changed_since_the_preview_is_refused_and_said(act: dict[str, Any]) -> None:
    payer, other = worked(1), worked(2)
    run = launched([payer, other], act)
    mission = MissionDay.objects.filter(shares__payer=payer)[0].mission
    given_day(User.objects.get(name="C1 Lutz"), mission, on=date(2026, 10, 20))
    until_the_end(run, act)
    assert states(run) == [State.REFUSED, State.ISSUED]
    row = run.payers.get(payer=payer)
    assert "1 800,00" in row.problem.replace("\u202f", " ").replace("\xa0", " ")
    retry_payer(row=row, **act)
    until_the_end(run, act)
    assert Invoice.objects.get(client=payer).net == D("1800.00")


@alone
def test_days_drafted_by_hand_meanwhile_are_not_billed_twice(act: dict[str, Any]) -> None:
    payer = worked(1)
    run = launched([payer], act)
    actions.desk.draft_all(payer=payer, **act)
    until_the_end(run, act)
    assert states(run) == [State.REFUSED]
    assert not Invoice.objects.issued().exists()


@alone
def test_a_machine_that_cannot_issue_refuses_each_and_says_why(
    act: dict[str, Any], monkeypatch: Any
) -> None:
    run = launched([worked(1), worked(2)], act)
    monkeypatch.setattr("essaim.pdf.preflight", lambda: ["Pango manque."])
    until_the_end(run, act)
    assert set(run.payers.values_list("state", "problem")) == {(State.REFUSED, "Pango manque.")}


@alone
def test_a_lease_left_by_a_dead_process_is_taken_again_when_it_is_over(
    act: dict[str, Any], monkeypatch: Any
) -> None:
    run = launched([worked(1), worked(2)], act)

    def killed(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("invoicing.actions.running.post", killed)
        advance(run=run, **act)
    assert states(run) == [State.LEASED] * 2
    assert not Invoice.objects.exists()
    assert advance(run=run, **act) == Advanced(taken=0, left=2)
    later = {**act, "at": act["at"] + timedelta(minutes=3)}
    assert advance(run=run, **later) == Advanced(taken=2, left=0)
    all_is_well(act, 2)


@alone
def test_only_those_who_issue_advance_a_run(act: dict[str, Any], basile: User) -> None:
    run = launched([worked(1)], act)
    with pytest.raises(Exception, match="lease"):
        advance(run=run, **{**act, "by": basile})
    assert states(run) == [State.WAITING]


@alone
def test_the_trail_tells_the_run(act: dict[str, Any]) -> None:
    until_the_end(launched([worked(1)], act), act)
    told = Event.objects.filter(model__startswith="invoicing.BillingRun").order_by("pk")
    assert [e.verb.removeprefix("invoicing.") for e in told] == [
        "BillingRun.launch",
        "BillingRunPayer.lease",
        "BillingRunPayer.settle",
        "BillingRun.finish",
    ]


# -- many hands --------------------------------------------------------------------------------
def at_once(works: list[Callable[[], Any]]) -> None:
    ready = Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            ready.wait(timeout=30)
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as hands:
        for _done in hands.map(run, works):
            pass


@together
@pytest.mark.parametrize("keys", [["k1"] * 16, [f"k{n}" for n in range(16)]])
def test_sixteen_identical_runs_issue_each_payer_once(act: dict[str, Any], keys: list[str]) -> None:
    payers = previewed([worked(rank) for rank in range(12)], act["on"])

    def whole(key: str) -> None:
        try:
            run = start_run(key=key, payers=payers, until=UNTIL, **act)
        except Refused:
            return  # somebody else billed them already
        until_the_end(run, act, batch=4)

    at_once([partial(whole, key) for key in keys])
    assert Invoice.objects.issued().count() == 12
    assert BillingRun.objects.filter(key="k1").count() <= 1
    assert not Invoice.objects.filter(state="draft").exists()
    assert BillingRunPayer.objects.filter(state=State.ISSUED).count() == 12
    all_is_well(act, 12)
