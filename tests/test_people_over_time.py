"""People over time: roles, consent, archives, erasure, and how long they are kept."""

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from crm import actions
from crm.models import Contact, ContactRole, Organisation, Retention
from crm.retention import past_retention
from essaim.models import Event, EventText, OutboxMessage, User
from essaim.workflow import Refused
from tests.conftest import acting
from tests.given_crm import (
    given_contact,
    given_coop,
    given_organisation,
    given_structure,
)
from tests.given_grants import given_applicant, given_application
from tests.given_invoicing import given_invoice
from tests.given_missions import given_agreement

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)
CANARY = "zibeline-violette"


def act(user: User, on: date = ON) -> dict[str, Any]:
    return acting(user, on)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [m.code for m in refused.value.missing]


# -- roles ------------------------------------------------------------------------------------


def test_a_role_is_given_ended_given_again_and_corrected(basile: User) -> None:
    town = given_organisation(by=basile)
    anne = given_contact("Anne Muller", by=basile)
    give = {"organisation": town, "role": "elected"}
    first = actions.give_role(anne, since=date(2020, 6, 1), **give, **act(basile))
    actions.end_role(first, until=date(2026, 3, 15), **act(basile))
    second = actions.give_role(anne, since=date(2026, 3, 20), **give, **act(basile))
    actions.correct_role(second, role="elected", since=date(2026, 3, 22), **act(basile))
    held = list(anne.roles.order_by("since").values_list("since", "until"))
    assert held == [(date(2020, 6, 1), date(2026, 3, 15)), (date(2026, 3, 22), None)]
    told = Event.objects.get(verb="crm.Contact.correct_role").codes
    assert told["from"][1:] == ["2026-03-20", None]
    assert (first.is_current(ON), second.is_current(ON)) == (False, True)


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"since": date(2021, 1, 1)}, "since"),
        ({"since": date(2019, 1, 1), "until": date(2020, 7, 1)}, "since"),
        ({"since": date(2027, 1, 1)}, "since"),
        ({"since": date(2018, 1, 1), "until": date(2017, 1, 1)}, "until"),
    ],
)
def test_a_role_is_not_noted_twice_nor_ahead(
    basile: User, dates: dict[str, date], code: str
) -> None:
    give = {"organisation": given_organisation(by=basile), "role": "elected"}
    anne = given_contact("Anne Muller", by=basile)
    actions.give_role(anne, since=date(2020, 6, 1), **give, **act(basile))
    with pytest.raises(Refused) as refused:
        actions.give_role(anne, **dates, **give, **act(basile))
    assert codes(refused) == [code]
    assert ContactRole.objects.count() == 1


# -- consent ----------------------------------------------------------------------------------


def test_consent_is_given_then_withdrawn(basile: User) -> None:
    consent = {"legal_basis": "consent", "consent_on": date(2025, 1, 1)}
    anne = given_contact("Anne Muller", by=basile, **consent)
    for wrong in (date(2024, 12, 31), date(2027, 1, 1)):
        with pytest.raises(Refused) as refused:
            actions.edit_contact(anne, consent_withdrawn_on=wrong, **act(basile))
        assert codes(refused) == ["consent_withdrawn_on"]
    gone = actions.edit_contact(anne, consent_withdrawn_on=ON, **act(basile))
    assert gone.has_withdrawn
    assert list(past_retention(on=ON)) == [gone]
    with pytest.raises(ValidationError):
        Contact(last_name="X", consent_withdrawn_on=ON).full_clean()


# -- archives ---------------------------------------------------------------------------------


def test_an_archived_organisation_leaves_the_lists_and_keeps_its_rows(
    basile: User, ada: User
) -> None:
    town = given_organisation(by=basile)
    anne = given_contact("Anne Muller", organisation=town, by=basile)
    with pytest.raises(Refused):
        actions.archive_organisation(town, reason=" ", **act(basile))
    with pytest.raises(PermissionDenied):
        actions.archive_organisation(town, reason="double emploi", **act(ada))
    actions.archive_organisation(town, reason="dissoute", **act(basile))
    assert not Organisation.objects.current().filter(pk=town.pk).exists()
    assert anne.roles.get().organisation == town
    town.refresh_from_db()
    assert (town.archived_on, town.archive_reason) == (ON, "dissoute")
    actions.restore_organisation(town, **act(basile))
    assert Organisation.objects.current().filter(pk=town.pk).exists()
    with pytest.raises(Refused):
        actions.restore_organisation(town, **act(basile))


