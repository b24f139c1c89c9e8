"""Documents of every kind, made by the actions from real work, pass the gates as they were kept."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from invoicing import actions
from invoicing.actions.phases import draft_phases
from invoicing.models import Correction, Invoice
from invoicing.verification import verify
from missions import actions as missions
from tests.conftest import acting
from tests.gates import packaging_failures, pdfa_failures, xml_failures
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_expenses import given_expense
from tests.given_invoicing import client_of, given_client, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission
from tests.test_deposits import deposit_of, draft_of, final_of
from tests.test_facturx_issued import file_of

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    given_issuer()
    return acting(chloe, today)


def of_deposits(act: dict[str, Any]) -> dict[str, Invoice]:
    """A deposit, the final invoice after it, one wholly covered, and its credit note."""
    client = given_client("Coop A", siren="552100554", vat_status="liable")
    first, second = (deposit_of(client, "300.01", act) for _rank in range(2))
    final = final_of(client, "1000.03", [first], act)
    covered = final_of(client, "300.01", [second], act)
    credit = actions.draft_credit(origin=covered, words="Erreur", **act)
    return {
        "deposit": first,
        "final after deposit": final,
        "settled by its deposit": covered,
        "credit note of a final invoice": actions.issue(invoice=credit, **act),
    }


def of_lines(act: dict[str, Any]) -> dict[str, Invoice]:
    """Two rates with a discount over both, and a part of it credited."""
    client = given_client("Coop B", siren="732829320", vat_status="liable")
    draft = draft_of(client, "900.00", act=act)
    actions.add_line(
        invoice=draft, label="Livre", quantity=D(10), unit="C62", unit_price=D(10),
        chosen_rate=D("5.5"), **act,
    )  # fmt: skip
    draft = Invoice.objects.get(pk=draft.pk)
    actions.add_discount(invoice=draft, label="Adhérent", share=D(10), **act)
    mixed = actions.issue(invoice=Invoice.objects.get(pk=draft.pk), **act)
    book = mixed.lines.get(label="Livre")
    credit = actions.draft_credit(origin=mixed, words="Rendu", amounts={book.pk: D(20)}, **act)
    return {
        "mixed rates with a discount": mixed,
        "credit note of one rate": actions.issue(invoice=credit, **act),
    }


def of_work(act: dict[str, Any], ada: Any, basile: Any) -> dict[str, Invoice]:
    """Days with an expense, a journey and a débours, then corrected with their credit note."""
    coop = given_coop(owner=ada, by=basile)
    agreement = given_agreement(coop, client_of(coop), by=basile, km_rate=D("0.601"))
    mission = given_mission(agreement, team=[ada], by=basile)
    given_day(ada, mission, date(2026, 11, 5), by=basile)
    given_expense(ada, mission, "60.00", by=basile)
    given_expense(ada, mission, kind="km", km=D("100.5"), by=basile, label="Colmar")
    given_expense(ada, mission, "45.00", kind="other", treatment="advanced", by=basile)
    draft = actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)
    actions.take_expenses(invoice=draft, **act)
    origin = actions.issue(invoice=draft, **act)
    pair = actions.draft_correction(origin=origin, words="Mauvaise adresse", **act)
    pair = actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)
    return {
        "days, expenses and débours": origin,
        "credit note of a correction": pair.credit_note,
        "corrective": pair.corrective,
    }


def of_price(act: dict[str, Any], ada: Any, basile: Any) -> dict[str, Invoice]:
    """A phase accepted, and a month of a subscription."""
    coop = given_coop("Coop Orme", owner=ada, by=basile)
    agreement = given_phases(coop, client_of(coop), (1000, 2000), by=basile)
    missions.accept_phase(agreement.phases.first(), accepted_by="Émile Zorn", **act)
    phase = draft_phases(payer=agreement.client, agreement=agreement, **act)
    actions.save_recurring(
        client=agreement.client, label="Caisse en ligne", period="monthly",
        starts_on=date(2026, 11, 1), price=D(40), **act,
    )  # fmt: skip
    (month,) = actions.draft_recurring(**act).invoices
    return {
        "phase": actions.issue(invoice=phase, **act),
        "subscription": actions.issue(invoice=month, **act),
    }


def test_what_the_actions_issue_passes_every_gate(
    act: dict[str, Any], ada: Any, basile: Any, tmp_path: Path
) -> None:
    issued = of_deposits(act) | of_lines(act)
    issued |= of_work(act, ada, basile) | of_price(act, ada, basile)
    pdfs = {}
    for name, invoice in issued.items():
        pdf, xml = file_of(invoice, "pdf"), file_of(invoice, "xml")
        assert xml_failures(xml) == [], name
        assert packaging_failures(pdf, xml) == [], name
        pdfs[name] = pdf
    assert pdfa_failures(pdfs, tmp_path) == {}
    assert verify(at=act["at"])[1] == []
