"""« À facturer » says what the rhythm of each agreement lets be billed now, and when the rest."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from essaim.models import Event
from essaim.workflow import Refused
from invoicing.actions import desk
from invoicing.models import Invoice
from invoicing.rhythm import next_due, quarter_start, until_of, wanted_by
from invoicing.waiting import payers, works
from missions import actions as missions
from missions.models import Agreement
from tests.conftest import acting, signed_in
from tests.given_contracts import given_phases
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def worked(ada: Any, basile: Any) -> Any:
    """Makes an agreement of a rhythm with one day in July, October and November."""
    given_issuer()
    coop = given_coop(by=basile)

    def make(rhythm: str, **fields: Any) -> Agreement:
        agreement = given_agreement(
            coop, client_of(coop), 600, 20, by=basile, rhythm=rhythm, **fields
        )
        mission = given_mission(agreement, team=[ada], by=basile)
        for on in (date(2026, 7, 6), date(2026, 10, 12), date(2026, 11, 16)):
            given_day(ada, mission, on, by=basile)
        return agreement

    return make


def due_and_later(agreement: Agreement, on: date = TODAY) -> tuple[D, D]:
    rows = [w for w in works(on=on) if w.agreement.pk == agreement.pk]
    due = sum((w.amount for w in rows if w.is_due), D(0))
    return due, sum((w.amount for w in rows if not w.is_due), D(0))


@pytest.mark.parametrize(
    ("rhythm", "fields", "due", "later", "from_day"),
    [
        ("monthly", {}, 1200, 600, date(2026, 12, 1)),
        ("quarterly", {}, 600, 1200, date(2027, 1, 1)),
        ("report", {}, 0, 1800, None),
        ("end", {"ends_on": date(2026, 12, 31)}, 0, 1800, date(2027, 1, 1)),
        ("end", {"ends_on": date(2026, 11, 20)}, 1800, 0, None),
        ("end", {}, 1200, 600, date(2026, 12, 1)),
        ("phase", {}, 1200, 600, date(2026, 12, 1)),
    ],
)
def test_each_rhythm_lets_its_days_be_billed(
    worked: Any, rhythm: str, fields: Any, due: int, later: int, from_day: date | None
) -> None:
    agreement = worked(rhythm, **fields)
    assert due_and_later(agreement) == (D(due), D(later))
    if later:
        assert next_due(agreement, TODAY) == from_day


def test_the_report_once_delivered_is_billed(worked: Any, basile: Any, chloe: Any) -> None:
    agreement = worked("report", form="dla")
    missions.deliver_report(agreement, delivered_on=date(2026, 11, 20), **acting(basile, TODAY))
    assert due_and_later(agreement) == (D(1800), D(0))
    assert wanted_by(agreement, date(2026, 7, 6)) == date(2026, 11, 30)
    with pytest.raises(Refused) as refused:
        late = {"delivered_on": date(2026, 12, 1)}
        missions.deliver_report(agreement, **late, **acting(basile, TODAY))
    assert [m.code for m in refused.value.missing] == ["delivered_on"]


def test_an_agreement_that_is_over_owes_all_its_days(worked: Any, basile: Any) -> None:
    agreement = worked("quarterly")
    missions.terminate_agreement(agreement, **acting(basile, TODAY))
    assert due_and_later(agreement) == (D(1800), D(0))


def test_the_draft_takes_what_is_due_and_the_rest_with_one_more_click(
    worked: Any, chloe: Any
) -> None:
    agreement = worked("monthly")
    act = acting(chloe, TODAY)
    (first,) = desk.draft_days(payer=agreement.client, agreement=agreement, **act)
    assert first.net == D("1200.00")
    with pytest.raises(Refused) as refused:
        desk.draft_days(payer=agreement.client, agreement=agreement, **act)
    (missing,) = refused.value.missing
    assert (missing.code, "01/12/2026" in missing.text) == ("not_due", True)
    (second,) = desk.draft_days(payer=agreement.client, agreement=agreement, early=True, **act)
    assert second.net == D("600.00")
    events = Event.objects.filter(verb__endswith="bill_early")
    assert [e.object_id for e in events] == [second.pk]


def test_all_of_a_payer_leaves_what_is_not_due(worked: Any, chloe: Any) -> None:
    agreement = worked("monthly")
    made = desk.draft_all(payer=agreement.client, **acting(chloe, TODAY))
    assert [i.net for i in made] == [D("1200.00")]


def test_the_page_greys_what_is_not_due_and_offers_to_bill_it_early(
    worked: Any, chloe: Any, monkeypatch: Any
) -> None:
    agreement = worked("monthly")
    priced = given_phases(agreement.coop, agreement.client, [1000, 500])
    missions.accept_phase(priced.phases.first(), accepted_by="Émile", **acting(chloe, TODAY))
    (payer,) = payers(on=TODAY)
    assert (payer.amount, payer.later) == (D("2200.00"), D("1100.00"))
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_a: TODAY)
    browser = signed_in(chloe)
    shown = browser.get("/facturation/").content.decode().replace("\u00a0", " ")
    assert "à partir du 01/12/2026" in shown
    assert "Facturer en avance" in shown
    given = {"payer": agreement.client.pk, "agreement": agreement.pk, "early": "1"}
    asked = browser.get("/facturation/preparer/", given).content.decode()
    assert "plus tard" in asked
    browser.post("/facturation/preparer/", given)
    browser.post("/facturation/preparer/", {**given, "agreement": priced.pk, "price": "1"})
    assert sorted(Invoice.objects.values_list("net", flat=True)) == [D("1000.00"), D("1800.00")]


def test_the_quarter_and_the_last_day_due() -> None:
    assert quarter_start(date(2026, 11, 23)) == date(2026, 10, 1)
    agreement = Agreement(rhythm="quarterly", state="running")
    assert until_of(agreement, TODAY) == date(2026, 9, 30)
    assert until_of(Agreement(rhythm="monthly", state="running"), TODAY) == date(2026, 10, 31)


def test_work_past_the_rhythm_and_ten_days_is_told(worked: Any, basile: Any) -> None:
    agreement = worked("monthly")
    rows = {w.is_due: w for w in works(on=TODAY) if w.agreement.pk == agreement.pk}
    assert rows[True].is_overdue(TODAY)  # July, wanted by 10 August
    assert not rows[False].is_overdue(TODAY)
    priced = given_phases(agreement.coop, agreement.client, [1000], by=basile)
    phase = priced.phases.get()
    missions.accept_phase(phase, accepted_by="Émile", **acting(basile, TODAY))
    (piece,) = [p for one in payers(on=TODAY) for p in one.pieces]
    assert not piece.is_overdue(TODAY)
    assert piece.is_overdue(date(2026, 12, 4))
