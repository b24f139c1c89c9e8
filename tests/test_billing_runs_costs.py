"""A billing run takes expenses and envelopes along, leaves drafts alone, and says why it can't."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from crm.models import Organisation
from invoicing import actions
from invoicing.actions import issuing
from invoicing.actions.running import retry_payer
from invoicing.billing import proposals
from invoicing.models import BilledExpense, Invoice
from invoicing.verification import verify
from missions.actions import ShareLine, accept_phase
from missions.models import Expense
from tests.conftest import acting, signed_in
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_expenses import given_expense
from tests.given_invoicing import client_of, given_client, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission
from tests.test_billing_runs import SIGNED, UNTIL, launched, previewed, states, until_the_end

pytestmark = pytest.mark.django_db
D = Decimal
IN_TIME, TOO_LATE = date(2026, 10, 5), date(2026, 11, 5)


@pytest.fixture
def act(chloe: Any, today: date, monkeypatch: Any) -> dict[str, Any]:
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    given_issuer()
    return acting(chloe, today)


def errors(act: dict[str, Any]) -> list[Any]:
    """What `verify` finds wrong; the PDFs are not printed here."""
    return [found for found in verify(at=act["at"])[1] if found.is_error]


@pytest.fixture
def coop_client(act: dict[str, Any], ada: Any, basile: Any) -> Organisation:
    """One day and its train ticket; another ticket, spent after the day of the run."""
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(coop, client_of(coop), on=SIGNED, by=basile)
    mission = given_mission(agreement, team=[ada], on=SIGNED, by=basile)
    given_day(ada, mission, IN_TIME, by=basile)
    for on, gross in ((IN_TIME, "60.00"), (TOO_LATE, "90.00")):
        given_expense(ada, mission, gross, on, by=basile)
    return agreement.client


def department(ada: Any, basile: Any, **facts: Any) -> Organisation:
    """A public payer of a day on its `order` envelope."""
    payer = given_client("Département", kind="authority", siret="20006710600001", **facts)
    envelope = given_envelope(payer, basis="order", by=basile)
    coop = given_coop("Coop Aulne", owner=ada, by=basile)
    shares = [ShareLine(payer=payer, percent=D(100), envelope=envelope)]
    agreement = given_agreement(coop, client_of(coop), 600, None, shares, on=SIGNED, by=basile)
    mission = given_mission(agreement, team=[ada], on=SIGNED, by=basile)
    given_day(ada, mission, date(2026, 10, 6), by=basile)
    return payer


def test_expenses_and_envelopes_are_previewed_and_issued(
    coop_client: Organisation, act: dict[str, Any], ada: Any, basile: Any
) -> None:
    payer = department(ada, basile)
    amounts = previewed([coop_client, payer], act["on"])
    assert amounts == {coop_client.pk: D("660.00"), payer.pk: D("600.00")}
    run = launched([coop_client, payer], act)
    until_the_end(run, act)
    assert states(run) == ["issued", "issued"]
    ours, theirs = (Invoice.objects.get(client=c) for c in (coop_client, payer))
    assert [line.kind for line in ours.lines.order_by("position")] == ["days", "expense"]
    assert theirs.envelope is not None and theirs.net == D("600.00")
    # What was spent after the day of the run still waits.
    held = BilledExpense.objects.values("expense")
    assert Expense.objects.exclude(pk__in=held).get().gross == D("90.00")
    assert errors(act) == []


def test_drafts_of_subscriptions_are_left_to_who_issues_them(
    coop_client: Organisation, act: dict[str, Any]
) -> None:
    actions.save_recurring(
        client=coop_client, label="Caisse", period="monthly", starts_on=date(2026, 11, 1),
        price=D(40), **act,
    )  # fmt: skip
    (draft,) = actions.draft_recurring(**act).invoices
    assert previewed([coop_client], act["on"]) == {coop_client.pk: D("660.00")}
    until_the_end(launched([coop_client], act), act)
    draft.refresh_from_db()
    assert not draft.is_issued
    assert Invoice.objects.issued().get().net == D("660.00")


def test_a_payer_that_is_refused_says_why_and_stops_nobody_else(
    coop_client: Organisation, act: dict[str, Any], ada: Any, basile: Any, chloe: Any
) -> None:
    payer = department(ada, basile, chorus="both", chorus_service="COMPTA")
    run = launched([payer, coop_client], act)
    until_the_end(run, act)
    row = run.payers.get(payer=payer)
    assert row.state == "refused"
    assert "engagement" in row.problem
    assert run.payers.get(payer=coop_client).state == "issued"
    page = signed_in(chloe).get(run.get_absolute_url()).content.decode()
    assert "engagement" in page
    payer.chorus = "service"
    payer.save()
    retry_payer(row=row, **act)
    until_the_end(run, act)
    assert run.payers.get(payer=payer).state == "issued"


def test_the_preview_page_names_expenses_envelopes_and_prices(
    coop_client: Organisation, act: dict[str, Any], ada: Any, basile: Any, chloe: Any
) -> None:
    payer = department(ada, basile)
    coop = given_coop("Coop Orme", owner=ada, by=basile)
    priced = given_phases(coop, client_of(coop), (1000, 2000), by=basile, on=SIGNED)
    accept_phase(priced.phases.first(), accepted_by="Émile Zorn", **acting(basile, IN_TIME))
    keys = [c.pk for c in (coop_client, payer, priced.client)]
    found = proposals(until=UNTIL, on=act["on"], keys=keys)
    assert {p.key: p.documents for p in found} == dict.fromkeys(keys, 1)
    posted = {"until": f"{UNTIL:%Y-%m-%d}", "payer": keys}
    page = signed_in(chloe).post(reverse("invoicing:run_preview"), posted).content.decode()
    assert "frais, 60,00" in page.replace("\xa0", " ")
    assert str(payer.envelopes.get()) in page
    assert "Étape 1" in page
    assert "Étape 2" not in page
