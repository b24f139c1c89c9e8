"""Reports to funders: each fraction once, sent for good, corrected by another."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from crm.models import Coop, Organisation
from essaim import hooks, immutability
from essaim.models import User
from essaim.workflow import Refused
from invoicing import actions as invoicing
from invoicing import reporting
from invoicing.hooks.reports import reports_to_make
from invoicing.models import ClaimMonth, FunderReport, ReportedShare
from invoicing.report_seal import broken_seals
from invoicing.verification import verify
from missions import actions
from missions.models import DayShare, Envelope, Mission
from tests.conftest import acting
from tests.given_crm import given_coop, given_organisation
from tests.given_grants import given_application, given_programme
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission
from tests.given_reports import (
    FIRST,
    LAST,
    TODAY,
    given_covered,
    given_region,
    given_report,
    sent,
)

D = Decimal
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def envelope(basile: User) -> Envelope:
    given_issuer()
    return given_envelope(given_region(basile), by=basile, report_due_on=date(2026, 12, 10))


@pytest.fixture
def coop(ada: User, basile: User) -> Coop:
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def mission(coop: Coop, envelope: Envelope, ada: User, basile: User) -> Mission:
    mission = given_covered(coop, envelope, by=basile, team=[ada])
    given_day(ada, mission, date(2026, 3, 3), subject="Statuts", by=basile)
    given_day(ada, mission, date(2026, 3, 10), D("0.5"), work="remote", by=basile)
    return mission


def _codes(refused: Any) -> set[str]:
    return {m.code for m in refused.value.missing}


def _words(refused: Any) -> str:
    return " ".join(str(m.text) for m in refused.value.missing)


def test_a_report_tells_the_fractions_its_envelope_covers_and_who_pays_the_rest(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = given_report(envelope, by=basile)
    told = reporting.tell(report)
    assert [(x.days, x.part, x.remainder, x.total) for x in told.lines] == [
        (D("0.8000"), D("480.00"), D("120.00"), D("600.00")),
        (D("0.4000"), D("240.00"), D("60.00"), D("300.00")),
    ]
    assert report.funder == envelope.payer and report.due_on == date(2026, 12, 10)
    assert reporting.what_is_off(report, told) == []
    assert told.totals.accompanied == 1 and told.totals.part == D("720.00")


def test_a_second_report_of_the_same_fraction_is_refused_and_names_the_first(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    first = given_report(envelope, by=basile, title="Bilan de printemps")
    with pytest.raises(Refused) as refused:
        given_report(envelope, by=basile, first=date(2026, 3, 1))
    assert "Bilan de printemps" in _words(refused)
    other = FunderReport.objects.get()
    assert other == first


def test_a_fraction_put_in_another_draft_is_refused_with_the_reason(
    mission: Mission, envelope: Envelope, ada: User, basile: User
) -> None:
    given_report(envelope, by=basile, title="Le premier", last=date(2026, 3, 5))
    second = given_report(envelope, by=basile, title="Le second")
    told = DayShare.objects.filter(day__worked_on=date(2026, 3, 3), envelope=envelope)
    with pytest.raises(Refused) as refused:
        invoicing.add_shares(second, told, **acting(basile, TODAY))
    assert "Le premier" in _words(refused)
    assert second.reported.count() == 1


def test_the_database_itself_holds_a_fraction_once(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = given_report(envelope, by=basile, last=date(2026, 3, 5))
    other = given_report(envelope, by=basile)
    row = report.reported.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportedShare.objects.create(
            report=other, share=row.share, fraction=row.fraction, days=row.days, amount=row.amount
        )


def test_a_fraction_billed_again_after_a_credit_is_the_same_fraction(
    coop: Coop, ada: User, basile: User, chloe: User
) -> None:
    given_issuer()
    funder = client_of(coop)
    programme = given_programme("Aide", funder=funder, by=basile)
    mission = given_mission(given_agreement(coop, funder, 600, None, by=basile), by=basile)
    day = given_day(ada, mission, date(2026, 3, 3), by=basile)
    report = given_report(programme, by=basile)
    share = day.shares.get()
    again = actions.new_generation(share, D(500), **acting(chloe, TODAY))
    assert reporting.fractions_of([again]) == {again.pk: share.pk}
    with pytest.raises(Refused) as refused:
        sent(report, by=basile)
    assert "stale" in _codes(refused)
    invoicing.refresh_report(report, **acting(basile, TODAY))
    row = report.reported.get()
    assert (row.share, row.fraction, row.amount) == (again, share, D("500.00"))


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 6, 1), date(2026, 5, 1), "last"),
        (date(2026, 12, 1), date(2026, 12, 31), "first"),
        (date(2026, 6, 1), date(2026, 6, 30), "period"),
    ],
)
def test_a_bad_or_empty_period_is_refused_in_words(
    mission: Mission, envelope: Envelope, basile: User, first: date, last: date, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        given_report(envelope, by=basile, first=first, last=last)
    assert _codes(refused) == {code}
    assert not FunderReport.objects.exists()


def test_a_report_before_the_agreement_is_refused(
    coop: Coop, mission: Mission, basile: User
) -> None:
    waiting = given_application(coop, state="awarded")
    invoicing.link_funding(
        agreement=mission.agreement, application=waiting, **acting(basile, TODAY)
    )
    with pytest.raises(Refused) as refused:
        given_report(waiting, by=basile)
    assert _codes(refused) == {"subject"}


def test_a_sentence_is_asked_outside_the_window_and_before_the_end(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = given_report(envelope, by=basile, first=date(2025, 12, 1), last=date(2026, 12, 31))
    with pytest.raises(Refused) as refused:
        sent(report, by=basile)
    assert _codes(refused) == {"window", "not_over"}
    report.refresh_from_db()
    assert report.is_draft and report.snapshot == {}
    sent(report, by=basile, reasons={"window": "Demandé par la Région.", "not_over": "Idem."})
    report.refresh_from_db()
    assert report.state == "sent" and len(report.digest) == 64


def test_a_sent_report_tells_the_same_after_a_new_rate_and_a_renamed_coop(
    mission: Mission, envelope: Envelope, coop: Coop, basile: User
) -> None:
    report = sent(given_report(envelope, by=basile), by=basile)
    report.refresh_from_db()
    before = reporting.to_json(reporting.tell(report))
    actions.rerate(mission.agreement, **acting(basile, TODAY))
    coop.organisation.usual_name = "Autre nom"
    coop.organisation.save()
    again = FunderReport.objects.get(pk=report.pk)
    assert reporting.to_json(reporting.tell(again)) == before
    assert again.snapshot["fractions"]


def test_rerating_leaves_told_days_alone_and_shares_the_others_again(
    mission: Mission, envelope: Envelope, ada: User, basile: User
) -> None:
    given_report(envelope, by=basile, last=date(2026, 3, 5))
    told = list(DayShare.objects.filter(day__worked_on=date(2026, 3, 3)).values_list("pk"))
    keys = actions.rerate(mission.agreement, **acting(basile, TODAY))
    assert len(keys) == 1
    assert list(DayShare.objects.filter(day__worked_on=date(2026, 3, 3)).values_list("pk")) == told


def test_a_told_day_is_not_sent_back_until_its_report_is_cancelled(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = sent(given_report(envelope, by=basile, title="Bilan"), by=basile)
    day = mission.days.order_by("worked_on").first()
    assert day is not None
    with pytest.raises(Refused) as refused:
        actions.reject(day, why="Erreur de date", **acting(basile, TODAY))
    assert "Bilan" in _words(refused)
    invoicing.cancel_report(report, why="Erreur de date", **acting(basile, TODAY))
    actions.reject(day, why="Erreur de date", **acting(basile, TODAY))
    day.refresh_from_db()
    assert day.state == "logged"


def test_a_report_that_came_back_is_corrected_by_another_and_stays_readable(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = sent(given_report(envelope, by=basile), by=basile)
    with pytest.raises(Refused):
        invoicing.redo_report(report, **acting(basile, TODAY))
    invoicing.send_back_report(report, why="Il manque l’EPCI.", **acting(basile, TODAY))
    made = invoicing.redo_report(report, **acting(basile, TODAY))
    report.refresh_from_db()
    assert (report.state, made.state, made.replaces) == ("cancelled", "draft", report)
    assert len(reporting.tell(report).lines) == 2 and made.reported.count() == 2
    sent(made, by=basile)


def test_accepting_and_dates_of_moves(mission: Mission, envelope: Envelope, basile: User) -> None:
    report = given_report(envelope, by=basile)
    for dated in (date(2026, 12, 1), date(2025, 1, 1)):
        with pytest.raises(Refused) as refused:
            sent(report, by=basile, dated=dated)
        assert "dated" in _codes(refused)
    sent(report, by=basile, dated=date(2026, 11, 20))
    invoicing.accept_report(report, dated=TODAY, **acting(basile, TODAY))
    report.refresh_from_db()
    assert (report.state, report.sent_on, report.answered_on) == (
        "accepted",
        date(2026, 11, 20),
        TODAY,
    )


def test_fractions_are_taken_out_and_put_back(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = given_report(envelope, by=basile)
    first, second = report.reported.order_by("share__day__worked_on")
    act = acting(basile, TODAY)
    assert invoicing.keep_shares(report, [first.share_id], **act) == 1
    with pytest.raises(Refused):
        invoicing.keep_shares(report, [], **act)
    invoicing.add_shares(report, [second.share], **act)
    assert report.reported.count() == 2
    own = DayShare.objects.exclude(envelope=envelope)
    with pytest.raises(Refused) as refused:
        invoicing.add_shares(report, own, **act)
    assert _codes(refused) == {"share"}


# -- whose money it is --------------------------------------------------------------------------
def test_links_decide_which_shares_lead_to_a_programme(
    coop: Coop, mission: Mission, envelope: Envelope, basile: User
) -> None:
    region = given_programme("Emploi ESS", funder=envelope.payer, by=basile)
    other = given_programme("Autre", funder=envelope.payer, by=basile)
    kind = FunderReport.Kind.DAYS

    def count(programme: Any) -> int:
        return reporting.candidates(programme, kind, FIRST, LAST).count()

    # Without a link the payer leads to each of its programmes; with one, to that one alone.
    assert (count(region), count(other)) == (2, 2)
    invoicing.link_funding(envelope=envelope, programme=region, **acting(basile, TODAY))
    assert (count(region), count(other)) == (2, 0)


def test_a_coops_own_grant_reports_what_the_coop_pays_us(
    coop: Coop, ada: User, basile: User
) -> None:
    given_issuer()
    agreement = given_agreement(coop, client_of(coop), 600, None, by=basile)
    given_day(ada, given_mission(agreement, by=basile), date(2026, 3, 3), by=basile)
    grant = given_application(coop, state="running")
    invoicing.link_funding(agreement=agreement, application=grant, **acting(basile, TODAY))
    line = reporting.tell(given_report(grant, by=basile)).lines[0]
    assert (line.part, line.remainder) == (D("600.00"), D("0.00"))


def test_a_collective_day_is_told_for_each_coop_by_its_fraction(
    envelope: Envelope, ada: User, basile: User
) -> None:
    coops = [given_coop(name, owner=ada, by=basile) for name in ("A", "B", "C")]
    agreement = given_agreement(
        None, envelope.payer, 600, None, by=basile, collective_key="one_payer"
    )
    mission = given_mission(agreement, by=basile)
    given_day(
        ada, mission, date(2026, 3, 3), work="collective", beneficiaries=coops,
        participants=21, by=basile,
    )  # fmt: skip
    programme = given_programme("Ateliers", funder=envelope.payer, by=basile)
    told = reporting.tell(given_report(programme, by=basile))
    assert sum(x.days for x in told.lines) == D(1) and told.totals.part == D("600.00")
    assert told.proofs[0]["participants"] == 21 and not told.proofs[0]["is_signed"]


def test_time_given_is_listed_apart_at_the_value_of_the_table(
    mission: Mission, envelope: Envelope, coop: Coop, ada: User, basile: User, chloe: User
) -> None:
    actions.note_valuation(
        nature="given", value=D(310), effective_from=FIRST, method="m", source="s",
        **acting(chloe, TODAY),
    )  # fmt: skip
    start_up = Mission.objects.get(kind="start_up", coop=coop)
    given_day(ada, start_up, date(2026, 2, 3), by=basile)
    report = given_report(envelope, by=basile, with_given=True)
    (line,) = reporting.tell(report).given
    assert (line.days, line.value) == (D(1), D("310.00"))
    assert reporting.tell(report).totals.part == D("720.00")


# -- what calls the coordinator ------------------------------------------------------------------
def test_an_envelope_due_soon_calls_until_its_report_is_made(
    mission: Mission, envelope: Envelope, basile: User, chloe: User, ada: User
) -> None:
    (reason,) = reports_to_make(basile, on=TODAY, limit=5)
    assert reason.code == "report_due" and reason.due_on == date(2026, 12, 10)
    assert reports_to_make(ada, on=TODAY, limit=5) == []
    report = given_report(envelope, by=basile)
    (reason,) = reports_to_make(basile, on=TODAY, limit=5)
    assert reason.code == "report_draft"
    sent(report, by=basile)
    assert reports_to_make(basile, on=TODAY, limit=5) == []


# -- what never changes ---------------------------------------------------------------------------
ATTACKS = {
    "title": "UPDATE invoicing_funderreport SET title = 'x' WHERE id = {report}",
    "period": "UPDATE invoicing_funderreport SET last = '2026-12-30' WHERE id = {report}",
    "snapshot": "UPDATE invoicing_funderreport SET snapshot = '{{}}' WHERE id = {report}",
    "digest": "UPDATE invoicing_funderreport SET digest = 'f' WHERE id = {report}",
    "draft again": "UPDATE invoicing_funderreport SET state = 'draft' WHERE id = {report}",
    "deleted": "DELETE FROM invoicing_funderreport WHERE id = {report}",
    "draft deleted": "DELETE FROM invoicing_funderreport WHERE id = {draft}",
    "row amount": "UPDATE invoicing_reportedshare SET amount = 1 WHERE report_id = {report}",
    "row moved out": "UPDATE invoicing_reportedshare SET report_id = {draft}"
    " WHERE report_id = {report}",
    "row moved in": "UPDATE invoicing_reportedshare SET report_id = {report}"
    " WHERE report_id = {draft}",
    "row deleted": "DELETE FROM invoicing_reportedshare WHERE report_id = {report}",
    "share deleted": "DELETE FROM missions_dayshare WHERE id = {share}",
    "born sent": "INSERT INTO invoicing_claimmonth (report_id, person_id, month, is_typed,"
    " operation, total, cost, flat) VALUES ({report}, {person}, '2026-03-01', {no}, 1, 1, 0, 0)",
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_sent_report_is_kept_by_the_database(
    name: str, mission: Mission, envelope: Envelope, ada: User, basile: User
) -> None:
    report = sent(given_report(envelope, by=basile, last=date(2026, 3, 5)), by=basile)
    draft = given_report(envelope, by=basile)
    ids = {
        "report": report.pk,
        "draft": draft.pk,
        "share": report.reported.get().share_id,
        "person": ada.pk,
        "no": "false" if connection.vendor == "postgresql" else "0",
    }
    before = _contents()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ATTACKS[name].format(**ids))
        connection.check_constraints()
    assert _contents() == before


def test_verify_finds_a_report_altered_where_the_triggers_were_away(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = sent(given_report(envelope, by=basile), by=basile)
    assert list(broken_seals()) == []
    # What PostgreSQL keeps to check at the end is checked before a table is altered.
    connection.check_constraints()
    immutability.drop(connection)
    snapshot = {**FunderReport.objects.get().snapshot, "structure": "Une autre"}
    FunderReport.objects.filter(pk=report.pk).update(snapshot=snapshot)
    connection.check_constraints()
    immutability.install(connection)
    assert list(broken_seals()) == [report]
    assert any("not the report" in f.words for f in verify(at=NOW)[1])


def test_a_cancelled_report_is_kept_too(mission: Mission, envelope: Envelope, basile: User) -> None:
    report = sent(given_report(envelope, by=basile), by=basile)
    invoicing.cancel_report(report, why="Erreur", **acting(basile, TODAY))
    for sql in (
        "UPDATE invoicing_funderreport SET state = 'sent' WHERE id = %s",
        "UPDATE invoicing_funderreport SET title = 'x' WHERE id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [report.pk])


def _contents() -> list[Any]:
    tables: tuple[type[models.Model], ...] = (FunderReport, ReportedShare, ClaimMonth, DayShare)
    return [list(t._base_manager.order_by("pk").values_list()) for t in tables]


def test_the_hooks_are_registered() -> None:
    assert hooks.guards.of(("missions.MissionDay", "reject"))
    assert hooks.guards.of(("invoicing.FunderReport", "send"))
    assert list(hooks.kept_shares.all())


def test_a_payer_joined_with_its_duplicate_may_follow(
    mission: Mission, envelope: Envelope, basile: User
) -> None:
    report = sent(given_report(envelope, by=basile), by=basile)
    target = given_organisation("Région Grand Est", by=basile)
    Organisation.objects.filter(pk=report.funder_id).update(duplicate_of=target)
    FunderReport.objects.filter(pk=report.pk).update(funder=target)
    report.refresh_from_db()
    assert report.funder == target and report.snapshot["funder"] == "Région"
