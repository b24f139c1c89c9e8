"""Entries read from the rows of a year: documents, payments, reversals, credits, losses."""

import contextlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import books as verbs
from invoicing.actions import issuing
from invoicing.actions.paying import credit_left, payment_left
from invoicing.actions.refunding import refund
from invoicing.entries import ALL, SALES, Entry, read_books
from invoicing.entries_receipts import entries
from invoicing.models import Invoice, LateClaim, Payment
from invoicing.vat_statement import lines, totals
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def read(scope: str = ALL, first: date = FIRST, last: date = LAST) -> list[Entry]:
    verbs.give_codes(last=last)
    return list(entries(scope, first, last, read_books()))


def told(entry: Entry) -> list[tuple[str, str, str]]:
    return [(p.account.number, f"{p.debit:.2f}", f"{p.credit:.2f}") for p in entry.postings]


def balances(found: list[Entry]) -> dict[str, Decimal]:
    """What each account ends at; debit is positive."""
    totals: dict[str, Decimal] = {}
    for entry in found:
        for p in entry.postings:
            totals[p.account.number] = totals.get(p.account.number, D(0)) + p.debit - p.credit
    return {number: total for number, total in totals.items() if total}


def paid(invoice: Invoice, amount: str, chloe: Any, on: date, **facts: Any) -> Any:
    return actions.record_payment(
        client=invoice.client,
        amount=D(amount),
        received_on=on,
        method="transfer",
        reference=facts.pop("reference", "VIR"),
        invoices={invoice: D(facts.pop("part", amount))},
        **acting(chloe, facts.pop("recorded_on", on)),
    )


def test_two_payments_close_an_invoice_and_its_vat(chloe: Any, today: date) -> None:
    invoice = given_invoice("2427.64", given_client(), today, by=chloe)
    paid(invoice, "1000.00", chloe, today)
    before = read(last=today)
    assert told(before[-1])[2:] == [
        ("445740", "166.67", "0.00"), ("445710", "0.00", "166.67"),
    ]  # fmt: skip
    assert not any(p.letter for e in before for p in e.postings)
    paid(invoice, "1913.17", chloe, today + timedelta(days=3))
    found = read()
    assert [e.journal for e in found] == ["VE", "BQ", "BQ"]
    assert told(found[-1]) == [
        ("512000", "1913.17", "0.00"), ("411000", "0.00", "1913.17"),
        ("445740", "318.86", "0.00"), ("445710", "0.00", "318.86"),
    ]  # fmt: skip
    assert balances(found) == {
        "512000": D("2913.17"), "706000": D("-2427.64"), "445710": D("-485.53"),
    }  # fmt: skip
    # Once settled, the invoice and what settled it bear one letter and its day.
    lettered = [p for e in found for p in e.postings if p.letter]
    assert sum(p.debit - p.credit for p in lettered) == 0
    assert {on for e in found for on in e.letters.values()} == {today + timedelta(days=3)}


def test_the_default_scope_holds_no_receipt(chloe: Any, today: date) -> None:
    invoice = given_invoice("1000.00", given_client(), today, by=chloe)
    paid(invoice, "1200.00", chloe, today)
    (entry,) = read(SALES)
    assert (entry.journal, entry.piece) == ("VE", invoice.number)
    assert balances([entry])["445740"] == D("-200.00")


def test_an_over_payment_stays_the_clients_until_it_is_set_off(chloe: Any, today: date) -> None:
    client = given_client()
    one = given_invoice("100.00", client, today, by=chloe)
    two = given_invoice("50.00", client, today, by=chloe)
    payment = paid(one, "180.00", chloe, today, part="120.00")
    assert balances(read())["445740"] == D("-10.00")
    later = today + timedelta(days=5)
    actions.allocate(invoice=two, payment=payment, amount=D("60.00"), **acting(chloe, later))
    found = read()
    assert "445740" not in balances(found)
    assert "411000" not in balances(found)
    assert told(found[-1]) == [
        ("411000", "60.00", "0.00"), ("411000", "0.00", "60.00"),
        ("445740", "10.00", "0.00"), ("445710", "0.00", "10.00"),
    ]  # fmt: skip
    assert (found[-1].journal, found[-1].on) == ("OD", later)


