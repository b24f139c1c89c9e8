"""Verbs on duplicates: said to be two, or joined with everything that hangs on them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.organisations import FIELDS as ORGANISATION_FIELDS
from crm.actions.organisations import normalise
from crm.models import Accompaniment, Contact, Coop, Distinct, Organisation, end_of
from essaim import hooks, joining
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import judge, refuse

# The legal basis and its dates go together.
CONTACT_GROUPS: Mapping[str, tuple[str, ...]] = {
    "first_name": ("first_name",),
    "last_name": ("last_name",),
    "email": ("email",),
    "phone": ("phone",),
    "legal_basis": ("legal_basis", "consent_on", "consent_withdrawn_on"),
}
# The identifiers of one legal person are kept together.
ORGANISATION_GROUPS: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in sorted(ORGANISATION_FIELDS)},
    "siren": ("siren", "siret"),
}
_FOLLOW_SIREN = ("siret",)


def groups_of(model: type[Any]) -> Mapping[str, tuple[str, ...]]:
    """What one chooses between, and the columns each choice takes."""
    if model is Contact:
        return CONTACT_GROUPS
    return {k: v for k, v in ORGANISATION_GROUPS.items() if k not in _FOLLOW_SIREN}


def _coop_of(row: Organisation) -> Coop | None:
    return Coop.objects.filter(organisation=row).first()


def _coops_in_the_way(source: Organisation, target: Organisation) -> list[Missing]:
    ours, theirs = _coop_of(source), _coop_of(target)
    if ours is None or theirs is None:
        return []
    followed = Accompaniment.objects.filter(coop__in=(ours, theirs)).values_list("coop", flat=True)
    if ours.pk not in followed:
        return []
    if theirs.pk in followed:
        words = _(
            "Both are coops with an accompaniment of their own: that is a merger. Merge the"
            " accompaniment of “%(name)s” from its page; nothing moves then, both stay readable."
        )
        return [Missing("coops", words % {"name": source}, ours.get_absolute_url())]
    words = _("“%(source)s” is the one that is accompanied: keep it, and join the other to it.")
    return [Missing("coops", words % {"source": source})]


def troubles(source: Any, target: Any, *, by: User, on: date) -> list[Missing]:
    """What stands in the way of joining `source` to `target`, on all rows."""
    if source.pk == target.pk:
        return [Missing("target", _("A row can't be joined to itself."))]
    if source.duplicate_of_id is not None:
        words = _("“%(name)s” already was joined to “%(other)s”.")
        end = end_of(source)
        said = {"name": source, "other": end}
        return [Missing("source", words % said, end.get_absolute_url())]
    if target.duplicate_of_id is not None:
        end = end_of(target)
        if end.pk == source.pk:
            words = _("“%(name)s” already was joined to this one.") % {"name": target}
        else:
            words = _("“%(name)s” is a duplicate itself: join to “%(other)s”.")
            words %= {"name": target, "other": end}
        return [Missing("target", words, end.get_absolute_url())]
    found = [*_own_troubles(source, target)]
    for guard in hooks.guards.of((source._meta.label, "join")):
        found += guard(source, by=by, on=on, data=target)
    return found


def _own_troubles(source: Any, target: Any) -> list[Missing]:
    if isinstance(source, Contact):
        if source.erased_on or target.erased_on:
            words = _("One of these persons was erased: nothing is left to join.")
            return [Missing("erased", words)]
        return []
    if hasattr(source, "structure"):
        words = _("“%(name)s” is our own structure: keep it, and join the other to it.")
        return [Missing("structure", words % {"name": source})]
    return _coops_in_the_way(source, target)


def _locked(model: type[Any], *keys: int) -> dict[int, Any]:
    """Both rows under a full lock: nobody hangs anything on them meanwhile."""
    rows = model.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


def _choose(source: Any, target: Any, take: frozenset[str]) -> list[str]:
    """Give the target the values that are kept of the source; the columns that changed."""
    groups = groups_of(type(target))
    if stray := take - set(groups):
        raise TypeError(f"{sorted(stray)} can't be chosen")
    changed = []
    for name in sorted(take):
        for column in groups[name]:
            value = getattr(source, column)
            if getattr(target, column) != value:
                setattr(target, column, value)
                changed.append(column)
    return changed


def _latest_word(source: Contact, target: Contact) -> None:
    days = [d for d in (source.last_contact_on, target.last_contact_on) if d is not None]
    target.last_contact_on = max(days, default=None)


def _keep_coop(source: Organisation, target: Organisation, act: dict[str, Any]) -> dict[str, Any]:
    """The coop of the source was never accompanied: what hangs on it goes to the target's."""
    ours, theirs = _coop_of(source), _coop_of(target)
    if ours is None or theirs is None:
        return {}
    for field in Coop._meta.concrete_fields:
        # A coop that opened elsewhere may have been its mother.
        if field.name in ("id", "organisation", "mother"):
            continue
        if not getattr(theirs, field.attname) and getattr(ours, field.attname):
            setattr(theirs, field.attname, getattr(ours, field.attname))
    if theirs.mother_id == ours.pk:
        theirs.mother = None
    theirs.save()
    return {"coop": dict(joining.reattach(ours, theirs, **act))}


