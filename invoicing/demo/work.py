"""The work: agreements signed, days logged week by week, validated, arbitrated."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from essaim.workflow import Refused
from invoicing.demo.stage import Stage, data
from missions import actions as missions
from missions.models import Mission, MissionDay


def plan(stage: Stage) -> None:
    """Plan every agreement and every day of the story."""
    texts = data("work")
    stage.later(-319, partial(_envelope, stage, texts["envelope"]))
    stage.later(-319, partial(_internal, stage))
    for row in texts["agreements"]:
        stage.later(row["signed"], partial(_agreement, stage, row))
    for row in texts["days"]:
        for index in range(row["count"]):
            stage.later(row["from"] + index * row["every"], partial(_day, stage, row, index))
    for offset in range(-315, -6, 7):
        stage.later(offset, partial(_week, stage, offset))
    stage.later(-1, partial(_send, stage, ("louis", "jeanne"), -1))


def _envelope(stage: Stage, row: dict[str, Any]) -> None:
    on = stage.on(-319)
    stage.things["envelope:region"] = missions.create_envelope(
        payer=stage.organisations[row["payer"]],
        reference=row["reference"],
        starts_on=on.replace(month=1, day=1),
        ends_on=stage.today.replace(month=12, day=31),
        quota_days=Decimal(row["quota_days"]),
        quota_coops=row["quota_coops"],
        value_per_day=Decimal(row["value_per_day"]),
        departments=row["departments"],
        report_due_on=stage.on(21),
        **stage.act("basile", on),
    )


def _internal(stage: Stage) -> None:
    consultants = [stage.users[k] for k in ("ada", "louis", "jeanne")]
    stage.things["mission:internal"] = missions.open_internal(
        title="Vie de la structure", team=consultants, **stage.act("basile", stage.on(-319))
    )


def _agreement(stage: Stage, row: dict[str, Any]) -> None:
    """An agreement, its payers, its signature, its mission."""
    act = stage.act("basile", stage.on(row["signed"]))
    values = {name: row[name] for name in ("title", "reference")}
    values["kind"] = row.get("kind", "by_day")
    if "works" in row:
        values["billable_works"] = row["works"]
    if "km_rate" in row:
        values["km_rate"] = Decimal(row["km_rate"])
    if "key_of" in row:
        values["collective_key"] = row["key_of"]
    agreement = missions.create_agreement(
        client=stage.organisations[row["client"]],
        coop=stage.coops[row["coop"]] if row["coop"] else None,
        starts_on=act["on"],
        daily_rate=Decimal(row.get("rate", "0")),
        days_budgeted=Decimal(row["days"]) if "days" in row else None,
        analytic_code="ACCOMPAGNEMENT" if row["coop"] else "ATELIERS",
        payment_days=row.get("payment_days", 45 if row.get("rate") else 30),
        **values,
        **act,
    )
    if row["shares"]:
        missions.set_shares(agreement, [_share(stage, s) for s in row["shares"]], **act)
    missions.sign_agreement(agreement, **act)
    missions.start_agreement(agreement, **act)
    stage.things[f"agreement:{row['key']}"] = agreement
    owner = stage.accompaniment(row["coop"]).owner if row["coop"] else stage.users["ada"]
    stage.things[f"mission:{row['key']}"] = missions.open_mission(
        agreement, title=row.get("mission", row["title"]), team=[owner], **act
    )


def _share(stage: Stage, row: dict[str, Any]) -> missions.ShareLine:
    caps: dict[str, Any] = {
        k: Decimal(row[k]) for k in ("cap_per_day", "cap_eur", "cap_days") if k in row
    }
    return missions.ShareLine(
        payer=stage.organisations[row["payer"]],
        percent=Decimal(row["percent"]),
        basis=row.get("basis", "order"),
        priority=row["priority"],
        takes_remainder=row.get("takes_remainder", False),
        envelope=stage.things["envelope:region"] if "envelope" in row else None,
        **caps,
    )


def mission_of(stage: Stage, on: str) -> Mission:
    """The mission a day of the story is logged on."""
    if on.startswith("start:"):
        coop = stage.coops[on.removeprefix("start:")]
        return Mission.objects.get(kind=Mission.Kind.START_UP, coop=coop)
    mission: Mission = stage.things[f"mission:{on}"]
    return mission


def _day(stage: Stage, row: dict[str, Any], index: int) -> None:
    """A day, written the evening it was worked; two at most meet on a date."""
    mission = mission_of(stage, row["on"])
    worked = max(stage.work_on(row["from"] + index * row["every"]), mission.opened_on)
    subjects = row["subjects"]
    values: dict[str, Any] = {
        "mission": mission,
        "moment": row["moment"],
        "work": row["work"],
        "subject": subjects[index % len(subjects)],
        "beneficiaries": [stage.coops[key] for key in row.get("coops", ())],
        "participants": row.get("participants"),
        "is_volunteer": row.get("volunteer", False),
    }
    colleague = row.get("pair", {}).get(str(index))
    if colleague:
        values["pair"] = stage.users[colleague]
    act = partial(stage.act, row["who"], hour=18)
    worked = log_somewhere(worked, values, act)
    if colleague:
        pair = MissionDay.objects.get(consultant=stage.users[colleague], state="proposed")
        missions.confirm_day(pair, **stage.act(colleague, worked, 19))


def log_somewhere(
    worked: date, values: dict[str, Any], act: Callable[[date], dict[str, Any]]
) -> date:
    """Log a day; when its date is full already, it was the day before."""
    for _attempt in range(5):
        try:
            missions.log_day(worked_on=worked, **values, **act(worked))
        except Refused as refused:
            if {m.code for m in refused.missing} != {"quantity"}:
                raise
            worked -= timedelta(days=1)
        else:
            return worked
    raise RuntimeError(f"no room for {values['subject']}")


def _send(stage: Stage, people: Sequence[str], offset: int) -> None:
    """« Envoyer ma semaine »: what each of them noted so far."""
    on = stage.on(offset)
    for who in people:
        mine = MissionDay.objects.filter(consultant=stage.users[who], state="logged")
        missions.submit_days(list(mine.filter(worked_on__lte=on)), **stage.act(who, on, 8))


def _week(stage: Stage, offset: int) -> None:
    """The consultants send what they noted; the coordinator decides and validates."""
    _send(stage, ("ada", "louis", "jeanne"), offset)
    act = stage.act("basile", stage.on(offset), 9)
    for day in MissionDay.objects.filter(arbitration="pending", state="submitted"):
        missions.arbitrate(day, "offered", why="Un jour de plus, offert à la coop.", **act)
    waiting = list(MissionDay.objects.filter(state="submitted").order_by("worked_on", "pk"))
    if waiting:
        missions.validate_many(waiting, **act)
