"""A final invoice that its deposits cover wholly: issued, settled at once, never asked for."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from essaim.workflow import Refused
from invoicing import actions, rules
from invoicing.actions import issuing
from invoicing.actions.efacture import acquit
from invoicing.assembly import document_of
from invoicing.bt import terms
from invoicing.entries import ALL, read_books
from invoicing.entries_receipts import entries
from invoicing.lateness import standing_of
from invoicing.models import Invoice
from invoicing.reminding import due_reminders
from invoicing.rules import RateTotal, total_of, within_vat
from invoicing.rules_schedule import PlannedPart
from invoicing.standing import badges_of, with_standing
from invoicing.verification import verify
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_client, given_issuer
from tests.test_deposits import deposit_of, draft_of, final_of

pytestmark = pytest.mark.django_db
D = Decimal
LATER = date(2027, 3, 1)


@pytest.fixture
def act(chloe: Any, today: date, monkeypatch: Any) -> dict[str, Any]:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    given_issuer()
    return acting(chloe, today)


def errors(act: dict[str, Any]) -> list[Any]:
    """What `verify` finds wrong; the PDFs are not printed here."""
    return [found for found in verify(at=act["at"])[1] if found.is_error]


def settled(act: dict[str, Any]) -> Invoice:
    client = given_client()
    return final_of(client, "1000", [deposit_of(client, "1000", act)], act)


def shown(invoice: Invoice, on: date) -> list[str]:
    row: Any = with_standing(Invoice.objects.filter(pk=invoice.pk)).get()
    return [str(words) for words, _tone in badges_of(row, on=on)]


def test_it_is_issued_and_settled_at_once(act: dict[str, Any]) -> None:
    final = settled(act)
    assert (final.gross, final.asked, final.due_on) == (D("1200.00"), D("0.00"), act["on"])
    assert not final.instalments.exists()
    assert shown(final, LATER) == ["Réglée"]
    assert errors(act) == []


def test_given_back_it_is_told_credited(act: dict[str, Any]) -> None:
    final = settled(act)
    credit = actions.draft_credit(origin=final, words="Erreur", **act)
    actions.issue(invoice=credit, **act)
    assert shown(final, LATER) == ["Annulée par avoir"]
    assert errors(act) == []


def test_nothing_of_it_is_ever_late_or_reminded(act: dict[str, Any]) -> None:
    final = settled(act)
    assert final.pk not in {one.invoice.pk for one in due_reminders(on=LATER)}
    assert not Invoice.objects.unpaid().filter(pk=final.pk).exists()
    assert not Invoice.objects.overdue(on=LATER).filter(pk=final.pk).exists()
    assert standing_of(final, LATER).total == 0


def test_a_schedule_planned_before_the_deposits_does_not_bar_it(act: dict[str, Any]) -> None:
    client = given_client()
    deposit = deposit_of(client, "1000", act)
    draft = draft_of(client, "1000", act=act)
    rows = [PlannedPart("percent", D(50), days=10), PlannedPart("remainder", days=20)]
    actions.plan_schedule(invoice=draft, rows=rows, **act)
    draft = Invoice.objects.get(pk=draft.pk)
    actions.deduct_deposits(invoice=draft, deposits=[deposit], **act)
    assert actions.issue(invoice=draft, **act).asked == 0


def test_its_terms_say_a_final_invoice_with_nothing_due(act: dict[str, Any]) -> None:
    final = settled(act)
    said = terms(document_of(final, on=act["on"]))
    assert (said["BT-23"], said["BT-113"], said["BT-115"]) == ("S4", "1200.00", "0.00")


def test_its_entry_clears_the_deposit_and_touches_no_client(act: dict[str, Any]) -> None:
    settled(act)
    found = list(entries(ALL, date(2026, 1, 1), date(2026, 12, 31), read_books()))
    last = [(p.account.number, p.debit, p.credit) for p in found[-1].postings]
    assert last == [("419100", D("1000.00"), D(0)), ("706000", D(0), D("1000.00"))]


def test_the_deposits_are_what_is_acquitted(act: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        acquit(invoice=settled(act), **act)
    assert "acomptes" in str(refused.value.missing[0].text)


def test_its_page_asks_for_no_payment(act: dict[str, Any], chloe: Any) -> None:
    final = settled(act)
    page = signed_in(chloe).get(final.get_absolute_url())
    assert page.status_code == 200
    assert "Réglée" in page.content.decode()


def test_rounded_deposits_never_take_off_more_vat_than_is_billed(act: dict[str, Any]) -> None:
    """Three times 6.67 is 20.01, and the VAT of the whole is 20.00."""
    client = given_client()
    deposits = [deposit_of(client, "33.34", act) for _rank in range(3)]
    final = final_of(client, "100.02", deposits, act)
    assert [d.vat for d in deposits] == [D("6.67")] * 3
    assert (final.vat, final.deducted, final.deducted_vat) == (D("20.00"), D("120.02"), D("20.00"))
    assert final.asked == 0
    assert terms(document_of(final, on=act["on"]))["BT-115"] == "0.00"
    assert errors(act) == []
    # Given back, its deposits are whole again.
    credit = actions.draft_credit(origin=final, words="Erreur", **act)
    actions.issue(invoice=credit, **act)
    assert final_of(client, "200", deposits, act).deducted_vat == D("20.01")
    assert errors(act) == []


def test_vat_within_that_of_the_whole_in_figures() -> None:
    whole = total_of([RateTotal("S", D(20), D("100.02"), D("20.00"))])
    each = total_of([RateTotal("S", D(20), D("33.34"), D("6.67"))])
    assert [t.vat for t in within_vat(whole, [each] * 3)] == [D("6.67"), D("6.67"), D("6.66")]
    assert within_vat(whole, [each]) == [each]
    assert rules.check_deposits(whole, [rules.Deposit("A", each)] * 3) == ()
