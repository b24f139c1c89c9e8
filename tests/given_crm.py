"""Coops, people and our structure, made for tests by the actions themselves."""

from datetime import date
from typing import Any

from crm import actions
from crm.models import Accompaniment, Contact, Coop, Organisation, Path, Requirement, Structure
from essaim.models import User
from tests.conftest import acting, person

BEGAN = date(2026, 9, 1)


def coordinating() -> User:
    """A coordinator to act where the owner may not; the same one each time."""
    found = User.objects.filter(email="odile@essaim.test").first()
    return found or person("Odile Haas", "coordinator")


def given_structure(by: User | None = None, on: date = date(2026, 1, 2)) -> Structure:
    """Our structure in Strasbourg, liable to VAT on receipts, with its issuer profile."""
    act = acting(by or coordinating(), on)
    structure = actions.set_structure(
        legal_name="La Ruche des coops",
        siren="552100554",
        street="12 rue des Tanneurs",
        postcode="67000",
        city="Strasbourg",
        **act,
    )
    actions.write_issuer_profile(
        effective_from=on,
        legal_name="La Ruche des coops",
        legal_form="Association de droit local",
        registration="Strasbourg vol. 92 fol. 214",
        siren="552100554",
        street="12 rue des Tanneurs",
        postcode="67000",
        city="Strasbourg",
        email="compta@ruche.test",
        iban="FR7630006000011234567890189",
        **act,
    )
    return structure


def given_organisation(
    name: str = "Ville de Barr", *, by: User | None = None, **fields: Any
) -> Organisation:
    """An organisation of any kind."""
    values = {"kind": "authority", "postcode": "67140", "city": "Barr"} | fields
    return actions.create_organisation(
        legal_name=name, **values, **acting(by or coordinating(), BEGAN)
    )


def given_coop(
    name: str = "Coop’Épi",
    *,
    owner: User | None = None,
    stage: str = "contact",
    postcode: str = "67600",
    path: str = "supermarket",
    on: date = BEGAN,
    by: User | None = None,
    **fields: Any,
) -> Coop:
    """A coop that is accompanied; past the first stage it is taken over there."""
    office = by or coordinating()
    values: dict[str, Any] = {
        "legal_name": name,
        "postcode": postcode,
        "city": "Sélestat" if postcode == "67600" else "Ville",
        "street": "1 place du Marché",
        "path": Path.objects.get(code=path),
        "owner": owner or office,
    } | fields
    if stage == "contact":
        return actions.create_coop(started_on=on, **values, **acting(office, on))
    return actions.take_over(stage=stage, effective_on=on, **values, **acting(office, on))


def given_accompaniment(name: str = "Coop’Épi", **kwargs: Any) -> Accompaniment:
    """The accompaniment of a new coop."""
    return given_coop(name, **kwargs).current


def given_contact(
    name: str = "Émile Schmitt",
    *,
    organisation: Organisation | None = None,
    role: str = "founder",
    by: User | None = None,
    **fields: Any,
) -> Contact:
    """A person, with a role in an organisation when one is given."""
    first, _, last = name.partition(" ")
    act = acting(by or coordinating(), BEGAN)
    contact = actions.create_contact(first_name=first, last_name=last or first, **fields, **act)
    if organisation is not None:
        actions.give_role(contact, organisation=organisation, role=role, **act)
    return contact


def kit_done(accompaniment: Accompaniment, stage: str, by: User, on: date) -> None:
    """Tick every item the kit asks of this coop at a stage."""
    for item in Requirement.objects.asked_of(accompaniment).filter(stage=stage):
        actions.tick(accompaniment, requirement=item, **acting(by, on))
