"""Verbs about one's own account: its name, its language, its mails, its shortcuts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.mails import KINDS
from essaim.models import User
from essaim.tongue import TONGUES
from essaim.workflow import Missing, Refused, record


@transaction.atomic
def _change(by: User, verb: str, *, on: date, at: datetime, **values: Any) -> User:
    """Write these columns of one's own row alone; nothing is noted when nothing changes."""
    user = User.objects.select_for_update().get(pk=by.pk)
    changed = sorted(name for name, value in values.items() if getattr(user, name) != value)
    for name in changed:
        setattr(user, name, values[name])
        setattr(by, name, values[name])
    if changed:
        user.save(update_fields=changed)
        record(user, verb, by=by, on=on, at=at, codes={"columns": changed})
    return user


def rename(*, name: str, by: User, on: date, at: datetime) -> User:
    """Change the name colleagues read. Refuses an empty one."""
    name = " ".join(name.split())
    if not name:
        raise Refused([Missing("name", _("Write a name: your colleagues read it."))])
    return _change(by, "rename", on=on, at=at, name=name)


def speak(*, language: str, by: User, on: date, at: datetime) -> User:
    """Choose the language of the screens and of one's own mails. Refuses an unknown one."""
    if language not in TONGUES:
        raise Refused([Missing("language", _("This language is not spoken here."))])
    return _change(by, "speak", on=on, at=at, language=language)


def set_shortcuts(*, is_on: bool, by: User, on: date, at: datetime) -> User:
    """Switch single-letter shortcuts on or off."""
    return _change(by, "set_shortcuts", on=on, at=at, shortcuts=is_on)


def choose_mails(*, paces: Mapping[str, str], by: User, on: date, at: datetime) -> User:
    """Choose when each kind of mail comes. Refuses a kind or a pace that does not exist."""
    offered = {(kind.code, pace.value) for kind in KINDS for pace in kind.paces}
    if not set(paces.items()) <= offered:
        raise Refused([Missing("mails", _("This choice is not proposed here."))])
    return _change(by, "choose_mails", on=on, at=at, mails={**by.mails, **paces})


@transaction.atomic
def end_session(*, session: UserSession, by: User, on: date, at: datetime) -> None:
    """End one of one's own sessions."""
    record(by, "end_session", by=by, on=on, at=at)
    session.end()
