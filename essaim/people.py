"""Verbs about the people who sign in: invite, give roles, deactivate, let back in."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.formats import called
from essaim.handing import hand_over, still_held
from essaim.models import FeedToken, OutboxMessage, User
from essaim.roles import Role
from essaim.tongue import OFFICE, known, speaking_to
from essaim.workflow import Missing, Refused, record


def _flags(roles: Collection[str]) -> dict[str, Any]:
    unknown = set(roles) - set(Role.values)
    if unknown:
        raise Refused([Missing("roles", _("Unknown role."))])
    return {f"is_{role}": role in roles for role in Role.values}


def _keep_an_administrator(user: User) -> None:
    # Locked, or two administrators could each take the other's role at once.
    all_of_them = User.objects.active().filter(is_administrator=True).select_for_update()
    others = {one.pk for one in all_of_them.order_by("pk")} - {user.pk}
    if user.is_administrator and user.is_active and not others:
        raise Refused([Missing("roles", _("The last administrator stays administrator."))])


def end_sessions(user: User) -> int:
    """End every session of a person: an account opened again asks to sign in again."""
    theirs = [
        row.pk
        for row in Session.objects.iterator()
        if str(row.get_decoded().get(SESSION_KEY, "")) == str(user.pk)
    ]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


@transaction.atomic
def invite(
    *,
    email: str,
    name: str,
    roles: Collection[str],
    link: Callable[[User], str],
    language: str = OFFICE,
    by: User,
    on: date,
    at: datetime,
) -> User:
    """Create a person without a password and put the invitation in the outbox, in `language`.

    `link` gives the address of the page where they choose their first password. Refuses an
    address already known.
    """
    address = email.strip().lower()
    if User.objects.filter(email__iexact=address).exists():
        raise Refused([Missing("email", _("This person is already known here."))])
    facts = {"name": name.strip(), "joined_on": on, "language": known(language)}
    user = User.objects.create_user(address, None, **facts, **_flags(roles))
    with speaking_to(user):
        subject = _("You are invited to Essaim")
        body = _(
            "Hello %(name)s,\n\n%(by)s opened an account for you. Choose your password here:\n"
            "%(link)s\n\nEssaim"
        )
    said = {"name": called(user.name), "by": by.name, "link": link(user)}
    OutboxMessage.objects.create(
        key=f"invitation:{user.pk}", to=address, subject=subject, body=body % said, created_at=at
    )
    record(user, "invite", by=by, on=on, at=at, codes={"roles": sorted(roles)})
    return user


@transaction.atomic
def set_roles(
    *, user: User, name: str, roles: Collection[str], by: User, on: date, at: datetime
) -> User:
    """Give a person exactly these roles; refuses to lose the last administrator."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if Role.ADMINISTRATOR not in roles:
        _keep_an_administrator(user)
    for flag, value in _flags(roles).items():
        setattr(user, flag, value)
    user.name = name.strip() or user.name
    user.save()
    record(user, "set_roles", by=by, on=on, at=at, codes={"roles": sorted(roles)})
    return user


@transaction.atomic
def deactivate(*, user: User, by: User, on: date, at: datetime) -> User:
    """Close a person's account and end their sessions; what they did stays theirs.

    Raises Refused while they hold something that somebody else should go on with.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.pk == by.pk:
        raise Refused([Missing("user", _("Nobody closes their own account."))])
    _keep_an_administrator(user)
    if held := still_held(user):
        raise Refused(held)
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user)
    # Their private agenda stays closed even if the account is opened again.
    FeedToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
    record(user, "deactivate", by=by, on=on, at=at)
    return user


@transaction.atomic
def leave(
    *, user: User, to: Mapping[str, User], close: bool, by: User, on: date, at: datetime
) -> dict[str, int]:
    """Hand over what a colleague holds and, if asked, close their account: all or nothing.

    Raises Refused, PermissionDenied.
    """
    done = hand_over(user=user, to=to, by=by, on=on, at=at) if to or not close else {}
    if close:
        if not by.has_perm("essaim.manage_users"):
            raise PermissionDenied("essaim.manage_users")
        deactivate(user=user, by=by, on=on, at=at)
    return done


def rehearse_leaving(**asked: Any) -> None:
    """Hand over as `leave` would, then take it all back: a preview meets the same refusals."""
    with transaction.atomic():
        leave(**asked)
        transaction.set_rollback(True)


@transaction.atomic
def reactivate(*, user: User, by: User, on: date, at: datetime) -> User:
    """Open a closed account again, with the roles it had."""
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(user, "reactivate", by=by, on=on, at=at)
    return user
