"""The cast: our structure, its people, the organisations around, shops and programmes."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from crm import actions as crm
from crm.models import Coop, Organisation, Path, Requirement
from essaim.models import User
from essaim.roles import Role
from essaim.series import open_series
from grants import actions as grants
from invoicing.demo.stage import Stage, data

DAY_ONE = -320


def people(stage: Stage, texts: dict[str, Any]) -> None:
    """The colleagues; each signs in with one button, nobody has a password."""
    for row in texts["users"]:
        flags: dict[str, Any] = {f"is_{role}": role in row["roles"] for role in Role.values}
        email = f"{row['key']}@passeurs.example"
        stage.users[row["key"]] = User.objects.create_user(email, name=row["name"], **flags)


def office(stage: Stage, texts: dict[str, Any]) -> None:
    """Our structure, what our invoices say of us, and their numbering."""
    on = stage.on(DAY_ONE)
    crm.set_structure(**texts["structure"], **stage.act("farid", on))
    crm.write_issuer_profile(
        **texts["issuer"], effective_from=date(on.year, 1, 1), **stage.act("chloe", on)
    )
    open_series("invoice", pattern="FA-{year}-{number:04d}")


def organisations(stage: Stage, texts: dict[str, Any]) -> None:
    """Funders, authorities and partners."""
    on = stage.on(DAY_ONE)
    for row in texts["organisations"]:
        values = {k: v for k, v in row.items() if k not in ("key", "client_kind")}
        made = crm.create_organisation(**values, **stage.act("basile", on))
        if "client_kind" in row:
            crm.set_client_kind(
                made,
                client_kind=row["client_kind"],
                reason="Personne publique",
                **stage.act("chloe", on),
            )
        stage.organisations[row["key"]] = made


def shops(stage: Stage, texts: dict[str, Any]) -> None:
    """Open shops, from public facts: references of the network, not accompanied."""
    act = stage.act("basile", stage.on(DAY_ONE))
    for row in texts["shops"]:
        shop = crm.register_shop(
            legal_name=row["name"],
            city=row["city"],
            origin=f"Magasin ouvert le {date.fromisoformat(row['opened']):%d/%m/%Y}",
            **act,
        )
        if "members" in row:
            crm.count_members(
                shop,
                as_of=date.fromisoformat(row["as_of"]),
                registered=row["members"],
                active=row.get("active"),
                source="fait public",
                **act,
            )


def programmes(stage: Stage, texts: dict[str, Any]) -> None:
    """Programmes of public knowledge."""
    act = stage.act("basile", stage.on(DAY_ONE))
    money = ("rate_cap", "amount_cap", "amount_floor", "public_aid_cap", "own_share_minimum")
    for row in texts["programmes"]:
        values = {k: v for k, v in row.items() if k not in ("key", "funder")}
        values |= {k: Decimal(values[k]) for k in (*money, "day_rate_cap") if k in values}
        stage.things[f"programme:{row['key']}"] = grants.create_programme(
            funder=stage.organisations[row["funder"]], checked_on=act["on"], **values, **act
        )


def assemble(stage: Stage) -> None:
    """Everybody and everything that is there before the first coop calls."""
    texts = data("people")
    for scene in (people, office, organisations, shops, programmes):
        scene(stage, texts)
    for row in data("coops"):
        stage.later(row["start"], partial(_welcome, stage, row))


def _welcome(stage: Stage, row: dict[str, Any]) -> None:
    """A coop calls: it is written down, and what will happen to it is planned."""
    act = stage.act("basile", stage.on(row["start"]))
    names = ("usual_name", "legal_name", "city", "postcode", "insee", "epci", "street", "origin")
    values = {name: row[name] for name in names}
    values |= {name: row[name] for name in ("court_register", "rna") if name in row}
    values |= {"path": Path.objects.get(code=row["path"]), "owner": stage.users[row["owner"]]}
    if "take_over" in row:
        place, effective = row["take_over"]
        coop = crm.take_over(stage=place, effective_on=stage.on(effective), **values, **act)
    else:
        coop = crm.create_coop(is_offered=row.get("offered", False), **values, **act)
    stage.coops[row["key"]] = coop
    stage.organisations[row["key"]] = coop.organisation
    _identity(stage, row, coop)
    _plan(stage, row)


def _identity(stage: Stage, row: dict[str, Any], coop: Coop) -> None:
    organisation: Organisation = coop.organisation
    act = stage.act("basile", stage.on(row["start"]))
    crm.set_legal_form(organisation, form=row["form"], since=act["on"], **act)
    for first, last, role in row["founders"]:
        contact = crm.create_contact(first_name=first, last_name=last, **act)
        crm.give_role(contact, organisation=organisation, role=role, since=act["on"], **act)
    if "take_over" not in row:
        accompaniment = stage.accompaniment(row["key"])
        for code in ("consent", "two-founders", "territory", "origin"):
            crm.settle_code(accompaniment, code, settled_on=act["on"], words="au téléphone", **act)


def _plan(stage: Stage, row: dict[str, Any]) -> None:
    """The scenes of one coop's life."""
    key, owner = row["key"], row["owner"]
    for offset, to in row["moves"]:
        stage.later(offset, partial(_move, stage, key, to, offset))
    for offset, kind, title, text, shared in row["notes"]:
        stage.later(offset, partial(_note, stage, key, owner, offset, kind, title, text, shared))
    for offset, registered, active, source in row["members"]:
        stage.later(
            max(offset, row["start"]),
            partial(_members, stage, key, offset, registered, active, source),
        )
    if "opening" in row:
        stage.later(row["opening"], partial(_opening, stage, key, row["opening"]))
    if "pause" in row:
        stage.later(row["pause"][0], partial(_pause, stage, key, *row["pause"]))
    if "abandon" in row:
        stage.later(row["abandon"][0], partial(_abandon, stage, key, *row["abandon"]))
    if "merge" in row:
        stage.later(row["merge"][0], partial(_merge, stage, key, *row["merge"]))
    stage.later(-1, partial(_now, stage, row))


