"""Every address of reports, cost claims and attendance, and what each persona is answered."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from invoicing import actions as invoicing
from missions import actions as missions
from tests.conftest import acting
from tests.given_expenses import PDF
from tests.given_missions import given_day, given_envelope
from tests.given_reports import (
    given_cost,
    given_cost_programme,
    given_covered,
    given_offered,
    given_region,
    given_report,
)
from tests.url_table import Objects, Row

ON = date(2026, 3, 3)


def _today() -> date:
    return timezone.localdate()


def _told_envelope(o: Objects) -> Any:
    basile = o.people["basile"]
    envelope = given_envelope(given_region(basile), by=basile, on=ON)
    mission = given_covered(o["coop"], envelope, by=basile, team=[o.people["ada"]])
    given_day(o.people["ada"], mission, ON, today=ON, by=basile)
    return envelope


def _report(o: Objects) -> Any:
    return given_report(o["told_envelope"], by=o.people["basile"], on=_today())


def _back(o: Objects) -> Any:
    act = acting(o.people["basile"], _today())
    report = o["report"]
    invoicing.send_report(report, **act)
    return invoicing.send_back_report(report, why="À revoir", **act)


def _claim(o: Objects) -> Any:
    basile = o.people["basile"]
    programme = given_cost_programme(basile)
    _agreement, mission = given_offered(o["coop"], programme, by=basile, team=[o.people["ada"]])
    given_day(o.people["ada"], mission, ON, today=ON, by=basile)
    given_cost(o.people["ada"], by=basile)
    return given_report(programme, by=basile, on=_today(), kind="costs")


def _model(o: Objects) -> Any:
    return invoicing.save_report_model(
        name="Région",
        columns=[{"code": "beneficiary", "label": "Structure"}],
        layout="coop",
        **acting(o.people["basile"], _today()),
    )


def _link(o: Objects) -> Any:
    act = acting(o.people["basile"], _today())
    return invoicing.link_funding(envelope=o["envelope"], programme=o["programme"], **act)


def _attendance(o: Objects) -> Any:
    return missions.record_attendance(
        o["day"],
        participants=12,
        file=ContentFile(PDF, "presences.pdf"),
        **acting(o.people["ada"], _today()),
    )


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "told_envelope": _told_envelope,
    "report": _report,
    "report_back": _back,
    "claim": _claim,
    "report_model": _model,
    "link": _link,
    "attendance": _attendance,
    "cost_rate": lambda o: given_cost(
        o.people["ada"], by=o.people["basile"], yearly_hours=Decimal(1607)
    ),
}
_SEEN = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_ONE = {**_SEEN, "ada": 404, "stranger": 404}
_MADE = {**_ONE, "chloe": 403}
_MAKERS = {**_SEEN, "chloe": 403}
# What tells salaries does not exist for the administrator.
_PAY = {**_ONE, "farid": 404}
_TABLE = {**_SEEN, "farid": 403}

ROWS: list[Row] = [
    Row(name="invoicing:report_home", **_SEEN),
    Row(name="invoicing:report_own", **_SEEN),
    Row(name="invoicing:report_list", **_SEEN),
    Row(name="invoicing:report_new", **_SEEN),
    Row(
        name="invoicing:report_new",
        **{**_SEEN, "basile": 422, "chloe": 422, "farid": 422},
        method="post",
    ),
    Row(name="invoicing:report", args=("report",), **_ONE),
    Row(name="invoicing:report", args=("claim",), **_PAY),
    Row(
        name="invoicing:report",
        args=("=987654",),
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404),
    ),
    Row(name="invoicing:report_fractions", args=("report",), **_MADE),
    Row(name="invoicing:report_fractions", args=("claim",), **_PAY),
    Row(name="invoicing:report_columns", args=("report",), **_MADE),
    Row(name="invoicing:report_pays", args=("claim",), **_PAY),
    Row(
        name="invoicing:report_pays",
        args=("report",),
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404),
    ),
    Row(name="invoicing:report_refresh", args=("report",), **_MADE),
    Row(name="invoicing:report_redo", args=("report",), **_MADE),
    Row(
        name="invoicing:report_redo",
        args=("report",),
        **{**_MADE, "basile": 409, "farid": 409},
        method="post",
    ),
    Row(name="invoicing:report_file", args=("report", "'pdf"), **_ONE),
    Row(name="invoicing:report_file", args=("report", "'ods"), **_ONE),
    Row(name="invoicing:report_file", args=("claim", "'xlsx"), **_PAY),
    Row(name="invoicing:report_file", args=("claim", "'csv"), **_PAY),
    Row(
        name="invoicing:report_file",
        args=("report", "'exe"),
        **dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404),
    ),
    Row(name="invoicing:report_move", args=("report", "'send"), **_MADE),
    Row(name="invoicing:report_move", args=("claim", "'send"), **_PAY),
    Row(
        name="invoicing:report_move",
        args=("report", "'forget"),
        **{**_ONE, "basile": 400, "chloe": 400, "farid": 400},
    ),
    Row(name="invoicing:report_redo", args=("report_back",), **_MADE),
    Row(
        name="invoicing:report_columns",
        args=("report_back",),
        **{**_MADE, "basile": 422, "farid": 422},
        method="post",
    ),
    Row(name="invoicing:report_models", **_SEEN),
    Row(name="invoicing:report_model_new", **_MAKERS),
    Row(name="invoicing:report_model_edit", args=("report_model",), **_MADE),
    Row(name="invoicing:report_model_archive", args=("report_model",), **_MADE),
    Row(name="invoicing:report_flat_rate", **_MAKERS),
    Row(name="invoicing:report_link_new", args=("envelope",), **_PAY | {"farid": 403}),
    Row(name="invoicing:report_link_drop", args=("link",), **_TABLE),
    Row(name="missions:cost_rates", **_TABLE),
    Row(name="missions:cost_rate_new", **_TABLE),
    Row(name="missions:cost_rate_edit", args=("cost_rate",), **_PAY),
    Row(name="missions:attendance_blank", args=("mission",), **{**_ONE, "ada": 200}),
    Row(
        name="missions:attendance_blank",
        args=("mission",),
        **{**dict.fromkeys(("ada", "basile", "chloe", "farid"), 422), "stranger": 404},
        method="post",
    ),
    Row(name="missions:attendance_pdf", args=("day",), **{**_ONE, "ada": 200}),
    Row(
        name="missions:attendance_record",
        args=("day",),
        **{**_ONE, "ada": 200, "chloe": 403},
    ),
    Row(name="missions:attendance_file", args=("attendance",), **{**_ONE, "ada": 200}),
]
