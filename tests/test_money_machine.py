"""Whatever is done in whatever order, the money adds up: a state machine over the actions."""

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from essaim.models import SeriesYear
from essaim.money import ZERO, cents, percent_of
from essaim.workflow import Refused
from grants import actions as grants
from grants.models import Disbursement
from invoicing import actions, rules
from invoicing.actions.paying import credit_left, payment_left
from invoicing.dues import due_fees, terms_of
from invoicing.models import (
    Allocation,
    Invoice,
    InvoiceLine,
    Payment,
    SubsidyFee,
    SubsidyShareClause,
)
from invoicing.verification import verify
from missions import actions as missions
from missions.actions import Part, ShareLine
from missions.models import DayShare, MissionDay
from missions.rules import Nature
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_grants import given_application
from tests.given_invoicing import client_of, given_clause, given_client, given_issuer
from tests.given_missions import given_agreement, given_envelope, given_mission

D = Decimal
TODAY = date(2026, 11, 23)
SIGNED = date(2026, 9, 1)
WORLD: dict[str, Any] = {}
# MONEY_EXAMPLES=500 looks further, each time elsewhere; else the same few, quickly.
EXAMPLES = int(os.environ.get("MONEY_EXAMPLES", "0"))

picks = st.integers(0, 1000)
money = st.decimals(D("0.01"), D(2500), places=2)


