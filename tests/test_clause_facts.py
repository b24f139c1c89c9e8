"""The warnings of a clause come from the data: who paid the file, when a claim closes."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from essaim.workflow import Refused
from invoicing import actions
from invoicing.clause_facts import drafting_is_paid, due_after_claim
from missions.actions import ShareLine
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement, given_programme
from tests.given_invoicing import client_of, given_clause, given_client, given_issuer
from tests.given_missions import TODAY, given_agreement, given_day, given_envelope, given_mission

pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(db: None) -> Any:
    given_issuer()
    return given_coop()


def clause_of(coop: Any, application: Any, chloe: Any, **more: Any) -> Any:
    agreement = more.pop("agreement", None) or given_agreement(coop, client_of(coop))
    return given_clause(agreement, application, active=False, by=chloe, **more)


def test_days_of_application_files_covered_by_an_envelope_are_found(
    coop: Any, chloe: Any, ada: Any, basile: Any
) -> None:
    clause = clause_of(coop, given_application(coop), chloe)
    assert not drafting_is_paid(clause)
    region = given_client("Région")
    envelope = given_envelope(region, basis="grant")
    shares = [
        ShareLine(payer=region, percent=D(50), basis="grant", envelope=envelope, priority=1),
        ShareLine(payer=client_of(coop), percent=D(50), takes_remainder=True, priority=2),
    ]
    other = given_agreement(coop, client_of(coop), shares=shares)
    mission = given_mission(other, team=[ada])
    given_day(ada, mission, TODAY, work="on_site")
    assert not drafting_is_paid(clause)  # other work of that envelope is another matter
    given_day(ada, mission, TODAY - timedelta(days=3), work="application_file")
    assert drafting_is_paid(clause)


def test_a_share_tied_to_the_same_programme_is_found(coop: Any, chloe: Any) -> None:
    application = given_application(coop)
    client, town = client_of(coop), given_client("Commune")
    shares = [
        ShareLine(payer=town, percent=D(50), priority=1),
        ShareLine(payer=client, percent=D(50), takes_remainder=True, priority=2),
    ]
    agreement = given_agreement(coop, client, shares=shares)
    clause = clause_of(coop, application, chloe, agreement=agreement)
    assert not drafting_is_paid(clause)
    share = agreement.shares.get(payer=town)
    actions.link_funding(
        funding_share=share, programme=application.programme, **acting(chloe, TODAY)
    )
    assert drafting_is_paid(clause)
    agreement.billable_works = ["on_site"]
    agreement.save()
    clause.refresh_from_db()
    assert not drafting_is_paid(clause)  # files are not billed under it at all


@pytest.mark.parametrize(
    ("claimed_by", "received_on", "late"),
    [
        (date(2027, 6, 30), date(2027, 5, 31), False),
        (date(2027, 6, 30), date(2027, 6, 1), True),  # due on 1 July, a day too late
        (date(2027, 6, 30), None, True),
        (None, None, True),
    ],
)
def test_a_fee_on_what_is_paid_comes_too_late_to_be_claimed(
    coop: Any,
    chloe: Any,
    claimed_by: date | None,
    received_on: date | None,
    late: bool,  # noqa: FBT001
) -> None:
    programme = given_programme("LEADER", paid_expenses_only=True)
    application = given_application(coop, programme, state="agreed")
    application.report_due_on = claimed_by
    application.save()
    if received_on is not None:
        given_disbursement(application, expected_on=received_on)
    clause = clause_of(coop, application, chloe)
    assert due_after_claim(clause) is late


def test_a_funder_that_pays_in_advance_is_no_matter(coop: Any, chloe: Any) -> None:
    clause = clause_of(coop, given_application(coop), chloe)
    assert not due_after_claim(clause)


def test_a_fee_on_the_award_is_judged_by_its_notification(coop: Any, chloe: Any) -> None:
    application = given_application(coop, given_programme("LEADER", paid_expenses_only=True))
    application.report_due_on, application.notified_on = date(2027, 6, 30), date(2027, 5, 31)
    application.save()
    clause = clause_of(coop, application, chloe, base="awarded")
    assert not due_after_claim(clause)
    application.notified_on = date(2027, 6, 1)
    application.save()
    assert due_after_claim(clause)


def test_it_asks_for_a_sentence_before_the_clause_is_active(coop: Any, chloe: Any) -> None:
    application = given_application(coop, given_programme("LEADER", paid_expenses_only=True))
    clause = clause_of(coop, application, chloe)

    with pytest.raises(Refused) as refused:
        actions.activate_clause(clause=clause, **acting(chloe, TODAY))
    assert [m.code for m in refused.value.missing] == ["clause_due_after_claim_date"]
    why = {"clause_due_after_claim_date": "Payés sur fonds propres."}
    actions.activate_clause(clause=clause, reasons=why, **acting(chloe, TODAY))
    assert clause.state == "active"
