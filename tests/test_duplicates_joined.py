"""Duplicates joined: everything follows, nothing is lost, what was issued keeps its words."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, models, transaction

from crm import actions
from crm.models import (
    Accompaniment,
    Contact,
    ContactRole,
    Coop,
    Distinct,
    Membership,
    NoteParticipant,
    Organisation,
)
from essaim import hooks, immutability, joining
from essaim.joining import relations_to
from essaim.models import Event, User
from essaim.workflow import Refused
from invoicing.models import AuxiliaryAccount, Invoice, Payment
from invoicing.verification import verify
from missions.models import Agreement
from tests.conftest import acting
from tests.given_crm import given_contact, given_coop, given_organisation, given_structure
from tests.given_invoicing import given_client, given_invoice
from tests.given_missions import given_agreement
from tests.issued import AT
from tests.rows import counted

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


def act(user: User) -> dict[str, Any]:
    return acting(user, ON)


@pytest.fixture
def twins(basile: User) -> tuple[Organisation, Organisation]:
    """One town hall written down twice."""
    source = given_organisation("Mairie de Barr", by=basile, email="mairie@barr.test")
    return source, given_organisation("Ville de Barr", by=basile)


def join(source: Organisation, target: Organisation, by: User, *take: str) -> Organisation:
    return actions.join_organisations(source, into=target, take=frozenset(take), **act(by))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {m.code for m in refused.value.missing}


# -- every relation -----------------------------------------------------------------------------


@pytest.mark.parametrize("model", [Organisation, Contact, Coop])
def test_every_foreign_key_of_the_project_follows(model: type[models.Model]) -> None:
    """A table of a room to come is found too: by the models, hidden relations included."""
    found = {(r.label, r.field.name) for r in relations_to(model)}
    wanted = {
        (m._meta.label, f.name)
        for m in apps.get_models(include_auto_created=True)
        for f in m._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.related_model is model
    } - {(model._meta.label, "duplicate_of")}
    assert found == wanted
    assert wanted


@pytest.mark.parametrize("model", [Organisation, Contact, Coop])
def test_the_database_lets_every_foreign_key_follow(model: type[models.Model]) -> None:
    """A kept table either lets its column follow a duplicate, or says that its rows are sealed."""
    for relation in relations_to(model):
        if (relation.label, relation.field.name) in hooks.anchored:
            continue
        column = relation.field.column
        for table in hooks.frozen_tables.all():
            # Those without a word on deletion judge a step (issuing), not the row.
            if table.model == relation.label and table.update and table.delete:
                assert column in table.follows, (relation.label, column)


def test_a_row_that_follows_is_named_on_screen() -> None:
    labels = {r.label for model in (Organisation, Contact, Coop) for r in relations_to(model)}
    unnamed = labels - set(hooks.row_names)
    plural = {label for label in unnamed if not _has_plural(label)}
    assert not plural


def _has_plural(label: str) -> bool:
    options: Any = apps.get_model(label)._meta
    return not isinstance(options.original_attrs.get("verbose_name_plural"), type(None))


# -- organisations ------------------------------------------------------------------------------


def test_everything_that_points_to_the_source_points_to_the_target(
    twins: tuple[Organisation, Organisation], basile: User, chloe: User
) -> None:
    source, target = twins
    invoice = given_invoice(client=source)
    agreement = given_agreement(None, source, by=basile)
    given_contact("Anne Muller", organisation=source, role="elected", by=basile)
    before = counted()
    join(source, target, basile)
    assert counted() == before + Counter({"essaim.Event": 2})
    for relation in relations_to(Organisation):
        assert not relation.rows(source).exists(), relation.label
    invoice.refresh_from_db()
    agreement.refresh_from_db()
    assert (invoice.client, agreement.client) == (target, target)
    assert ContactRole.objects.get().organisation == target
    source.refresh_from_db()
    assert (source.duplicate_of, source.archived_on) == (target, ON)
    told = Event.objects.get(verb="crm.Organisation.join").codes
    assert (told["into"], told["moved"]["invoicing.Invoice"]) == (target.pk, 1)


def test_an_issued_invoice_keeps_its_copied_client_and_verify_agrees(
    twins: tuple[Organisation, Organisation], basile: User, chloe: User
) -> None:
    source, target = twins
    invoice = given_invoice(client=source)
    copied, digest = invoice.client_copy, invoice.digest
    join(source, target, basile, "legal_name")
    invoice.refresh_from_db()
    assert (invoice.client, invoice.client_copy, invoice.digest) == (target, copied, digest)
    assert invoice.client_copy["name"] == "Mairie de Barr"
    count, findings = verify(at=AT)
    assert (count, [f for f in findings if f.is_error]) == (1, [])


def test_the_values_that_are_kept_are_chosen_one_by_one(
    twins: tuple[Organisation, Organisation], basile: User
) -> None:
    source, target = twins
    actions.edit_organisation(source, siret="55210055400013", **act(basile))
    join(source, target, basile, "email", "siren")
    target.refresh_from_db()
    source.refresh_from_db()
    assert (target.legal_name, target.email) == ("Ville de Barr", "mairie@barr.test")
    assert (target.siren, target.siret) == ("552100554", "55210055400013")
    assert (source.siret, source.legal_name) == ("", "Mairie de Barr")
    with pytest.raises(TypeError):
        join(given_organisation("Autre", by=basile), target, basile, "client_kind")


@pytest.mark.parametrize("attack", ["itself", "again", "back", "into_a_duplicate"])
def test_no_cycle_and_no_chain_can_be_made(
    twins: tuple[Organisation, Organisation], basile: User, attack: str
) -> None:
    source, target = twins
    third = given_organisation("Commune de Barr", by=basile)
    if attack != "itself":
        join(source, target, basile)
    pairs = {
        "itself": (source, source),
        "again": (source, third),
        "back": (target, source),
        "into_a_duplicate": (third, source),
    }
    with pytest.raises(Refused):
        join(*pairs[attack], basile)
    assert Organisation.objects.exclude(duplicate_of=None).count() == (attack != "itself")


def test_a_target_may_itself_be_joined_later_and_its_end_is_found(
    twins: tuple[Organisation, Organisation], basile: User
) -> None:
    source, target = twins
    end = given_organisation("Commune de Barr", by=basile)
    given_agreement(None, source, by=basile)
    join(source, target, basile)
    join(target, end, basile)
    source.refresh_from_db()
    assert actions.end_of(source) == end
    assert Agreement.objects.get().client == end


def test_two_accompanied_coops_are_a_merger_and_our_structure_is_no_source(basile: User) -> None:
    one, two = given_coop("La Musette", by=basile), given_coop("La Muzette", by=basile)
    with pytest.raises(Refused) as refused:
        join(one.organisation, two.organisation, basile)
    assert codes(refused) == {"coops"}
    assert "fusion" in str(refused.value.missing[0].text).lower()
    ours = given_structure().organisation
    with pytest.raises(Refused) as refused:
        join(ours, one.organisation, basile)
    assert codes(refused) == {"structure"}


def test_an_organisation_without_a_coop_receives_the_coop_of_its_duplicate(basile: User) -> None:
    coop = given_coop("La Musette", by=basile)
    target = given_organisation("Musette (association)", by=basile)
    join(coop.organisation, target, basile)
    coop.refresh_from_db()
    assert coop.organisation == target
    assert Accompaniment.objects.get().coop == coop


def test_a_shop_never_accompanied_gives_what_hangs_on_it_to_the_accompanied_coop(
    basile: User,
) -> None:
    shop = actions.register_shop(legal_name="La Musette", city="Barr", **act(basile))
    actions.count_members(shop, as_of=ON, registered=120, source="site", **act(basile))
    coop = given_coop("La Muzette", by=basile)
    with pytest.raises(Refused):
        join(coop.organisation, shop.organisation, basile)
    before = counted()
    join(shop.organisation, coop.organisation, basile)
    assert coop.member_counts.get().registered == 120
    assert Coop.objects.count() == 2
    assert counted() == before + Counter({"essaim.Event": 2})


def test_memberships_of_one_year_say_what_was_paid(
    twins: tuple[Organisation, Organisation], basile: User, chloe: User
) -> None:
    source, target = twins
    year = {"amount": Decimal(50), "paid_on": date(2026, 3, 1)}
    actions.set_membership(source, year=2026, **year, **act(chloe))
    actions.set_membership(source, year=2025, **year, **act(chloe))
    actions.set_membership(target, year=2026, amount=Decimal(30), **act(chloe))
    join(source, target, basile)
    kept = Membership.objects.get(organisation=target, year=2026)
    assert (kept.amount, kept.paid_on) == (Decimal(50), date(2026, 3, 1))
    assert Membership.objects.get(year=2025).organisation == target
    assert Membership.objects.get(organisation=source).year == 2026


def test_each_code_in_the_books_stays_given(
    twins: tuple[Organisation, Organisation], basile: User
) -> None:
    for row, code in zip(twins, ("C0001", "C0002"), strict=True):
        AuxiliaryAccount.objects.create(organisation=row, code=code, name=row.legal_name)
    join(*twins, basile)
    assert AuxiliaryAccount.objects.get(code="C0001").organisation == twins[0]
    assert AuxiliaryAccount.objects.get(code="C0002").organisation == twins[1]
    other = given_organisation("Commune de Barr", by=basile)
    join(twins[1], other, basile)
    assert AuxiliaryAccount.objects.get(code="C0002").organisation == other


def test_a_joined_organisation_takes_nothing_any_more(
    twins: tuple[Organisation, Organisation], basile: User, chloe: User
) -> None:
    source, target = twins
    join(source, target, basile)
    source.refresh_from_db()
    for attempt in (
        lambda: actions.edit_organisation(source, city="X", **act(basile)),
        lambda: actions.set_legal_form(source, form="other", since=ON, **act(basile)),
        lambda: actions.restore_organisation(source, **act(basile)),
        lambda: given_contact("Léo Y", organisation=source, by=basile),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert codes(refused) == {"duplicate"}


def test_joining_is_for_the_office(
    twins: tuple[Organisation, Organisation], ada: User, chloe: User
) -> None:
    for user in (ada, chloe):
        with pytest.raises(PermissionDenied):
            join(*twins, user)


def test_the_count_of_what_will_follow_is_what_follows(
    twins: tuple[Organisation, Organisation], basile: User, chloe: User
) -> None:
    source, target = twins
    given_invoice(client=source)
    actions.set_membership(source, year=2026, amount=Decimal(1), **act(chloe))
    actions.set_membership(target, year=2026, amount=Decimal(1), **act(chloe))
    told = {f.label: (f.count, f.stays) for f in joining.count(source, target)}
    join(source, target, basile)
    done = Event.objects.get(verb="crm.Organisation.join").codes
    assert told == {"invoicing.Invoice": (1, 0), "crm.Membership": (0, 1)}
    assert (done["moved"], done["stayed"]) == ({"invoicing.Invoice": 1}, {"crm.Membership": 1})


# -- attacks on what was issued -----------------------------------------------------------------


def attacked(sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        "client_id = {other}",
        "client_id = {target}, words = 'x'",
        "client_id = {target}, client_copy = '{{}}'",
        "client_id = {target}, net = net + 1, gross = gross + 1",
        "client_id = {target}, number = 'FA-2026-0099'",
        "client_id = {target}, created_by_id = {user}",
    ],
)
def test_only_the_payers_key_follows_and_only_to_what_it_duplicates(
    twins: tuple[Organisation, Organisation], basile: User, change: str
) -> None:
    source, target = twins
    invoice = given_invoice(client=source)
    other = given_organisation("Commune de Barr", by=basile)
    Organisation.objects.filter(pk=source.pk).update(duplicate_of=target)
    ids = {"other": other.pk, "target": target.pk, "user": basile.pk}
    attacked(f"UPDATE invoicing_invoice SET {change.format(**ids)} WHERE id = {invoice.pk}")
    with transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(client=target)


def test_a_payer_that_is_no_duplicate_keeps_its_rows(
    twins: tuple[Organisation, Organisation], chloe: User
) -> None:
    source, target = twins
    invoice = given_invoice(client=source)
    attacked(f"UPDATE invoicing_invoice SET client_id = {target.pk} WHERE id = {invoice.pk}")
    payment = Payment.objects.create(
        client=source,
        received_on=ON,
        amount=Decimal(10),
        method="transfer",
        recorded_by=chloe,
        recorded_at=AT,
    )
    attacked(f"UPDATE invoicing_payment SET client_id = {target.pk} WHERE id = {payment.pk}")
    Organisation.objects.filter(pk=source.pk).update(duplicate_of=target)
    attacked(f"UPDATE invoicing_payment SET amount = 11, client_id = {target.pk}")
    assert Payment.objects.filter(pk=payment.pk).update(client=target) == 1
    assert immutability.missing(connection) == []


# -- people -------------------------------------------------------------------------------------


def test_roles_and_notes_of_a_person_written_down_twice_become_one(basile: User) -> None:
    coop = given_coop(by=basile, owner=basile)
    source = given_contact("Emile Schmitt", organisation=coop.organisation, by=basile)
    target = given_contact("Émile Schmitt", organisation=coop.organisation, by=basile)
    town = given_organisation(by=basile)
    actions.give_role(source, organisation=town, role="elected", **act(basile))
    role = ContactRole.objects.get(contact=source, role="founder")
    actions.correct_role(role, role="founder", since=date(2026, 1, 5), **act(basile))
    note = actions.write_note(coop, title="Réunion", participants=[source, target], **act(basile))
    actions.write_note(coop, title="Appel", participants=[source], **act(basile))
    actions.edit_contact(source, last_contact_on=date(2026, 11, 1), **act(basile))
    joined = actions.join_contacts(source, into=target, **act(basile))
    held = {(r.organisation, r.role): r.since for r in joined.roles.all()}
    assert held == {(coop.organisation, "founder"): date(2026, 1, 5), (town, "elected"): None}
    assert not source.roles.exists()
    assert [p.contact for p in note.participants.all()] == [target]
    assert NoteParticipant.objects.filter(contact=target).count() == 2
    joined.refresh_from_db()
    assert joined.last_contact_on == date(2026, 11, 1)


def test_two_rows_said_to_be_two_are_remembered_once(
    twins: tuple[Organisation, Organisation], basile: User
) -> None:
    for pair in (twins, twins[::-1]):
        actions.say_distinct(*pair, **act(basile))
    assert Distinct.objects.get().kind == "organisation"
    assert given_client().pk
