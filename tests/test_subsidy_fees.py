"""Fees tied to a grant, from the clause to the credit note, through the actions."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation
from pypdf import PdfReader

from essaim.workflow import Refused
from grants import actions as grants
from invoicing import actions
from invoicing.dues import due_fees, due_fees_of
from invoicing.models import FrozenFile, Invoice, SubsidyFee, SubsidyShareClause
from invoicing.waiting import active_clauses
from missions.actions import ShareLine
from tests.conftest import acting, person
from tests.given_crm import given_coop
from tests.given_grants import (
    given_application,
    given_disbursement,
    given_our_structure,
    given_programme,
    move,
)
from tests.given_invoicing import client_of, given_clause, given_client, given_issuer
from tests.given_missions import given_agreement, given_envelope

pytestmark = pytest.mark.django_db
D = Decimal
SIGNED = date(2026, 2, 2)


@pytest.fixture
def quick(monkeypatch: Any) -> None:
    """Documents are not printed where nobody reads them."""
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", lambda doc: b"%PDF-")


@pytest.fixture
def agreement(db: None) -> Any:
    given_issuer()
    coop = given_coop()
    return given_agreement(coop, client_of(coop), on=SIGNED)


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    return acting(chloe, today)


def running(agreement: Any, awarded: str = "36000", **facts: Any) -> Any:
    programme = facts.pop("programme", None)
    return given_application(
        agreement.coop, programme, state="running", awarded=D(awarded), **facts
    )


def came(application: Any, amount: str, day: int = 2, *, of: str = "", month: int = 4) -> Any:
    """A payment of the funder received in the spring; `of` is what was expected."""
    kind = "clawback" if D(amount) < 0 else "instalment"
    on = date(2026, month, day)
    return given_disbursement(
        application,
        kind,
        D(of or amount),
        received=D(amount),
        received_on=on,
    )


def billed(clause: Any, act: dict[str, Any], row: Any = None) -> Invoice:
    return actions.issue(invoice=actions.draft_fee(clause=clause, disbursement=row, **act), **act)


def nets(clause: Any, act: dict[str, Any], rows: list[Any]) -> list[Decimal]:
    return [billed(clause, act, row).net for row in rows]


def codes(error: Any) -> set[str]:
    return {m.code for m in error.value.missing}


def amounts(clause: Any) -> list[Decimal]:
    """What is due now, the fixed part aside; screens and actions say the same."""
    found = [f.amount for f in due_fees(clause) if not f.is_fixed_part]
    shown = due_fees_of(active_clauses().filter(pk=clause.pk))
    assert [f.amount for f in shown if not f.is_fixed_part] == found
    return found


# -- the golden case --------------------------------------------------------------------------
@pytest.mark.usefixtures("quick")
def test_five_percent_of_what_is_paid_is_540_then_900_then_144(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    rows = [came(application, "10800"), came(application, "18000", 3)]
    move(application, "report", amount=D("39600"))
    move(application, "settle", amount=D("31680"))
    last = application.disbursements.expected().get()
    assert last.expected_amount == D("2880.00")
    rows.append(grants.receive_disbursement(last, dated=act["on"], amount=D("2880"), **act))
    assert nets(clause, act, rows) == [D("540.00"), D("900.00"), D("144.00")]
    assert amounts(clause) == []
    fixed = actions.issue(invoice=actions.draft_fixed_part(clause=clause, **act), **act)
    assert (fixed.net, fixed.lines.get().kind) == (D("300.00"), "fixed_part")
    assert due_fees(clause) == []


@pytest.mark.usefixtures("quick")
def test_five_percent_of_what_is_awarded_is_1800_then_a_credit_note_of_216(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = given_application(agreement.coop, state="committee")
    clause = given_clause(agreement, application, "awarded")
    assert amounts(clause) == []
    move(application, "award", amount=D("36000"))
    fee = billed(clause, act)
    assert (fee.net, fee.vat, fee.gross) == (D("1800.00"), D("360.00"), D("2160.00"))
    assert amounts(clause) == []
    for edge, amount in (("agree", "36000"), ("start", ""), ("report", "39600")):
        move(application, edge, amount=D(amount or 0))
    move(application, "settle", amount=D("31680"))
    assert amounts(clause) == [D("-216.00")]
    credit = actions.issue(invoice=actions.draft_reduction(clause=clause, **act), **act)
    assert (credit.kind, credit.net, credit.vat) == ("credit_note", D("216.00"), D("43.20"))
    assert credit.origin == fee
    assert amounts(clause) == []
    assert actions.issuing.amount_left(fee) == D("1900.80")
    with pytest.raises(Refused):
        actions.draft_reduction(clause=clause, **act)


def test_the_printed_fee_says_the_cents_and_that_no_grant_pays_it(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement, "15432.10")
    clause = given_clause(agreement, application, rate=D(6))
    with translation.override("fr"):
        fee = billed(clause, act, came(application, "15432.10"))
    pages = PdfReader(BytesIO(bytes(FrozenFile.objects.get(kind="pdf", invoice=fee).content))).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    text = text.replace("\u202f", " ").replace("\xa0", " ")
    for words in ("925,93 €", "185,19 €", "1 111,12 €", "6 %", "15 432,10 €"):
        assert words in text
    assert "Honoraires non imputables sur la subvention" in text


# -- the vectors of the law -------------------------------------------------------------------
@pytest.mark.usefixtures("quick")
def test_tranches_of_an_award_and_what_a_lower_grant_gives_back(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement, "18000")
    clause = given_clause(agreement, application, rate=D(6))
    rows = [came(application, a, day) for day, a in enumerate(("7200", "7200", "3600"), start=2)]
    assert nets(clause, act, rows) == [D("432.00"), D("432.00"), D("216.00")]
    back = came(application, "-2567.90", 20)
    assert amounts(clause) == [D("-154.07")]
    credit = billed(clause, act, back)
    assert (credit.net, credit.vat, credit.gross) == (D("154.07"), D("30.81"), D("184.88"))
    assert credit.kind == "credit_note"
    assert amounts(clause) == []


@pytest.mark.usefixtures("quick")
def test_on_the_award_the_same_reduction_is_one_credit_note(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement, "18000")
    clause = given_clause(agreement, application, "awarded", rate=D(6))
    assert billed(clause, act).gross == D("1296.00")
    move(application, "report", amount=D("18000"))
    move(application, "settle", amount=D("15432.10"))
    credit = billed(clause, act)
    assert (credit.net, credit.vat, credit.gross) == (D("154.07"), D("30.81"), D("184.88"))


@pytest.mark.usefixtures("quick")
def test_cents_are_rounded_on_the_sum_never_per_payment(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement, "10000")
    clause = given_clause(agreement, application, rate=D("7.25"))
    rows = [
        came(application, a, day)
        for day, a in enumerate(("3333.33", "3333.33", "3333.34"), start=2)
    ]
    found = nets(clause, act, rows)
    assert found == [D("241.67"), D("241.66"), D("241.67")]
    assert sum(found) == D("725.00")


@pytest.mark.usefixtures("quick")
def test_a_payment_entered_late_moves_no_cent_of_a_fee_already_billed(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement, "36000")
    clause = given_clause(agreement, application, cap=D(1000))
    assert nets(clause, act, [came(application, "18000", 20)]) == [D("900.00")]
    came(application, "10800", 2)
    assert amounts(clause) == [D("100.00")]


@pytest.mark.usefixtures("quick")
def test_fees_billed_out_of_order_add_up_all_the_same(agreement: Any, act: dict[str, Any]) -> None:
    application = running(agreement, "10000")
    clause = given_clause(agreement, application, rate=D("7.25"), floor=D(300))
    rows = [came(application, a, day) for day, a in enumerate(("3333.33",) * 3, start=2)]
    assert amounts(clause) == [D("300.00"), D("183.33"), D("241.67")]
    assert sum(nets(clause, act, [rows[2], rows[0], rows[1]])) == D("725.00")
    assert amounts(clause) == []


@pytest.mark.usefixtures("quick")
def test_a_grant_clawed_back_and_paid_again_stays_within_its_cap(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement, "46000")
    clause = given_clause(agreement, application, cap=D(1000))
    steps = (("36000", "1000.00"), ("-20000", "200.00"), ("10000", "200.00"), ("-6001", "0.05"))
    for day, (amount, net) in enumerate(steps, start=2):
        assert billed(clause, act, came(application, amount, day)).net == D(net)
        assert amounts(clause) == []


# -- cap, floor, fixed part -------------------------------------------------------------------
@pytest.mark.usefixtures("quick")
def test_the_cap_stops_the_fee_and_the_floor_counts_from_the_first_euro(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application, cap=D("600"), floor=D("100"))
    rows = [came(application, a, day) for day, a in enumerate(("500", "9500", "9000"), start=2)]
    assert amounts(clause) == [D("100.00"), D("400.00"), D("100.00")]
    assert sum(nets(clause, act, rows)) == D("600.00")
    came(application, "5000", 20)
    assert amounts(clause) == []


@pytest.mark.usefixtures("quick")
def test_a_deducted_fixed_part_is_billed_once_and_comes_off_the_share(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application, fixed_part_is="deductible")
    fixed = actions.issue(invoice=actions.draft_fixed_part(clause=clause, **act), **act)
    assert fixed.net == D("300.00")
    rows = [came(application, "4000"), came(application, "6800", 3)]
    assert amounts(clause) == [D("240.00")]
    assert billed(clause, act, rows[1]).net == D("240.00")
    assert due_fees(clause) == []


def test_without_a_fixed_part_none_is_due(agreement: Any, act: dict[str, Any]) -> None:
    clause = given_clause(agreement, running(agreement), fixed_part=D(0))
    assert due_fees(clause) == []
    with pytest.raises(Refused):
        actions.draft_fixed_part(clause=clause, **act)


def test_a_fee_payable_at_once_is_not_given_the_term_of_the_agreement(
    agreement: Any, act: dict[str, Any]
) -> None:
    clause = given_clause(agreement, running(agreement), payment_days=0)
    assert actions.draft_fixed_part(clause=clause, **act).term_days == 0


# -- receptions that come in parts, and go back -------------------------------------------------
@pytest.mark.usefixtures("quick")
def test_a_reception_in_parts_brings_a_fee_each_time(agreement: Any, act: dict[str, Any]) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    first = came(application, "4000", of="10800")
    assert nets(clause, act, [first]) == [D("200.00")]
    rest = application.disbursements.expected().get()
    grants.receive_disbursement(rest, dated=act["on"], amount=D("6800"), **act)
    assert amounts(clause) == [D("340.00")]


@pytest.mark.usefixtures("quick")
def test_what_is_paid_back_beyond_one_fee_is_credited_in_several_notes(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    rows = [came(application, "10800"), came(application, "18000", 3)]
    fees = [billed(clause, act, row) for row in rows]
    back = came(application, "-28800", 20)
    assert amounts(clause) == [D("-1440.00")]
    first = billed(clause, act, back)
    assert (first.origin, first.net) == (fees[1], D("900.00"))
    assert amounts(clause) == [D("-540.00")]
    second = billed(clause, act, back)
    assert (second.origin, second.net) == (fees[0], D("540.00"))
    assert amounts(clause) == []


@pytest.mark.usefixtures("quick")
def test_nothing_is_given_back_of_what_was_never_issued(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    row = came(application, "10800")
    back = came(application, "-2000", 20)
    assert amounts(clause) == [D("540.00")]
    fee = billed(clause, act, row)
    assert amounts(clause) == [D("-100.00")]
    goodwill = actions.draft_credit(origin=fee, words="Geste", **act)
    actions.issue(invoice=goodwill, **act)
    assert amounts(clause) == []
    with pytest.raises(Refused):
        actions.draft_fee(clause=clause, disbursement=back, **act)


# -- once ---------------------------------------------------------------------------------------
def test_a_fee_is_not_drafted_twice_and_a_deleted_draft_gives_it_back(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    row = came(application, "10800")
    draft = actions.draft_fee(clause=clause, disbursement=row, **act)
    with pytest.raises(Refused) as refused:
        actions.draft_fee(clause=clause, disbursement=row, **act)
    assert codes(refused) == {"fee"}
    fixed = actions.draft_fixed_part(clause=clause, **act)
    with pytest.raises(Refused):
        actions.draft_fixed_part(clause=clause, **act)
    for invoice in (draft, fixed):
        actions.delete_draft(invoice=invoice, **act)
    assert not SubsidyFee.objects.exists()
    assert amounts(clause) == [D("540.00")]
    assert actions.draft_fixed_part(clause=clause, **act).net == D("300.00")


@pytest.mark.parametrize(("again", "due"), [(True, [D("540.00")]), (False, [])])
@pytest.mark.usefixtures("quick")
def test_only_a_fee_credited_as_billable_again_is_due_again(
    agreement: Any, act: dict[str, Any], *, again: bool, due: list[Decimal]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    row = came(application, "10800")
    fee = billed(clause, act, row)
    lines = [line.pk for line in fee.lines.all()] if again else []
    credit = actions.draft_credit(origin=fee, words="Erreur", billable_again=lines, **act)
    actions.issue(invoice=credit, **act)
    assert amounts(clause) == due
    if again:
        assert billed(clause, act, row).net == D("540.00")
        assert amounts(clause) == []


@pytest.mark.usefixtures("quick")
def test_a_partial_goodwill_credit_leaves_the_fee_billed(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    clause = given_clause(agreement, application)
    fee = billed(clause, act, came(application, "10800"))
    line = fee.lines.get()
    credit = actions.draft_credit(origin=fee, words="Remise", amounts={line.pk: D(40)}, **act)
    actions.issue(invoice=credit, **act)
    assert amounts(clause) == []


@pytest.mark.usefixtures("quick")
def test_two_clauses_bill_each_its_own_grant(agreement: Any, act: dict[str, Any]) -> None:
    mine, other = running(agreement, title="Magasin"), running(agreement, title="Emploi")
    first = given_clause(agreement, mine)
    second = given_clause(agreement, other, rate=D(8), fixed_part=D(0))
    rows = [came(mine, "10800"), came(other, "1000")]
    assert (amounts(first), amounts(second)) == ([D("540.00")], [D("80.00")])
    with pytest.raises(Refused):
        actions.draft_fee(clause=second, disbursement=rows[0], **act)
    assert nets(second, act, rows[1:]) == [D("80.00")]
    assert (amounts(first), amounts(second)) == ([D("540.00")], [])


@pytest.mark.usefixtures("quick")
def test_one_clause_over_two_grants_counts_one_cap(agreement: Any, act: dict[str, Any]) -> None:
    grants_covered = [running(agreement, title="A"), running(agreement, title="B")]
    clause = given_clause(agreement, grants_covered[0], active=False, cap=D(700))
    clause = actions.save_clause(
        clause=clause, agreement=agreement, applications=grants_covered, **act
    )
    actions.activate_clause(clause=clause, **act)
    clause.refresh_from_db()
    rows = [came(a, "10800", day) for day, a in enumerate(grants_covered, start=2)]
    assert nets(clause, act, rows) == [D("540.00"), D("160.00")]


# -- what a clause must say ---------------------------------------------------------------------
def test_a_clause_that_is_a_draft_or_ended_bills_nothing(
    agreement: Any, act: dict[str, Any]
) -> None:
    application = running(agreement)
    row = came(application, "10800")
    clause = given_clause(agreement, application, active=False)
    with pytest.raises(Refused):
        actions.draft_fee(clause=clause, disbursement=row, **act)
    with pytest.raises(Refused):
        actions.draft_fixed_part(clause=clause, **act)
    actions.activate_clause(clause=clause, **act)
    actions.end_clause(clause=clause, **act)
    clause.refresh_from_db()
    assert amounts(clause) == []
    with pytest.raises(Refused):
        actions.draft_fee(clause=clause, disbursement=row, **act)


def test_an_incomplete_clause_is_refused_with_all_it_lacks_in_words(
    agreement: Any, act: dict[str, Any]
) -> None:
    clause = actions.save_clause(
        agreement=agreement, applications=[], base="", fixed_part_is="", **act
    )
    with translation.override("fr"), pytest.raises(Refused) as refused:
        actions.activate_clause(clause=clause, **act)
    lacking = (
        "grants", "rate", "base", "cap", "floor", "fixed_part", "fixed_part_mode", "tail_months",
        "reduction", "withdrawal", "payment_term_days",
    )  # fmt: skip
    assert {f"clause_{name}_missing" for name in lacking} <= codes(refused)
    for said in refused.value.missing:
        assert " " in said.text
        assert said.code not in said.text
    clause.refresh_from_db()
    assert clause.state == SubsidyShareClause.State.DRAFT


def test_an_active_clause_is_not_rewritten(agreement: Any, act: dict[str, Any]) -> None:
    clause = given_clause(agreement, running(agreement))
    with pytest.raises(Refused):
        actions.save_clause(clause=clause, agreement=agreement, applications=[], rate=D(9), **act)
    clause.refresh_from_db()
    assert clause.rate == 5


def activation(clause: Any, act: dict[str, Any], **reasons: str) -> set[str]:
    """The codes that refuse to activate; none when it was."""
    try:
        actions.activate_clause(clause=clause, reasons=reasons, **act)
    except Refused as refused:
        return {m.code for m in refused.missing}
    return set()


@pytest.mark.parametrize("paid_by", ["envelope", "funder"])
def test_double_financing_wants_a_reason(paid_by: str, act: dict[str, Any]) -> None:
    given_issuer()
    coop = given_coop()
    programme = given_programme()
    payer = programme.funder if paid_by == "funder" else given_client("Région", kind="funder")
    envelope = given_envelope(payer, on=SIGNED) if paid_by == "envelope" else None
    shares = [
        ShareLine(
            payer=payer,
            percent=D(50),
            priority=1,
            envelope=envelope,
            basis="grant" if envelope else "order",
        ),
        ShareLine(payer=client_of(coop), percent=D(50), priority=2, takes_remainder=True),
    ]
    agreement = given_agreement(coop, coop.organisation, shares=shares, on=SIGNED)
    application = running(agreement, programme=programme)
    clause = given_clause(agreement, application, active=False)
    assert activation(clause, act) == {"clause_double_financing"}
    assert activation(clause, act, clause_double_financing="  ") == {"clause_double_financing"}
    assert activation(clause, act, clause_double_financing="Hors du dossier.") == set()


def test_a_programme_that_forbids_success_fees_refuses_even_with_a_reason(
    agreement: Any, act: dict[str, Any]
) -> None:
    programme = given_programme(success_fee_allowed="no", success_fee_source="Règlement, art. 6")
    clause = given_clause(agreement, running(agreement, programme=programme), active=False)
    code = "clause_success_fee_forbidden"
    assert activation(clause, act, **{code: "Quand même"}) == {code}


def test_a_grant_of_our_own_structure_has_no_share(act: dict[str, Any]) -> None:
    given_issuer()
    given_our_structure()
    agreement = given_agreement(None, given_client(), on=SIGNED)
    clause = given_clause(agreement, given_application(None, state="running"), active=False)
    assert activation(clause, act, clause_own_structure="Si") == {"clause_own_structure"}


@pytest.mark.parametrize("kind", ["donation", "crowdfunding", "tax_credit"])
def test_a_share_of_donations_wants_a_reason_said_or_written_in_the_clause(
    agreement: Any, act: dict[str, Any], kind: str
) -> None:
    application = running(agreement, programme=given_programme(kind=kind))
    clause = given_clause(agreement, application, active=False)
    assert activation(clause, act) == {"clause_delicate_grant"}
    assert activation(clause, act, clause_delicate_grant="Le donateur est d’accord.") == set()
    actions.end_clause(clause=clause, **act)
    written = given_clause(
        agreement, application, active=False, covers_donations_why="Accord écrit du donateur."
    )
    assert activation(written, act) == set()


def test_another_coops_grant_is_not_covered(agreement: Any, act: dict[str, Any]) -> None:
    foreign = given_application(given_coop("La Cantine"), state="running")
    with pytest.raises(Refused) as refused:
        actions.save_clause(agreement=agreement, applications=[foreign], **act)
    assert codes(refused) == {"applications"}
    assert not SubsidyShareClause.objects.exists()


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("accountant", True),
        ("coordinator", True),
        ("consultant", False),
        ("administrator", False),
        ("", False),
    ],
)
def test_only_the_office_activates(agreement: Any, today: date, *, role: str, may: bool) -> None:
    clause = given_clause(agreement, running(agreement), active=False)
    who = acting(person("Zoé Klein", *filter(None, [role])), today)
    if may:
        actions.activate_clause(clause=clause, **who)
    else:
        with pytest.raises(PermissionDenied):
            actions.activate_clause(clause=clause, **who)
    clause.refresh_from_db()
    assert (clause.state == "active") is may


def test_one_grant_pays_one_share(agreement: Any, act: dict[str, Any]) -> None:
    application = running(agreement)
    given_clause(agreement, application)
    second = given_clause(agreement, application, active=False)
    with pytest.raises(Refused) as refused:
        actions.activate_clause(clause=second, **act)
    assert codes(refused) == {"applications"}


def test_a_picture_in_the_title_of_a_file_does_not_bar_its_fee(
    agreement: Any, act: dict[str, Any], quick: None
) -> None:
    application = running(agreement, title="Froid 🥕")
    clause = given_clause(agreement, application)
    invoice = billed(clause, act, came(application, "10800"))
    assert invoice.is_issued
    assert "(Froid)" in invoice.title
