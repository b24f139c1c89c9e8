"""People over time: duplicates joined and left to look at, a mandate that ends, a departure."""

from typing import Any

from crm import actions as crm
from crm.models import ContactRole
from essaim import people
from essaim.models import User
from invoicing.demo.stage import Stage

FIRST, JOINED, ELECTED, GONE = -190, -26, -120, -64


def plan(stage: Stage) -> None:
    """What happens to people and to what is known of them."""
    stage.later(FIRST, lambda: _written_down(stage))
    stage.later(ELECTED, lambda: _a_new_mayor(stage))
    stage.later(GONE, lambda: _a_colleague_leaves(stage))
    stage.later(JOINED, lambda: _joined(stage))


def _partner(stage: Stage, name: str, act: Any, **facts: Any) -> Any:
    return crm.create_organisation(
        legal_name=name, kind="partner", city="Sélestat", postcode="67600", **facts, **act
    )


def _written_down(stage: Stage) -> None:
    """The same shop and the same person noted by two colleagues, and somebody who asks to go."""
    act = stage.act("basile", stage.on(FIRST))
    one = _partner(stage, "Maraîchers du Ried", act, phone="03 88 00 11 22")
    other = _partner(stage, "Les Maraichers du Ried", act, email="contact@maraichers.example")
    for row, name in ((one, "Anne-Lise"), (other, "Annelise")):
        contact = crm.create_contact(
            first_name=name, last_name="Kuntz", phone="06 00 00 11 22", **act
        )
        crm.give_role(contact, organisation=row, role="referent", **act)
    stage.things["twins"] = (one, other)
    consent = {"legal_basis": "consent", "consent_on": act["on"]}
    leaves = crm.create_contact(first_name="Odile", last_name="Metz", **consent, **act)
    stage.things["withdrew"] = leaves
    town = crm.create_organisation(
        legal_name="Commune de Rossfeld", kind="authority", city="Rossfeld", postcode="67230", **act
    )
    before = crm.create_contact(first_name="Robert", last_name="Jung", **act)
    crm.give_role(before, organisation=town, role="elected", since=act["on"], **act)
    stage.things["town"] = town
    gael: User = people.invite(
        email="gael@passeurs.example",
        name="Gaël Ott",
        roles=["consultant"],
        link=lambda user: "https://passeurs.example/",
        **stage.act("farid", act["on"]),
    )
    stage.users["gael"] = gael
    for what in ("Rappeler les maraîchers", "Relire la charte du groupe"):
        crm.add_task(what=what, owner=gael, due_on=stage.on(GONE), **act)


def _a_new_mayor(stage: Stage) -> None:
    """A mandate ends, another begins: both are read on the page of the town hall."""
    act, town = stage.act("basile", stage.on(ELECTED)), stage.things["town"]
    role = ContactRole.objects.get(organisation=town)
    crm.end_role(role, until=act["on"], **act)
    after = crm.create_contact(first_name="Salomé", last_name="Fritsch", **act)
    crm.give_role(after, organisation=town, role="elected", since=act["on"], **act)


def _a_colleague_leaves(stage: Stage) -> None:
    """Gaël leaves: what he held goes to Basile, and his account is closed."""
    act = stage.act("farid", stage.on(GONE))
    to = {"tasks": stage.users["basile"]}
    people.leave(user=stage.users["gael"], to=to, close=True, **act)


def _joined(stage: Stage) -> None:
    """The two rows of one shop become one; the two of its person are left to look at."""
    act = stage.act("basile", stage.on(JOINED))
    one, other = stage.things["twins"]
    crm.join_organisations(other, into=one, take=frozenset({"email"}), **act)
    withdrew = {"consent_withdrawn_on": act["on"]}
    crm.edit_contact(stage.things["withdrew"], **withdrew, **act)
