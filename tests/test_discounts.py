"""Free invoices: catalogue, several VAT rates, discounts that never pass what they come off."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from essaim.workflow import Refused
from invoicing import actions
from invoicing.models import Invoice
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


@pytest.fixture
def mixed(act: dict[str, Any]) -> Invoice:
    """Training at 20 % and a book at 5.5 %."""
    draft = given_invoice(900, issued=False)
    actions.add_line(
        invoice=draft,
        label="Livre",
        quantity=D(10),
        unit="C62",
        unit_price=D(10),
        chosen_rate=D("5.5"),
        **act,
    )
    return Invoice.objects.get(pk=draft.pk)


def test_each_rate_bears_its_own_vat(mixed: Invoice) -> None:
    assert (mixed.net, mixed.vat) == (D("1000.00"), D("185.50"))
    assert [r["rate"] for r in mixed.vat_copy] == ["20.00", "5.50"]


def test_a_percentage_comes_off_every_rate(mixed: Invoice, act: dict[str, Any]) -> None:
    lines = actions.add_discount(invoice=mixed, label="Adhérent", share=D(10), **act)
    assert [(ln.net, ln.vat_rate) for ln in lines] == [(D(-90), D(20)), (D(-10), D("5.5"))]
    mixed.refresh_from_db()
    assert (mixed.net, mixed.vat) == (D("900.00"), D("166.95"))


def test_an_amount_is_spread_by_the_bases_to_the_cent(mixed: Invoice, act: dict[str, Any]) -> None:
    lines = actions.add_discount(invoice=mixed, label="Geste", amount=D("33.33"), **act)
    assert [ln.net for ln in lines] == [D("-30.00"), D("-3.33")]
    issued = actions.issue(invoice=mixed, **act)
    assert issued.net == D("966.67")


@pytest.mark.parametrize(
    "facts",
    [{}, {"amount": D(1), "share": D(1)}, {"amount": D("1000.01")}, {"share": D(0)}],
)
def test_a_discount_never_passes_the_lines(
    mixed: Invoice, act: dict[str, Any], facts: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        actions.add_discount(invoice=mixed, label="x", **facts, **act)
    assert mixed.lines.count() == 2


def test_a_line_a_discount_comes_off_does_not_go_first(mixed: Invoice, act: dict[str, Any]) -> None:
    actions.add_discount(invoice=mixed, label="Geste", amount=D(500), **act)
    with pytest.raises(Refused):
        actions.remove_line(line=mixed.lines.get(label="Formation"), **act)


def test_a_rate_of_another_place_is_refused(act: dict[str, Any]) -> None:
    draft = given_invoice(100, issued=False, client=given_client("Réunion", postcode="97400"))
    with pytest.raises(Refused) as error:
        actions.add_line(
            invoice=draft,
            label="Livre",
            quantity=D(1),
            unit="C62",
            unit_price=D(10),
            chosen_rate=D("5.5"),
            **act,
        )
    assert [m.code for m in error.value.missing] == ["chosen_rate"]


def test_the_whole_is_credited_with_its_discount_and_no_more(
    mixed: Invoice, act: dict[str, Any]
) -> None:
    actions.add_discount(invoice=mixed, label="Geste", share=D(10), **act)
    issued = actions.issue(invoice=mixed, **act)
    # The full price of a line, its discount kept: more than what was paid for it.
    line = issued.lines.get(label="Formation").pk
    with pytest.raises(Refused):
        actions.draft_credit(origin=issued, amounts={line: D(900)}, words="Erreur", **act)
    credit = actions.issue(
        invoice=actions.draft_credit(origin=issued, words="Annulée", **act), **act
    )
    assert (credit.net, credit.vat, credit.gross) == (issued.net, issued.vat, issued.gross)


def test_work_to_come_is_a_deposit_or_wants_a_sentence(act: dict[str, Any]) -> None:
    later = act["on"] + timedelta(days=30)
    draft = actions.draft_free(
        client=given_client(), title="Stage", period_from=later, period_to=later, **act
    )
    actions.add_line(
        invoice=draft, label="Stage", quantity=D(1), unit="C62", unit_price=D(10), **act
    )
    with pytest.raises(Refused) as error:
        actions.issue(invoice=draft, **act)
    assert [(m.code, m.level) for m in error.value.missing] == [("service_in_the_future", "warn")]
    why = {"service_in_the_future": "Réservation payée d’avance, prévue au contrat."}
    assert actions.issue(invoice=draft, reasons=why, **act).is_issued


def test_an_item_is_kept_and_archived(act: dict[str, Any]) -> None:
    item = actions.save_item(label=" Atelier ", unit_price=D(300), vat_rate=D("5.5"), **act)
    assert item.label == "Atelier"
    assert actions.archive_item(item=item, **act).archived_on == act["on"]
    assert actions.archive_item(item=item, **act).archived_on is None
    with pytest.raises(Refused):
        actions.save_item(label="  ", unit_price=D(1), **act)
