"""Many past days at once, by the doors of one: logged, sent and validated as never billable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.bulk import insert_rows
from essaim.models import User
from essaim.workflow import perform_many, record_many
from essaim.writing import refuse
from missions.actions.validation import validate_many
from missions.codes import Moment, Nature, Work
from missions.models import DayBeneficiary, DayPart, Mission, MissionDay

NATURES = (Nature.ELSEWHERE, Nature.GIVEN, Nature.VOLUNTEER)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDay:
    """A day worked before we came, as a file says it; never billable here."""

    consultant: User
    mission: Mission
    worked_on: date
    quantity: Decimal
    nature: str = Nature.ELSEWHERE
    moment: str = Moment.FULL_DAY
    work: str = Work.ON_SITE
    subject: str = ""
    internal_note: str = ""
    km: int | None = None
    participants: int | None = None


def bring_days(days: Sequence[PastDay], *, by: User, on: date, at: datetime) -> list[MissionDay]:
    """Keep past days as they were and validate them; their dates, quantities and totals were
    judged before. Raises Refused: on a nature that could be billed, and as validating does.
    """
    if any(day.nature not in NATURES for day in days):
        refuse("nature", _("A past day is billed elsewhere, given or volunteer."))
    rows = [_row(day, at) for day in days]
    with transaction.atomic():
        insert_rows(rows)
        record_many(rows, "log", by=by, on=on, at=at)
        insert_rows(
            [
                DayBeneficiary(day=row, coop_id=row.mission.coop_id, weight=1, fraction=1)
                for row in rows
                if row.mission.coop_id is not None
            ]
        )
        why = _("Taken over from a file")
        insert_rows(
            [
                DayPart(day=row, quantity=row.quantity, nature=day.nature, why=why)
                for row, day in zip(rows, days, strict=True)
                if day.nature != Nature.VOLUNTEER
            ]
        )
        keys = [row.pk for row in rows]
        perform_many(MissionDay.objects.filter(pk__in=keys), "submit", by=by, on=on, at=at)
        validate_many(rows, by=by, on=on, at=at)
    return rows


def _row(day: PastDay, at: datetime) -> MissionDay:
    return MissionDay(
        consultant=day.consultant,
        mission=day.mission,
        worked_on=day.worked_on,
        moment=day.moment,
        quantity=day.quantity,
        work=day.work,
        subject=day.subject,
        internal_note=day.internal_note,
        km=day.km,
        participants=day.participants,
        is_volunteer=day.nature == Nature.VOLUNTEER,
        logged_at=at,
    )