def _retire(source: Any, target: Any, taken: list[str], on: date) -> None:
    """The source points to its target for ever, leaves the lists, gives up a unique identifier."""
    source.duplicate_of = target
    source.archived_on = source.archived_on or on
    if "siret" in taken:
        source.siret = ""
    source.save()


@transaction.atomic
def _join(
    source: Any, target: Any, *, take: frozenset[str], by: User, on: date, at: datetime
) -> Any:
    if not by.has_perm("crm.join_duplicates"):
        raise PermissionDenied("crm.join_duplicates")
    model = type(source)
    rows = _locked(model, source.pk, target.pk)
    source, target = rows[source.pk], rows[target.pk]
    if bars := troubles(source, target, by=by, on=on):
        raise Refused(bars)
    act: dict[str, Any] = {"by": by, "on": on, "at": at}
    taken = _choose(source, target, take)
    if isinstance(target, Contact):
        _latest_word(source, target)
    _retire(source, target, taken, on)
    if isinstance(target, Organisation):
        normalise(target)
    judge(target)
    target.save()
    codes: dict[str, Any] = {"into": target.pk, "taken": taken}
    if isinstance(target, Organisation):
        codes |= _keep_coop(source, target, act)
    codes |= joining.reattach(source, target, **act)
    record(source, "join", by=by, on=on, at=at, codes=codes)
    record(target, "receive", by=by, on=on, at=at, codes={"from": source.pk})
    return target


def join_organisations(
    source: Organisation,
    *,
    into: Organisation,
    take: frozenset[str] = frozenset(),
    by: User,
    on: date,
    at: datetime,
) -> Organisation:
    """Join an organisation to the one it duplicates; everything follows, nothing is deleted.

    `take` names the values that are kept of the source (`groups_of`). Issued documents keep their
    copied party. Raises Refused, PermissionDenied.
    """
    done: Organisation = _join(source, into, take=take, by=by, on=on, at=at)
    return done


def join_contacts(
    source: Contact,
    *,
    into: Contact,
    take: frozenset[str] = frozenset(),
    by: User,
    on: date,
    at: datetime,
) -> Contact:
    """Join a person written down twice; roles and notes follow.

    Raises Refused, PermissionDenied.
    """
    done: Contact = _join(source, into, take=take, by=by, on=on, at=at)
    return done


def say_distinct(first: Any, second: Any, *, by: User, on: date, at: datetime) -> Distinct:
    """Say that two rows that look alike are two; they are not proposed again."""
    if not by.has_perm("crm.join_duplicates"):
        raise PermissionDenied("crm.join_duplicates")
    if type(first) is not type(second) or first.pk == second.pk:
        refuse("second", _("A row can't be joined to itself."))
    contact = isinstance(first, Contact)
    kind = Distinct.Kind.CONTACT if contact else Distinct.Kind.ORGANISATION
    low, high = sorted((first.pk, second.pk))
    with transaction.atomic():
        row, made = Distinct.objects.get_or_create(
            kind=kind, first=low, second=high, defaults={"by": by, "on": on}
        )
        if made:
            record(first, "say_distinct", by=by, on=on, at=at, codes={"other": second.pk})
    return row
