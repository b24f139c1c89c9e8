"""Due dates, caps and schedules through the actions: what is issued, and what is refused."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from crm.models import IssuerProfile
from essaim import immutability
from essaim.models import Event
from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions import issuing
from invoicing.assembly import document_of, sealed
from invoicing.models import Instalment, Invoice, PlannedInstalment
from invoicing.printing import invoice_html
from invoicing.rules_schedule import AMOUNT, PERCENT, REMAINDER, PlannedPart
from invoicing.standing import badges_of, with_standing
from invoicing.verification import verify
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement

pytestmark = pytest.mark.django_db
VECTORS = json.loads(
    (Path(__file__).parent / "data" / "law_vectors_ground.json").read_text("utf-8")
)
D = Decimal


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def told(refused: Any) -> str:
    return " ".join(m.text for m in refused.value.missing)


def client_of_kind(kind: str) -> Any:
    """A client of this kind: professional, public, consumer."""
    client = given_client("La Musette")
    client.client_kind = kind
    client.save()
    return client


def draft_under(term: tuple[int, str], on: date, by: Any, kind: str = "professional") -> Invoice:
    """A draft whose agreement says this payment term."""
    if not IssuerProfile.objects.exists():
        given_issuer(date(2025, 1, 1))
    agreement = given_agreement(
        None,
        client_of_kind(kind),
        on=on,
        payment_days=term[0],
        payment_method=term[1],
    )
    act = acting(by, on)
    invoice = actions.draft_free(
        client=agreement.client,
        agreement=agreement,
        title="Appui",
        period_from=on,
        period_to=on,
        **act,
    )
    actions.add_line(
        invoice=invoice,
        label="Appui",
        quantity=D(1),
        unit="C62",
        unit_price=D(1000),
        **act,
    )
    invoice.refresh_from_db()
    return invoice


@pytest.mark.parametrize("row", VECTORS["T04"], ids=lambda row: row["invoice"])
@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("j30", (30, "net")),
        ("j60", (60, "net")),
        ("f45_then_eom", (45, "days_then_eom")),
        ("eom_then_45", (45, "eom_then_days")),
    ],
)
def test_an_agreed_term_gives_the_due_date_of_the_law(
    row: Any, name: str, term: Any, chloe: Any
) -> None:
    on = date.fromisoformat(row["invoice"])
    issued = actions.issue(invoice=draft_under(term, on, chloe), **acting(chloe, on))
    assert issued.due_on == date.fromisoformat(row[name])
    (part,) = issued.instalments.all()
    assert (part.due_on, part.amount) == (issued.due_on, issued.gross)


@pytest.mark.parametrize("row", VECTORS["T04"], ids=lambda row: row["invoice"])
def test_the_cap_is_the_last_day_that_passes(row: Any, chloe: Any) -> None:
    on = date.fromisoformat(row["invoice"])
    act = acting(chloe, on)
    for term, last, recap in (
        ((30, "net"), row["j60"], False),
        ((45, "days_then_eom"), row["f45_then_eom"], False),
        ((45, "eom_then_days"), row["eom_then_45"], False),
        ((30, "net"), row["recap45"], True),
    ):
        draft = draft_under(term, on, chloe)
        past = date.fromisoformat(last) + timedelta(days=1)
        actions.edit_draft(invoice=draft, title="x", wanted_due_on=past, is_recap=recap, **act)
        with pytest.raises(Refused) as refused:
            actions.issue(invoice=draft, **act)
        assert f"{date.fromisoformat(last):%d/%m/%Y}" in told(refused)
        assert "L441-10" in told(refused)
        lawful = date.fromisoformat(last)
        actions.edit_draft(invoice=draft, title="x", wanted_due_on=lawful, is_recap=recap, **act)
        assert actions.issue(invoice=draft, **act).due_on == lawful


def test_a_date_far_away_is_refused_with_what_gives_time(chloe: Any) -> None:
    case = VECTORS["T05"]["refuse"]
    on, due = date.fromisoformat(case["issued"]), date.fromisoformat(case["due"])
    draft = draft_under((30, "net"), on, chloe)
    actions.edit_draft(invoice=draft, title="x", wanted_due_on=due, **acting(chloe, on))
    with pytest.raises(Refused) as refused:
        actions.issue(invoice=draft, **acting(chloe, on))
    assert "31/05/2027" in told(refused)
    assert "21/01/2027" in told(refused)
    assert "phases" in told(refused).lower()


def test_without_agreement_a_professional_owes_30_days_after_performance(chloe: Any) -> None:
    case = VECTORS["T05"]["no_agreement"]
    performed, on = date.fromisoformat(case["performed"]), date(2026, 11, 22)
    given_issuer()
    draft = given_invoice(client=client_of_kind("professional"), on=on, issued=False, by=chloe)
    Invoice.objects.filter(pk=draft.pk).update(period_from=performed, period_to=performed)
    draft.refresh_from_db()
    assert actions.issue(invoice=draft, **acting(chloe, on)).due_on.isoformat() == case["due"]


@pytest.mark.parametrize(
    ("kind", "days", "passes"),
    [("public", 30, True), ("public", 31, False), ("consumer", 300, True)],
)
def test_public_bodies_have_30_days_and_private_persons_any_agreed_term(
    kind: str, days: int, passes: Any, chloe: Any
) -> None:
    on = date(2026, 11, 23)
    draft = draft_under((30, "net"), on, chloe, kind)
    rows = [
        PlannedPart(PERCENT, D(50), days=0),
        PlannedPart(REMAINDER, days=days),
    ]
    if passes:
        actions.plan_schedule(invoice=draft, rows=rows, **acting(chloe, on))
        issued = actions.issue(invoice=draft, **acting(chloe, on))
        assert [i.due_on for i in issued.instalments.all()] == [on, on + timedelta(days=days)]
    else:
        with pytest.raises(Refused) as refused:
            actions.plan_schedule(invoice=draft, rows=rows, **acting(chloe, on))
        assert "2" in told(refused)
        assert "R2192-10" in told(refused)


THREE = (
    PlannedPart(AMOUNT, D("300.00"), days=10),
    PlannedPart(PERCENT, D("33.33"), days=30),
    PlannedPart(REMAINDER, days=60),
)


@pytest.fixture
def three(chloe: Any) -> Invoice:
    """1,200.00 in three: 300.00, 399.96, 500.04."""
    on = date(2026, 9, 1)
    draft = draft_under((60, "net"), on, chloe)
    actions.plan_schedule(invoice=draft, rows=THREE, **acting(chloe, on))
    return actions.issue(invoice=draft, **acting(chloe, on))


def pay(invoice: Invoice, amount: str, on: date, by: Any) -> None:
    actions.record_payment(
        client=invoice.client,
        amount=D(amount),
        received_on=on,
        method="transfer",
        invoices={invoice: D(amount)},
        **acting(by, on),
    )


def test_the_schedule_is_frozen_at_issue_on_what_is_asked(three: Invoice) -> None:
    parts = [(i.position, i.due_on, i.amount) for i in three.instalments.all()]
    assert parts == [
        (1, date(2026, 9, 11), D("300.00")),
        (2, date(2026, 10, 1), D("399.96")),
        (3, date(2026, 10, 31), D("500.04")),
    ]
    assert three.due_on == date(2026, 9, 11)
    assert not PlannedInstalment.objects.exists()
    assert b'"due_on":"2026-10-31"' in sealed(three)
    html = invoice_html(document_of(three, on=date(2026, 9, 1)))
    for words in ("11/09/2026", "01/10/2026", "31/10/2026", "500,04"):
        assert words in html, words


@pytest.mark.parametrize(
    ("paid", "on", "late", "left_late"),
    [
        ("0", date(2026, 9, 11), False, "0"),
        ("0", date(2026, 9, 12), True, "300.00"),
        ("299.99", date(2026, 9, 12), True, "0.01"),
        ("300.00", date(2026, 10, 1), False, "0"),
        ("300.00", date(2026, 10, 2), True, "399.96"),
        ("699.96", date(2026, 10, 31), False, "0"),
        ("699.96", date(2026, 11, 1), True, "500.04"),
        ("1200.00", date(2027, 1, 1), False, "0"),
    ],
)
def test_lateness_is_per_instalment(
    three: Invoice, paid: str, on: date, late: Any, left_late: str, chloe: Any
) -> None:
    if D(paid):
        pay(three, paid, date(2026, 9, 5), chloe)
    found = list(Invoice.objects.overdue(on=on))
    assert [(i.pk, i.late) for i in found] == ([(three.pk, D(left_late))] if late else [])
    row = with_standing(Invoice.objects.filter(pk=three.pk)).get()
    assert (
        ("Late", "bad") in badges_of(row, on=on) or ("En retard", "bad") in badges_of(row, on=on)
    ) == late


def test_a_credit_note_covers_the_first_instalments(three: Invoice, chloe: Any) -> None:
    act = acting(chloe, date(2026, 9, 8))
    line = three.lines.get()
    credit = actions.draft_credit(
        origin=three, words="Remise", amounts={line.pk: D("250.00")}, **act
    )
    actions.issue(invoice=credit, **act)
    assert not Invoice.objects.overdue(on=date(2026, 10, 1)).exists()
    assert Invoice.objects.overdue(on=date(2026, 10, 2)).get().late == D("399.96")


def test_an_override_is_the_accountants_in_words_and_under_the_seal(chloe: Any) -> None:
    on = date(2026, 11, 23)
    draft = draft_under((30, "net"), on, chloe)
    rows = [PlannedPart(PERCENT, D(50), days=30), PlannedPart(REMAINDER, days=120)]
    with pytest.raises(Refused) as refused:
        actions.plan_schedule(invoice=draft, rows=rows, **acting(chloe, on))
    assert "2" in told(refused)
    basis = "Accord interprofessionnel du 1er mars, C. com. L443-1"
    actions.plan_schedule(invoice=draft, rows=rows, term_basis=basis, **acting(chloe, on))
    issued = actions.issue(invoice=draft, **acting(chloe, on))
    assert issued.instalments.last().due_on == on + timedelta(days=120)
    assert Event.objects.filter(verb="invoicing.Invoice.override_term").count() == 1
    assert basis.encode() in sealed(issued)


def test_only_the_accountant_goes_past_the_cap(chloe: Any, basile: Any) -> None:
    on = date(2026, 11, 23)
    draft = draft_under((30, "net"), on, chloe)
    with pytest.raises(Refused):
        actions.plan_schedule(
            invoice=draft,
            rows=[PlannedPart(REMAINDER, days=120)],
            term_basis="Parce que",
            **acting(basile, on),
        )


def test_a_schedule_is_judged_again_on_the_day_of_issue(chloe: Any) -> None:
    """Lines were added since, and a fixed date has passed."""
    on = date(2026, 11, 23)
    draft = draft_under((30, "net"), on, chloe)
    rows = [
        PlannedPart(AMOUNT, D("200.00"), due_on=on),
        PlannedPart(AMOUNT, D("1000.00"), days=30),
    ]
    actions.plan_schedule(invoice=draft, rows=rows, **acting(chloe, on))
    with pytest.raises(Refused) as refused:
        actions.issue(invoice=draft, **acting(chloe, on + timedelta(days=1)))
    assert {m.code for m in refused.value.missing} == {"schedule"}
    actions.add_line(
        invoice=draft,
        label="Plus",
        quantity=D(1),
        unit="C62",
        unit_price=D(10),
        **acting(chloe, on),
    )
    with pytest.raises(Refused) as refused:
        actions.issue(invoice=draft, **acting(chloe, on))
    assert "1 212,00" in told(refused).replace("\u202f", " ").replace("\u00a0", " ")
    # No row at all: the one due date of its term again.
    actions.plan_schedule(invoice=draft, rows=[], **acting(chloe, on))
    assert actions.issue(invoice=draft, **acting(chloe, on)).instalments.count() == 1


def test_the_database_keeps_schedules(three: Invoice, chloe: Any) -> None:
    attacks: list[Callable[[], Any]] = [
        lambda: Instalment.objects.filter(invoice=three).update(due_on=date(2030, 1, 1)),
        lambda: Instalment.objects.filter(invoice=three).delete(),
        lambda: PlannedInstalment.objects.create(invoice=three, share="remainder", days=9),
    ]
    for attack in attacks:
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            attack()


def test_verify_sees_a_due_date_moved_behind_the_triggers(three: Invoice, chloe: Any) -> None:
    connection.check_constraints()
    immutability.drop(connection)
    Instalment.objects.filter(invoice=three, position=3).update(due_on=date(2027, 6, 1))
    connection.check_constraints()
    immutability.install(connection)
    _count, findings = verify(at=acting(chloe, date(2026, 9, 2))["at"])
    assert "it was altered after it was issued" in {f.words for f in findings}


def test_lists_ask_the_same_whatever_the_instalments(three: Invoice, chloe: Any) -> None:
    browser = signed_in(chloe)
    shown = browser.get("/facturation/factures/", {"show": "late"})
    assert shown.status_code == 200
    assert str(three.number) in shown.content.decode()
