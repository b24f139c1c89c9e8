"""Monthly timesheets: the days of a person, of a coop, or of a person for a coop, to be signed."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db.models import DecimalField, F, Prefetch, Sum

from crm.models import Coop
from essaim.days import month_end, month_start
from essaim.models import User
from essaim.money import ZERO
from missions.models import DayBeneficiary, MissionDay, Timesheet

QUARTERS = Decimal("0.0001")
_PART = DecimalField(max_digits=12, decimal_places=4)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One day as the sheet prints it; `part` is what of it was for the coop of the sheet."""

    key: int
    on: date
    moment: str
    person: str
    work: str
    subject: str
    coops: str
    mission: str
    quantity: Decimal
    part: Decimal
    is_volunteer: bool


@dataclass(frozen=True, slots=True)
class PersonTime:
    """One person's month: days on the operation, and all that they worked (given, internal too)."""

    person: str
    operation: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class Sheet:
    month: date
    consultant: User | None
    coop: Coop | None
    rows: tuple[SheetRow, ...]
    people: tuple[PersonTime, ...]

    @property
    def days(self) -> Decimal:
        return sum((row.part for row in self.rows), ZERO)

    @property
    def fingerprint(self) -> str:
        """Of what is printed, so that a change after the signature shows."""
        told = [
            [r.key, r.on.isoformat(), r.moment, r.work, r.subject, str(r.part.normalize())]
            for r in self.rows
        ]
        people = [[p.person, str(p.total.normalize())] for p in self.people]
        return sha256(json.dumps([told, people], ensure_ascii=False).encode()).hexdigest()


def _days(month: date, consultant: User | None, coop: Coop | None) -> Any:
    rows = MissionDay.objects.real().filter(worked_on__range=(month, month_end(month)))
    if consultant is not None:
        rows = rows.filter(consultant=consultant)
    if coop is not None:
        rows = rows.filter(beneficiaries__coop=coop)
    return rows


def _row(day: MissionDay, coop: Coop | None) -> SheetRow:
    present = list(day.beneficiaries.all())
    part = day.quantity
    if coop is not None:
        mine = sum((b.fraction for b in present if b.coop_id == coop.pk), ZERO)
        part = (day.quantity * mine).quantize(QUARTERS)
    return SheetRow(
        key=day.pk,
        on=day.worked_on,
        moment=str(day.get_moment_display()),
        person=day.consultant.name,
        work=str(day.get_work_display()),
        subject=day.subject,
        coops=", ".join(str(b.coop) for b in present),
        mission=day.mission.title,
        quantity=day.quantity,
        part=part,
        is_volunteer=day.is_volunteer,
    )


def sheet_of(month: date, *, consultant: User | None = None, coop: Coop | None = None) -> Sheet:
    """The sheet of a month; four queries. The internal note is never read.

    Total time is all that each person worked that month: internal, given and volunteer-free time
    included, as funders that pay costs ask it.
    """
    month = month_start(month)
    present = DayBeneficiary.objects.select_related("coop__organisation").order_by("pk")
    days = list(
        _days(month, consultant, coop)
        .select_related("consultant", "mission")
        .prefetch_related(Prefetch("beneficiaries", present))
        .order_by("worked_on", "consultant__name", "pk")
    )
    rows = tuple(_row(day, coop) for day in days)
    people = _people(month, days, rows)
    return Sheet(month, consultant, coop, rows, people)


def _people(
    month: date, days: list[MissionDay], rows: tuple[SheetRow, ...]
) -> tuple[PersonTime, ...]:
    """Time on the operation and total time worked, per person; volunteer time is left out."""
    names = {day.consultant_id: day.consultant.name for day in days}
    on_it = dict.fromkeys(names, ZERO)
    for day, row in zip(days, rows, strict=True):
        if not day.is_volunteer:
            on_it[day.consultant_id] += row.part
    worked = MissionDay.objects.real().filter(
        worked_on__range=(month, month_end(month)), consultant__in=names, is_volunteer=False
    )
    totals = dict(worked.order_by().values_list("consultant").annotate(total=Sum("quantity")))
    return tuple(
        PersonTime(names[key], on_it[key], Decimal(totals.get(key) or 0).quantize(QUARTERS))
        for key in sorted(names, key=lambda k: names[k])
    )


def signed_of(month: date, **whose: Any) -> Timesheet | None:
    """The last signed copy of a month, of a person and/or a coop."""
    wanted = {"consultant": whose.get("consultant"), "coop": whose.get("coop")}
    rows = Timesheet.objects.filter(month=month_start(month), **wanted)
    return rows.select_related("document").order_by("-pk").first()


@dataclass(slots=True)
class SheetLine:
    """One sheet of a month in the list: whose, how many days, its signed copy."""

    consultant: User | None
    coop: Coop | None
    days: Decimal
    signed: Timesheet | None = None

    @property
    def has_changed(self) -> bool:
        """Whether days were added or changed since the copy was signed (judged by their sum)."""
        return self.signed is not None and self.signed.days != self.days


def month_sheets(month: date, user: Any) -> dict[str, list[SheetLine]]:
    """The sheets of a month this person may see, and their signed copies; five queries.

    `people`: each person's month. `coops`: each person's days for one coop. `whole`: each coop's.
    """
    month = month_start(month)
    days = MissionDay.objects.visible_to(user).real()
    days = days.filter(worked_on__range=(month, month_end(month)))
    worked = days.order_by().values_list("consultant").annotate(total=Sum("quantity"))
    part = Sum(F("quantity") * F("beneficiaries__fraction"), output_field=_PART)
    split = days.filter(beneficiaries__isnull=False).order_by()
    by_both = list(split.values_list("consultant", "beneficiaries__coop").annotate(total=part))
    people = User.objects.in_bulk({key for key, _total in worked})
    seen = Coop.objects.visible_to(user).select_related("organisation")
    coops = seen.in_bulk({key for _p, key, _t in by_both})
    # A shared day also went to coops that its consultant does not follow: no sheet, no dead link.
    by_both = [row for row in by_both if row[1] in coops]
    signed: dict[tuple[int | None, int | None], Timesheet] = {}
    for row in Timesheet.objects.visible_to(user).filter(month=month).order_by("pk"):
        signed[row.consultant_id, row.coop_id] = row
    whole: dict[int, Decimal] = {}
    for _person, coop, total in by_both:
        whole[coop] = whole.get(coop, ZERO) + _quarters(total)

    def line(person: int | None, coop: int | None, total: Any) -> SheetLine:
        who = people[person] if person else None
        where = coops[coop] if coop else None
        return SheetLine(who, where, _quarters(total), signed.get((person, coop)))

    def named(lines: list[SheetLine]) -> list[SheetLine]:
        return sorted(lines, key=lambda one: (str(one.coop or ""), str(one.consultant or "")))

    return {
        "people": named([line(person, None, total) for person, total in worked]),
        "coops": named([line(person, coop, total) for person, coop, total in by_both]),
        "whole": named([line(None, coop, total) for coop, total in whole.items()])
        if user.sees_everything
        else [],
    }


def _quarters(value: Any) -> Decimal:
    return Decimal(value or 0).quantize(QUARTERS)