def test_a_reversal_turns_the_payment_round(chloe: Any, today: date) -> None:
    invoice = given_invoice("1000.00", given_client(), today, by=chloe)
    payment = paid(invoice, "600.00", chloe, today)
    later = today + timedelta(days=2)
    actions.reverse_payment(payment=payment, why="Chèque sans provision.", **acting(chloe, later))
    found = read()
    assert told(found[-1]) == [
        ("512000", "0.00", "600.00"), ("411000", "600.00", "0.00"),
        ("445740", "0.00", "100.00"), ("445710", "100.00", "0.00"),
    ]  # fmt: skip
    assert balances(found)["445740"] == D("-200.00")


def credited(invoice: Invoice, amount: str, chloe: Any, on: date) -> Invoice:
    line = invoice.lines.get()
    draft = actions.draft_credit(
        origin=invoice, words="Trop facturé.", amounts={line.pk: D(amount)}, **acting(chloe, on)
    )
    return actions.issue(invoice=draft, **acting(chloe, on))


def test_a_credit_note_on_an_unpaid_invoice_needs_no_other_entry(chloe: Any, today: date) -> None:
    invoice = given_invoice("333.33", given_client(), today, by=chloe)
    credited(invoice, "333.33", chloe, today)
    found = read()
    assert [e.journal for e in found] == ["VE", "VE"]
    assert told(found[1])[0] == ("706000", "333.33", "0.00")
    assert balances(found) == {}
    assert all(p.letter == invoice.pk for e in found for p in e.postings if p.third)


def test_the_balance_of_a_credit_note_is_set_against_another_invoice(
    chloe: Any, today: date
) -> None:
    client = given_client()
    one = given_invoice("1000.00", client, today, by=chloe)
    paid(one, "1200.00", chloe, today)
    credit = credited(one, "100.00", chloe, today)
    two = given_invoice("500.00", client, today, by=chloe)
    assert balances(read())["445740"] == D("-80.00")
    actions.allocate(invoice=two, credit_note=credit, amount=D("120.00"), **acting(chloe, today))
    paid(two, "480.00", chloe, today)
    found = read()
    assert "445740" not in balances(found)
    assert balances(found)["445710"] == D("-280.00")


def test_a_bad_debt_ends_the_invoice_without_a_credit_note(chloe: Any, today: date) -> None:
    invoice = given_invoice("1000.00", given_client(), today, by=chloe)
    paid(invoice, "700.00", chloe, today)
    verbs.write_off(invoice=invoice, reason="Liquidation judiciaire.", **acting(chloe, today))
    assert Invoice.objects.with_left().get(pk=invoice.pk).left == 0
    found = read()
    assert told(found[-1]) == [
        ("654100", "416.67", "0.00"), ("445740", "83.33", "0.00"), ("411000", "0.00", "500.00"),
    ]  # fmt: skip
    assert {"445740", "411000"}.isdisjoint(balances(found))
    # The firm that has the bank's statement still learns of the loss.
    assert [e.journal for e in read(SALES)] == ["VE", "OD"]


def test_vat_on_debits_is_due_with_the_invoice_and_payments_move_none(
    chloe: Any, today: date
) -> None:
    given_issuer(regime="debits")
    invoice = given_invoice("1000.00", given_client(), today, by=chloe)
    paid(invoice, "1200.00", chloe, today)
    found = read()
    assert [len(e.postings) for e in found] == [3, 2]
    assert balances(found)["445710"] == D("-200.00")


def test_a_code_is_given_once_in_the_order_clients_came(chloe: Any, today: date) -> None:
    given_issuer()
    late, early = given_client("Zèbre"), given_client("Abeille")
    given_invoice("10.00", early, today, by=chloe)
    own = verbs.give_code(organisation=late, code="411ZEB", **acting(chloe, today))
    given_invoice("10.00", late, today, by=chloe)
    found = read()
    assert [(e.code, e.client) for e in found] == [("C0002", "Abeille"), ("411ZEB", "Zèbre")]
    late.legal_name = "Zèbre et fils"
    late.save()
    assert read()[1].client == own.name