class Money(RuleBasedStateMachine):
    """Days, fees, invoices, credits, payments: each rule tries one thing, a refusal is fine."""

    def __init__(self) -> None:
        super().__init__()
        self.point = transaction.savepoint()
        self.books = acting(WORLD["chloe"], TODAY)
        self.office = acting(WORLD["basile"], TODAY)
        self.days = 0

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.point)

    def attempt(self, act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the action gives, or None when it says no; then nothing was written."""
        try:
            with transaction.atomic():
                done = act(*args, **kwargs)
        except Refused as refused:
            assert refused.missing
            event(f"{act.__name__} refused: {refused.missing[0].code}")
            return None
        event(f"{act.__name__} done")
        return done

    def pick(self, rows: Any, number: int) -> Any:
        """One of some rows; None when there is none."""
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=keys[number % len(keys)]) if keys else None

    def a_claim(self, number: int) -> Invoice | None:
        """An issued invoice; the days that wait are billed when there is none."""
        found = self.pick(Invoice.objects.claims(), number)
        if found is None or number % 3 == 0:
            payer = WORLD["town" if number % 2 else "client"]
            self.log("1")
            draft = self.attempt(
                actions.draft_from_days, payer=payer, agreement=self.agreement, **self.books
            )
            issued = draft and self.attempt(actions.issue, invoice=draft, **self.books)
            found = issued or found
        return found

    # -- the agreement --------------------------------------------------------------------
    @initialize(
        rate=st.sampled_from([D("333.33"), D("600"), D("725.55")]),
        percent=st.sampled_from([D(40), D("33.33"), D(50)]),
        caps=st.fixed_dictionaries(
            {},
            optional={
                "cap_eur": st.sampled_from([D("250.01"), D(900)]),
                "cap_days": st.sampled_from([D("1.5"), D(4)]),
                "cap_per_day": st.sampled_from([D("299.99"), D(400)]),
            },
        ),
        covered=st.booleans(),
    )
    def sign(self, rate: Decimal, percent: Decimal, caps: Any, *, covered: bool) -> None:
        shares = [
            ShareLine(payer=WORLD["town"], percent=percent, priority=1, **caps),
            ShareLine(
                payer=WORLD["client"],
                percent=100 - percent - (20 if covered else 0),
                priority=3,
                takes_remainder=True,
            ),
        ]
        if covered:
            paid = WORLD["envelope"]
            shares.append(
                ShareLine(payer=paid.payer, percent=D(20), priority=2, basis="grant", envelope=paid)
            )
        self.agreement = given_agreement(
            WORLD["coop"],
            WORLD["client"],
            rate,
            days=None,
            shares=shares,
            by=WORLD["basile"],
            on=SIGNED,
        )
        self.mission = given_mission(
            self.agreement, team=[WORLD["ada"]], by=WORLD["basile"], on=SIGNED
        )
        self.clause = given_clause(
            self.agreement,
            WORLD["grant"],
            active=False,
            cap=D(400),
            by=WORLD["chloe"],
            on=TODAY,
        )
        why = {"clause_double_financing": "Le dossier est monté hors des journées payées."}
        actions.activate_clause(clause=self.clause, reasons=why, **self.books)

    # -- days -----------------------------------------------------------------------------
    @rule(quantity=st.sampled_from(["1", "0.75", "0.5"]), given=st.booleans())
    def work(self, quantity: str, *, given: bool) -> None:
        self.log(quantity, given=given)

    def log(self, quantity: str, *, given: bool = False) -> None:
        self.days += 1
        own = acting(WORLD["ada"], TODAY)
        day = missions.log_day(
            mission=self.mission,
            worked_on=SIGNED + timedelta(days=self.days),
            quantity=D(quantity),
            **own,
        )
        missions.submit_days([day], **own)
        day.refresh_from_db()
        parts = ()
        if given and quantity != "0.5":
            half, rest = D("0.5"), D(quantity) - D("0.5")
            parts = (
                Part(quantity=rest, nature=Nature.BILLED),
                Part(quantity=half, nature=Nature.GIVEN, reason="Coup de main"),
            )
        missions.validate(day, parts=parts, **self.office)

    @rule(number=picks)
    def go_back_on_days(self, number: int) -> None:
        day = self.pick(MissionDay.objects.filter(state="validated"), number)
        if day is None:
            self.log("0.75")
        elif number % 2:
            self.attempt(missions.reject, day, why="Erreur", **self.office)
        elif number % 3:
            self.attempt(missions.rerate, self.agreement, **self.office)

    # -- documents ------------------------------------------------------------------------
    @rule(payer=st.sampled_from(["client", "town"]), until=st.none() | st.integers(1, 9))
    def draft(self, payer: str, until: int | None) -> None:
        self.attempt(
            actions.draft_from_days,
            payer=WORLD[payer],
            agreement=self.agreement,
            until=until and SIGNED + timedelta(days=until),
            **self.books,
        )

    @rule(price=money, quantity=st.sampled_from(["1", "3", "0.5"]), number=picks)
    def add_line(self, price: Decimal, quantity: str, number: int) -> None:
        draft = self.pick(Invoice.objects.filter(state="draft"), number)
        if draft is not None:
            self.attempt(
                actions.add_line,
                invoice=draft,
                label="Atelier",
                quantity=D(quantity),
                unit="HUR",
                unit_price=price,
                **self.books,
            )

    @rule(number=picks, whole=st.booleans())
    def throw_away(self, number: int, *, whole: bool) -> None:
        line = self.pick(InvoiceLine.objects.filter(invoice__state="draft"), number)
        draft = self.pick(Invoice.objects.filter(state="draft"), number)
        if whole and draft is not None:
            self.attempt(actions.delete_draft, invoice=draft, **self.books)
        elif line is not None:
            self.attempt(actions.remove_line, line=line, **self.books)

    @rule(number=picks)
    def issue(self, number: int) -> None:
        draft = self.pick(Invoice.objects.filter(state="draft"), number)
        if draft is None:
            self.a_claim(3 * number)
        else:
            self.attempt(actions.issue, invoice=draft, **self.books)

    @rule(number=picks, again=st.booleans(), part=st.none() | money)
    def credit(self, number: int, part: Decimal | None, *, again: bool) -> None:
        origin = self.a_claim(number)
        if origin is None:
            return
        lines = list(origin.lines.order_by("pk").values_list("pk", flat=True))
        draft = self.attempt(
            actions.draft_credit,
            origin=origin,
            words="Erreur",
            amounts=None if part is None else {lines[number % len(lines)]: part},
            billable_again=lines if again else (),
            **self.books,
        )
        if draft is not None and number % 2:
            self.attempt(actions.issue, invoice=draft, **self.books)

    # -- money ----------------------------------------------------------------------------
    @rule(number=picks, amount=money, whole=st.booleans())
    def pay(self, number: int, amount: Decimal, *, whole: bool) -> None:
        invoice = self.a_claim(number)
        if invoice is None:
            return
        part = actions.issuing.amount_left(invoice) if whole else amount
        amount = max(amount, part)
        self.attempt(
            actions.record_payment,
            client=invoice.client,
            amount=amount,
            received_on=TODAY,
            method="transfer",
            invoices={invoice: part},
            **self.books,
        )

    @rule(number=picks, amount=money, which=picks, by_credit=st.booleans())
    def allocate(self, number: int, amount: Decimal, which: int, *, by_credit: bool) -> None:
        invoice = self.pick(Invoice.objects.exclude(state="draft"), number)
        source = {"payment": self.pick(Payment.objects.all(), which)}
        if by_credit:
            notes = (
                Invoice.objects.filter(kind="credit_note") if which % 4 else Invoice.objects.all()
            )
            source = {"credit_note": self.pick(notes, which)}
        if invoice is not None and all(source.values()):
            self.attempt(actions.allocate, invoice=invoice, amount=amount, **source, **self.books)

    @rule(number=picks)
    def reverse(self, number: int) -> None:
        payment = self.pick(Payment.objects.all(), number)
        if payment is not None:
            self.attempt(actions.reverse_payment, payment=payment, why="Rejeté", **self.books)

    # -- grants ---------------------------------------------------------------------------
    @rule(amount=money, back=st.booleans())
    def receive(self, amount: Decimal, *, back: bool) -> None:
        self.fund(-min(amount, sum(self.received(), ZERO)) if back else 3 * amount)

    def fund(self, amount: Decimal) -> None:
        """Money of the funder comes, or goes back when negative."""
        if amount:
            row = self.attempt(
                grants.plan_disbursement,
                WORLD["grant"],
                kind="clawback" if amount < 0 else "instalment",
                expected_amount=amount,
                **self.office,
            )
            if row is not None:
                grants.receive_disbursement(row, dated=TODAY, amount=amount, **self.office)

    @rule(number=picks, issued=st.booleans())
    def bill_fee(self, number: int, *, issued: bool) -> None:
        due = due_fees(self.clause)
        if not due:
            self.fund(D(2000))
            return
        fee = due[number % len(due)]
        if fee.is_fixed_part:
            draft = self.attempt(actions.draft_fixed_part, clause=self.clause, **self.books)
        else:
            draft = self.attempt(
                actions.draft_fee,
                clause=self.clause,
                disbursement=fee.disbursement,
                **self.books,
            )
        assert draft is not None, fee
        if issued:
            self.attempt(actions.issue, invoice=draft, **self.books)

    def received(self) -> list[Decimal]:
        rows = Disbursement.objects.filter(application=WORLD["grant"], state="received")
        return [amount or ZERO for amount in rows.values_list("received_amount", flat=True)]

    # -- what always holds ----------------------------------------------------------------
    @invariant()
    def lines_make_the_totals(self) -> None:
        for invoice in Invoice.objects.prefetch_related("lines"):
            bases: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
            for line in invoice.lines.all():
                bases[line.vat_rate] += line.net
            assert invoice.net == sum(bases.values(), ZERO)
            assert invoice.gross == invoice.net + invoice.vat
            if not invoice.is_credit_note:
                assert invoice.vat == sum((percent_of(b, r) for r, b in bases.items()), ZERO)

    @invariant()
    def credits_stay_within_their_origin(self) -> None:
        credited: defaultdict[int, Decimal] = defaultdict(Decimal)
        for line in InvoiceLine.objects.filter(invoice__kind="credit_note"):
            assert line.origin_id is not None
            credited[line.origin_id] += line.net
        for line in InvoiceLine.objects.filter(pk__in=credited):
            assert credited[line.pk] <= line.net
        for origin in Invoice.objects.claims().prefetch_related("credit_notes"):
            notes = [c for c in origin.credit_notes.all() if c.is_issued]
            net, vat = sum((c.net for c in notes), ZERO), sum((c.vat for c in notes), ZERO)
            assert net <= origin.net
            assert vat <= origin.vat
            assert (vat == origin.vat) or net < origin.net

    @invariant()
    def nothing_is_settled_beyond_either_side(self) -> None:
        by_invoice: defaultdict[int, Decimal] = defaultdict(Decimal)
        for row in Allocation.objects.all():
            by_invoice[row.invoice_id] += row.amount
        for invoice in Invoice.objects.filter(pk__in=by_invoice):
            assert invoice.is_issued
            assert not invoice.is_credit_note
            assert 0 <= by_invoice[invoice.pk] <= invoice.gross
        for payment in Payment.objects.filter(reverses=None):
            used = sum(payment.allocations.values_list("amount", flat=True), ZERO)
            undone = Payment.objects.filter(reverses=payment).exists()
            assert 0 <= used <= (ZERO if undone else payment.amount)
            assert payment_left(payment) == (ZERO if undone else payment.amount - used)
        for note in Invoice.objects.filter(kind="credit_note"):
            assert 0 <= credit_left(note) <= note.gross
            assert note.is_issued or credit_left(note) == note.gross

    @invariant()
    def a_day_is_billed_once(self) -> None:
        again = InvoiceLine.objects.filter(billable_again=True, invoice__state="issued")
        freed = set(again.values_list("origin_id", flat=True))
        issued = DayShare.objects.filter(billed__line__invoice__state="issued")
        held = {
            share.pk: share for share in issued.select_related("billed") if share.amount is not None
        }
        replaced = DayShare.objects.filter(replaced_by__isnull=False).values_list("pk", flat=True)
        for pk in replaced:
            assert held[pk].billed.line_id in freed
        billed_days = {s.day_id for s in held.values() if s.billed.line_id not in freed}
        days = MissionDay.objects.filter(state="billed").values_list("pk", flat=True)
        assert set(days) == billed_days

    @invariant()
    def shares_make_the_day(self) -> None:
        rows: defaultdict[int, Decimal] = defaultdict(Decimal)
        for share in DayShare.objects.current():
            rows[share.day_id] += share.amount
        days = MissionDay.objects.filter(state__in=("validated", "billed"))
        for day in days.prefetch_related("parts"):
            given = sum((p.quantity for p in day.parts.all() if p.nature == "given"), D(0))
            assert rows[day.pk] == cents((day.rate or 0) * (day.quantity - given))
        assert set(rows) == {day.pk for day in days}

    @invariant()
    def lines_of_days_are_their_shares(self) -> None:
        for line in InvoiceLine.objects.filter(kind="days", origin=None):
            amounts = line.billed_shares.values_list("share__amount", flat=True)
            assert line.net == sum(amounts, ZERO)
            assert len(line.days) == len(amounts)

    @invariant()
    def fees_follow_the_grant(self) -> None:
        if not hasattr(self, "clause"):
            return
        clause = SubsidyShareClause.objects.get(pk=self.clause.pk)
        fees = SubsidyFee.objects.filter(clause=clause, is_fixed_part=False)
        counted = [
            f
            for f in fees.select_related("line__invoice")
            if f.line.origin_id is None or f.is_reduction or f.line.billable_again
        ]
        due = [f.amount for f in due_fees(clause) if not f.is_fixed_part]
        owed = rules.subsidy_due(terms_of(clause), self.received())
        whole = sum((f.amount for f in counted), ZERO) + sum(due, ZERO)
        assert whole >= owed
        for fee in fees.select_related("line"):
            assert fee.amount == fee.line.net * (1 if fee.line.origin_id is None else -1)
        plain = all(f.line.invoice.is_issued for f in counted) and len(counted) == len(fees)
        if plain and not any(amount > 0 for amount in due):
            assert whole == owed

    @invariant()
    def numbers_follow_each_other_and_all_verifies(self) -> None:
        issued = Invoice.objects.filter(state="issued")
        ranks = sorted(issued.values_list("rank", flat=True))
        assert ranks == list(range(1, len(ranks) + 1))
        assert set(Invoice.objects.values_list("state", flat=True)) <= {"draft", "issued"}
        counters = SeriesYear.objects.filter(series__kind="invoice")
        assert sum(counters.values_list("counter", flat=True)) == len(ranks)
        count, findings = verify(at=self.books["at"])
        assert (count, findings) == (len(ranks), [])


@pytest.mark.django_db
def test_money_adds_up_whatever_is_done(
    ada: Any, basile: Any, chloe: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")
    monkeypatch.setattr("essaim.pdf.preflight", list)
    given_issuer()
    coop = given_coop(owner=ada)
    region = given_client("Région", kind="funder")
    WORLD.update(
        ada=ada,
        basile=basile,
        chloe=chloe,
        coop=coop,
        client=client_of(coop),
        town=given_client("Ville", kind="authority"),
        envelope=given_envelope(region, quota=3, on=SIGNED),
        grant=given_application(coop, state="running"),
    )
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Money,
        settings=settings(
            max_examples=EXAMPLES or 12,
            stateful_step_count=25,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            # Shrinking takes minutes; the steps printed are few enough to read.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
