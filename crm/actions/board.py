"""A card of the board moved: the ordinary move, unless somebody moved the coop meanwhile."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.actions.common import own
from crm.actions.moves import go_back, move_on
from crm.models import Accompaniment, Move
from crm.stages import RANK
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import Missing, Refused


def carry(
    accompaniment: Accompaniment,
    *,
    seen: str,
    to: str,
    by: User,
    on: date,
    at: datetime,
    **data: Any,
) -> Accompaniment:
    """Take a coop from the stage where the person saw it to another, ahead or behind.

    Raises Refused with code `moved` when it stands elsewhere by now, and all that a move refuses.
    """
    own(accompaniment, by)
    with transaction.atomic():
        held = Accompaniment.objects.select_for_update(of=("self",), no_key=True)
        now = held.get(pk=accompaniment.pk)
        if now.stage != seen:
            raise Refused([moved_meanwhile(now)])
        verb = go_back if RANK.get(to, 0) < RANK[now.stage] else move_on
        return verb(accompaniment, to=to, by=by, on=on, at=at, **data)


def moved_meanwhile(now: Accompaniment) -> Missing:
    """Who took the coop where it stands by now, and when."""
    last = Move.objects.filter(accompaniment=now).select_related("by").order_by("-pk").first()
    stage, page = now.get_stage_display(), now.get_absolute_url()
    if last is None:
        return Missing("moved", _("It stands at “%(stage)s” by now.") % {"stage": stage}, page)
    at = timezone.localtime(last.at)
    words = _("%(who)s moved it to “%(stage)s” on %(date)s at %(time)s.")
    said = {"who": last.by, "stage": stage, "date": date_fr(at.date()), "time": f"{at:%H:%M}"}
    return Missing("moved", words % said, page)
