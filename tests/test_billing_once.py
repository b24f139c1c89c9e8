"""Many hands at once: a day, a fee, a number and a payment are each used once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.db.models import Sum

from essaim.models import SeriesYear, User
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions.paying import payment_left
from invoicing.models import Allocation, BilledShare, Invoice, Payment, SubsidyFee
from invoicing.verification import verify
from missions.actions import ShareLine
from missions.models import DayShare, MissionDay
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement
from tests.given_invoicing import (
    client_of,
    given_clause,
    given_client,
    given_invoice,
    given_issuer,
)
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
SIGNED = date(2026, 9, 1)
Work = Callable[[], Any]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: Any) -> None:
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")


@pytest.fixture
def act(chloe: User, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def at_once(works: Sequence[Work]) -> tuple[list[Any], list[Refused]]:
    """Start all of them together: what they gave, and who was told no. Anything else is raised."""
    ready = Barrier(len(works))

    def run(work: Work) -> Any:
        try:
            ready.wait(timeout=30)
            return work()
        except Refused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as hands:
        found = list(hands.map(run, works))
    refusals = [r for r in found if isinstance(r, Refused)]
    return [r for r in found if not isinstance(r, Refused)], refusals


def all_is_well(today: date, numbers: int) -> None:
    """The numbers follow each other and everything verifies."""
    ranks = sorted(Invoice.objects.issued().values_list("rank", flat=True))
    assert ranks == list(range(1, numbers + 1))
    assert sum(SeriesYear.objects.values_list("counter", flat=True)) == numbers
    count, findings = verify(at=Invoice.objects.issued().latest("rank").issued_at)  # type: ignore[arg-type]
    assert (count, findings) == (numbers, [])


def worked(ada: User, shares: Sequence[ShareLine] = ()) -> Any:
    """An agreement with three validated days."""
    coop = given_coop(owner=ada)
    agreement = given_agreement(coop, client_of(coop), shares=shares, on=SIGNED)
    mission = given_mission(agreement, team=[ada], on=SIGNED)
    for day in (5, 6, 7):
        given_day(ada, mission, on=date(2026, 10, day))
    return agreement


def test_eight_hands_on_the_same_days_make_one_draft(ada: User, act: dict[str, Any]) -> None:
    agreement = worked(ada)
    work = partial(actions.draft_from_days, payer=agreement.client, agreement=agreement, **act)
    made, refused = at_once([work] * 8)
    assert (len(made), len(refused)) == (1, 7)
    assert {m.code for r in refused for m in r.missing} == {"shares"}
    draft = Invoice.objects.get()
    assert draft.net == D("1800.00")
    assert BilledShare.objects.filter(line__invoice=draft).count() == 3


def test_eight_hands_on_one_draft_take_one_number(act: dict[str, Any], today: date) -> None:
    draft = given_invoice(issued=False)
    made, refused = at_once([partial(actions.issue, invoice=draft, **act)] * 8)
    assert (len(made), len(refused)) == (1, 7)
    assert Invoice.objects.get().number == "FA-2026-0001"
    all_is_well(today, 1)


def test_six_drafts_issued_together_follow_each_other(act: dict[str, Any], today: date) -> None:
    client = given_client()
    drafts = [given_invoice(100 + n, client, issued=False) for n in range(6)]
    made, refused = at_once([partial(actions.issue, invoice=d, **act) for d in drafts])
    assert (len(made), refused) == (6, [])
    assert len({i.number for i in made}) == 6
    all_is_well(today, 6)


def test_two_payers_of_the_same_days_are_both_issued(
    ada: User, act: dict[str, Any], today: date
) -> None:
    town = given_client("Ville", kind="authority")
    coop_pays = given_client("Coop’Épi")
    shares = [
        ShareLine(payer=town, percent=D(40), priority=1),
        ShareLine(payer=coop_pays, percent=D(60), priority=2, takes_remainder=True),
    ]
    agreement = worked(ada, shares)
    drafts = [
        actions.draft_from_days(payer=payer, agreement=agreement, **act)
        for payer in (town, coop_pays)
    ]
    made, refused = at_once([partial(actions.issue, invoice=d, **act) for d in drafts])
    assert (len(made), refused) == (2, [])
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"billed"}
    all_is_well(today, 2)


def test_a_draft_issued_while_it_is_thrown_away_is_one_or_the_other(
    act: dict[str, Any], today: date
) -> None:
    client = given_client()
    for round_ in range(4):
        draft = given_invoice(10, client, issued=False)
        before = Invoice.objects.issued().count()
        _made, refused = at_once(
            [
                partial(actions.issue, invoice=draft, **act),
                partial(actions.delete_draft, invoice=draft, **act),
            ]
        )
        assert len(refused) == 1, round_
        assert not Invoice.objects.filter(state="draft").exists()
        assert Invoice.objects.issued().count() - before in (0, 1)
    if numbers := Invoice.objects.issued().count():
        all_is_well(today, numbers)


# -- payments --------------------------------------------------------------------------------
def paid(client: Any, amount: int, act: dict[str, Any]) -> Payment:
    return actions.record_payment(
        client=client, amount=D(amount), received_on=act["on"], method="transfer", **act
    )


def settled(**rows: Any) -> Decimal:
    return Allocation.objects.filter(**rows).aggregate(total=Sum("amount"))["total"] or D(0)


def test_one_payment_over_many_invoices_is_never_passed(act: dict[str, Any]) -> None:
    client = given_client()
    invoices = [given_invoice(100, client) for _ in range(6)]
    payment = paid(client, 200, act)
    made, refused = at_once(
        [
            partial(actions.allocate, invoice=i, payment=payment, amount=D(60), **act)
            for i in invoices
        ]
    )
    assert (len(made), len(refused)) == (3, 3)
    assert settled(payment=payment) == 180
    assert payment_left(payment) == 20


def test_one_invoice_under_many_payments_is_never_passed(act: dict[str, Any]) -> None:
    invoice = given_invoice(100)
    payments = [paid(invoice.client, 50, act) for _ in range(6)]
    made, refused = at_once(
        [
            partial(actions.allocate, invoice=invoice, payment=p, amount=D(50), **act)
            for p in payments
        ]
    )
    assert (len(made), len(refused)) == (2, 4)
    assert actions.issuing.amount_left(invoice) == 20


def test_the_same_allocation_clicked_twice_counts_once(act: dict[str, Any]) -> None:
    invoice = given_invoice(100)
    payment = paid(invoice.client, 120, act)
    made, refused = at_once(
        [partial(actions.allocate, invoice=invoice, payment=payment, amount=D(120), **act)] * 8
    )
    assert (len(made), len(refused)) == (1, 7)
    assert actions.issuing.amount_left(invoice) == 0


def test_a_credit_note_issued_while_the_invoice_is_paid_settles_no_more_than_is_left(
    act: dict[str, Any],
) -> None:
    client = given_client()
    for _round in range(4):
        invoice = given_invoice(100, client)
        payment = paid(client, 120, act)
        credit = actions.draft_credit(origin=invoice, words="Erreur", **act)
        at_once(
            [
                partial(actions.issue, invoice=credit, **act),
                partial(actions.allocate, invoice=invoice, payment=payment, amount=D(120), **act),
            ]
        )
        assert settled(invoice=invoice) == 120
        assert actions.issuing.amount_left(invoice) == 0


def test_a_payment_undone_while_it_is_allocated_settles_nothing(act: dict[str, Any]) -> None:
    client = given_client()
    for _round in range(4):
        invoice, payment = given_invoice(100, client), paid(client, 120, act)
        at_once(
            [
                partial(actions.reverse_payment, payment=payment, why="Rejeté", **act),
                partial(actions.allocate, invoice=invoice, payment=payment, amount=D(120), **act),
            ]
        )
        assert settled(payment=payment) == 0
        assert actions.issuing.amount_left(invoice) == 120


def test_a_payment_is_undone_once(act: dict[str, Any]) -> None:
    payment = paid(given_client(), 120, act)
    made, refused = at_once(
        [partial(actions.reverse_payment, payment=payment, why="Rejeté", **act)] * 6
    )
    assert (len(made), len(refused)) == (1, 5)


# -- credits and fees ------------------------------------------------------------------------
def test_six_hands_credit_an_invoice_once(act: dict[str, Any]) -> None:
    invoice = given_invoice(100)
    made, refused = at_once(
        [partial(actions.draft_credit, origin=invoice, words="Erreur", **act)] * 6
    )
    assert (len(made), len(refused)) == (1, 5)
    assert Invoice.objects.filter(kind="credit_note").count() == 1


def test_two_parts_credited_together_take_back_the_vat_to_the_cent(
    act: dict[str, Any], today: date
) -> None:
    """The last one issued takes the VAT that is left, so it waits for the other."""
    invoice = given_invoice("0.04")
    line = invoice.lines.get()
    drafts = [
        actions.draft_credit(origin=invoice, words="Partie", amounts={line.pk: D("0.02")}, **act)
        for _ in range(2)
    ]
    made, refused = at_once([partial(actions.issue, invoice=d, **act) for d in drafts])
    assert (len(made), refused) == (2, [])
    assert sum(c.vat for c in invoice.credit_notes.all()) == invoice.vat == D("0.01")
    all_is_well(today, 3)


def test_days_credited_as_billable_again_have_one_new_generation(
    ada: User, act: dict[str, Any], today: date
) -> None:
    agreement = worked(ada)
    invoice = actions.issue(
        invoice=actions.draft_from_days(payer=agreement.client, agreement=agreement, **act), **act
    )
    lines = [line.pk for line in invoice.lines.all()]
    credit = actions.draft_credit(origin=invoice, words="Erreur", billable_again=lines, **act)
    made, refused = at_once([partial(actions.issue, invoice=credit, **act)] * 6)
    assert (len(made), len(refused)) == (1, 5)
    assert DayShare.objects.filter(generation=2).count() == 3
    all_is_well(today, 2)


def test_six_hands_draft_a_fee_once(act: dict[str, Any]) -> None:
    coop = given_coop()
    agreement = given_agreement(coop, client_of(coop), on=SIGNED)
    grant = given_application(coop, state="running")
    row = given_disbursement(grant, received=True, received_on=date(2026, 4, 2))
    clause = given_clause(agreement, grant)
    made, refused = at_once(
        [partial(actions.draft_fee, clause=clause, disbursement=row, **act)] * 3
        + [partial(actions.draft_fixed_part, clause=clause, **act)] * 3
    )
    assert (len(made), len(refused)) == (2, 4)
    amounts = SubsidyFee.objects.order_by("amount").values_list("amount", flat=True)
    assert list(amounts) == [D("300.00"), D("540.00")]
