"""Examples come through the actions and leave the database as it was, the trail aside."""

from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from crm import actions as crm
from crm.models import Accompaniment, Coop, Move, Path
from essaim.days import working_days_back
from essaim.models import OutboxMessage, SampleRow, StartMark, User
from essaim.roles import Role
from essaim.series_reading import Read
from essaim.workflow import Refused
from invoicing import actions as invoicing
from invoicing.actions import sample, starting
from invoicing.models import Invoice
from missions import actions as missions
from missions.models import MissionDay
from tests.conftest import acting, person, signed_in
from tests.given_invoicing import given_issuer

# What happened stays told: the trail is append-only, so the events of the examples stay in it.
TRAIL = {"essaim.Event", "essaim.EventText"}
# The dictionary of the search grows, and its words are nobody's.
WORDS = {"essaim.SearchGram"}


@pytest.fixture
def iris(db: None) -> User:
    """Founds the office and holds every role."""
    return person("Iris Keller", *Role.values)


def counts() -> dict[str, int]:
    return {
        m._meta.label: m._base_manager.count()
        for m in apps.get_models(include_auto_created=True)
        if m._meta.managed and m._meta.label not in TRAIL | WORDS
    }


def test_adding_then_removing_leaves_every_table_as_it_was(iris: User, today: Any) -> None:
    given_issuer()
    act, before = acting(iris, today), counts()
    sample.add_sample(**act)
    assert Coop.objects.count() == 4
    assert MissionDay.objects.count() == 3
    assert Invoice.objects.filter(state="draft").count() == 1
    assert counts() != before
    sample.remove_sample(**act)
    assert counts() == before


def test_nothing_is_numbered_issued_or_mailed_and_all_says_example(iris: User, today: Any) -> None:
    given_issuer()
    sample.add_sample(**acting(iris, today))
    assert not Invoice.objects.exclude(number=None).exists()
    assert not OutboxMessage.objects.exists()
    assert not MissionDay.objects.exclude(state="logged").exists()
    assert all("(exemple)" in str(coop) for coop in Coop.objects.all())
    labels = set(SampleRow.objects.values_list("model", flat=True))
    assert {"crm.Coop", "crm.Move", "missions.Agreement", "grants.Programme"} <= labels


def test_they_are_added_once(iris: User, today: Any) -> None:
    sample.add_sample(**acting(iris, today))
    with pytest.raises(Refused) as refused:
        sample.add_sample(confirmed=True, **acting(iris, today))
    assert refused.value.missing[0].code == "sample"
    assert Coop.objects.count() == 4


def real_coop(by: User, today: Any) -> Coop:
    return crm.create_coop(
        legal_name="La Vraie Coop",
        city="Colmar",
        postcode="68000",
        path=Path.objects.get(code="supermarket"),
        **acting(by, today),
    )


def test_beside_real_coops_it_is_confirmed(iris: User, today: Any) -> None:
    real_coop(iris, today)
    with pytest.raises(Refused) as refused:
        sample.add_sample(**acting(iris, today))
    assert refused.value.missing[0].code == "confirmed"
    assert not StartMark.objects.exists()
    sample.add_sample(confirmed=True, **acting(iris, today))
    sample.remove_sample(**acting(iris, today))
    assert [str(coop) for coop in Coop.objects.all()] == ["La Vraie Coop"]


def test_what_was_built_on_them_is_listed_then_goes_when_said(iris: User, today: Any) -> None:
    act, before = acting(iris, today), counts()
    sample.add_sample(**act)
    coop = Coop.objects.get(organisation__legal_name__startswith="La Cagette")
    crm.write_note(coop, title="Vraie visite", text="Vue le matin.", **act)
    begun = Accompaniment.objects.get(coop=coop)
    crm.move_on(begun, to="buying_group", reasons={"advised": "Pour voir."}, **act)
    assert Move.objects.filter(accompaniment=begun).count() == 2
    with pytest.raises(Refused) as refused:
        sample.remove_sample(**act)
    assert any("Vraie visite" in m.text for m in refused.value.missing)
    assert Coop.objects.count() == 4
    sample.remove_sample(with_added=True, seen=sample.built_on(), **act)
    assert counts() == before


