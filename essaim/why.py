"""Why a step is barred: what is missing for it, or whose role it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.roles import TABLE, Role
from essaim.workflow import Missing, edges, missing

# Names told of those who hold a role: enough to know whom to ask.
NAMES = 4


@dataclass(frozen=True, slots=True)
class Way:
    """A step drawn as a button: a link, or barred with what stands in its way."""

    name: str
    label: Any
    url: str
    icon: str = ""
    barred: Sequence[Missing] = ()
    key: str = ""


def reserved(permission: str) -> Missing:
    """Whose role a step takes, and who holds it; one query."""
    codes = TABLE.get(permission)
    if codes is None:
        return Missing("role", _("Your roles do not include this step."))
    roles = [role for role in Role if role.value in codes]
    holds = Q()
    for role in roles:
        holds |= Q(**{f"is_{role.value}": True})
    people = [str(one) for one in User.objects.active().filter(holds)[: NAMES + 1]]
    words = {
        "roles": ", ".join(str(role.label).lower() for role in roles),
        "people": ", ".join(people[:NAMES]) + (", …" if len(people) > NAMES else ""),
    }
    if not people:
        text = _("Only for: %(roles)s. Nobody holds this role: an administrator may give it.")
        return Missing("role", text % words)
    return Missing("role", _("Only for: %(roles)s. Ask %(people)s.") % words)


def bars(
    obj: Any, edge: str, *, user: User, on: date, url: str = "", data: Any = None
) -> list[Missing]:
    """What bars a move for this person now, leaving out what its own form asks for.

    `url` is the page of the move, whose form may hold the answer to a guard.
    """
    typed = () if data is not None else _typed(url, edge)
    found = missing(obj, edge, by=user, on=on, data=data)
    return [m for m in found if m.level == "bar" and m.code not in typed]


def _typed(url: str, edge: str) -> Sequence[str]:
    """The fields of the form that the page of a move shows."""
    try:
        view = getattr(resolve(url).func, "view_class", None)
    except Resolver404:
        return ()
    form = getattr(view, "forms", {}).get(edge)
    return tuple(form.base_fields) if form is not None else ()


def ways(obj: Any, wanted: Sequence[tuple[str, str]], *, user: User, on: date | None) -> list[Way]:
    """The moves of an object as buttons, in this order: `wanted` is (edge, address of its page).

    One that lacks something is barred with the list. Of those this person's role does not open,
    only the first is told: it is the next step, and somebody else's. Without `on` nothing is
    judged, as in a list.
    """
    open_now = {edge.name: edge for edge in edges(obj, user)}
    found: list[Way] = []
    others: list[Way] = []
    for name, url in wanted:
        edge = open_now.get(name)
        if edge is None:
            continue
        if edge.allowed:
            barred = bars(obj, name, user=user, on=on, url=url) if on else []
            found.append(Way(name, edge.label, url, barred=barred))
        elif on and not others:
            others.append(Way(name, edge.label, url, barred=[reserved(edge.permission)]))
    # A step of somebody else's is told when nothing is left to do here.
    return found or others
