"""Handing over what a leaving colleague holds, so that nothing is left without anybody."""

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from essaim import hooks
from essaim.hooks import Held
from essaim.models import User
from essaim.moving import Missing, Refused
from essaim.workflow import record


def held_by(user: User) -> list[Held]:
    """Everything this person holds, in the order of the rooms."""
    return [held for hand_over in hooks.hand_overs.all() for held in hand_over.find(user)]


def still_held(user: User) -> list[Missing]:
    """What stands in the way of closing an account, each kind with its link."""
    text = _("%(what)s: %(count)s")
    return [
        Missing(held.code, text % {"what": held.label, "count": held.count}, held.url)
        for held in held_by(user)
    ]


def _unfit(held: Held, user: User, to: User) -> Missing | None:
    if to.pk == user.pk or not to.is_active:
        words = _("%(what)s: choose an open account, of somebody else.")
        return Missing(held.code, words % {"what": held.label})
    if held.permission and not to.has_perm(held.permission):
        words = _("%(what)s: %(name)s does not have the role for it.")
        return Missing(held.code, words % {"what": held.label, "name": to})
    return None


@transaction.atomic
def hand_over(
    *, user: User, to: Mapping[str, User], by: User, on: date, at: datetime
) -> dict[str, int]:
    """Pass each kind on to who is named for it, all or nothing; answers how many of each.

    What was signed, validated or issued keeps its name. Kinds left out stay with the person.
    Raises Refused, PermissionDenied.
    """
    if not by.has_perm("essaim.hand_over"):
        raise PermissionDenied("essaim.hand_over")
    user = User.objects.select_for_update().get(pk=user.pk)
    found = {held.code: held for held in held_by(user)}
    asked = {code: person for code, person in to.items() if code in found}
    bars = [m for code, person in asked.items() if (m := _unfit(found[code], user, person))]
    if not asked:
        bars = [Missing("to", _("There is nothing to hand over: choose to whom."))]
    if bars:
        raise Refused(bars)
    done: dict[str, int] = {}
    for code, person in asked.items():
        for room in hooks.hand_overs.all():
            given = room.give(user, code, to=person, by=by, on=on, at=at)
            if given is not None:
                done[code] = done.get(code, 0) + given
    codes = {"given": done, "to": {code: person.pk for code, person in asked.items()}}
    record(user, "hand_over", by=by, on=on, at=at, codes=codes)
    return done
