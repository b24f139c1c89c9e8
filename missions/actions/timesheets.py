"""The verb on timesheets: keep the signed copy of a month."""

from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop
from essaim.days import month_start
from essaim.models import User
from essaim.roles import Role
from essaim.workflow import record
from essaim.writing import refuse
from missions.actions.kept_files import keep_file
from missions.models import Timesheet
from missions.timesheets import sheet_of


def sign_timesheet(
    *,
    month: date,
    file: "File[Any]",
    consultant: User | None = None,
    coop: Coop | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Timesheet:
    """Keep the signed copy of a month, of a person and/or a coop; an earlier copy stays readable.

    Raises Refused on an empty or unfinished month, on somebody else's sheet.
    """
    month = month_start(month)
    office = by.has_role(Role.COORDINATOR, Role.ADMINISTRATOR)
    if not office and (consultant is None or consultant.pk != by.pk):
        refuse("consultant", _("You may upload your own timesheets only."))
    if month > month_start(on):
        refuse("month", _("This month has not begun."))
    sheet = sheet_of(month, consultant=consultant, coop=coop)
    if not sheet.rows:
        refuse("month", _("No day was noted in this month: there is nothing to sign."))
    with transaction.atomic():
        row = Timesheet.objects.create(
            month=month,
            consultant=consultant,
            coop=coop,
            document=keep_file(file, "file", by=by, at=at),
            days=sheet.days,
            fingerprint=sheet.fingerprint,
            uploaded_by=by,
            uploaded_at=at,
        )
        codes = {"month": month.isoformat(), "coop": coop.pk if coop else None}
        record(row, "upload", by=by, on=on, at=at, codes=codes)
    return row
