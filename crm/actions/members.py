"""Verbs on the counts of a coop's members: noted with their source, corrected in the open."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.actions.kit import settle_code
from crm.guards import RECENT_COUNT
from crm.models import Coop, MemberCount
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import record
from essaim.writing import judge, refuse

# Past this a figure was mistyped; PostgreSQL holds 2,147,483,647 and SQLite more.
MOST = 1_000_000


def _judge_count(row: MemberCount, *, on: date) -> None:
    if row.as_of > on:
        refuse("as_of", _("The date can't be in the future."))
    if row.registered > MOST:
        refuse("registered", _("No coop has that many members: check the number."))
    if row.active is not None and row.active > row.registered:
        refuse("active", _("Active members can't outnumber registered ones."))
    others = MemberCount.objects.filter(coop=row.coop, as_of=row.as_of)
    same = others.filter(source__iexact=row.source)
    if row.replaces_id is not None:
        same = same.exclude(pk=row.replaces_id)
    if same.exists():
        said = {"date": date_fr(row.as_of), "source": row.source}
        text = _(
            "A count of %(date)s from “%(source)s” is already noted: correct that one,"
            " or name another source."
        )
        refuse("source", text % said)
    judge(row)


def _kept(row: MemberCount, verb: str, *, by: User, on: date, at: datetime) -> MemberCount:
    row.save()
    codes = {
        "registered": row.registered,
        "active": row.active,
        "as_of": row.as_of.isoformat(),
        **({"replaces": row.replaces_id} if row.replaces_id else {}),
    }
    record(row.coop, verb, by=by, on=on, at=at, codes=codes)
    if row.coop.current is not None:
        settle_code(row.coop.current, RECENT_COUNT, settled_on=row.as_of, by=by, on=on, at=at)
    return row


def count_members(
    coop: Coop,
    *,
    as_of: date,
    registered: int,
    active: int | None = None,
    source: str,
    by: User,
    on: date,
    at: datetime,
) -> MemberCount:
    """Note how many members a coop counted, registered and active. Raises Refused."""
    own(coop, by)
    writable(coop)
    with transaction.atomic():
        row = MemberCount(
            coop=coop,
            as_of=as_of,
            registered=registered,
            active=active,
            source=source.strip(),
            noted_by=by,
        )
        # Two clicks at once are told one after the other.
        Coop.objects.select_for_update(of=("self",), no_key=True).get(pk=coop.pk)
        _judge_count(row, on=on)
        return _kept(row, "count_members", by=by, on=on, at=at)


def correct_count(
    count: MemberCount,
    *,
    as_of: date,
    registered: int,
    active: int | None = None,
    source: str,
    why: str,
    by: User,
    on: date,
    at: datetime,
) -> MemberCount:
    """Put a right count in the place of a wrong one, which stays readable. Raises Refused."""
    own(count.coop, by)
    writable(count.coop)
    if not why.strip():
        refuse("why", _("Say what was wrong in a few words."))
    with transaction.atomic():
        held = MemberCount.history.select_for_update(of=("self",), no_key=True).get(pk=count.pk)
        if held.replaced_on is not None:
            refuse("count", _("This count is corrected already: correct the one in its place."))
        row = MemberCount(
            coop=held.coop,
            as_of=as_of,
            registered=registered,
            active=active,
            source=source.strip(),
            replaces=held,
            why=why.strip()[:200],
            noted_by=by,
        )
        told = (held.as_of, held.registered, held.active, held.source)
        if told == (row.as_of, row.registered, row.active, row.source):
            refuse("registered", _("Nothing differs from the count noted."))
        held.replaced_on = on
        held.save(update_fields=["replaced_on"])
        _judge_count(row, on=on)
        return _kept(row, "correct_count", by=by, on=on, at=at)