def test_nothing_goes_that_was_not_read(iris: User, today: Any) -> None:
    act, client = acting(iris, today), signed_in(iris)
    sample.add_sample(**act)
    coop, remove = Coop.objects.all()[0], reverse("start:sample_remove")
    crm.write_note(coop, title="Première note", text="Vue.", **act)
    read = {"with_added": "on", "seen": sample.built_on()}
    crm.write_note(coop, title="Note d’une collègue", text="Tout juste écrite.", **act)
    answer = client.post(remove, read)
    assert answer.status_code == 409
    assert "Note d’une collègue" in answer.content.decode()
    assert f'value="{sample.built_on()}"' in answer.content.decode()
    assert Coop.objects.count() == 4
    assert client.post(remove, read | {"seen": sample.built_on()}).status_code == 302
    assert Coop.objects.count() == 0


def test_a_document_issued_on_them_stops_it_all(iris: User, today: Any) -> None:
    given_issuer()
    act = acting(iris, today)
    sample.add_sample(**act)
    coop = Coop.objects.get(organisation__legal_name__startswith="Le Comptoir")
    held = taken_over(coop, act)
    before = counts()
    for ticked in (False, True):
        with pytest.raises(Refused) as refused:
            sample.remove_sample(with_added=ticked, seen=sample.built_on(), **act)
        assert any(m.code == "kept" and "AV-12" in m.text for m in refused.value.missing)
    assert counts() == before
    assert Invoice.objects.filter(pk=held.pk).exists()


def taken_over(coop: Coop, act: Any) -> Invoice:
    return invoicing.take_over_invoice(
        client=coop.organisation,
        number="AV-12",
        issued_on=act["on"],
        due_on=act["on"],
        left=Decimal(120),
        vat_rate=Decimal(20),
        title="Reprise",
        **act,
    )


def test_an_example_takes_no_number(iris: User, today: Any) -> None:
    given_issuer()
    starting.number_from(Read("F{year}-{number:04d}", True, 1), **acting(iris, today))  # noqa: FBT003
    sample.add_sample(**acting(iris, today))
    draft = Invoice.objects.get()
    with pytest.raises(Refused) as refused:
        invoicing.issue(invoice=draft, **acting(iris, today))
    assert [m.code for m in refused.value.missing] == ["example"]


def test_two_clicks_add_them_once_and_remove_them_once(iris: User) -> None:
    client: Client = signed_in(iris)
    add, remove = reverse("start:sample"), reverse("start:sample_remove")
    assert client.post(add).status_code == 302
    assert client.post(add, {"confirmed": "on"}).status_code == 409
    assert Coop.objects.count() == 4
    assert client.get(add).url == remove
    # Told on « Aujourd’hui » for as long as they are there, the list put away or not.
    client.post(reverse("start:put_away"))
    assert "Les retirer" in client.get(reverse("today")).content.decode()
    assert client.post(remove).status_code == 302
    assert client.post(remove).status_code == 409
    assert Coop.objects.count() == 0


def test_a_date_that_is_full_already_does_not_stop_them(iris: User, today: Any) -> None:
    act = acting(iris, today)
    mission = missions.open_internal(title="Vie du bureau", team=[iris], **act)
    full = working_days_back(today, 7)
    facts: dict[str, Any] = {"mission": mission, "worked_on": full, **act}
    missions.log_day(moment="full_day", **facts)
    missions.log_day(moment="evening", **facts)
    own = MissionDay.objects.count()
    sample.add_sample(**act)
    assert MissionDay.objects.count() == own + 2
    sample.remove_sample(**act)
    assert MissionDay.objects.filter(mission=mission).count() == MissionDay.objects.count() == own
