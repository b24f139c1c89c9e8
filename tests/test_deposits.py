"""Deposits: billed, taken off once and per rate, given back, never twice."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from essaim.workflow import Refused
from invoicing import actions, rules
from invoicing.actions.issuing import amount_left
from invoicing.actions.paying import credit_left
from invoicing.balances import sources_of
from invoicing.deducting import free_deposits
from invoicing.models import DepositRelease, DepositUse, Invoice
from invoicing.receivables import balances, statement_of
from invoicing.verification import verify
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_programme
from tests.given_invoicing import client_of, given_client, given_issuer
from tests.given_missions import given_agreement
from tests.test_invoicing_flow import text_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def deposit_of(client: Any, amount: str, act: dict[str, Any], **facts: Any) -> Invoice:
    draft = actions.draft_deposit(client=client, title="Étude", amount=D(amount), **facts, **act)
    return actions.issue(invoice=draft, **act)


def draft_of(client: Any, *prices: str, act: dict[str, Any], **facts: Any) -> Invoice:
    on = act["on"]
    draft = actions.draft_free(
        client=client, title="Étude", period_from=on, period_to=on, **facts, **act
    )
    for price in prices:
        actions.add_line(
            invoice=draft, label="Étude", quantity=D(1), unit="C62", unit_price=D(price), **act
        )
    return Invoice.objects.get(pk=draft.pk)


def final_of(client: Any, price: str, deposits: list[Invoice], act: dict[str, Any]) -> Invoice:
    draft = draft_of(client, price, act=act)
    actions.deduct_deposits(invoice=draft, deposits=deposits, **act)
    return actions.issue(invoice=draft, **act)


def words_of(error: Any) -> str:
    return " ".join(str(m.text) for m in error.value.missing).replace("\xa0", " ")


def test_the_vat_of_a_final_invoice_is_the_whole_less_the_deposits(act: dict[str, Any]) -> None:
    """T08: 140.01, not 140.00."""
    client = given_client()
    deposit = deposit_of(client, "300.01", act)
    assert (deposit.net, deposit.vat, deposit.gross) == (D("300.01"), D("60.00"), D("360.01"))
    assert (deposit.kind, deposit.number) == ("deposit", "FA-2026-0001")
    final = final_of(client, "1000.03", [deposit], act)
    assert (final.net, final.vat, final.gross) == (D("1000.03"), D("200.01"), D("1200.04"))
    assert final.vat - final.deducted_vat == D("140.01")
    assert (final.deducted, final.asked) == (D("360.01"), D("840.03"))
    assert final.instalments.get().amount == D("840.03")
    assert amount_left(final) == D("840.03")
    assert final.deposits_copy == [
        {
            "deposit": deposit.pk,
            "number": "FA-2026-0001",
            "issued_on": "2026-11-23",
            "by_rate": [{"category": "S", "rate": "20.00", "base": "300.01", "vat": "60.00"}],
        }
    ]
    text = text_of(final).replace("\u202f", " ").replace("\xa0", " ")
    assert "FA-2026-0001" in text
    assert "840,03" in text
    assert verify(at=act["at"])[1] == []


def test_a_deposit_is_a_share_of_what_was_agreed_or_an_amount(act: dict[str, Any]) -> None:
    client = given_client()
    draft = actions.draft_deposit(client=client, title="Étude", share=D(30), whole=D("3900"), **act)
    assert draft.net == D("1170.00")
    for wrong in ({}, {"amount": D(1), "share": D(1)}, {"share": D(30)}, {"amount": D(0)}):
        with pytest.raises(Refused):
            actions.draft_deposit(client=client, title="Étude", **wrong, **act)
    with pytest.raises(Refused):
        actions.draft_deposit(client=client, title="x", amount=D(11), whole=D(10), **act)


def test_a_deposit_is_deducted_once(act: dict[str, Any]) -> None:
    client = given_client()
    deposit = deposit_of(client, "100", act)
    first, second = (draft_of(client, "500", act=act) for _ in range(2))
    assert free_deposits(first) == [deposit]
    actions.deduct_deposits(invoice=first, deposits=[deposit], **act)
    assert free_deposits(second) == []
    with pytest.raises(Refused):
        actions.deduct_deposits(invoice=second, deposits=[deposit], **act)
    with pytest.raises(IntegrityError), transaction.atomic():
        DepositUse.objects.create(invoice=second, deposit=deposit)
    actions.delete_draft(invoice=first, **act)
    actions.deduct_deposits(invoice=second, deposits=[deposit], **act)
    actions.issue(invoice=second, **act)
    with pytest.raises(IntegrityError), transaction.atomic():
        DepositUse.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        DepositUse.objects.update(invoice=draft_of(client, "1", act=act))


def test_more_deposit_than_the_invoice_is_refused_in_words(act: dict[str, Any]) -> None:
    client = given_client()
    deposit = deposit_of(client, "600", act)
    draft = draft_of(client, "500", act=act)
    with pytest.raises(Refused) as error:
        actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    assert "100,00 €" in words_of(error)
    assert not DepositUse.objects.exists()
    # Once reserved, a line it needs does not go.
    actions.add_line(
        invoice=draft, label="Suite", quantity=D(1), unit="C62", unit_price=D(200), **act
    )
    actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    with pytest.raises(Refused):
        actions.remove_line(line=draft.lines.get(label="Suite"), **act)


def test_a_deposit_at_another_rate_is_not_taken_off(act: dict[str, Any]) -> None:
    client = given_client()
    deposit = deposit_of(client, "100", act, chosen_rate=D("5.5"))
    assert deposit.vat == D("5.50")
    with pytest.raises(Refused) as error:
        actions.deduct_deposits(invoice=draft_of(client, "500", act=act), deposits=[deposit], **act)
    assert "5,5 %" in words_of(error)


def test_a_deposit_left_out_is_told_before_the_invoice_is_issued(
    act: dict[str, Any], chloe: Any
) -> None:
    client = given_client()
    deposit = deposit_of(client, "300", act)
    draft = draft_of(client, "1000", act=act)
    page = f"/facturation/factures/{draft.pk}/emettre/"
    words = "Un acompte de ce client reste à déduire"
    assert words in signed_in(chloe).get(page).content.decode()
    assert words in signed_in(chloe).get(draft.get_absolute_url()).content.decode()
    actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    assert words not in signed_in(chloe).get(page).content.decode()
    assert words not in signed_in(chloe).get(draft.get_absolute_url()).content.decode()


def test_another_clients_deposit_is_refused(act: dict[str, Any]) -> None:
    deposit = deposit_of(given_client(), "100", act)
    draft = draft_of(given_client("Autre coop"), "500", act=act)
    with pytest.raises(Refused):
        actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)


def test_a_credited_part_of_a_deposit_is_not_deducted(act: dict[str, Any]) -> None:
    client = given_client()
    deposit = deposit_of(client, "300", act)
    credit = actions.draft_credit(
        origin=deposit, amounts={deposit.lines.get().pk: D(100)}, words="Trop demandé", **act
    )
    draft = draft_of(client, "500", act=act)
    with pytest.raises(Refused):  # while the credit note waits
        actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    actions.issue(invoice=credit, **act)
    final = actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    assert final.deducted == D("240.00")
    with pytest.raises(Refused):  # and while it is taken off, it is not credited
        actions.draft_credit(origin=deposit, words="Rendu", **act)


def test_a_deposit_taken_off_is_not_credited_even_by_a_note_prepared_before(
    act: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = given_client()
    deposit = deposit_of(client, "300", act)
    credit = actions.draft_credit(origin=deposit, words="Rendu", **act)
    DepositUse.objects.create(invoice=draft_of(client, "500", act=act), deposit=deposit)
    with pytest.raises(Refused) as error:
        actions.issue(invoice=credit, **act)
    assert [m.code for m in error.value.missing] == ["deposit_in_use"]
    # And the base itself refuses it.
    monkeypatch.setattr("invoicing.actions.issuing.kind_bars", lambda *_a, **_k: [])
    with pytest.raises(IntegrityError), transaction.atomic():
        actions.issue(invoice=credit, **act)


def test_a_part_credited_stays_within_what_the_final_invoice_asks(act: dict[str, Any]) -> None:
    """The sum of credits of a part is at most what was really asked, per rate."""
    client = given_client()
    deposit = deposit_of(client, "300.01", act)
    final = final_of(client, "1000.03", [deposit], act)
    line = final.lines.get().pk
    with pytest.raises(Refused) as error:
        actions.draft_credit(origin=final, amounts={line: D("700.03")}, words="Erreur", **act)
    assert "700,02 €" in words_of(error)
    credit = actions.draft_credit(origin=final, amounts={line: D("700.02")}, words="Geste", **act)
    credit = actions.issue(invoice=credit, **act)
    assert (credit.deducted, credit.gross) == (D(0), D("840.02"))
    assert amount_left(final) == D("0.01")


def test_a_final_invoice_wholly_credited_frees_its_deposit(act: dict[str, Any]) -> None:
    client = given_client()
    deposit = deposit_of(client, "300.01", act)
    final = final_of(client, "1000.03", [deposit], act)
    credit = actions.issue(
        invoice=actions.draft_credit(origin=final, words="Annulée", **act), **act
    )
    assert (credit.gross, credit.deducted, credit.asked) == (
        D("1200.04"),
        D("360.01"),
        D("840.03"),
    )
    assert amount_left(final) == 0
    assert credit_left(credit) == 0
    assert DepositRelease.objects.get().credit_note == credit
    again = final_of(client, "500", [deposit], act)
    assert again.asked == D("239.99")
    assert again.deposit_uses.get().after == DepositRelease.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        DepositUse.objects.create(
            invoice=draft_of(client, "9", act=act),
            deposit=deposit,
            after=DepositRelease.objects.get(),
        )
    assert verify(at=act["at"])[1] == []


def test_the_credit_of_a_paid_final_invoice_is_a_balance_of_what_it_asked(
    act: dict[str, Any],
) -> None:
    client = given_client()
    deposit = deposit_of(client, "300.01", act)
    final = final_of(client, "1000.03", [deposit], act)
    for invoice in (deposit, final):
        actions.record_payment(
            client=client, amount=invoice.asked, received_on=act["on"], method="transfer",
            invoices={invoice: invoice.asked}, **act,
        )  # fmt: skip
    draft = actions.draft_credit(origin=final, words="Annulée", **act)
    credit = actions.issue(invoice=draft, **act)
    # The deposit is free again and was paid: it is no part of what is given back.
    (source,) = sources_of(client.pk)
    assert source.left == credit_left(credit) == D("840.03")
    assert balances(as_of=act["on"]) == {client.pk: D("840.03")}
    told = statement_of(client, first=act["on"], last=act["on"])
    assert (told.debit, told.credit, told.closing) == (D("1200.04"), D("2040.07"), D("-840.03"))


def test_a_credit_after_a_part_closes_the_invoice_and_frees_the_deposit(
    act: dict[str, Any],
) -> None:
    client = given_client()
    deposit = deposit_of(client, "300.01", act)
    final = final_of(client, "1000.03", [deposit], act)
    line = final.lines.get().pk
    part = actions.draft_credit(origin=final, amounts={line: D("100")}, words="Geste", **act)
    actions.issue(invoice=part, **act)
    rest = actions.issue(invoice=actions.draft_credit(origin=final, words="Le reste", **act), **act)
    assert rest.asked == final.asked - D("120.00")
    assert amount_left(final) == 0
    assert DepositRelease.objects.count() == 1


def test_a_deposit_before_the_acknowledgement_of_a_grant_wants_a_sentence(
    act: dict[str, Any], basile: Any
) -> None:
    coop = given_coop(by=basile)
    agreement = given_agreement(coop, client_of(coop), by=basile, on=date(2026, 9, 1))
    programme = given_programme(no_early_commitment=True)
    application = given_application(coop=coop, programme=programme)
    actions.link_funding(agreement=agreement, application=application, **act)
    draft = actions.draft_deposit(
        client=agreement.client, title="", agreement=agreement, amount=D(500), **act
    )
    with pytest.raises(Refused) as error:
        actions.issue(invoice=draft, **act)
    assert [(m.code, m.level) for m in error.value.missing] == [
        ("commitment_before_acknowledgement", "warn")
    ]
    why = {"commitment_before_acknowledgement": "Le financeur a donné son accord par écrit."}
    assert actions.issue(invoice=draft, reasons=why, **act).number == "FA-2026-0001"


def test_rules_of_deposits_in_figures() -> None:
    whole = rules.totals(
        [
            rules.Line("free", "a", D(1), "C62", D("1000.03"), D("1000.03"), D(20)),
            rules.Line("free", "b", D(1), "C62", D("100"), D("100"), D("5.5")),
        ],
        regime="receipts",
    )
    taken = rules.totals(
        [rules.Line("free", "a", D(1), "C62", D("300.01"), D("300.01"), D(20))], regime="receipts"
    )
    assert rules.check_deposits(whole, [rules.Deposit("A", taken)]) == ()
    assert rules.deduct(whole, taken).vat == D("145.51")
    assert [p.code for p in rules.check_deposits(whole, [rules.Deposit("A", taken)] * 4)] == [
        "deposits_exceed_total"
    ]
