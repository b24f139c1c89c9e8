"""The aged balance on any day, and one client's statement: they agree with what was played."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal as D
from random import Random
from typing import Any

import pytest

from invoicing import actions
from invoicing.actions import issuing, refunding
from invoicing.actions.lateness import cancel_claim, claim_interest, settle_claim
from invoicing.actions.paying import credit_left, payment_left
from invoicing.lateness import open_claims, standing_of
from invoicing.models import Invoice, Payment
from invoicing.receivables import aged_balance, statement_of
from invoicing.rules_receivables import COLUMNS, Forecast, column_of
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.given_receivables import given_payment

pytestmark = pytest.mark.django_db
START = date(2026, 2, 2)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.mark.parametrize(
    ("late", "column"),
    [
        (-1, "not_due"),
        (0, "not_due"),
        (1, "d30"),
        (30, "d30"),
        (31, "d60"),
        (60, "d60"),
        (61, "d90"),
        (90, "d90"),
        (91, "over"),
        (900, "over"),
    ],
)
def test_an_amount_stands_in_the_column_of_its_age(late: int, column: str) -> None:
    due = date(2026, 3, 1)
    assert column_of(due, due + timedelta(days=late)) == column


def test_each_client_is_aged_and_its_balance_stands_apart(chloe: Any) -> None:
    epi, ried = given_client("Coop’Épi"), given_client("Le Ried")
    old = given_invoice(1000, epi, START, by=chloe)
    given_invoice(500, epi, START + timedelta(days=60), by=chloe)
    given_payment(epi, "700", START + timedelta(days=40), to={old: "700"})
    given_payment(ried, "50", START + timedelta(days=41))
    found = aged_balance(as_of=START + timedelta(days=75))
    lines = {line.label: line for line in found.lines}
    # Old one: 1,200 due on day 30, 500 left, 45 days late; the other is not due.
    assert lines["Coop’Épi"].amounts["d60"] == D("500.00")
    assert lines["Coop’Épi"].amounts["not_due"] == D("600.00")
    assert lines["Le Ried"].total == D("-50.00")
    assert found.total.total == D("1050.00")
    # Before the payment nothing was received, and the second invoice did not exist.
    before = aged_balance(as_of=START + timedelta(days=39))
    assert [(x.label, x.total, x.amounts["d30"]) for x in before.lines] == [
        ("Coop’Épi", D("1200.00"), D("1200.00"))
    ]


def test_a_payment_recorded_late_counts_from_the_day_it_was_credited(chloe: Any) -> None:
    invoice = given_invoice(1000, None, START, by=chloe)
    credited, recorded = START + timedelta(days=10), START + timedelta(days=20)
    given_payment(invoice.client, "1200", recorded, to={invoice: "1200"}, received_on=credited)
    assert aged_balance(as_of=credited).lines == []
    [line] = aged_balance(as_of=credited - timedelta(days=1)).lines
    assert line.total == D("1200.00")


def test_money_received_before_its_invoice_is_a_balance_until_then(chloe: Any) -> None:
    given_issuer()
    client = given_client()
    day = START + timedelta(days=30)
    invoice = given_invoice(1000, client, day, by=chloe)
    given_payment(client, "1200", day, to={invoice: "1200"}, received_on=START)
    [line] = aged_balance(as_of=START).lines
    assert (line.owed, line.balance) == (D("0.00"), D("-1200.00"))
    assert aged_balance(as_of=day).lines == []


def test_a_balance_used_later_stays_a_balance_until_it_is(chloe: Any) -> None:
    client = given_client()
    invoice = given_invoice(1000, client, START, by=chloe)
    paid = given_payment(client, "1200", START + timedelta(days=5))
    used = START + timedelta(days=15)
    actions.allocate(payment=paid, invoice=invoice, amount=D("1200"), **acting(chloe, used))
    [line] = aged_balance(as_of=used - timedelta(days=1)).lines
    assert (line.owed, line.balance, line.total) == (D("1200.00"), D("-1200.00"), D("0.00"))
    assert aged_balance(as_of=used).lines == []


def test_a_statement_runs_from_its_opening_to_its_close(chloe: Any) -> None:
    client = given_client()
    invoice = given_invoice(1000, client, START, by=chloe)
    given_payment(client, "1500", START + timedelta(days=40), to={invoice: "1200"})
    paid = Payment.objects.get()
    day = START + timedelta(days=50)
    refunding.refund(
        client=client, source=paid, amount=D("300"), paid_on=day, method="transfer",
        **acting(chloe, day),
    )  # fmt: skip
    found = statement_of(client, first=START + timedelta(days=30), last=day)
    assert found.opening == D("1200.00")
    assert [(x.debit, x.credit, x.balance) for x in found.lines] == [
        (D("0.00"), D("1500.00"), D("-300.00")),
        (D("300.00"), D("0.00"), D("0.00")),
    ]
    whole = statement_of(client, first=START, last=day)
    assert [x.balance for x in whole.lines] == [D("1200.00"), D("-300.00"), D("0.00")]
    assert (whole.debit, whole.credit, whole.closing) == (D("1500.00"), D("1500.00"), D("0.00"))


# -- a history, played day by day ---------------------------------------------------------------
class History:
    """Random but lawful gestures on two clients; what stood each evening is kept."""

    def __init__(self, seed: int, by: Any) -> None:
        self.dice, self.by, self.on = Random(seed), by, START
        self.clients = [given_client(f"Client {seed}-{rank}") for rank in range(2)]
        self.evenings: dict[date, dict[int, D]] = {}

    def play(self, steps: int) -> None:
        for _step in range(steps):
            gestures: list[Callable[[Any], None]] = [
                self.bill, self.bill, self.pay, self.pay, self.credit, self.spread,
                self.give_back, self.undo, self.claim, self.settle,
            ]  # fmt: skip
            self.dice.choice(gestures)(self.dice.choice(self.clients))
            self.evenings[self.on] = self.now()
            self.on += timedelta(days=self.dice.randint(1, 12))

    def act(self) -> dict[str, Any]:
        return acting(self.by, self.on)

    def amount(self, most: D = D(900)) -> D:
        return min(D(self.dice.randint(100, 90_000)) / 100, most)

    def owed(self, client: Any) -> list[Any]:
        return list(Invoice.objects.filter(client=client).unpaid().order_by("pk"))

    def sources(self, client: Any) -> list[Any]:
        paid = [p for p in Payment.objects.filter(client=client) if payment_left(p) > 0]
        notes = Invoice.objects.issued().filter(client=client, kind="credit_note")
        return [*paid, *(c for c in notes if credit_left(c) > 0)]

    def bill(self, client: Any) -> None:
        given_invoice(self.amount(), client, self.on, by=self.by)

    def pay(self, client: Any) -> None:
        owed = self.owed(client)
        amount = self.amount()
        to = {owed[0]: min(D(owed[0].left), amount)} if owed and self.dice.random() < 0.7 else {}
        given_payment(client, amount, self.on, to=to)

    def credit(self, client: Any) -> None:
        rows = [
            i for i in Invoice.objects.claims().filter(client=client) if not i.credit_notes.all()
        ]
        if rows:
            origin = self.dice.choice(rows)
            part = {origin.lines.get().pk: min(self.amount(), origin.net)}
            draft = actions.draft_credit(origin=origin, words="Trop.", amounts=part, **self.act())
            actions.issue(invoice=draft, **self.act())

    def spread(self, client: Any) -> None:
        sources, owed = self.sources(client), self.owed(client)
        if sources and owed:
            held = sum((self.left(s) for s in sources), D(0))
            refunding.spread(
                sources=sources, invoices={owed[0]: min(held, D(owed[0].left))}, **self.act()
            )

    def give_back(self, client: Any) -> None:
        if sources := self.sources(client):
            source = self.dice.choice(sources)
            refunding.refund(
                client=client, source=source, amount=self.amount(self.left(source)),
                paid_on=self.on, method="transfer", **self.act(),
            )  # fmt: skip

    def undo(self, client: Any) -> None:
        rows = Payment.objects.filter(client=client, reverses=None, reversed_by=None, refunds=None)
        if rows and self.dice.random() < 0.5:
            actions.reverse_payment(
                payment=self.dice.choice(list(rows)), why="Erreur.", **self.act()
            )

    def claim(self, client: Any) -> None:
        for invoice in self.owed(client):
            if standing_of(invoice, self.on).total > 0:
                claim = claim_interest(invoice=invoice, **self.act())
                if self.dice.random() < 0.3:
                    cancel_claim(claim=claim, why="Geste.", **self.act())
                return

    def settle(self, client: Any) -> None:
        paid = [s for s in self.sources(client) if isinstance(s, Payment)]
        claims = open_claims(client.pk)
        if paid and claims:
            claim, left = claims[0]
            amount = min(left, payment_left(paid[0]))
            settle_claim(claim=claim, payment=paid[0], amount=amount, **self.act())

    @staticmethod
    def left(source: Any) -> D:
        return payment_left(source) if isinstance(source, Payment) else credit_left(source)

    def now(self) -> dict[int, D]:
        """What each client owes, read from the live rows and not from any date."""
        return {
            c.pk: sum((D(i.left) for i in self.owed(c)), D(0))
            + sum((left for _claim, left in open_claims(c.pk)), D(0))
            - sum((self.left(s) for s in self.sources(c)), D(0))
            for c in self.clients
        }


@pytest.mark.parametrize("seed", [7, 21, 77])
def test_a_day_of_the_past_is_shown_as_it_was_that_evening(chloe: Any, seed: int) -> None:
    history = History(seed, chloe)
    history.play(30)
    last = max(history.evenings)
    for evening, stood in history.evenings.items():
        found = aged_balance(as_of=evening)
        totals = {line.key: line.total for line in found.lines}
        for client in history.clients:
            assert totals.get(client.pk, D(0)) == stood[client.pk], (seed, evening, client)
            closing = statement_of(client, first=START, last=evening).closing
            assert closing == stood[client.pk], (seed, evening, client)
        # The columns are what is left, nothing more and nothing less.
        columns = sum((found.total.amounts[name] for name in COLUMNS), D(0))
        assert columns + found.total.balance == sum(stood.values())
    left = sum((D(i.left) for c in history.clients for i in history.owed(c)), D(0))
    left += sum((rest for c in history.clients for _c, rest in open_claims(c.pk)), D(0))
    assert aged_balance(as_of=last).total.owed == left


def test_the_aged_balance_asks_the_same_of_few_and_of_many(
    chloe: Any, django_assert_num_queries: Any
) -> None:
    def more(count: int) -> None:
        for _rank in range(count):
            client = given_client(f"Client {Invoice.objects.count()}")
            invoice = given_invoice(100, client, START, by=chloe)
            given_payment(client, "50", START, to={invoice: "20"})

    more(2)
    with django_assert_num_queries(9):
        assert len(aged_balance(as_of=START + timedelta(days=40)).lines) == 2
    more(10)
    with django_assert_num_queries(9):
        assert len(aged_balance(as_of=START + timedelta(days=40)).lines) == 12


# -- the months of a forecast --------------------------------------------------------------------
def test_a_forecast_has_twelve_months_and_the_past_falls_in_the_first() -> None:
    found = Forecast.of(date(2026, 11, 24))
    assert (found.months[0].first, found.months[-1].first) == (date(2026, 11, 1), date(2027, 10, 1))
    for day in (date(2026, 1, 1), date(2026, 11, 30), date(2027, 10, 31), date(2027, 11, 1)):
        found.add("due", D("10"), day, certain=True)
    found.add("drafts", D("5"), date(2027, 1, 31), certain=False)
    assert (found.months[0].sure, found.months[-1].sure) == (D("20.00"), D("10.00"))
    assert (found.months[2].first, found.months[2].maybe) == (date(2027, 1, 1), D("5.00"))
    assert (found.total(certain=True), found.total(certain=False)) == (D("30.00"), D("5.00"))
