"""Disputes, repayment plans, claims of interest and the notice, through actions and pages."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from crm.models import Organisation
from essaim import hooks
from essaim.models import Event, LegalFigure
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import issuing
from invoicing.actions.issuing import amount_left
from invoicing.actions.paying import payment_left
from invoicing.entries import read_books
from invoicing.entries_receipts import entries
from invoicing.lateness import late_as_of, open_claims, standing_of
from invoicing.models import (
    AntifraudNotice,
    ClaimSettlement,
    Dispute,
    Invoice,
    LateClaim,
    Payment,
    RepaymentPlan,
    RepaymentRow,
)
from invoicing.printing_terms import claim_context, plan_context, render_claim, render_plan
from invoicing.verification import verify
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal
ISSUED = date(2026, 2, 2)
DUE = date(2026, 3, 4)
ON = date(2026, 4, 20)  # 47 days late


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def late(chloe: Any) -> Invoice:
    """2,913.17 from a professional, due on 4 March."""
    client = given_client("La Musette")
    client.client_kind = "professional"
    client.save()
    given_issuer(date(2025, 1, 1), regime="franchise", vat_rate=0, penalty_rate=D("12.15"))
    invoice = given_invoice("2913.17", client, ISSUED, by=chloe)
    assert (invoice.gross, invoice.due_on) == (D("2913.17"), DUE)
    return invoice


def pay(invoice: Invoice, amount: str, on: date, by: Any, *, spent: bool = True) -> Payment:
    return actions.record_payment(
        client=invoice.client,
        amount=D(amount),
        received_on=on,
        method="transfer",
        invoices={invoice: D(amount)} if spent else None,
        **acting(by, on),
    )


def refused_codes(refused: Any) -> set[str]:
    return {m.code for m in refused.value.missing}


# -- late interest -----------------------------------------------------------------------------
def test_interest_of_an_invoice_is_that_of_the_law(late: Invoice) -> None:
    found = late_as_of(late, ON)
    assert (found.interest, found.fee) == (D("45.58"), D("40.00"))


def test_the_contract_rate_is_frozen_with_the_document(late: Invoice) -> None:
    """Our terms change afterwards: an issued invoice keeps the rate it was issued under."""
    assert late.terms_copy["contract_rate"] == "12.15"
    late.issuer.penalty_rate = D("20.00")
    late.issuer.save()
    assert late_as_of(Invoice.objects.get(pk=late.pk), ON).interest == D("45.58")


def test_a_claim_is_frozen_and_the_invoice_stays(late: Invoice, chloe: Any) -> None:
    before = Invoice.objects.filter(pk=late.pk).values().get()
    claim = actions.claim_interest(invoice=late, **acting(chloe, ON))
    assert (claim.interest, claim.fee, claim.rank) == (D("45.58"), D("40.00"), 1)
    assert Invoice.objects.filter(pk=late.pk).values().get() == before
    assert Event.objects.filter(verb="invoicing.Invoice.claim_interest").count() == 1
    # A month later only what ran since is left to decide, and the fee is asked once.
    later = ON + timedelta(days=30)
    left = standing_of(late, later)
    assert left.fee == 0
    assert left.interest == late_as_of(late, later).interest - D("45.58") > 0
    assert left.owed == D("85.58")
    for attack in (
        lambda: LateClaim.objects.update(interest=1),
        lambda: LateClaim.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()


def test_the_same_claim_twice_is_refused(late: Invoice, chloe: Any) -> None:
    actions.claim_interest(invoice=late, **acting(chloe, ON))
    with pytest.raises(Refused):
        actions.claim_interest(invoice=late, **acting(chloe, ON))
    assert LateClaim.objects.count() == 1


def test_a_waiver_wants_a_reason_and_stops_what_ran_so_far(late: Invoice, chloe: Any) -> None:
    with pytest.raises(Refused) as refused:
        actions.waive_interest(invoice=late, why=" ", **acting(chloe, ON))
    assert refused_codes(refused) == {"why"}
    actions.waive_interest(invoice=late, why="Geste commercial", **acting(chloe, ON))
    assert standing_of(late, ON).total == 0
    assert standing_of(late, ON).owed == 0
    assert standing_of(late, ON + timedelta(days=1)).total > 0


def test_the_fee_alone_may_be_waived(late: Invoice, chloe: Any) -> None:
    act = acting(chloe, ON)
    actions.waive_interest(invoice=late, why="Une fois", with_interest=False, **act)
    claim = actions.claim_interest(invoice=late, **act)
    assert (claim.interest, claim.fee) == (D("45.58"), D(0))


def test_a_payment_settles_a_claim_and_undoing_it_takes_that_back(
    late: Invoice, chloe: Any
) -> None:
    act = acting(chloe, ON)
    claim = actions.claim_interest(invoice=late, **act)
    payment = pay(late, "100.00", ON, chloe, spent=False)
    with pytest.raises(Refused):
        actions.settle_claim(claim=claim, payment=payment, amount=D("85.59"), **act)
    actions.settle_claim(claim=claim, payment=payment, amount=D("85.58"), **act)
    assert payment_left(payment) == D("14.42")
    assert open_claims(late.client_id) == []
    with pytest.raises(Refused):
        actions.allocate(invoice=late, payment=payment, amount=D("14.43"), **act)
    with pytest.raises(Refused):
        actions.cancel_claim(claim=claim, why="Trop tard", **act)
    _count, findings = verify(at=act["at"])
    assert [f for f in findings if f.is_error and "PDF" not in f.words] == []
    actions.reverse_payment(payment=payment, why="Chèque sans provision", **act)
    assert open_claims(late.client_id) == [(claim, D("85.58"))]
    with pytest.raises(DatabaseError), transaction.atomic():
        ClaimSettlement.objects.all().delete()


def test_a_claim_is_given_up_while_nothing_of_it_is_paid(late: Invoice, chloe: Any) -> None:
    act = acting(chloe, ON)
    claim = actions.claim_interest(invoice=late, **act)
    actions.cancel_claim(claim=claim, why="Accord avec la trésorière", **act)
    assert standing_of(late, ON).owed == 0
    assert standing_of(late, ON).total == 0
    with pytest.raises(Refused):
        actions.cancel_claim(claim=claim, why="Encore", **act)


def test_a_credit_note_takes_its_interest_away_from_the_first_day(
    late: Invoice, chloe: Any
) -> None:
    line = late.lines.get()
    act = acting(chloe, ON)
    credit = actions.draft_credit(
        origin=late, words="Erreur", amounts={line.pk: D("2000.00")}, **act
    )
    actions.issue(invoice=credit, **act)
    assert [s.owed for s in late_as_of(late, ON).spans] == [D("913.17")]


def test_the_printed_statement_adds_up(late: Invoice, chloe: Any) -> None:
    claim = actions.claim_interest(invoice=late, **acting(chloe, ON))
    context = claim_context(claim)
    assert [row["days"] for row in context["rows"]] == [47]
    assert context["total"].replace("\u202f", " ").startswith("85,58")
    content = render_claim(claim)
    assert content.startswith(b"%PDF")
    assert content == render_claim(LateClaim.objects.get())


# -- repayment plans ---------------------------------------------------------------------------
ROWS = [(date(2026, 5, 20), D("1000.00")), (date(2026, 6, 20), D("1913.17"))]


def test_a_plan_is_signed_kept_and_never_rewrites_the_invoice(late: Invoice, chloe: Any) -> None:
    act = acting(chloe, ON)
    plan = actions.propose_plan(invoice=late, rows=ROWS, **act)
    assert Invoice.objects.remindable().filter(pk=late.pk).exists()
    actions.move_plan(plan, "sign", signed_on=ON, **act)
    assert not Invoice.objects.remindable().filter(pk=late.pk).exists()
    assert Invoice.objects.overdue(on=ON).get().due_on == DUE
    with pytest.raises(Refused) as refused:
        actions.move_plan(plan, "break_off", **acting(chloe, date(2026, 5, 20)))
    assert refused_codes(refused) == {"rows"}
    with pytest.raises(Refused):
        actions.move_plan(plan, "keep", **act)
    pay(late, "1000.00", date(2026, 5, 19), chloe)
    pay(late, "1913.17", date(2026, 6, 20), chloe)
    actions.move_plan(plan, "keep", **acting(chloe, date(2026, 6, 21)))
    assert RepaymentPlan.objects.get().state == "kept"
    # Interest ran on from the due date of the invoice.
    assert late_as_of(late, date(2026, 6, 21)).interest > D("45.58")


def test_a_plan_is_broken_by_a_late_row_and_calls_the_accountant(late: Invoice, chloe: Any) -> None:
    plan = actions.propose_plan(invoice=late, rows=ROWS, **acting(chloe, ON))
    actions.move_plan(plan, "sign", **acting(chloe, ON))
    on = date(2026, 5, 21)
    found = {r.code for w in hooks.work_reasons.all() for r in w(chloe, on=on, limit=20)}
    assert "plan_late" in found
    actions.move_plan(plan, "break_off", **acting(chloe, on))
    assert Invoice.objects.remindable().filter(pk=late.pk).exists()


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(date(2026, 5, 20), D("2913.16"))],
        [(date(2026, 4, 19), D("2913.17"))],
        [(date(2026, 5, 20), D("2900.00")), (date(2026, 5, 20), D("13.17"))],
        [(date(2026, 5, 20), D("2920.00")), (date(2026, 5, 21), D("-6.83"))],
    ],
)
def test_a_plan_that_is_none_is_refused(rows: Any, late: Invoice, chloe: Any) -> None:
    with pytest.raises(Refused) as refused:
        actions.propose_plan(invoice=late, rows=rows, **acting(chloe, ON))
    assert refused_codes(refused) == {"rows"}


def test_one_open_plan_and_its_total_is_judged_again_at_signature(
    late: Invoice, chloe: Any
) -> None:
    act = acting(chloe, ON)
    plan = actions.propose_plan(invoice=late, rows=ROWS, **act)
    with pytest.raises(Refused):
        actions.propose_plan(invoice=late, rows=ROWS, **act)
    pay(late, "500.00", ON, chloe)
    with pytest.raises(Refused) as refused:
        actions.move_plan(plan, "sign", **act)
    assert refused_codes(refused) == {"total"}
    actions.move_plan(plan, "withdraw", **act)
    fresh = [(date(2026, 5, 20), D("2413.17"))]
    assert actions.propose_plan(invoice=late, rows=fresh, **act).total == D("2413.17")


def test_signed_dates_are_kept_by_the_database(late: Invoice, chloe: Any) -> None:
    plan = actions.propose_plan(invoice=late, rows=ROWS, **acting(chloe, ON))
    RepaymentRow.objects.filter(position=1).update(due_on=date(2026, 5, 21))
    actions.move_plan(plan, "sign", **acting(chloe, ON))
    attacks = (
        lambda: RepaymentRow.objects.update(due_on=date(2030, 1, 1)),
        lambda: RepaymentRow.objects.all().delete(),
        lambda: RepaymentRow.objects.create(
            plan=plan, position=9, due_on=date(2030, 1, 1), amount=1
        ),
        lambda: RepaymentPlan.objects.filter(pk=plan.pk).update(total=1),
        lambda: RepaymentPlan.objects.all().delete(),
    )
    for attack in attacks:
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()


def test_the_plan_prints_both_sides_and_the_dates(late: Invoice, chloe: Any) -> None:
    plan = actions.propose_plan(invoice=late, rows=ROWS, **acting(chloe, ON))
    context = plan_context(plan)
    assert [row["on"] for row in context["rows"]] == ["20/05/2026", "20/06/2026"]
    assert context["due"] == "04/03/2026"
    assert render_plan(plan).startswith(b"%PDF")


# -- disputes ----------------------------------------------------------------------------------
def test_a_dispute_suspends_reminders_until_it_is_closed(late: Invoice, chloe: Any) -> None:
    act = acting(chloe, ON)
    with pytest.raises(Refused):
        actions.open_dispute(invoice=late, words=" ", **act)
    actions.open_dispute(invoice=late, words="La journée du 3 n’a pas eu lieu", **act)
    with pytest.raises(Refused):
        actions.open_dispute(invoice=late, words="Encore", **act)
    assert not Invoice.objects.remindable().filter(pk=late.pk).exists()
    page = signed_in(chloe).get(late.get_absolute_url()).content.decode()
    assert "Contestée" in page
    actions.close_dispute(invoice=late, outcome="ungrounded", words="Feuille signée", **act)
    assert Invoice.objects.remindable().filter(pk=late.pk).exists()
    with pytest.raises(Refused):
        actions.close_dispute(invoice=late, outcome="settled", words="x", **act)
    with pytest.raises(DatabaseError), transaction.atomic():
        Dispute.objects.update(words="Rien")


# -- private customers -------------------------------------------------------------------------
def test_payments_of_private_customers_wait_for_the_notice(chloe: Any) -> None:
    given_issuer(date(2025, 1, 1))
    client = given_client("Zoé Keller")
    client.client_kind = Organisation.ClientKind.CONSUMER
    client.save()
    invoice = given_invoice(100, client, ISSUED, by=chloe)
    with pytest.raises(Refused) as refused:
        pay(invoice, "120.00", ISSUED, chloe)
    assert refused_codes(refused) == {"antifraud"}
    assert refused.value.missing[0].url == "/facturation/caisse/"
    browser = signed_in(chloe)
    form = browser.get(f"/facturation/reglements/nouveau/?invoice={invoice.pk}")
    assert "/facturation/caisse/" in form.content.decode()
    posted = {"proof": "certificate", "words": "Certificat n° 12 du 3 janvier 2026"}
    assert browser.post("/facturation/caisse/", posted).status_code == 302
    assert browser.post("/facturation/caisse/", posted).status_code == 409
    assert AntifraudNotice.objects.count() == 1
    assert Event.objects.filter(verb="invoicing.AntifraudNotice.acknowledge").count() == 1
    pay(invoice, "120.00", ISSUED, chloe)


def test_no_notice_is_asked_of_an_issuer_outside_vat(chloe: Any) -> None:
    given_issuer(date(2025, 1, 1), regime="franchise", vat_rate=0)
    client = given_client("Zoé Keller")
    client.client_kind = Organisation.ClientKind.CONSUMER
    client.save()
    invoice = given_invoice(100, client, ISSUED, by=chloe)
    pay(invoice, "100.00", ISSUED, chloe)
    assert amount_left(invoice) == 0
    assert not AntifraudNotice.objects.exists()


# -- tables ------------------------------------------------------------------------------------
def test_aged_rates_call_the_accountant_and_are_told_before_the_issue(chloe: Any) -> None:
    on = date(2026, 11, 23)
    found = [r for w in hooks.work_reasons.all() for r in w(chloe, on=on, limit=20)]
    aged = [r for r in found if r.code == "aged_figure"]
    assert {r.url.split("kind=")[1] for r in aged} >= {"legal_interest_professional", "ecb_rate"}
    browser = signed_in(chloe)
    for kind in ("legal_interest_professional", "ecb_rate", "association_receipts"):
        posted = {"kind": kind, "value": "2,70", "effective_from": "2026-07-01", "source": "JO"}
        assert browser.post("/reglages/tables/nouveau/", posted).status_code in (302, 404)
    for kind in ("legal_interest_professional", "ecb_rate"):
        LegalFigure.objects.get_or_create(
            kind=kind,
            effective_from=date(2026, 7, 1),
            defaults={"value": D("2.70"), "source": "JO", "noted_on": date(2026, 7, 2)},
        )
    left = [r for w in hooks.work_reasons.all() for r in w(chloe, on=on, limit=20)]
    rates = {"legal_interest_professional", "ecb_rate"}
    assert not [r for r in left if r.code == "aged_figure" and r.url.split("kind=")[1] in rates]


# -- books -------------------------------------------------------------------------------------
def test_a_claim_is_an_entry_of_its_day_and_giving_it_up_the_opposite_one(
    late: Invoice, chloe: Any
) -> None:
    claim = actions.claim_interest(invoice=late, **acting(chloe, ON))
    actions.cancel_claim(claim=claim, why="Accord", **acting(chloe, ON + timedelta(days=1)))
    books = read_books()
    found = [e for e in entries("sales", ON, ON + timedelta(days=1), books) if "-P1" in e.piece]
    sides = [[(p.account.number, p.debit, p.credit) for p in entry.postings] for entry in found]
    assert [e.on for e in found] == [ON, ON + timedelta(days=1)]
    assert sides[0] == [("411000", D("85.58"), D(0)), ("758100", D(0), D("85.58"))]
    assert sorted(sides[1]) == [("411000", D(0), D("85.58")), ("758100", D("85.58"), D(0))]