def _move(stage: Stage, key: str, to: str, offset: int) -> None:
    """Most of the kit is done when a coop moves on; what is left gets its sentence."""
    accompaniment, act = stage.accompaniment(key), stage.act("basile", stage.on(offset))
    asked = Requirement.objects.asked_of(accompaniment).filter(stage=accompaniment.stage)
    for index, item in enumerate(asked.exclude(code="agreement")):
        if index % 4 != 3:
            crm.settle_code(accompaniment, item.code, settled_on=act["on"], words="Fait.", **act)
    crm.move_on(
        accompaniment,
        to=to,
        reasons={"advised": "Le groupe est prêt, le reste suivra."},
        **act,
    )


def _note(
    stage: Stage,
    key: str,
    who: str,
    offset: int,
    kind: str,
    title: str,
    text: str,
    shared: bool,  # noqa: FBT001
) -> None:
    crm.write_note(
        stage.coops[key],
        title=title,
        text=text,
        kind=kind,
        is_shared=shared,
        share_confirmed=shared,
        **stage.act(who, stage.on(offset)),
    )


def _members(
    stage: Stage, key: str, offset: int, registered: int, active: int, source: str
) -> None:
    on = stage.on(offset)
    act = stage.act("basile", max(on, stage.accompaniment(key).started_on))
    crm.count_members(
        stage.coops[key], as_of=on, registered=registered, active=active, source=source, **act
    )


def _opening(stage: Stage, key: str, offset: int) -> None:
    on = stage.on(offset)
    crm.date_milestone(
        stage.accompaniment(key), kind="opening", happened_on=on, **stage.act("basile", on)
    )


def _pause(stage: Stage, key: str, offset: int, review: int, why: str) -> None:
    crm.pause(
        stage.accompaniment(key),
        review_on=stage.on(review),
        why=why,
        **stage.act("basile", stage.on(offset)),
    )


def _abandon(stage: Stage, key: str, offset: int, reason: str, decided_by: str) -> None:
    """Each loose end gets its first choice: what is open is closed."""
    accompaniment = stage.accompaniment(key)
    act = stage.act("basile", stage.on(offset))
    ends = crm.loose_ends(accompaniment, user=act["by"])
    crm.abandon(
        accompaniment,
        reason_code=reason,
        decided_by=decided_by,
        decisions={end.key: end.choices[0][0] for end in ends},
        **act,
    )


def _merge(stage: Stage, key: str, offset: int, into: str, why: str) -> None:
    crm.merge(
        stage.accompaniment(key),
        into=stage.accompaniment(into),
        why=why,
        **stage.act("basile", stage.on(offset)),
    )


def _now(stage: Stage, row: dict[str, Any]) -> None:
    """What the board shows today: next action, what blocks, tasks."""
    accompaniment = stage.accompaniment(row["key"])
    act = stage.act("basile", stage.on(-1))
    what, offset = row["next"]
    if what and accompaniment.is_live:
        crm.plan_next(accompaniment, next_action=what, next_action_on=stage.on(offset), **act)
    if "blocked" in row:
        crm.block(accompaniment, reason=row["blocked"], **act)
    for task, due in row["tasks"]:
        crm.add_task(
            what=task,
            owner=stage.users[row["owner"]],
            coop=stage.coops[row["key"]],
            due_on=stage.on(due),
            **act,
        )