@pytest.mark.parametrize("held", ["accompaniment", "agreement", "invoice", "application"])
def test_what_is_under_way_bars_archiving_and_says_what(
    basile: User, chloe: User, held: str
) -> None:
    if held == "accompaniment":
        row = given_coop(by=basile).organisation
    elif held == "application":
        row = given_application(given_applicant(), state="submitted").programme.funder
    else:
        row = given_organisation(by=basile)
    if held == "agreement":
        given_agreement(None, row, by=basile)
    if held == "invoice":
        given_invoice(client=row)
    with pytest.raises(Refused) as refused:
        actions.archive_organisation(row, reason="dissoute", **act(basile))
    assert codes(refused) == [held]
    missing = refused.value.missing[0]
    assert missing.url and str(missing.text)
    row.refresh_from_db()
    assert row.archived_on is None


def test_a_founder_of_an_accompanied_coop_is_not_archived(basile: User) -> None:
    coop = given_coop(by=basile)
    emile = given_contact(organisation=coop.organisation, by=basile)
    with pytest.raises(Refused) as refused:
        actions.archive_contact(emile, reason="parti", **act(basile))
    assert codes(refused) == ["role"]
    actions.end_role(emile.roles.get(), until=ON - timedelta(days=1), **act(basile))
    assert actions.archive_contact(emile, reason="parti", **act(basile)).archived_on == ON


# -- what is held about a person ---------------------------------------------------------------


@pytest.fixture
def emile(basile: User) -> Contact:
    """A founder with notes, a mail, and words in the trail."""
    coop = given_coop(by=basile, owner=basile)
    person = given_contact(
        "Émile Schmitt",
        organisation=coop.organisation,
        by=basile,
        email="emile@coop.test",
        phone="03 88 12 34 56",
    )
    words = {"participants": [person]}
    actions.write_note(
        coop, title="Interne", text=f"{CANARY} Émile Schmitt", **words, **act(basile)
    )
    actions.write_note(
        coop,
        title="Réunion avec émile schmitt",
        text="Émile SCHMITT (03 88 12 34 56) vient le 3.",
        is_shared=True,
        share_confirmed=True,
        **words,
        **act(basile),
    )
    OutboxMessage.objects.create(
        key="x",
        to="Emile@coop.test",
        subject="Bonjour Émile",
        body="Voici",
        created_at=act(basile)["at"],
    )
    return person


def test_the_export_gives_shared_notes_and_no_internal_word(emile: Contact, basile: User) -> None:
    told = json.loads(json.dumps(actions.export_person(emile, **act(basile))))
    assert told["identity"][0]["email"] == "emile@coop.test"
    assert [r["organisation"] for r in told["roles"]] == ["Coop’Épi"]
    assert [n.get("text", "") for n in told["notes"]] == [
        "",
        "Émile SCHMITT (03 88 12 34 56) vient le 3.",
    ]
    assert told["mails"][0]["subject"] == "Bonjour Émile"
    assert CANARY not in json.dumps(told)
    assert "Interne" not in json.dumps(told)
    assert Event.objects.filter(verb="crm.Contact.export").count() == 1


