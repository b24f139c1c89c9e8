"""Rows that may be one: read for a whole page, or for the one that is being written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Contact, Distinct, Organisation
from crm.rules_duplicates import Facts, Pair, Why, like, pairs
from essaim.identifiers import search_key
from essaim.models import User
from essaim.workflow import Missing

WORDS: dict[Why, Any] = {
    Why.SIRET: gettext_lazy("same SIRET"),
    Why.SIREN: gettext_lazy("same SIREN"),
    Why.EMAIL: gettext_lazy("same e-mail"),
    Why.PHONE: gettext_lazy("same phone"),
    Why.NAME: gettext_lazy("same name"),
    Why.ORDER: gettext_lazy("same words in another order"),
    Why.NEAR: gettext_lazy("names a letter or two apart"),
    Why.WITHIN: gettext_lazy("one name is within the other"),
}
KINDS: dict[str, type[Organisation] | type[Contact]] = {
    Distinct.Kind.ORGANISATION: Organisation,
    Distinct.Kind.CONTACT: Contact,
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two rows that may be one, and why in words."""

    first: Any
    second: Any
    why: str


def told(why: Iterable[Why]) -> str:
    return ", ".join(str(WORDS[one]) for one in why)


def _of_organisation(row: tuple[Any, ...]) -> Facts:
    key, legal, usual, email, phone, siren, siret = row
    name, other = search_key(legal), search_key(usual)
    return Facts(key, name, email, phone, siren, siret, other if other != name else "")


def _of_contact(row: tuple[Any, ...]) -> Facts:
    key, first, last, email, phone = row
    return Facts(key, search_key(f"{first} {last}"), email, phone)


_READ: dict[str, tuple[tuple[str, ...], Any]] = {
    Distinct.Kind.ORGANISATION: (
        ("pk", "legal_name", "usual_name", "email", "phone", "siren", "siret"),
        _of_organisation,
    ),
    Distinct.Kind.CONTACT: (("pk", "first_name", "last_name", "email", "phone"), _of_contact),
}


def _facts(kind: str, user: User) -> list[Facts]:
    columns, read = _READ[kind]
    rows: Any = KINDS[kind].objects.visible_to(user)
    return [read(row) for row in rows.current().order_by("pk").values_list(*columns)]


def proposals(kind: str, *, user: User, most: int = 100) -> list[Proposal]:
    """The rows of a kind that may be one and were not said to be two; three queries."""
    apart = Distinct.objects.filter(kind=kind).values_list("first", "second")
    found = pairs(_facts(kind, user), but=frozenset(apart), most=most)
    rows: dict[int, Any] = KINDS[kind].objects.in_bulk({k for p in found for k in _keys(p)})
    return [Proposal(rows[p.first], rows[p.second], told(p.why)) for p in found]


def _keys(pair: Pair) -> tuple[int, int]:
    return pair.first, pair.second


def alike(
    kind: str, fields: dict[str, Any], *, user: User, key: int = 0, most: int = 5
) -> Sequence[tuple[Any, str]]:
    """Rows this person sees that may be the one these fields describe, each with why."""
    columns, read = _READ[kind]
    asked = read((key, *(str(fields.get(name) or "") for name in columns[1:])))
    found = like(asked, _facts(kind, user), most=most)
    rows: dict[int, Any] = KINDS[kind].objects.in_bulk([k for k, _why in found])
    return [(rows[k], told(why)) for k, why in found]


def asked_about(found: Sequence[tuple[Any, str]]) -> list[Missing]:
    """What a person is asked before they write down somebody who may be known already."""
    if not found:
        return []
    words = _("It may be known already: open what is listed, or say why this is another one.")
    return [Missing("duplicate", words, level="warn")]
