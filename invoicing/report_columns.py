"""The columns of reports in words, and what their cells look like."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from invoicing import rules_report as rules

LABELS: Final[Mapping[str, Any]] = {
    "beneficiary": gettext_lazy("Beneficiary"),
    "commune": gettext_lazy("Commune"),
    "insee": gettext_lazy("INSEE code"),
    "epci": "EPCI",
    "department": gettext_lazy("Department"),
    "qpv": gettext_lazy("Priority district (QPV)"),
    "frr": gettext_lazy("Rural revitalisation area (FRR)"),
    "legal_form": gettext_lazy("Legal form"),
    "stage_in": gettext_lazy("Stage at the start"),
    "stage_out": gettext_lazy("Stage at the end"),
    "setting": gettext_lazy("Individual or collective"),
    "theme": gettext_lazy("Theme"),
    "subject": gettext_lazy("Subject"),
    "dates": gettext_lazy("Dates"),
    "first_on": gettext_lazy("First day"),
    "last_on": gettext_lazy("Last day"),
    "consultant": gettext_lazy("Consultant"),
    "days": pgettext_lazy("report", "Days"),
    "days_on_site": gettext_lazy("Days on site"),
    "days_remote": gettext_lazy("Days remote"),
    "days_preparation": gettext_lazy("Days of preparation"),
    "days_travel": gettext_lazy("Days of travel"),
    "participants": gettext_lazy("Participants"),
    "cost_per_day": gettext_lazy("Cost per day"),
    "total": gettext_lazy("Total cost"),
    "part": gettext_lazy("Funder’s part"),
    "others": gettext_lazy("Other funders"),
    "payers": gettext_lazy("Names of the other funders"),
    "remainder": gettext_lazy("Left to the beneficiary"),
    "offered": gettext_lazy("Offered"),
    "outcome": gettext_lazy("Outcome"),
    "reason": pgettext_lazy("report", "Reason"),
    "jobs": gettext_lazy("Jobs created (FTE)"),
    "members_start": gettext_lazy("Members at the start"),
    "members_end": gettext_lazy("Members at the end"),
}
_SETTINGS: Final = {
    "individual": gettext_lazy("individual"),
    "collective": gettext_lazy("collective"),
    "both": gettext_lazy("individual and collective"),
}

Columns = Sequence[Mapping[str, str]]


def codes(columns: Columns) -> list[str]:
    return [column["code"] for column in columns]


def header(columns: Columns) -> list[str]:
    """The names of the columns, the funder's own words first."""
    return [column.get("label") or str(LABELS[column["code"]]) for column in columns]


def money_columns(columns: Columns) -> set[int]:
    return {at for at, code in enumerate(codes(columns)) if rules.COLUMNS[code][0] == rules.MONEY}


def kinds(columns: Columns) -> list[str]:
    return [rules.COLUMNS[code][0] for code in codes(columns)]


def _cell(code: str, value: object) -> object:
    if code == "setting":
        return str(_SETTINGS[str(value)])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value


def cells(columns: Columns, rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """Rows of values as the files take them: text, numbers, dates."""
    chosen = codes(columns)
    return [[_cell(code, v) for code, v in zip(chosen, row, strict=True)] for row in rows]
