"""Periods closed and opened, VAT due month by month, what closing adds and takes off."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from essaim.models import EventText
from essaim.workflow import Refused
from invoicing import accruals, actions, vat_statement
from invoicing.actions import books as verbs
from invoicing.actions import issuing
from invoicing.actions.phases import draft_phases
from invoicing.chart import Product
from invoicing.entries import read_books
from invoicing.entries_receipts import entries
from invoicing.models import Account, AuxiliaryAccount, Invoice, Payment, PeriodLock, WriteOff
from invoicing.views.books import near_periods
from tests.conftest import acting, signed_in
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _no_pdf(monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


def pay(invoice: Invoice, amount: str, chloe: Any, received_on: date, on: date) -> Payment:
    return actions.record_payment(
        client=invoice.client, amount=D(amount), received_on=received_on, method="transfer",
        reference="VIR", invoices={invoice: D(amount)}, **acting(chloe, on),
    )  # fmt: skip


# -- the lock -------------------------------------------------------------------------------


def test_nothing_is_dated_in_a_closed_period(chloe: Any, today: date) -> None:
    client = given_client()
    invoice = given_invoice("1000.00", client, today, by=chloe)
    payment = pay(invoice, "600.00", chloe, today, today)
    draft = given_invoice("10.00", client, today, issued=False, by=chloe)
    later = today + timedelta(days=9)
    verbs.close_period(until=today, **acting(chloe, later))
    act, now = acting(chloe, today), acting(chloe, later)
    with pytest.raises(Refused, match="clôturée jusqu’au 23/11/2026") as refused:
        pay(invoice, "10.00", chloe, today, later)
    assert refused.value.missing[0].code == "received_on"
    with pytest.raises(Refused, match="date de son émission"):
        actions.issue(invoice=draft, **act)
    for verb in (
        lambda: actions.reverse_payment(payment=payment, why="Erreur.", **act),
        lambda: actions.allocate(invoice=invoice, payment=payment, amount=D(1), **act),
        lambda: verbs.write_off(invoice=invoice, reason="Perdu.", **act),
    ):
        with pytest.raises(Refused, match="clôturée"):
            verb()
    # The day after, all of it goes on.
    pay(invoice, "10.00", chloe, later, later)
    actions.reverse_payment(payment=payment, why="Erreur.", **now)
    assert actions.issue(invoice=draft, **now).issued_on == later


def test_the_database_itself_refuses_a_payment_of_a_closed_period(chloe: Any, today: date) -> None:
    client = given_client()
    verbs.close_period(until=today, **acting(chloe, today + timedelta(days=1)))
    facts: dict[str, Any] = {
        "client": client, "amount": D(10), "recorded_by": chloe,
        "recorded_at": acting(chloe, today)["at"],
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.create(received_on=today, **facts)
    Payment.objects.create(received_on=today + timedelta(days=1), **facts)


def test_opening_again_asks_why_and_keeps_it(chloe: Any, today: date) -> None:
    act = acting(chloe, today)
    with pytest.raises(Refused, match="Aucune période"):
        verbs.open_period(until=None, reason="x", **act)
    verbs.close_period(until=date(2026, 9, 30), **act)
    with pytest.raises(Refused, match="phrase"):
        verbs.open_period(until=None, reason=" ", **act)
    with pytest.raises(Refused, match="avant le 30/09/2026"):
        verbs.open_period(until=date(2026, 10, 31), reason="Oubli.", **act)
    verbs.open_period(until=date(2026, 6, 30), reason="Facture oubliée.", **act)
    assert PeriodLock.objects.until() == date(2026, 6, 30)
    assert EventText.objects.get().words == {"reason": "Facture oubliée."}
    verbs.open_period(until=None, reason="Tout revoir.", **act)
    assert PeriodLock.objects.until() is None


def test_only_past_days_are_closed_and_never_twice(chloe: Any, today: date) -> None:
    act = acting(chloe, today)
    with pytest.raises(Refused, match="jours passés"):
        verbs.close_period(until=today, **act)
    verbs.close_period(until=date(2026, 9, 30), **act)
    with pytest.raises(Refused, match="déjà clôturée"):
        verbs.close_period(until=date(2026, 8, 31), **act)


def test_locks_losses_and_codes_are_never_rewritten(chloe: Any, today: date) -> None:
    invoice = given_invoice("100.00", given_client(), today, by=chloe)
    verbs.close_period(until=date(2026, 9, 30), **acting(chloe, today))
    verbs.write_off(invoice=invoice, reason="Liquidation.", **acting(chloe, today))
    verbs.give_codes(last=today)
    for model, values in (
        (PeriodLock, {"until": None}),
        (WriteOff, {"amount": 1}),
        (AuxiliaryAccount, {"code": "X"}),
    ):
        rows: Any = model._default_manager.all()
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete(using="default")


def test_the_page_closes_and_opens(chloe: Any) -> None:
    browser = signed_in(chloe)
    assert browser.post("/facturation/periode/", {"until": "2020-06-30"}).status_code == 302
    shown = browser.get("/facturation/periode/").content.decode()
    assert "clôturée jusqu’au 30/06/2020" in shown
    again = browser.post("/facturation/periode/rouvrir/", {"until": "", "reason": ""})
    assert again.status_code == 422
    done = browser.post("/facturation/periode/rouvrir/", {"until": "", "reason": "Oubli."})
    assert done.status_code == 302
    assert PeriodLock.objects.until() is None
    assert "Oubli." in browser.get("/facturation/periode/").content.decode()


def test_an_exercise_starts_in_any_month() -> None:
    told = {words: (first, last) for words, first, last in near_periods(date(2026, 11, 23), 9)}
    assert told["Exercice en cours"] == (date(2026, 9, 1), date(2027, 8, 31))
    assert told["Exercice précédent"] == (date(2025, 9, 1), date(2026, 8, 31))
    usual = near_periods(date(2026, 1, 5), 1)
    assert usual[-1][1:] == (date(2025, 1, 1), date(2025, 12, 31))


# -- VAT due --------------------------------------------------------------------------------


def test_each_month_owes_what_its_receipts_make_due(chloe: Any, today: date) -> None:
    given_issuer()
    first = date(2026, 9, 1)
    invoice = given_invoice("1080.00", given_client(), first, by=chloe)
    for day, amount in ((5, "500"), (6, "500"), (40, "296")):
        on = first + timedelta(days=day)
        pay(invoice, amount, chloe, on, on)
    rows = list(vat_statement.lines(first, today))
    assert [row.vat for row in rows] == [D("83.33"), D("83.34"), D("49.33")]
    assert {row.number for row in rows} == {invoice.number}
    totals = vat_statement.totals(rows)
    assert [(t.month, t.base, t.vat) for t in totals] == [
        (date(2026, 9, 1), D("833.33"), D("166.67")),
        (date(2026, 10, 1), D("246.67"), D("49.33")),
    ]


def test_money_recorded_late_counts_in_the_month_it_came(chloe: Any, today: date) -> None:
    given_issuer()
    invoice = given_invoice("100.00", given_client(), date(2026, 9, 1), by=chloe)
    pay(invoice, "120.00", chloe, date(2026, 10, 30), today)
    (total,) = vat_statement.totals(vat_statement.lines(date(2026, 10, 1), date(2026, 10, 31)))
    assert total.vat == D("20.00")
    assert not list(vat_statement.lines(date(2026, 11, 1), date(2026, 11, 30)))


def test_vat_on_debits_is_due_in_the_month_of_the_invoice(chloe: Any, today: date) -> None:
    given_issuer(regime="debits")
    invoice = given_invoice("100.00", given_client(), today, by=chloe)
    act = acting(chloe, today)
    draft = actions.draft_credit(
        origin=invoice, words="Trop.", amounts={invoice.lines.get().pk: D("40.00")}, **act
    )
    actions.issue(invoice=draft, **act)
    (total,) = vat_statement.totals(vat_statement.lines(today, today))
    assert (total.basis, total.base, total.vat) == ("debits", D("60.00"), D("12.00"))


def test_the_statement_is_shown_and_says_what_is_not_in_it(chloe: Any, today: date) -> None:
    client = given_client()
    invoice = given_invoice("100.00", client, today, by=chloe)
    pay(invoice, "60.00", chloe, today, today)
    actions.record_payment(
        client=client, amount=D("33.00"), received_on=today, method="cheque",
        **acting(chloe, today),
    )  # fmt: skip
    period = {"start": "2026-11-01", "end": "2026-11-30"}
    shown = signed_in(chloe).get("/facturation/tva/", period).content.decode()
    assert "10,00" in shown
    assert "33,00" in shown
    assert invoice.number in shown
    empty = signed_in(chloe).get("/facturation/tva/", {"start": "2020-01-01", "end": "2020-01-31"})
    assert "Aucune TVA" in empty.content.decode()


# -- closing --------------------------------------------------------------------------------


def test_work_done_and_not_invoiced_is_added_at_closing(
    chloe: Any, ada: Any, basile: Any, today: date
) -> None:
    given_issuer()
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(
        coop, client_of(coop), rate=1000, by=basile, on=today, analytic_code="ACC67"
    )
    mission = given_mission(agreement, team=[ada], by=basile, on=today)
    for back in (1, 2):
        given_day(ada, mission, today - timedelta(days=back), by=basile, today=today)
    (one,) = accruals.unbilled(today)
    assert (one.net, one.vat, one.gross, one.analytic) == (2000, 400, 2400, "ACC67")
    # A closing before the second day knows only the first.
    assert [r.net for r in accruals.unbilled(today - timedelta(days=2))] == [1000]
    (entry,) = accruals.entries(today, read_books())
    assert [(p.account.number, p.debit, p.credit) for p in entry.postings] == [
        ("418100", D("2400.00"), D("0.00")),
        ("706000", D("0.00"), D("2000.00")),
        ("445870", D("0.00"), D("400.00")),
    ]
    act = acting(chloe, today)
    draft = actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    assert len(list(accruals.unbilled(today))) == 1
    actions.issue(invoice=draft, **act)
    assert list(accruals.unbilled(today)) == []
    # Asked again of a day before its invoice, the work was not invoiced yet.
    assert [r.net for r in accruals.unbilled(today - timedelta(days=1))] == [2000]


def test_a_subscription_paid_ahead_is_taken_off_at_closing(chloe: Any) -> None:
    given_issuer()
    on, act = date(2026, 10, 1), acting(chloe, date(2026, 10, 1))
    draft = actions.draft_free(
        client=given_client(), title="Abonnement", period_from=on, period_to=date(2027, 9, 30),
        **act,
    )  # fmt: skip
    actions.add_line(
        invoice=draft, label="Abonnement", quantity=D(1), unit="C62", unit_price=D("1460.00"), **act
    )
    draft.lines.update(kind="subscription")
    draft.refresh_from_db()
    actions.issue(invoice=draft, **act)
    (one,) = accruals.deferred(date(2026, 12, 31))
    # 273 of its 365 days are still to come.
    assert (one.net, one.vat) == (D("1092.00"), 0)
    (entry,) = accruals.entries(date(2026, 12, 31), read_books())
    assert [(p.account.number, p.debit, p.credit) for p in entry.postings] == [
        ("706000", D("1092.00"), D("0.00")),
        ("487000", D("0.00"), D("1092.00")),
    ]
    assert list(accruals.deferred(date(2027, 9, 30))) == []


def test_days_left_of_a_pack_are_taken_off_at_closing(chloe: Any, ada: Any, basile: Any) -> None:
    given_issuer()
    coop, on = given_coop(owner=ada, by=basile), date(2026, 11, 23)
    client = client_of(coop)
    pack = given_phases(coop, client, (6000,), kind="pack", days_budgeted=D(10))
    draft = draft_phases(payer=client, agreement=pack, **acting(chloe, on))
    actions.issue(invoice=draft, **acting(chloe, on))
    assert [(r.role, r.net) for r in accruals.deferred(on)] == [(Product.PACK, D("6000.00"))]
    mission = given_mission(pack, team=[ada], by=basile, on=on)
    given_day(ada, mission, on - timedelta(days=3), by=basile, today=on)
    assert [r.net for r in accruals.deferred(on)] == [D("5400.00")]
    assert [r.net for r in accruals.deferred(on - timedelta(days=1))] == []
    line = draft.lines.get()
    credit = actions.draft_credit(
        origin=draft, words="Pack réduit", amounts={line.pk: D("1000")}, **acting(chloe, on)
    )
    actions.issue(invoice=credit, **acting(chloe, on))
    assert [r.net for r in accruals.deferred(on)] == [D("4400.00")]


def test_the_closing_page_shows_both(chloe: Any) -> None:
    browser = signed_in(chloe)
    shown = browser.get("/facturation/cloture/", {"day": "2026-12-31"}).content.decode()
    assert "Travail fait au 31/12/2026 et non facturé" in shown
    assert browser.get("/facturation/cloture/", {"day": "31"}).status_code == 422
    taken = browser.post("/facturation/exports/accruals.csv",
                         {"start": "2026-12-31", "end": "2026-12-31"})  # fmt: skip
    assert taken.status_code == 200
    assert b"".join(taken).startswith(b"\xef\xbb\xbf")


# -- accounts -------------------------------------------------------------------------------


def test_an_account_is_changed_on_its_page_and_entries_follow(chloe: Any, today: date) -> None:
    invoice = given_invoice("100.00", given_client(), today, by=chloe)
    browser = signed_in(chloe)
    row = Account.objects.get(role="sale_free")
    page = f"/facturation/comptes/{row.pk}/"
    assert browser.post(page, {"number": "ABC", "label": "x"}).status_code == 409
    assert browser.post(page, {"number": "706200", "label": "Formations"}).status_code == 302
    shown = browser.get("/facturation/comptes/").content.decode()
    assert "706200" in shown
    accounts = {p.account.number for e in _entries(today) for p in e.postings}
    assert "706200" in accounts
    assert invoice.number


def _entries(last: date) -> list[Any]:
    return list(entries("sales", date(2026, 1, 1), last, read_books()))


def test_a_code_is_given_on_its_page_and_never_twice(chloe: Any, today: date) -> None:
    client = given_client()
    given_invoice("10.00", client, today, by=chloe)
    browser = signed_in(chloe)
    page = "/facturation/comptes/codes/nouveau/"
    assert browser.post(page, {"organisation": str(client.pk), "code": "é"}).status_code == 409
    done = browser.post(page, {"organisation": str(client.pk), "code": "411epi"})
    assert done.status_code == 302
    assert AuxiliaryAccount.objects.get().code == "411EPI"
    with pytest.raises(Refused, match="déjà un code"):
        verbs.give_code(organisation=client, code="AUTRE", **acting(chloe, today))


def test_a_bad_debt_is_written_off_from_the_invoice(chloe: Any, today: date) -> None:
    invoice = given_invoice("100.00", given_client(), today, by=chloe)
    browser = signed_in(chloe)
    page = f"/facturation/factures/{invoice.pk}/"
    assert f"{page}perte/" in browser.get(page).content.decode()
    assert browser.post(f"{page}perte/", {"reason": ""}).status_code == 422
    assert browser.post(f"{page}perte/", {"reason": "Liquidation."}).status_code == 302
    shown = browser.get(page).content.decode()
    assert "Passé en perte" in shown
    assert browser.post(f"{page}perte/", {"reason": "Encore."}).status_code == 409
