"""The budget by the accounts of the form: balance, caps, copies, and what was deposited stays."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from essaim.workflow import Refused
from grants import actions, budgets
from grants.actions import TypedLine
from grants.models import BudgetLine, BudgetVersion, GrantApplication
from grants.rules_budget import BudgetRow, Limits, balance_of, wrong_line
from tests.given_grants import (
    DAY,
    given_applicant,
    given_application,
    given_organisation,
    given_programme,
    who,
)

D = Decimal


def _row(side: str, account: str, planned: int, **more: Any) -> BudgetRow:
    return BudgetRow(side, account, "", D(planned), **more)


def test_the_golden_leader_budget_balances() -> None:
    """10,000 = own 2,000 + public 1,600 + FEADER 6,400."""
    rows = [
        _row("charge", "60", 4000),
        _row("charge", "64", 6000),
        _row("product", "70", 2000),
        _row("product", "74", 1600, source="co_funder", is_public=True),
        _row("product", "74", 6400, source="grant", is_public=True),
    ]
    found = balance_of(rows, Limits(D(80), D(20)))
    assert (found.charges, found.products, found.own) == (D(10000), D(10000), D(2000))
    assert found.public_aid == D(8000)
    assert found.off == {}


def test_what_is_off_is_told_with_by_how_much() -> None:
    rows = [
        _row("charge", "64", 10000),
        _row("charge", "86", 500),
        _row("product", "70", 1900),
        _row("product", "87", 300),
        _row("product", "74", 8200, source="grant", is_public=True),
    ]
    found = balance_of(rows, Limits(D(80), D(20)))
    assert found.off == {
        "gap": D(100),
        "in_kind": D(-200),
        "public_aid": D(200),
        "own_share": D(100),
    }


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(["60", "64", "86"]), st.integers(0, 10**6)), max_size=8))
def test_products_equal_to_charges_always_balance(lines: list[tuple[str, int]]) -> None:
    mirror = {"60": "70", "64": "75", "86": "87"}
    rows = [_row("charge", account, n) for account, n in lines]
    rows += [_row("product", mirror[account], n) for account, n in lines]
    found = balance_of(rows, Limits())
    assert found.off == {}
    assert found.whole_charges == found.whole_products == sum(n for _a, n in lines)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("charge", "60", "10"), ""),
        (("charge", "70", "10"), "account"),
        (("product", "60", "10"), "account"),
        (("charge", "99", "10"), "account"),
        (("product", "74", "10"), "subsidy"),
        (("charge", "60", "-1"), "negative"),
        (("charge", "60", "10.50"), "whole"),
    ],
)
def test_a_line_the_form_does_not_know_is_refused(line: tuple[str, str, str], code: str) -> None:
    side, account, planned = line
    assert wrong_line(side, account, D(planned), None) == code


def _saved(application: GrantApplication, *lines: tuple[str, str, int], **more: Any) -> Any:
    typed = [TypedLine(side=s, account=a, planned=D(n)) for s, a, n in lines]
    return actions.save_budget(application, lines=typed, **more, **who())


BALANCED = (("charge", "64", 10000), ("product", "70", 2000))


def _leader(**facts: Any) -> GrantApplication:
    programme = given_programme(public_aid_cap=D(80), own_share_minimum=D(20))
    facts = {"state": "drafting", "requested": D(6400), "base": D(10000), **facts}
    application = given_application(given_applicant(), programme, **facts)
    town = given_organisation("Ville de Saverne", "authority")
    actions.add_co_funder(application, funder=town, amount=D(1600), **who())
    return application


@pytest.mark.django_db
def test_the_grant_and_the_other_funders_are_the_lines_of_account_74() -> None:
    application = _leader()
    _saved(application, *BALANCED)
    rows = budgets.rows_of(application)
    assert [(r.account, r.planned, r.source) for r in rows if r.account == "74"] == [
        ("74", D(6400), "grant"),
        ("74", D(1600), "co_funder"),
    ]
    assert budgets.balance(application, rows).off == {}
    co = application.co_funders.get()
    actions.note_standing(co, standing="refused", dated=DAY, **who())
    assert budgets.balance(application, budgets.rows_of(application)).off["gap"] == D(-1600)


@pytest.mark.django_db
def test_a_loan_or_private_money_is_no_public_aid() -> None:
    for facts in ({"kind": "loan"}, {"is_public": False}, {"kind": "crowdfunding"}):
        programme = given_programme(public_aid_cap=D(10), **facts)
        application = given_application(given_applicant(), programme, requested=D(8000))
        _saved(application, *BALANCED)
        assert "public_aid" not in budgets.balance(application, budgets.rows_of(application)).off


@pytest.mark.django_db
def test_the_totals_are_carried_to_the_file_when_asked() -> None:
    application = _leader()
    _saved(application, ("charge", "60", 9000), ("charge", "86", 400), ("product", "70", 1000))
    application.refresh_from_db()
    assert application.total_cost is None
    lines = (("charge", "60", 9000), ("charge", "86", 400), ("product", "70", 1000))
    _saved(application, *lines, carry=True)
    application.refresh_from_db()
    assert (application.total_cost, application.own_share, application.in_kind) == (
        D(9000),
        D(1000),
        D(400),
    )
    assert application.eligible_base == D(9000)
    assert application.budget_lines.count() == 3


@pytest.mark.django_db
def test_a_wrong_line_writes_nothing() -> None:
    application = _leader()
    _saved(application, *BALANCED)
    with pytest.raises(Refused) as refused:
        _saved(application, ("charge", "60", 5), ("product", "74", 5))
    assert [m.code for m in refused.value.missing] == ["line_subsidy"]
    assert application.budget_lines.count() == 2


@pytest.mark.django_db
def test_a_budget_that_is_off_is_deposited_with_a_sentence_only() -> None:
    application = _leader()
    _saved(application, ("charge", "64", 9000), ("product", "70", 2000))
    with pytest.raises(Refused) as refused:
        actions.move(application, "deposit", dated=DAY, **who())
    assert [(m.code, m.level) for m in refused.value.missing] == [("budget", "warn")]
    assert "1\u00a0000,00\u00a0€" in str(refused.value)
    _saved(application, *BALANCED)
    actions.move(application, "deposit", dated=DAY, **who())
    assert application.state == "submitted"


@pytest.mark.django_db
def test_what_was_deposited_stays_whatever_changes_after() -> None:
    application = _leader()
    _saved(application, *BALANCED)
    actions.move(application, "deposit", dated=DAY, **who())
    _saved(application, ("charge", "60", 1))
    version = BudgetVersion.objects.get()
    assert version.on == DAY
    assert [(r["account"], r["planned"]) for r in version.lines] == [
        ("64", "10000"),
        ("70", "2000"),
        ("74", "6400.00"),
        ("74", "1600.00"),
    ]
    for sql in (
        "UPDATE grants_budgetversion SET requested = 1",
        "DELETE FROM grants_budgetversion",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    with pytest.raises(DatabaseError), transaction.atomic():
        BudgetVersion.objects.update(lines=[])


@pytest.mark.django_db
def test_a_file_without_a_budget_is_deposited_as_before() -> None:
    application = _leader()
    actions.move(application, "deposit", dated=DAY, **who())
    assert not BudgetVersion.objects.exists()


@pytest.mark.django_db
def test_a_budget_is_copied_into_an_empty_one_of_the_same_applicant_only() -> None:
    source = _leader()
    _saved(source, *BALANCED)
    mine = given_application(source.coop, source.programme, title="L’an prochain")
    other = given_application(given_applicant("Épi Sud"), source.programme)
    for target, start in ((other, source), (mine, mine), (source, mine)):
        with pytest.raises(Refused) as refused:
            actions.copy_budget(target, source=start, **who())
        assert [m.code for m in refused.value.missing] == ["source"]
    actions.copy_budget(mine, source=source, **who())
    assert list(mine.budget_lines.values_list("account", "planned")) == [
        ("64", D(10000)),
        ("70", D(2000)),
    ]


@pytest.mark.django_db
def test_the_database_keeps_accounts_on_their_side() -> None:
    application = _leader()
    with pytest.raises(DatabaseError), transaction.atomic():
        BudgetLine.objects.create(application=application, side="charge", account="70")