def test_an_erased_person_has_no_name_anywhere_and_rows_stay(
    emile: Contact, basile: User, farid: User
) -> None:
    twin = given_contact("Emile Schmitt", by=basile, email="e.schmitt@coop.test")
    actions.join_contacts(twin, into=emile, **act(basile))
    actions.tell_person(emile, **act(basile))
    EventText.objects.create(
        event=Event.objects.filter(model="crm.Contact", object_id=emile.pk).first(),
        words={"reason": "Émile est parti fâché"},
    )
    for wrong in ("", "Demande d’Émile", "voir EMILE@coop.test"):
        with pytest.raises(Refused) as refused:
            actions.erase_person(emile, reason=wrong, **act(farid))
        assert codes(refused) == ["reason"]
    with pytest.raises(Refused) as refused:
        actions.erase_person(emile, reason="Demande écrite", **act(farid))
    assert codes(refused) == ["role"]
    gone = actions.erase_person(
        emile, reason="Demande écrite", reasons={"role": "elle a quitté le groupe"}, **act(farid)
    )
    assert str(gone) == "Personne effacée"
    dump = StringIO()
    call_command("dumpdata", "crm", "essaim", stdout=dump)
    base = dump.getvalue().lower()
    for word in ("schmitt", "émile", "emile", "03 88 12", "coop.test", "fâché"):
        assert word not in base.encode().decode("unicode_escape", "ignore") and word not in base
    assert gone.roles.count() == 1
    assert Contact.objects.count() == 2
    told = Event.objects.get(verb="crm.Contact.erase")
    assert (told.by, told.text.words["reason"]) == (farid, "Demande écrite")
    with pytest.raises(Refused):
        actions.edit_contact(emile, last_name="Retour", **act(basile))


def test_erasing_is_for_an_administrator(emile: Contact, basile: User, ada: User) -> None:
    with pytest.raises(PermissionDenied):
        actions.erase_person(emile, reason="x", **act(basile))
    with pytest.raises(PermissionDenied):
        actions.export_person(emile, **act(ada))


# -- how long ---------------------------------------------------------------------------------


def test_persons_past_36_months_are_listed_until_somebody_decides(basile: User) -> None:
    old = given_contact("Anne Muller", by=basile, last_contact_on=date(2023, 11, 22))
    given_contact("Léo Y", by=basile, last_contact_on=date(2023, 11, 24))
    coop = given_coop(by=basile)
    given_contact(
        "Zoé X", organisation=coop.organisation, by=basile, last_contact_on=date(2020, 1, 1)
    )
    Event.objects.count()
    aged = acting(basile, ON + timedelta(days=1))
    seen = [c for c in past_retention(on=ON) if c.pk == old.pk]
    # Written down in September 2026: that is the last sign, whatever the date they gave.
    assert seen == []
    later = date(2029, 10, 1)
    names = {str(c) for c in past_retention(on=later)}
    assert names == {"Anne Muller", "Léo Y"}
    actions.keep_person(
        old, reason="archives du réseau", review_on=date(2030, 1, 1), **acting(basile, later)
    )
    assert {str(c) for c in past_retention(on=later)} == {"Léo Y"}
    assert {str(c) for c in past_retention(on=date(2030, 1, 1))} == {"Anne Muller", "Léo Y"}
    with pytest.raises(Refused):
        actions.keep_person(old, reason="x", review_on=ON, **aged)


def test_the_months_are_the_offices_and_the_command_lists_without_names(basile: User) -> None:
    given_structure(basile)
    row = given_contact("Anne Muller", by=basile, last_contact_on=date(2026, 2, 1))
    actions.set_structure(retention_months=6, **act(basile))
    out = StringIO()
    call_command("persons_past_retention", "--on", "2027-06-01", stdout=out)
    assert f"/coops/contacts/{row.pk}/" in out.getvalue()
    assert "Muller" not in out.getvalue()
    with pytest.raises(Refused):
        actions.set_structure(retention_months=0, **act(basile))


def test_a_person_is_told_by_mail_or_noted_as_told(basile: User) -> None:
    one = given_contact("Anne Muller", by=basile, email="anne@barr.test")
    two = given_contact("Léo Y", by=basile)
    for row in (one, two):
        actions.tell_person(row, **act(basile))
    mail = OutboxMessage.objects.get()
    assert (mail.to, "23/12/2026" in mail.body) == ("anne@barr.test", True)
    assert Retention.objects.filter(kind="told", review_on=date(2026, 12, 23)).count() == 2
