"""A phase is billed once: accepted, reserved by a draft, frozen at issue, freed by a credit."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from essaim.workflow import Refused
from invoicing import actions
from invoicing.actions.phases import draft_phases
from invoicing.assembly import sealed
from invoicing.models import BilledPhase, InvoiceLine
from invoicing.pieces import pieces
from invoicing.queries import billable_shares
from invoicing.verification import verify
from invoicing.waiting import payers
from missions import actions as missions
from missions.actions import PhaseLine, ShareLine
from missions.models import Phase
from missions.rules import Nature
from tests.conftest import acting
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_client, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def coop(db: None) -> Any:
    given_issuer()
    return given_coop()


def accepted(phase: Phase, by: Any, on: date = TODAY, **more: Any) -> Phase:
    return missions.accept_phase(phase, accepted_by="Émile Zorn", **more, **acting(by, on))


def codes(refused: Any) -> list[str]:
    return [m.code for m in refused.value.missing]


def issued(agreement: Any, payer: Any, by: Any, **more: Any) -> Any:
    draft = draft_phases(payer=payer, agreement=agreement, **more, **acting(by, TODAY))
    return actions.issue(invoice=draft, **acting(by, TODAY))


def test_only_an_accepted_phase_is_billed(coop: Any, chloe: Any) -> None:
    agreement = given_phases(coop, client_of(coop))
    first, second = agreement.phases.all()
    with pytest.raises(Refused) as refused:
        draft_phases(payer=agreement.client, agreement=agreement, **acting(chloe, TODAY))
    assert codes(refused) == ["phases"]
    accepted(first, chloe)
    draft = draft_phases(payer=agreement.client, agreement=agreement, **acting(chloe, TODAY))
    assert [(line.kind, line.net) for line in draft.lines.all()] == [("phase", D("1000.00"))]
    assert draft.gross == D("1200.00")
    left = pieces(on=TODAY, agreement=agreement)
    assert [(p.phase.pk, p.is_due) for p in left] == [(second.pk, False)]


def test_a_draft_reserves_the_phase_and_throwing_it_away_frees_it(coop: Any, chloe: Any) -> None:
    agreement = given_phases(coop, client_of(coop), [1000])
    accepted(agreement.phases.get(), chloe)
    act = acting(chloe, TODAY)
    draft = draft_phases(payer=agreement.client, agreement=agreement, **act)
    with pytest.raises(Refused):
        draft_phases(payer=agreement.client, agreement=agreement, **act)
    row = BilledPhase.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin = InvoiceLine.objects.get(pk=row.line_id)
        twin.pk, twin.position = None, 9
        twin.save()
        BilledPhase.objects.create(line=twin, phase=row.phase, share=row.share)
    actions.delete_draft(invoice=draft, **act)
    assert len(pieces(on=TODAY, agreement=agreement)) == 1


def test_a_credit_billable_again_frees_it_once(coop: Any, chloe: Any) -> None:
    agreement = given_phases(coop, client_of(coop), [1000])
    accepted(agreement.phases.get(), chloe)
    invoice = issued(agreement, agreement.client, chloe)
    line = invoice.lines.get()
    act = acting(chloe, TODAY)
    credit = actions.draft_credit(origin=invoice, words="Erreur", billable_again=[line.pk], **act)
    assert pieces(on=TODAY, agreement=agreement) == []  # a draft frees nothing
    actions.issue(invoice=credit, **act)
    again = issued(agreement, agreement.client, chloe)
    assert BilledPhase.objects.get(line__invoice=again).generation == 2
    assert pieces(on=TODAY, agreement=agreement) == []
    plain = actions.draft_credit(origin=again, words="Geste", **act)
    actions.issue(invoice=plain, **act)
    assert pieces(on=TODAY, agreement=agreement) == []  # credited, not billable again


def test_the_database_refuses_a_second_generation_that_nothing_gave_back(
    coop: Any, chloe: Any
) -> None:
    agreement = given_phases(coop, client_of(coop), [1000])
    accepted(agreement.phases.get(), chloe)
    issued(agreement, agreement.client, chloe)
    row = BilledPhase.objects.get()
    other = actions.draft_free(client=agreement.client, title="x", **acting(chloe, TODAY))
    line = actions.add_line(
        invoice=other, label="x", quantity=D(1), unit="C62", unit_price=D(1), **acting(chloe, TODAY)
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        BilledPhase.objects.create(line=line, phase=row.phase, share=row.share, generation=2)
    for attack in (
        lambda: BilledPhase.objects.filter(pk=row.pk).update(generation=3),
        lambda: BilledPhase.objects.filter(pk=row.pk)._raw_delete("default"),
        lambda: Phase.objects.filter(pk=row.phase_id).update(amount=5),
        lambda: Phase.objects.filter(pk=row.phase_id).update(accepted_by="Personne"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attack()


def test_an_acceptance_is_taken_back_while_unbilled_only(coop: Any, chloe: Any) -> None:
    agreement = given_phases(coop, client_of(coop), [1000])
    phase = accepted(agreement.phases.get(), chloe)
    act = acting(chloe, TODAY)
    missions.take_back_acceptance(phase, **act)
    assert (phase.state, phase.accepted_on, phase.accepted_by) == ("planned", None, "")
    accepted(phase, chloe)
    draft_phases(payer=agreement.client, agreement=agreement, **act)
    with pytest.raises(Refused) as refused:
        missions.take_back_acceptance(phase, **act)
    assert codes(refused) == ["billed"]


def test_each_payer_is_billed_its_part_of_a_phase(coop: Any, chloe: Any) -> None:
    client, town = client_of(coop), given_client("Commune")
    shares = [
        ShareLine(payer=town, percent=D(40), cap_eur=D(900), priority=1),
        ShareLine(payer=client, percent=D(60), takes_remainder=True, priority=2),
    ]
    agreement = given_phases(coop, client, [1000, "2000.01"], shares)
    for phase in agreement.phases.all():
        accepted(phase, chloe)
    to_town = issued(agreement, town, chloe)
    to_client = issued(agreement, client, chloe)
    assert [line.net for line in to_town.lines.all()] == [D("400.00"), D("500.00")]  # cap of 900
    assert [line.net for line in to_client.lines.all()] == [D("600.00"), D("1500.01")]
    assert to_town.net + to_client.net == D("3000.01")


def test_days_under_an_agreed_price_are_never_billed_by_themselves(
    coop: Any, chloe: Any, ada: Any, basile: Any
) -> None:
    for back, kind in enumerate(("phases", "pack"), start=1):
        agreement = given_phases(coop, client_of(coop), [3000], kind=kind, by=basile)
        mission = given_mission(agreement, team=[ada])
        whole = given_day(ada, mission, TODAY - timedelta(days=back))
        assert [(s.nature, s.amount) for s in whole.shares.all()] == [("priced", D("0.00"))]
    # Split by the coordinator, the part said billed stays within the price too.
    day = given_day(ada, mission, TODAY - timedelta(days=3), validated=False)
    missions.submit_days([day], **acting(ada, TODAY))
    parts = [
        missions.Part(quantity=D("0.5"), nature=Nature.BILLED),
        missions.Part(quantity=D("0.5"), nature=Nature.GIVEN, reason="offert"),
    ]
    day.refresh_from_db()
    missions.validate(day, parts=parts, **acting(basile, TODAY))
    assert {s.nature for s in day.shares.all()} == {"priced", "given"}
    assert not billable_shares().exists()


def test_the_pack_is_billed_by_instalments_each_on_its_date(coop: Any, chloe: Any) -> None:
    later = TODAY + timedelta(days=40)
    agreement = given_phases(coop, client_of(coop), [500, 500], kind="pack", planned=[None, later])
    act = acting(chloe, TODAY)
    draft = draft_phases(payer=agreement.client, agreement=agreement, **act)
    assert [(line.kind, line.net) for line in draft.lines.all()] == [("pack", D("500.00"))]
    with pytest.raises(Refused):
        draft_phases(payer=agreement.client, agreement=agreement, **act)
    early = draft_phases(payer=agreement.client, agreement=agreement, early=True, **act)
    assert early.net == D("500.00")


def test_a_pack_without_instalments_is_billed_whole_at_signature(coop: Any, chloe: Any) -> None:
    agreement = given_agreement(coop, client_of(coop), 0, 10, kind="pack", price=D(5500))
    invoice = issued(agreement, agreement.client, chloe)
    assert [(line.kind, line.net) for line in invoice.lines.all()] == [("pack", D("5500.00"))]
    assert invoice.terms_copy["budget"] == {"used": "0.00", "left": "10.00"}


def test_the_signature_asks_for_a_whole_price(coop: Any, chloe: Any) -> None:
    act = acting(chloe, TODAY)
    phases = given_phases(coop, client_of(coop), [1000, 500], signed=False, price=D(2000))
    with pytest.raises(Refused) as refused:
        missions.sign_agreement(phases, **act)
    assert codes(refused) == ["phases"]
    assert "1\u00a0500,00" in refused.value.missing[0].text
    pack = given_agreement(coop, client_of(coop), 0, None, kind="pack", signed=False)
    with pytest.raises(Refused) as refused:
        missions.sign_agreement(pack, **act)
    assert codes(refused) == ["price", "days_budgeted"]
    with pytest.raises(Refused):
        missions.set_phases(phases, [PhaseLine(title="x", amount=D(-1))], **act)


def test_the_seal_covers_the_phase_of_a_line(coop: Any, chloe: Any) -> None:
    """What bills a phase is in the bytes the chain seals: `verify` finds the document whole."""
    agreement = given_phases(coop, client_of(coop), [1000])
    accepted(agreement.phases.get(), chloe)
    invoice = issued(agreement, agreement.client, chloe)
    row = BilledPhase.objects.get()
    said = f'"phase":{{"generation":1,"phase_id":{row.phase_id},"share_id":{row.share_id}}}'
    assert said.encode() in sealed(invoice)
    count, found = verify(at=acting(chloe, TODAY)["at"])
    assert (count, [f.words for f in found if f.is_error]) == (1, [])


def test_only_the_page_of_everything_is_capped(coop: Any, chloe: Any, monkeypatch: Any) -> None:
    for _rank in range(2):
        agreement = given_phases(coop, client_of(coop))
        accepted(agreement.phases.first(), chloe)
    monkeypatch.setattr("invoicing.waiting.CAP", 1)
    [page], [run] = payers(on=TODAY), payers(until=TODAY)
    assert (len(page.pieces), len(run.pieces)) == (1, 2)
    assert len(pieces(on=TODAY)) == 4
