"""The verb on attendance: how many came, and the sheet they signed."""

from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.roles import Role
from essaim.workflow import record
from essaim.writing import refuse
from missions.actions.kept_files import keep_file
from missions.models import Attendance, MissionDay


def record_attendance(
    day: MissionDay,
    *,
    participants: int,
    by: User,
    on: date,
    at: datetime,
    file: "File[Any] | None" = None,
) -> Attendance:
    """Keep how many took part in a day and the sheet they signed, also once it was invoiced.

    A later record corrects an earlier one, whose signed sheet goes on counting when no other is
    sent. Raises Refused on somebody else's day, nobody present, a day that never was.
    """
    office = by.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)
    if not office and day.consultant_id != by.pk:
        refuse("day", _("You may record the attendance of your own days only."))
    if day.state in (MissionDay.State.PROPOSED, MissionDay.State.DECLINED):
        refuse("day", _("This day is only proposed: it is confirmed first."))
    if not 1 <= participants <= 2000:
        refuse("participants", _("Between 1 and 2,000 people took part."))
    with transaction.atomic():
        kept = keep_file(file, "file", by=by, at=at) if file is not None else None
        row = Attendance.objects.create(
            day=day, participants=participants, document=kept, by=by, at=at
        )
        codes = {"participants": participants, "signed": kept is not None}
        record(row, "record", by=by, on=on, at=at, codes=codes)
    return row