def test_a_chunk_costs_the_same_questions_whatever_it_holds(
    chloe: Any, today: date, django_assert_max_num_queries: Any
) -> None:
    client = given_client()
    for rank in range(6):
        paid(given_invoice(100 + rank, client, today, by=chloe), "60.00", chloe, today)
    verbs.give_codes(last=LAST)
    with django_assert_max_num_queries(22):
        assert len(list(entries(ALL, FIRST, LAST, read_books()))) == 12


def test_money_paid_back_takes_the_vat_of_its_credit_note_back(chloe: Any, today: date) -> None:
    client = given_client()
    invoice = given_invoice("1000.00", client, today, by=chloe)
    paid(invoice, "1200.00", chloe, today)
    credit = credited(invoice, "100.00", chloe, today)
    for amount in ("50.00", "70.00"):
        refund(
            client=client, source=credit, amount=D(amount), paid_on=today, method="transfer",
            **acting(chloe, today),
        )  # fmt: skip
    found = read()
    assert told(found[-2]) == [
        ("411000", "50.00", "0.00"), ("512000", "0.00", "50.00"),
        ("445740", "0.00", "8.33"), ("445710", "8.33", "0.00"),
    ]  # fmt: skip
    assert told(found[-1])[2:] == [("445740", "0.00", "11.67"), ("445710", "11.67", "0.00")]
    assert balances(found) == {
        "512000": D("1080.00"), "706000": D("-900.00"), "445710": D("-180.00"),
    }  # fmt: skip
    due = totals(lines(today, today))
    assert [(t.base, t.vat) for t in due] == [(D("900.00"), D("180.00"))]


def test_a_final_invoice_wholly_given_back_owes_its_deposit_again(chloe: Any, today: date) -> None:
    given_issuer()
    act, client = acting(chloe, today), given_client()
    draft = actions.draft_deposit(client=client, title="Étude", amount=D("300.01"), **act)
    deposit = actions.issue(invoice=draft, **act)
    draft = given_invoice("1000.03", client, today, issued=False, by=chloe)
    actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    final = actions.issue(invoice=draft, **act)
    paid(deposit, "360.01", chloe, today)
    paid(final, "840.03", chloe, today)
    draft = actions.draft_credit(origin=final, words="Annulée", **act)
    credit = actions.issue(invoice=draft, **act)
    assert told(read(SALES)[-1])[-1] == ("411000", "0.00", "840.03")
    back = {"client": client, "amount": D("840.03"), "paid_on": today, "method": "transfer"}
    refund(source=credit, **back, **act)
    assert balances(read()) == {
        "512000": D("360.01"), "419100": D("-300.01"), "445710": D("-60.00"),
    }  # fmt: skip


def test_late_interest_is_booked_when_it_is_claimed_and_taken_off_when_given_up(
    chloe: Any, today: date
) -> None:
    invoice = given_invoice("1000.00", given_client(), today, by=chloe)
    facts: dict[str, Any] = {
        "invoice": invoice, "until": today, "interest": D("12.50"), "fee": D("40.00"), "on": today,
        "by": chloe, "at": acting(chloe, today)["at"],
    }  # fmt: skip
    claim = LateClaim.objects.create(rank=1, kind="claimed", **facts)
    found = read(SALES)
    assert told(found[-1]) == [("411000", "52.50", "0.00"), ("758100", "0.00", "52.50")]
    LateClaim.objects.create(rank=2, kind="waived", why="Geste.", cancels=claim, **facts)
    # Interest that was never claimed is in no entry.
    LateClaim.objects.create(rank=3, kind="waived", why="Geste.", **facts)
    found = read(SALES)
    assert len(found) == 3
    assert told(found[-1]) == [("411000", "0.00", "52.50"), ("758100", "52.50", "0.00")]


AMOUNTS = st.integers(100, 300_000).map(lambda n: D(n) / 100)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "pay", "pay", "credit", "undo", "set_off", "pay_back", "lose"]),
        AMOUNTS,
        st.integers(0, 9),
    ),
    min_size=4,
    max_size=9,
)


