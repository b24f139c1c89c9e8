"""A billing run of the story: three villages that had a half-day of advice, billed in one go."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm import actions as crm
from invoicing.actions.issuing import render_pending
from invoicing.actions.running import advance, documents_of, start_run
from invoicing.billing import proposals
from invoicing.demo.stage import Stage, data
from missions import actions as missions
from missions.models import MissionDay

SIGNED, WORKED, VALIDATED, BILLED = -39, -34, -29, -14


def plan(stage: Stage) -> None:
    """Letters of mission in the autumn, one half-day each, then the run of the month."""
    rows = data("run")["villages"]
    stage.later(SIGNED, partial(_letters, stage, rows))
    for rank, row in enumerate(rows):
        stage.later(WORKED + rank, partial(_half_day, stage, row, WORKED + rank))
    stage.later(VALIDATED, partial(_validated, stage, rows))
    stage.later(BILLED, partial(_billed, stage, rows))


def _letters(stage: Stage, rows: list[dict[str, Any]]) -> None:
    act = stage.act("basile", stage.on(SIGNED))
    for row in rows:
        client = crm.create_organisation(**row["client"], **act)
        agreement = missions.create_agreement(
            client=client,
            coop=None,
            title=row["title"],
            starts_on=act["on"],
            daily_rate=Decimal(row["rate"]),
            days_budgeted=Decimal(2),
            payment_days=30,
            **act,
        )
        missions.sign_agreement(agreement, **act)
        missions.start_agreement(agreement, **act)
        stage.things[f"village:{row['key']}"] = client
        stage.things[f"mission:{row['key']}"] = missions.open_mission(
            agreement, title=row["title"], team=[stage.users["basile"]], **act
        )


def _half_day(stage: Stage, row: dict[str, Any], offset: int) -> None:
    worked = stage.work_on(offset)
    missions.log_day(
        mission=stage.things[f"mission:{row['key']}"],
        worked_on=worked,
        moment="evening",
        work="on_site",
        subject=row["subject"],
        **stage.act("basile", worked, 21),
    )


def _days(stage: Stage, rows: list[dict[str, Any]]) -> list[MissionDay]:
    given = [stage.things[f"mission:{row['key']}"] for row in rows]
    return list(MissionDay.objects.filter(mission__in=given))


def _validated(stage: Stage, rows: list[dict[str, Any]]) -> None:
    on = stage.on(VALIDATED)
    missions.submit_days(_days(stage, rows), **stage.act("basile", on, 8))
    missions.validate_many(_days(stage, rows), **stage.act("basile", on, 9))


def _billed(stage: Stage, rows: list[dict[str, Any]]) -> None:
    """Chosen, previewed, launched; three invoices in one transaction, their PDFs after it."""
    on = stage.on(BILLED)
    until = on - timedelta(days=5)
    keys = [stage.things[f"village:{row['key']}"].pk for row in rows]
    payers = {p.key: p.amount for p in proposals(until=until, on=on, keys=keys)}
    act = stage.act("chloe", on, 11)
    run = start_run(key=f"{on:%Y%m%d}".rjust(32, "0"), payers=payers, until=until, **act)
    while advance(run=run, **act).taken:
        pass
    render_pending(at=act["at"], within=documents_of(run))
    stage.things["run"] = run
