"""The family of a coop as one person may see it: who founded whom, where each stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from crm import rules_family
from crm.actions.family import mothers
from crm.models import Accompaniment, Coop, MemberCount
from crm.rules_family import Branch
from essaim.models import User


@dataclass(frozen=True, slots=True)
class Member:
    """One coop of the tree. Out of one's scope it has no name; an open shop has no page."""

    key: int
    name: str = ""
    url: str = ""
    stage: str = ""
    activity: str = ""
    count: Any = None
    is_here: bool = False
    daughters: "Sequence[Member]" = ()


@dataclass(frozen=True, slots=True)
class Relatives:
    """Those next to a coop."""

    mother: Member | None
    sisters: Sequence[Member]
    daughters: Sequence[Member]

    def __bool__(self) -> bool:
        return bool(self.mother or self.sisters or self.daughters)


def _current(coop: Coop) -> Accompaniment | None:
    rows = list(coop.accompaniments.all())
    return next((a for a in rows if a.is_live), rows[0] if rows else None)


def _members(keys: Sequence[int], user: User, here: int) -> dict[int, Member]:
    """What may be told of each coop, in four queries whatever their number."""
    newest = Accompaniment.objects.order_by("-pk")
    rows = (
        Coop.objects.filter(pk__in=keys)
        .select_related("organisation")
        .prefetch_related(Prefetch("accompaniments", newest))
    )
    seen = set(Coop.objects.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    counts: dict[int, MemberCount] = {}
    for count in MemberCount.objects.filter(coop__in=seen).order_by("as_of", "pk"):
        counts[count.coop_id] = count
    out = {}
    for coop in rows:
        held = _current(coop)
        if coop.pk in seen and held is not None:
            out[coop.pk] = Member(
                coop.pk,
                str(coop),
                coop.get_absolute_url(),
                str(held.get_stage_display()),
                "" if held.activity == "active" else str(held.get_activity_display()),
                counts.get(coop.pk),
                coop.pk == here,
            )
        elif held is None:
            # An open shop of the network, which nobody accompanies: its name is public.
            out[coop.pk] = Member(coop.pk, str(coop), count=counts.get(coop.pk))
    return out


def _ordered(keys: Sequence[int]) -> list[int]:
    rows = Coop.objects.filter(pk__in=keys).order_by("organisation__sort_key", "pk")
    return list(rows.values_list("pk", flat=True))


def _grown(branch: Branch, told: dict[int, Member]) -> Member | None:
    """The tree without what leads to nothing one may see."""
    daughters = [d for b in branch.daughters if (d := _grown(b, told)) is not None]
    own = told.get(branch.coop)
    if own is None and not daughters:
        return None
    if own is None:
        return Member(branch.coop, daughters=daughters)
    return Member(
        own.key, own.name, own.url, own.stage, own.activity, own.count, own.is_here, daughters
    )


def family(coop: Coop, user: User) -> Member | None:
    """The whole tree that a coop is part of; six queries."""
    links = mothers()
    keys = [b.coop for b in rules_family.family_of(links, coop.pk).walk()]
    tree = rules_family.family_of(links, coop.pk, _ordered(keys))
    return _grown(tree, _members(keys, user, coop.pk))


def relatives(coop: Coop, user: User) -> Relatives:
    """The mother, sisters and daughters of a coop; one query for a coop that has none."""
    links = mothers()
    mother = links.get(coop.pk)
    sisters = [k for k, of in links.items() if mother is not None and of == mother and k != coop.pk]
    daughters = [k for k, of in links.items() if of == coop.pk]
    keys = [*([mother] if mother else []), *sisters, *daughters]
    if not keys:
        return Relatives(None, (), ())
    told = _members(keys, user, coop.pk)
    order = sorted(told, key=lambda key: told[key].name.casefold())
    return Relatives(
        told.get(mother, Member(mother)) if mother else None,
        [told[k] for k in order if k in sisters],
        [told[k] for k in order if k in daughters],
    )