class Desk:
    """Any gestures of the desk, one after the other; what is refused is left undone."""

    def __init__(self, chloe: Any) -> None:
        self.chloe, self.on, self.client = chloe, date(2026, 11, 23), given_client()
        self.invoices: list[Invoice] = []
        self.payments: list[Payment] = []

    def left(self, invoice: Invoice) -> Decimal:
        return D(Invoice.objects.with_left().get(pk=invoice.pk).left)

    def act(self) -> dict[str, Any]:
        self.on += timedelta(days=1)
        return acting(self.chloe, self.on)

    def play(self, verb: str, amount: Decimal, pick: int) -> None:
        act = self.act()
        if verb == "invoice" or not self.invoices:
            self.invoices.append(given_invoice(amount, self.client, self.on, by=self.chloe))
            return
        invoice = self.invoices[pick % len(self.invoices)]
        with contextlib.suppress(Refused):
            getattr(self, verb)(invoice, amount, act)

    def pay(self, invoice: Invoice, amount: Decimal, act: Any) -> None:
        part = min(amount, self.left(invoice))
        self.payments.append(
            actions.record_payment(
                client=self.client, amount=amount, received_on=self.on, method="transfer",
                invoices={invoice: part} if part else {}, **act,
            )
        )  # fmt: skip

    def credit(self, invoice: Invoice, amount: Decimal, act: Any) -> None:
        line = invoice.lines.get()
        part = min(amount, line.net)
        draft = actions.draft_credit(origin=invoice, words="Trop.", amounts={line.pk: part}, **act)
        actions.issue(invoice=draft, **act)

    def undo(self, invoice: Invoice, amount: Decimal, act: Any) -> None:
        if self.payments:
            actions.reverse_payment(payment=self.payments.pop(), why="Erreur.", **act)

    def set_off(self, invoice: Invoice, amount: Decimal, act: Any) -> None:
        """Every balance of the client goes to what is left to pay."""
        sources: list[Any] = [
            *({"payment": p} for p in Payment.objects.filter(client=self.client)),
            *({"credit_note": c} for c in Invoice.objects.filter(kind="credit_note")),
        ]
        for source in sources:
            for one in self.invoices:
                held = source.get("payment") or source["credit_note"]
                rest = payment_left(held) if "payment" in source else credit_left(held)
                if part := min(rest, self.left(one)):
                    actions.allocate(invoice=one, amount=part, **source, **self.act())

    def pay_back(self, invoice: Invoice, amount: Decimal, act: Any) -> None:
        """A part of a balance, or all of it, goes back to the client at any time."""
        credits = Invoice.objects.issued().filter(kind="credit_note").order_by("pk")
        for source in (*self.payments, *credits):
            rest = payment_left(source) if isinstance(source, Payment) else credit_left(source)
            if rest > 0:
                refund(
                    client=self.client, source=source, amount=min(rest, amount),
                    paid_on=self.on, method="transfer", **act,
                )  # fmt: skip
                return

    def lose(self, invoice: Invoice, amount: Decimal, act: Any) -> None:
        if amount > 2000:
            verbs.write_off(invoice=invoice, reason="Perdu.", **act)

    def settle(self) -> None:
        """All is paid, all balances are used or paid back."""
        for invoice in self.invoices:
            self.set_off(invoice, D(1), None)
        for invoice in self.invoices:
            if left := self.left(invoice):
                self.pay(invoice, left, self.act())
        for credit in Invoice.objects.issued().filter(kind="credit_note"):
            if rest := credit_left(credit):
                refund(
                    client=self.client, source=credit, amount=rest, paid_on=self.on,
                    method="transfer", **self.act(),
                )  # fmt: skip


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_happens_entries_balance_and_no_vat_is_left_waiting(
    steps: list[Any], chloe: Any
) -> None:
    with transaction.atomic():
        desk = Desk(chloe)
        for step in steps:
            desk.play(*step)
        for entry in read(last=date(2027, 12, 31)):
            assert sum(p.debit - p.credit for p in entry.postings) == 0
        desk.settle()
        found = read(last=date(2027, 12, 31))
        assert "445740" not in balances(found)
        # What is lettered balances, and each month's statement adds up to the account.
        letters: dict[int, Decimal] = {}
        for entry in found:
            for p in entry.postings:
                if p.letter:
                    letters[p.letter] = letters.get(p.letter, D(0)) + p.debit - p.credit
        assert not any(letters.values())
        due = sum((t.vat for t in totals(lines(FIRST, date(2027, 12, 31)))), D(0))
        assert due == -balances(found).get("445710", D(0))
        transaction.set_rollback(True)
