"""Corrective invoices: issued with the full credit note of what they replace, or not at all."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions.issuing import amount_left, post
from invoicing.models import BilledShare, Correction, Invoice
from invoicing.queries import billable_shares
from invoicing.verification import verify
from missions.models import DayShare, MissionDay
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.test_deposits import deposit_of, final_of
from tests.test_invoicing_flow import text_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


@pytest.fixture
def billed(act: dict[str, Any], ada: Any) -> Invoice:
    """An issued invoice of three days."""
    coop = given_coop(owner=ada)
    agreement = given_agreement(coop, client_of(coop), rate=600, days=12, on=date(2026, 9, 1))
    mission = given_mission(agreement, team=[ada], on=date(2026, 9, 1))
    for day in (5, 6, 7):
        given_day(ada, mission, on=date(2026, 10, day), quantity=1)
    draft = actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    return actions.issue(invoice=draft, **act)


def test_both_are_issued_at_once_and_the_days_follow(billed: Invoice, act: dict[str, Any]) -> None:
    pair = actions.draft_correction(origin=billed, words="Mauvais bon de commande", **act)
    assert pair.corrective.origin == billed
    assert pair.corrective.gross == billed.gross
    actions.edit_draft(invoice=pair.corrective, title="Mission", order_number="BC-7", **act)
    pair = actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    credit, corrective = pair.credit_note, pair.corrective
    assert (billed.number, credit.number, corrective.number) == (
        "FA-2026-0001",
        "FA-2026-0002",
        "FA-2026-0003",
    )
    assert (corrective.kind, corrective.previous) == ("corrective", credit.digest)
    assert corrective.terms_copy["origin"]["number"] == billed.number
    assert amount_left(billed) == 0
    assert amount_left(corrective) == corrective.gross == D("2160.00")
    # The new generation of each share stands on the corrective invoice.
    shares = DayShare.objects.filter(billed__line__invoice=corrective)
    assert [s.generation for s in shares.order_by("pk")] == [2, 2, 2]
    assert not billable_shares().exists()
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"billed"}
    assert billed.number in text_of(corrective)
    assert "BC-7" in text_of(corrective)
    assert verify(at=act["at"])[1] == []


def test_neither_half_is_issued_alone(billed: Invoice, act: dict[str, Any]) -> None:
    pair = actions.draft_correction(origin=billed, words="Erreur", **act)
    for half in (pair.credit_note, pair.corrective):
        with pytest.raises(Refused) as error:
            actions.issue(invoice=half, **act)
        assert "correction" in {m.code for m in error.value.missing}
    assert Invoice.objects.issued().count() == 1


def test_the_base_refuses_a_corrective_invoice_without_its_credit_note(
    billed: Invoice, act: dict[str, Any]
) -> None:
    pair = actions.draft_correction(origin=billed, words="Erreur", **act)
    with pytest.raises(DatabaseError), transaction.atomic():
        post([pair.corrective], paired=True, **act)
    pair.refresh_from_db()
    assert not pair.corrective.is_issued


def test_when_the_second_half_lacks_something_nothing_is_numbered(
    billed: Invoice, act: dict[str, Any]
) -> None:
    pair = actions.draft_correction(origin=billed, words="Erreur", **act)
    for line in pair.corrective.lines.all():
        actions.remove_line(line=line, **act)
    with pytest.raises(Refused):
        actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    assert Invoice.objects.issued().count() == 1
    # A new document takes the very next number.
    assert given_invoice(100, client=billed.client).number == "FA-2026-0002"


def test_a_line_taken_off_makes_its_days_billable_again(
    billed: Invoice, act: dict[str, Any]
) -> None:
    pair = actions.draft_correction(origin=billed, words="Erreur", **act)
    actions.remove_line(line=pair.corrective.lines.get(), **act)
    actions.add_line(
        invoice=pair.corrective, label="Forfait", quantity=D(1), unit="C62", unit_price=D(90), **act
    )
    actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    assert billable_shares().count() == 3
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"validated"}


def test_what_was_credited_already_or_is_no_invoice_is_not_corrected(
    act: dict[str, Any], today: date
) -> None:
    invoice = given_invoice(1000)
    line = invoice.lines.get().pk
    actions.issue(
        invoice=actions.draft_credit(origin=invoice, amounts={line: D(10)}, words="Geste", **act),
        **act,
    )
    deposit = deposit_of(invoice.client, "100", act)
    for origin in (invoice, deposit):
        with pytest.raises(Refused):
            actions.draft_correction(origin=origin, words="Erreur", **act)


def test_deleting_one_half_deletes_both(billed: Invoice, act: dict[str, Any]) -> None:
    pair = actions.draft_correction(origin=billed, words="Erreur", **act)
    actions.delete_draft(invoice=pair.credit_note, **act)
    assert Invoice.objects.count() == 1
    assert not Correction.objects.exists()


def test_the_deposits_of_the_origin_are_taken_off_the_corrective(act: dict[str, Any]) -> None:
    first = given_invoice(10)
    deposit = deposit_of(first.client, "300.01", act)
    final = final_of(first.client, "1000.03", [deposit], act)
    pair = actions.draft_correction(origin=final, words="Adresse fausse", **act)
    assert pair.corrective.asked == D("840.03")
    pair = actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    assert pair.credit_note.asked == D("840.03")
    assert pair.corrective.asked == D("840.03")
    assert pair.corrective.deposit_uses.get().deposit == deposit
    assert amount_left(final) == 0
    assert verify(at=act["at"])[1] == []


def test_the_pair_of_an_issued_correction_is_frozen(billed: Invoice, act: dict[str, Any]) -> None:
    pair = actions.draft_correction(origin=billed, words="Erreur", **act)
    actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.update(corrective=billed)
    with pytest.raises(IntegrityError), transaction.atomic():
        BilledShare.objects.all().delete()
