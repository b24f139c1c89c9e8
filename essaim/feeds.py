"""Verbs of private agendas: make the address, read by it, take it back."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import FeedToken, User
from essaim.workflow import Missing, Refused, record

# A calendar asks every few minutes; one write an hour says enough.
READ_EVERY: Final = timedelta(hours=1)


def digest_of(token: str) -> str:
    """The fingerprint under which a token is kept."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


@transaction.atomic
def open_feed(
    *, by: User, on: date, at: datetime, only_mine: bool = False
) -> tuple[FeedToken, str]:
    """Give this person a new address and take the former one back; the token is told once."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    by.feed_tokens.filter(revoked_at=None).update(revoked_at=at)
    token = token_urlsafe(32)
    row = FeedToken.objects.create(
        user=by, digest=digest_of(token), only_mine=only_mine, created_at=at
    )
    record(row, "open", by=by, on=on, at=at, codes={"only_mine": only_mine})
    return row, token


@transaction.atomic
def close_feed(*, by: User, on: date, at: datetime) -> FeedToken:
    """Take one's own address back: whoever holds it is answered 404 from now on."""
    rows = FeedToken.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(user=by, revoked_at=None).first()
    if row is None:
        raise Refused([Missing("feed", _("Your agenda has no address: there is none to revoke."))])
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    record(row, "close", by=by, on=on, at=at)
    return row


def reader_of(token: str, *, at: datetime) -> FeedToken | None:
    """Whose agenda this token opens now; None once revoked, or when they left or hold no role."""
    rows = FeedToken.objects.select_related("user")
    row = rows.filter(digest=digest_of(token), revoked_at=None).first()
    if row is None or not row.user.role_codes:
        return None
    if row.last_read_at is None or at - row.last_read_at >= READ_EVERY:
        FeedToken.objects.filter(pk=row.pk).update(last_read_at=at)
    return row
