"""A report the Région was sent, a cost claim in the making, our own funding, a signed sheet."""

from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from crm import actions as crm
from essaim.days import add_months, month_end, month_start
from grants import actions as grants
from invoicing import actions, report_files
from invoicing.demo.stage import Stage
from invoicing.demo.work import log_somewhere
from invoicing.models import FunderReport
from missions import actions as missions
from missions.attendance_print import render_attendance, session_of
from missions.models import MissionDay

COSTS = {"ada": "42600", "louis": "39800", "jeanne": "41200"}
HELPED = ("ormeaux", "brouette")
# The words of the Région's own form, in its order.
COLUMNS = (
    ("beneficiary", "Projet accompagné"),
    ("commune", ""),
    ("insee", "Code INSEE"),
    ("epci", "EPCI"),
    ("legal_form", ""),
    ("stage_in", "Étape au début"),
    ("stage_out", "Étape à la fin"),
    ("setting", ""),
    ("theme", "Nature de l’appui"),
    ("dates", ""),
    ("consultant", "Intervenant"),
    ("days_on_site", ""),
    ("days_remote", ""),
    ("days_preparation", ""),
    ("days", "Total des jours"),
    ("total", "Coût total"),
    ("part", "Part Région"),
    ("others", ""),
    ("remainder", "Reste à charge"),
)


def plan(stage: Stage) -> None:
    """Plan the costs, the European operation, the attendance, the report and the claim."""
    stage.later(-318, partial(_costs, stage))
    stage.later(-210, partial(_operation, stage))
    for offset in _offsets(stage):
        stage.later(offset, partial(_help, stage, offset))
    stage.later(-70, partial(_attendance, stage))
    stage.later(-13, partial(_report, stage))
    stage.later(-5, partial(_claim, stage))


def _month(stage: Stage) -> date:
    return add_months(month_start(stage.today), -2)


def _offsets(stage: Stage) -> list[int]:
    """Two days of the month that is claimed, one a coop."""
    start = (_month(stage) - stage.today).days
    return [start + 8, start + 17]


def _costs(stage: Stage) -> None:
    act = stage.act("chloe", stage.on(-318))
    for who, cost in COSTS.items():
        missions.note_cost_rate(
            person=stage.users[who],
            since=date(act["on"].year, 1, 1),
            yearly_cost=Decimal(cost),
            yearly_hours=Decimal(1607),
            source="Livre de paie, charges comprises",
            **act,
        )


def _operation(stage: Stage) -> None:
    """Our structure asks for itself: salaries and a flat rate, two coops helped for free."""
    on = stage.on(-210)
    act = stage.act("basile", on)
    funder = crm.create_organisation(
        legal_name="Fonds social européen, autorité de gestion", kind="funder", **act
    )
    programme = grants.create_programme(
        funder=funder,
        name="FSE+ Appui aux initiatives citoyennes",
        pays="salary",
        flat_rate=Decimal(40),
        paid_expenses_only=True,
        checked_on=on,
        **act,
    )
    application = grants.create_application(
        programme=programme,
        title="Faire naître des coops dans les petites villes",
        requested=Decimal(24000),
        expenses_from=on,
        expenses_until=stage.on(150),
        report_due_on=stage.on(48),
        **act,
    )
    grants.move(application, "draft", **act)
    grants.move(application, "deposit", dated=on, **act)
    grants.award(application, dated=on, amount=Decimal(24000), **act)
    grants.agree(application, dated=on, amount=Decimal(24000), base=Decimal(24000), **act)
    grants.move(application, "start", **act)
    _awaited(stage, application, act)
    stage.things["application:own"] = application
    for key in HELPED:
        _offered(stage, key, application, act)


def _awaited(stage: Stage, application: Any, act: dict[str, Any]) -> None:
    for kind, amount, offset in (("instalment", "9000", 62), ("balance", "15000", 170)):
        grants.plan_disbursement(
            application,
            kind=kind,
            expected_amount=Decimal(amount),
            expected_on=stage.on(offset),
            **act,
        )


def _offered(stage: Stage, key: str, application: Any, act: dict[str, Any]) -> None:
    coop = stage.coops[key]
    agreement = missions.create_agreement(
        title=f"Appui européen, {coop}",
        kind="offered",
        client=coop.organisation,
        coop=coop,
        starts_on=act["on"],
        **act,
    )
    missions.sign_agreement(agreement, **act)
    missions.start_agreement(agreement, **act)
    actions.link_funding(agreement=agreement, application=application, **act)
    stage.things[f"mission:own:{key}"] = missions.open_mission(
        agreement, title=f"Appui européen, {coop}", team=[stage.users["ada"]], **act
    )


def _help(stage: Stage, offset: int) -> None:
    key = HELPED[_offsets(stage).index(offset)]
    values = {
        "mission": stage.things[f"mission:own:{key}"],
        "subject": "Faire le point avec le groupe",
        "beneficiaries": [],
    }
    log_somewhere(stage.work_on(offset), values, partial(stage.act, "ada", hour=18))


def _attendance(stage: Stage) -> None:
    """The last workshop: eighteen people signed."""
    day = MissionDay.objects.filter(work="collective").latest("worked_on", "pk")
    act = stage.act("ada", stage.on(-70))
    file = ContentFile(render_attendance(session_of(day), on=act["on"]), "presences.pdf")
    missions.record_attendance(day, participants=18, file=file, **act)


def _report(stage: Stage) -> None:
    """The Région is told its covered days in its own columns, once."""
    act = stage.act("basile", stage.on(-13))
    columns = [{"code": code, "label": label} for code, label in COLUMNS]
    actions.link_funding(
        envelope=stage.things["envelope:region"],
        programme=stage.things["programme:emploi"],
        **act,
    )
    model = actions.save_report_model(
        name="Région Grand Est, appui aux coops",
        columns=columns,
        layout="coop",
        programme=stage.things["programme:emploi"],
        **act,
    )
    report = actions.make_report(
        of=stage.things["envelope:region"],
        first=stage.things["envelope:region"].starts_on,
        last=month_end(_month(stage)),
        model=model,
        with_given=True,
        **act,
    )
    stage.things["report:region"] = actions.send_report(report, **act)


def _claim(stage: Stage) -> None:
    """The claim waits for the timesheets that are not signed yet."""
    month = _month(stage)
    stage.things["report:claim"] = actions.make_report(
        of=stage.things["application:own"],
        kind=FunderReport.Kind.COSTS,
        first=month,
        last=month_end(month),
        due_on=stage.on(20),
        **stage.act("chloe", stage.on(-5)),
    )


def tell(stage: Stage) -> str:
    """One line of the story."""
    report = stage.things["report:region"]
    claim = stage.things["report:claim"]
    return (
        f"Un bilan envoyé à la Région ({report.reported.count()} fractions de journées, chacune"
        f" une fois), une demande au coût réel en brouillon ({claim.months.count()} mois-personne)."
    )


def leave(stage: Stage, folder: Path) -> None:
    """Leave the report and the claim in every format."""
    for key in ("report:region", "report:claim"):
        report = FunderReport.objects.get(pk=stage.things[key].pk)
        for suffix in report_files.FORMATS:
            name = report_files.name_of(report, suffix)
            (folder / name).write_bytes(report_files.write(report, suffix, on=stage.today))
