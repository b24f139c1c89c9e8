"""From validated days to issued invoices, credits and payments, through the actions."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from pypdf import PdfReader

from essaim.workflow import Refused
from invoicing import actions
from invoicing.models import Allocation, FrozenFile, Invoice
from invoicing.queries import billable_shares
from missions.actions import ShareLine
from missions.models import DayShare, MissionDay
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_invoice, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def issuer(db: None) -> Any:
    return given_issuer()


@pytest.fixture
def worked(issuer: Any, ada: Any, today: date) -> Any:
    """Three validated days of October under an agreement at 600 a day."""
    coop = given_coop(owner=ada)
    agreement = given_agreement(coop, client_of(coop), rate=600, days=12, on=date(2026, 9, 1))
    mission = given_mission(agreement, team=[ada], on=date(2026, 9, 1))
    for day in (5, 6, 7):
        given_day(ada, mission, on=date(2026, 10, day), quantity=1)
    return agreement


def text_of(invoice: Invoice) -> str:
    content = bytes(FrozenFile.objects.get(kind="pdf", invoice=invoice).content)
    pages = [page.extract_text() for page in PdfReader(BytesIO(content)).pages]
    return " ".join(" ".join(pages).split())


def codes(error: Any) -> set[str]:
    return {m.code for m in error.value.missing}


def test_days_become_one_line_a_month_and_a_mission(worked: Any, chloe: Any, today: date) -> None:
    invoice = actions.draft_from_days(payer=worked.client, agreement=worked, **acting(chloe, today))
    line = invoice.lines.get()
    assert (line.quantity, line.unit, line.unit_price, line.net) == (3, "DAY", 600, 1800)
    assert (invoice.net, invoice.vat, invoice.gross) == (D("1800.00"), D("360.00"), D("2160.00"))
    assert invoice.number is None
    assert not billable_shares().exists()


def test_a_share_is_not_drafted_twice_and_a_deleted_draft_gives_it_back(
    worked: Any, chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    invoice = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    with pytest.raises(Refused):
        actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    actions.delete_draft(invoice=invoice, **act)
    assert billable_shares().count() == 3


def test_issuing_numbers_copies_seals_and_prints(worked: Any, chloe: Any, today: date) -> None:
    act = acting(chloe, today)
    invoice = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    invoice = actions.issue(invoice=invoice, **act)
    assert (invoice.number, invoice.rank, invoice.issued_on) == ("FA-2026-0001", 1, today)
    assert invoice.due_on == today + timedelta(days=30)
    assert invoice.client_copy["name"] == worked.client.legal_name
    assert invoice.issuer_copy["siren"] == "732829320"
    assert len(invoice.digest) == 64
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"billed"}
    printed = text_of(invoice)
    assert "FA-2026-0001" in printed
    assert "2 160,00" in printed.replace("\u202f", " ").replace("\xa0", " ")


def test_only_the_accountant_issues(worked: Any, chloe: Any, farid: Any, today: date) -> None:
    act = acting(chloe, today)
    invoice = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    with pytest.raises(PermissionDenied):
        actions.issue(invoice=invoice, **acting(farid, today))
    assert Invoice.objects.get(pk=invoice.pk).number is None
    assert actions.issue(invoice=invoice, **act).rank == 1


def test_an_issue_date_before_the_series_last_is_refused(issuer: Any, today: date) -> None:
    given_invoice(on=today)
    with pytest.raises(Refused) as refused:
        given_invoice(on=today - timedelta(days=1), client=given_client("Autre"))
    assert codes(refused) == {"issued_on"}
    assert Invoice.objects.issued().count() == 1


def test_a_due_date_past_the_cap_is_refused_with_the_lawful_ways(
    issuer: Any, chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    invoice = given_invoice(issued=False)
    late = today + timedelta(days=270)
    invoice = actions.edit_draft(invoice=invoice, title="x", wanted_due_on=late, **act)
    with pytest.raises(Refused) as refused:
        actions.issue(invoice=invoice, **act)
    assert codes(refused) == {"wanted_due_on"}
    assert "·" in refused.value.missing[0].text
    invoice = actions.edit_draft(
        invoice=invoice, title="x", wanted_due_on=late, term_basis="Accord de filière", **act
    )
    assert actions.issue(invoice=invoice, **act).due_on == late


def test_the_override_of_the_cap_is_the_accountants(issuer: Any, basile: Any, today: date) -> None:
    invoice = given_invoice(issued=False)
    with pytest.raises(Refused):
        actions.edit_draft(
            invoice=invoice, title="x", term_basis="parce que", **acting(basile, today)
        )


def test_an_incomplete_party_refuses_the_issue_and_takes_no_number(
    issuer: Any, chloe: Any, today: date
) -> None:
    client = given_client("Sans adresse", street="", postcode="", city="")
    with pytest.raises(Refused) as refused:
        given_invoice(client=client)
    assert "buyer_address_missing" in codes(refused)
    assert given_invoice(client=given_client("Avec adresse")).rank == 1


def test_two_payers_get_one_invoice_each_and_the_days_are_billed_once(
    issuer: Any, ada: Any, chloe: Any, today: date
) -> None:
    coop = given_coop(owner=ada)
    client, town = client_of(coop), given_client("Communauté de communes", kind="authority")
    shares = [
        ShareLine(payer=town, percent=D(40), priority=1),
        ShareLine(payer=client, percent=D(60), priority=2, takes_remainder=True),
    ]
    agreement = given_agreement(coop, client, rate="333.33", shares=shares, on=date(2026, 9, 1))
    mission = given_mission(agreement, team=[ada], on=date(2026, 9, 1))
    given_day(ada, mission, on=date(2026, 10, 5), quantity="0.5")
    act = acting(chloe, today)
    nets = []
    for payer in (town, client):
        invoice = actions.draft_from_days(payer=payer, agreement=agreement, **act)
        nets.append(actions.issue(invoice=invoice, **act).net)
    assert sum(nets) == D("166.67")
    assert nets[0] == D("66.67")
    mine = Invoice.objects.get(client=client)
    assert mine.terms_copy["funding"]["remaining"] == "100.00"
    assert "66,67" in text_of(mine)


def test_a_full_credit_billable_again_gives_a_new_generation(
    worked: Any, chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    invoice = actions.issue(
        invoice=actions.draft_from_days(payer=worked.client, agreement=worked, **act), **act
    )
    line = invoice.lines.get()
    credit = actions.draft_credit(
        origin=invoice, words="Mauvais client", billable_again=[line.pk], **act
    )
    assert credit.gross == invoice.gross
    credit = actions.issue(invoice=credit, **act)
    assert credit.number == "FA-2026-0002"
    assert "FA-2026-0001" in text_of(credit)
    assert actions.issuing.amount_left(invoice) == 0
    assert DayShare.objects.filter(generation=2).count() == 3
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"validated"}
    again = actions.draft_from_days(payer=worked.client, agreement=worked, **act)
    assert actions.issue(invoice=again, **act).net == D("1800.00")


def test_a_credit_not_billable_again_leaves_the_days_billed(
    worked: Any, chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    invoice = actions.issue(
        invoice=actions.draft_from_days(payer=worked.client, agreement=worked, **act), **act
    )
    credit = actions.draft_credit(origin=invoice, words="Geste", **act)
    actions.issue(invoice=credit, **act)
    assert not billable_shares().exists()
    assert set(MissionDay.objects.values_list("state", flat=True)) == {"billed"}


def test_credits_never_pass_their_origin(issuer: Any, chloe: Any, today: date) -> None:
    act = acting(chloe, today)
    invoice = given_invoice(amount=140)
    line = invoice.lines.get()
    first = actions.draft_credit(origin=invoice, words="Remise", amounts={line.pk: D(100)}, **act)
    actions.issue(invoice=first, **act)
    with pytest.raises(Refused) as refused:
        actions.draft_credit(origin=invoice, words="Encore", amounts={line.pk: D(100)}, **act)
    assert codes(refused) == {"amounts"}
    with pytest.raises(Refused):
        actions.draft_credit(origin=invoice, words="Moins", amounts={line.pk: D(-5)}, **act)
    rest = actions.draft_credit(origin=invoice, words="Le reste", **act)
    assert actions.issue(invoice=rest, **act).net == D("40.00")


def test_a_payment_settles_in_parts_and_no_more_than_is_left(
    issuer: Any, chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    invoice = given_invoice(amount=1000)
    actions.record_payment(
        client=invoice.client,
        amount=D(500),
        received_on=today,
        method="transfer",
        invoices={invoice: D(500)},
        **act,
    )
    assert actions.issuing.amount_left(invoice) == D("700.00")
    payment = actions.record_payment(
        client=invoice.client, amount=D(800), received_on=today, method="cheque", **act
    )
    with pytest.raises(Refused):
        actions.allocate(invoice=invoice, payment=payment, amount=D(800), **act)
    actions.allocate(invoice=invoice, payment=payment, amount=D(700), **act)
    assert actions.paying.payment_left(payment) == D("100.00")
    assert not Invoice.objects.unpaid().exists()


@pytest.mark.parametrize(
    ("amount", "days", "field"),
    [(D(-1), 0, "amount"), (D(0), 0, "amount"), (D(5), 1, "received_on")],
)
def test_a_payment_out_of_range_is_refused(
    issuer: Any, chloe: Any, today: date, amount: Decimal, days: int, field: str
) -> None:
    client = given_client()
    with pytest.raises(Refused) as refused:
        actions.record_payment(
            client=client,
            amount=amount,
            received_on=today + timedelta(days=days),
            method="transfer",
            **acting(chloe, today),
        )
    assert codes(refused) == {field}


def test_anothers_invoice_is_not_settled(issuer: Any, chloe: Any, today: date) -> None:
    invoice = given_invoice()
    other = given_client("Une autre coop")
    with pytest.raises(Refused):
        actions.record_payment(
            client=other,
            amount=D(10),
            received_on=today,
            method="transfer",
            invoices={invoice: D(10)},
            **acting(chloe, today),
        )
    assert not Allocation.objects.exists()


def test_a_reversed_payment_leaves_the_invoice_unpaid_and_all_rows_kept(
    issuer: Any, chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    invoice = given_invoice(amount=100)
    payment = actions.record_payment(
        client=invoice.client,
        amount=D(120),
        received_on=today,
        method="transfer",
        invoices={invoice: D(120)},
        **act,
    )
    actions.reverse_payment(payment=payment, why="Saisi deux fois", **act)
    assert actions.issuing.amount_left(invoice) == D("120.00")
    assert Allocation.objects.count() == 2
    with pytest.raises(Refused):
        actions.reverse_payment(payment=payment, why="Encore", **act)


def test_a_pdf_that_fails_waits_and_is_rendered_later(
    issuer: Any, today: date, monkeypatch: Any
) -> None:
    def broken(_doc: Any) -> bytes:
        raise RuntimeError("no fonts")

    with monkeypatch.context() as patch:
        patch.setattr("invoicing.actions.issuing.render_invoice", broken)
        invoice = given_invoice()
    assert invoice.is_issued
    assert not FrozenFile.objects.exists()
    assert actions.render_pending(at=acting(invoice.created_by, today)["at"]) == 1
    assert FrozenFile.objects.get(kind="pdf").invoice == invoice


def test_a_due_date_that_passed_while_the_draft_waited_is_refused(
    issuer: Any, chloe: Any, today: date
) -> None:
    invoice = given_invoice(issued=False)
    invoice = actions.edit_draft(
        invoice=invoice,
        title="x",
        wanted_due_on=today,
        term_basis="Accord écrit",
        **acting(chloe, today),
    )
    with pytest.raises(Refused) as refused:
        actions.issue(invoice=invoice, **acting(chloe, today + timedelta(days=1)))
    assert codes(refused) == {"wanted_due_on"}
