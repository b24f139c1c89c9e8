"""One periodic invoice of an order's envelope across coops, with its engagement number."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Coop, Organisation
from essaim.models import User
from essaim.workflow import Refused
from invoicing import actions as invoicing
from invoicing.actions import desk
from invoicing.assembly import document_of
from invoicing.models import Invoice
from invoicing.printing import invoice_html
from invoicing.waiting import payers
from missions.actions import ShareLine
from missions.models import Agreement, DayShare, Envelope
from tests.conftest import acting, signed_in
from tests.given_crm import given_coop, given_organisation
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

TODAY = date(2026, 11, 23)
D = Decimal
pytestmark = pytest.mark.django_db
NAMES = ("Coop Aulne", "Coop Bouleau", "Coop Charme")


@pytest.fixture
def department(basile: User, chloe: User) -> Organisation:
    given_issuer()
    return given_organisation(
        "Département du Bas-Rhin", street="1 place", postcode="67000", city="Strasbourg", by=basile
    )


@pytest.fixture
def envelope(department: Organisation, basile: User) -> Envelope:
    return given_envelope(
        department, quota=10, basis="order", engagement_number="ENG-2026-77", by=basile
    )


@pytest.fixture
def coops(envelope: Envelope, ada: User, basile: User) -> list[Coop]:
    """Three coops, each with a day in September and one in November, the envelope paying 80 %."""
    found = []
    for name in NAMES:
        coop = given_coop(name=name, owner=ada, by=basile)
        agreement = given_agreement(
            coop, client_of(coop), 600, None, _shares(envelope, coop), by=basile
        )
        mission = given_mission(agreement, team=[ada], by=basile)
        rank = NAMES.index(name)
        given_day(ada, mission, date(2026, 9, 7 + rank), by=basile)
        given_day(ada, mission, date(2026, 11, 9 + rank), by=basile)
        found.append(coop)
    return found


def _shares(envelope: Envelope, coop: Coop) -> list[ShareLine]:
    return [
        ShareLine(payer=envelope.payer, percent=D(80), envelope=envelope, priority=1),
        ShareLine(payer=coop.organisation, percent=D(20), priority=2, takes_remainder=True),
    ]


def _draft(envelope: Envelope, chloe: User, **more: Any) -> Invoice:
    return invoicing.draft_from_envelope(envelope=envelope, **more, **acting(chloe, TODAY))


def test_the_quarter_of_three_coops_is_one_invoice(
    envelope: Envelope, coops: list[Coop], chloe: User
) -> None:
    quarter = {"since": date(2026, 7, 1), "until": date(2026, 9, 30)}
    invoice = invoicing.issue(invoice=_draft(envelope, chloe, **quarter), **acting(chloe, TODAY))
    assert invoice.envelope == envelope and invoice.agreement is None and invoice.coop is None
    assert invoice.client == envelope.payer
    assert (invoice.net, invoice.gross) == (D("1440.00"), D("1728.00"))
    assert invoice.terms_copy["order_number"] == "ENG-2026-77"
    lines = list(invoice.lines.all())
    assert [ln.label.split("\u00a0")[0] for ln in lines] == list(NAMES)
    assert {ln.days[0]["coop"] for ln in lines} == set(NAMES)
    page = invoice_html(document_of(invoice, on=TODAY))
    assert "ENG-2026-77" in page
    # The second page lists the days coop by coop, with what each comes to.
    assert page.count('class="group"') == 3
    assert page.index("Coop Aulne", page.index('class="group"')) > 0


def test_a_day_of_the_envelope_is_billed_once(
    envelope: Envelope, coops: list[Coop], chloe: User
) -> None:
    first = _draft(envelope, chloe, until=date(2026, 9, 30))
    second = _draft(envelope, chloe)
    assert {s.share_id for ln in first.lines.all() for s in ln.billed_shares.all()}.isdisjoint(
        s.share_id for ln in second.lines.all() for s in ln.billed_shares.all()
    )
    assert second.period_from == date(2026, 11, 9)
    with pytest.raises(Refused):
        _draft(envelope, chloe)


def test_days_of_the_envelope_are_not_drafted_agreement_by_agreement(
    envelope: Envelope, coops: list[Coop], chloe: User
) -> None:
    agreement = Agreement.objects.get(coop=coops[0])
    act = acting(chloe, TODAY)
    with pytest.raises(Refused):
        invoicing.draft_from_days(payer=envelope.payer, agreement=agreement, **act)
    rest = invoicing.draft_from_days(payer=coops[0].organisation, agreement=agreement, **act)
    assert rest.net == D("240.00")
    found = {p.organisation.pk: p for p in payers()}
    (drawing,) = found[envelope.payer.pk].drawings
    assert (drawing.coops, drawing.days, drawing.amount) == (3, D("4.8"), D("2880.00"))
    assert not found[envelope.payer.pk].works


def test_preparing_all_of_a_payer_takes_its_envelope(
    envelope: Envelope, coops: list[Coop], chloe: User
) -> None:
    (draft,) = desk.draft_all(payer=envelope.payer, **acting(chloe, TODAY))
    assert (draft.envelope, draft.net) == (envelope, D("2880.00"))


def test_a_grant_is_never_invoiced(department: Organisation, basile: User, chloe: User) -> None:
    grant = given_envelope(department, basis="grant", by=basile)
    with pytest.raises(Refused) as excinfo:
        _draft(grant, chloe)
    assert [m.code for m in excinfo.value.missing] == ["envelope"]
    answer = signed_in(chloe).get(f"/facturation/enveloppes/{grant.pk}/preparer/")
    assert answer.status_code == 409


def test_near_its_quota_the_envelope_warns_where_it_is_billed(
    department: Organisation, ada: User, basile: User, chloe: User
) -> None:
    envelope = given_envelope(department, quota=1, basis="order", by=basile)
    coop = given_coop(name="Coop Aulne", owner=ada, by=basile)
    agreement = given_agreement(
        coop, client_of(coop), 600, None, _shares(envelope, coop), by=basile
    )
    mission = given_mission(agreement, team=[ada], by=basile)
    given_day(ada, mission, date(2026, 11, 9), by=basile)
    given_day(ada, mission, date(2026, 11, 10), quantity="0.25", by=basile)
    browser = signed_in(chloe)
    page = browser.get("/facturation/").content.decode()
    assert "Presque tous les jours de l’enveloppe sont utilisés" in page
    form = browser.get(f"/facturation/enveloppes/{envelope.pk}/preparer/")
    assert [m.code for m in form.context["warnings"]] == ["near_quota"]


def test_the_screen_drafts_the_period_typed(
    envelope: Envelope, coops: list[Coop], chloe: User
) -> None:
    browser = signed_in(chloe)
    url = f"/facturation/enveloppes/{envelope.pk}/preparer/"
    wrong = {"since": "2026-09-30", "until": "2026-07-01", "term_days": "30"}
    assert browser.post(url, wrong).status_code == 422
    empty = {"since": "2026-01-01", "until": "2026-01-31", "term_days": "30"}
    assert browser.post(url, empty).status_code == 409
    right = {"since": "2026-07-01", "until": "2026-09-30", "term_days": "30"}
    assert browser.post(url, right).status_code == 302
    assert Invoice.objects.get().net == D("1440.00")


def test_a_credit_note_frees_days_for_the_next_periodic_invoice(
    envelope: Envelope, coops: list[Coop], chloe: User
) -> None:
    act = acting(chloe, TODAY)
    invoice = invoicing.issue(invoice=_draft(envelope, chloe), **act)
    line = invoice.lines.first()
    assert line is not None
    credit = invoicing.draft_credit(
        origin=invoice,
        words="Mauvaise coop",
        amounts={line.pk: line.net},
        billable_again=[line.pk],
        **act,
    )
    invoicing.issue(invoice=credit, **act)
    assert DayShare.objects.filter(generation=2).count() == 1
    assert _draft(envelope, chloe).net == line.net
