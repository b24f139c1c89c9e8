"""Expenses on invoices: rebilled at net, kilometres, débours to the cent; each billed once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from crm.models import Coop
from essaim import immutability
from essaim.models import User
from essaim.workflow import Refused
from invoicing import actions as invoicing
from invoicing.models import BilledExpense, Invoice, InvoiceLine
from invoicing.queries import billable_expenses
from invoicing.verification import verify
from missions import actions
from missions.models import Agreement, Expense, Mission
from tests.conftest import acting
from tests.given_crm import given_coop, given_organisation
from tests.given_expenses import given_expense
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def coop(ada: User, basile: User, chloe: User) -> Coop:
    given_issuer()
    return given_coop(owner=ada, by=basile)


@pytest.fixture
def agreement(coop: Coop, basile: User) -> Agreement:
    return given_agreement(coop, client_of(coop), by=basile, km_rate=Decimal("0.60"))


@pytest.fixture
def mission(agreement: Agreement, ada: User, basile: User) -> Mission:
    return given_mission(agreement, team=[ada], by=basile)


def _draft(agreement: Agreement, chloe: User, **more: Any) -> Invoice:
    return invoicing.draft_from_expenses(
        payer=agreement.client, agreement=agreement, **more, **acting(chloe, TODAY)
    )


def _lines(invoice: Invoice) -> list[InvoiceLine]:
    return list(invoice.lines.all())


def test_a_rebilled_expense_is_a_line_at_its_net_with_the_vat_of_the_service(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    given_expense(ada, mission, "120.00", vat=Decimal("20.00"), kind="hotel", by=basile)
    invoice = _draft(agreement, chloe)
    (line,) = _lines(invoice)
    assert (line.kind, line.net, line.vat_rate, line.vat_category) == (
        "expense", Decimal("100.00"), Decimal(20), "S",
    )  # fmt: skip
    assert (invoice.net, invoice.vat, invoice.gross) == (
        Decimal("100.00"), Decimal("20.00"), Decimal("120.00"),
    )  # fmt: skip


def test_kilometres_are_one_line_a_month_at_the_price_of_the_contract(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    for day in (2, 9):
        on = date(2026, 11, day)
        given_expense(ada, mission, on=on, kind="km", km=Decimal(120), by=basile)
    given_expense(ada, mission, on=date(2026, 10, 5), kind="km", km=Decimal(50), by=basile)
    october, november = _lines(_draft(agreement, chloe))
    assert (october.unit, october.quantity, october.unit_price, october.net) == (
        "KMT", Decimal(50), Decimal("0.60"), Decimal("30.00"),
    )  # fmt: skip
    assert (november.quantity, november.net) == (Decimal(240), Decimal("144.00"))
    assert november.detail.count("Ada Lutz") == 2
    assert BilledExpense.objects.filter(line=november).count() == 2


def test_a_price_of_three_decimals_is_told_in_words(
    coop: Coop, ada: User, basile: User, chloe: User
) -> None:
    agreement = given_agreement(coop, client_of(coop), by=basile, km_rate=Decimal("0.603"))
    given_expense(
        ada, given_mission(agreement, by=basile), kind="km", km=Decimal("120.5"), by=basile
    )
    (line,) = _lines(_draft(agreement, chloe))
    assert (line.unit, line.quantity, line.net) == ("C62", Decimal(1), Decimal("72.66"))
    assert "120,5" in line.detail and "0,603" in line.detail


def test_a_debours_is_taken_back_to_the_cent_outside_vat_with_its_receipt_named(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    given_expense(
        ada, mission, "36.00", vat=Decimal("6.00"), treatment="advanced", kind="other", by=basile
    )
    given_expense(ada, mission, "60.00", by=basile)
    invoice = _draft(agreement, chloe)
    advanced = next(ln for ln in _lines(invoice) if ln.kind == "advanced_cost")
    assert (advanced.net, advanced.vat_rate, advanced.vat_category) == (
        Decimal("36.00"), Decimal(0), "E",
    )  # fmt: skip
    assert "billet.pdf" in advanced.detail
    assert (invoice.net, invoice.vat) == (Decimal("96.00"), Decimal("12.00"))


def test_expenses_join_a_draft_of_days(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    given_day(ada, mission, date(2026, 11, 16), by=basile)
    given_expense(ada, mission, "60.00", by=basile)
    act = acting(chloe, TODAY)
    invoice = invoicing.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    invoice = invoicing.take_expenses(invoice=invoice, **act)
    assert [ln.kind for ln in _lines(invoice)] == ["days", "expense"]
    assert (invoice.net, invoice.period_to) == (Decimal("660.00"), TODAY)
    with pytest.raises(Refused):
        invoicing.take_expenses(invoice=invoice, **act)


def test_another_payer_is_billed_when_the_expense_names_one(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    commune = given_organisation("Commune de Barr", by=basile)
    given_expense(ada, mission, "60.00", payer=commune, by=basile)
    with pytest.raises(Refused):
        _draft(agreement, chloe)
    invoice = invoicing.draft_from_expenses(
        payer=commune, agreement=agreement, **acting(chloe, TODAY)
    )
    assert invoice.client == commune


def test_what_is_kept_or_not_validated_is_never_billed(
    ada: User, basile: User, agreement: Agreement, mission: Mission
) -> None:
    given_expense(ada, mission, treatment="kept", by=basile)
    given_expense(ada, mission, state="submitted")
    assert not billable_expenses().exists()


def test_an_expense_is_on_one_draft_only(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    expense = given_expense(ada, mission, by=basile)
    invoice = _draft(agreement, chloe)
    with pytest.raises(Refused):
        _draft(agreement, chloe)
    line = invoice.lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        BilledExpense.objects.create(line=line, expense=expense, generation=1)


def test_a_draft_thrown_away_frees_its_expenses(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    expense = given_expense(ada, mission, by=basile)
    invoicing.delete_draft(invoice=_draft(agreement, chloe), **acting(chloe, TODAY))
    assert list(billable_expenses()) == [expense]


def test_an_expense_on_a_draft_is_not_sent_back(
    ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission
) -> None:
    expense = given_expense(ada, mission, by=basile)
    _draft(agreement, chloe)
    with pytest.raises(Refused) as excinfo:
        actions.reject_expense(expense, why="Erreur", **acting(basile, TODAY))
    assert [m.code for m in excinfo.value.missing] == ["draft"]


@pytest.fixture
def issued(ada: User, basile: User, chloe: User, agreement: Agreement, mission: Mission) -> Invoice:
    given_expense(ada, mission, "60.00", by=basile)
    return invoicing.issue(invoice=_draft(agreement, chloe), **acting(chloe, TODAY))


def test_the_issue_locks_the_expense_in_the_database(issued: Invoice) -> None:
    expense = Expense.objects.get()
    assert expense.state == "billed"
    for sql in (
        "UPDATE missions_expense SET gross = 1",
        "UPDATE missions_expense SET label = 'x'",
        "DELETE FROM missions_expense",
        "DELETE FROM missions_keptfile",
        "DELETE FROM invoicing_billedexpense",
        "UPDATE invoicing_billedexpense SET generation = 9",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_billed_expense_may_still_be_given_back(issued: Invoice, basile: User) -> None:
    expense = Expense.objects.get()
    actions.reimburse_expenses([expense], **acting(basile, TODAY))
    expense.refresh_from_db()
    assert (expense.state, expense.reimbursed_on) == ("billed", TODAY)


def test_the_seal_covers_which_expenses_were_billed(issued: Invoice, chloe: User) -> None:
    at = acting(chloe, TODAY)["at"]
    assert verify(at=at) == (1, [])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        immutability.drop(connection)
        cursor.execute("UPDATE invoicing_billedexpense SET generation = 7")
    immutability.install(connection)
    _count, findings = verify(at=at)
    assert [f.words for f in findings] == ["it was altered after it was issued"]


def test_a_credit_note_frees_the_expense_for_another_invoice(
    issued: Invoice, agreement: Agreement, chloe: User
) -> None:
    act = acting(chloe, TODAY)
    line = issued.lines.get()
    credit = invoicing.draft_credit(
        origin=issued, words="Mauvais destinataire", billable_again=[line.pk], **act
    )
    invoicing.issue(invoice=credit, **act)
    expense = Expense.objects.get()
    assert (expense.state, expense.generation) == ("validated", 2)
    assert list(billable_expenses()) == [expense]
    again = invoicing.issue(invoice=_draft(agreement, chloe), **act)
    expense.refresh_from_db()
    assert (expense.state, again.net) == ("billed", Decimal("60.00"))
    assert set(expense.billed.values_list("generation", flat=True)) == {1, 2}


def test_a_credit_note_that_frees_nothing_leaves_the_expense_billed(
    issued: Invoice, chloe: User
) -> None:
    act = acting(chloe, TODAY)
    credit = invoicing.draft_credit(origin=issued, words="Geste", **act)
    invoicing.issue(invoice=credit, **act)
    assert Expense.objects.get().state == "billed"
    assert not billable_expenses().exists()
