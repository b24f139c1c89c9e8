"""The keys of the keyboard, in one list: a page that listens to more of them adds a group here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Key:
    """One gesture: keys pressed together, or `then` one after the other."""

    keys: Sequence[Any]
    label: Any
    then: bool = False
    # A single letter or sign, silent once shortcuts are off.
    letter: bool = False
    permission: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of one place."""

    label: Any
    keys: Sequence[Key]
    permission: str = ""


_CTRL = pgettext_lazy("key", "Ctrl")
_SHIFT = pgettext_lazy("key", "Shift")
_SPACE = pgettext_lazy("key", "Space")
_ENTER = pgettext_lazy("key", "Enter")
_ESCAPE = pgettext_lazy("key", "Esc")
_HOME, _END = pgettext_lazy("key", "Home"), pgettext_lazy("key", "End")

GROUPS: tuple[Group, ...] = (
    Group(
        _("Everywhere"),
        (
            Key(("J",), _("Log a day"), letter=True, permission="missions.log_day"),
            Key(("N",), _("Write a note"), letter=True, permission="crm.change_note"),
            Key(("/",), _("Search the list, or everything"), letter=True),
            Key((_CTRL, "K"), _("Search, or give a command")),
            Key((_CTRL, _ENTER), _("Save the form")),
            Key(("?",), _("This sheet"), letter=True),
            Key((_ESCAPE,), _("Close what is open")),
            Key(
                ("E",),
                _("On an invoice: encash it"),
                letter=True,
                permission="invoicing.record_payment",
            ),
        ),
    ),
    Group(
        _("Go to"),
        (
            Key(("G", "P"), _("Coops"), then=True, letter=True, permission="crm.view_coop"),
            Key(("G", "C"), _("Coops"), then=True, letter=True, permission="crm.view_coop"),
            Key(
                ("G", "J"), _("Days given"), then=True, letter=True, permission="missions.view_day"
            ),
            Key(
                ("G", "F"),
                _("Billing"),
                then=True,
                letter=True,
                permission="invoicing.view_to_bill",
            ),
        ),
    ),
    Group(
        _("In a list"),
        (
            Key(("↓", "↑"), _("From line to line")),
            Key((_HOME, _END), _("The first line, the last one")),
            Key((_ENTER,), _("Open the line")),
            Key((_SPACE,), _("Tick the line")),
            Key((_SHIFT, "↓"), _("Tick several lines")),
            Key(
                ("E",),
                _("Encash the invoice, or issue the draft"),
                letter=True,
                permission="invoicing.record_payment",
            ),
        ),
    ),
    Group(
        _("On the board"),
        (
            Key(("↓", "↑", "←", "→"), _("From card to card")),
            Key(("M",), _("Move the card: its menu opens")),
        ),
        permission="crm.view_coop",
    ),
    Group(
        _("In the week"),
        (
            Key(("↓", "↑", "←", "→"), _("From cell to cell")),
            Key((_HOME, _END), _("The first day, the last one")),
        ),
        permission="missions.log_day",
    ),
)


def keys_for(user: Any) -> list[tuple[Any, list[Key]]]:
    """The groups and keys that serve this person."""

    def may(permission: str) -> bool:
        return not permission or user.has_perm(permission)

    found = [
        (g.label, [k for k in g.keys if may(k.permission)]) for g in GROUPS if may(g.permission)
    ]
    return [(label, keys) for label, keys in found if keys]
