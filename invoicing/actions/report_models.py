"""Columns chosen, reordered, renamed and kept as a model; the usual flat rate."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import judge, put, refuse
from grants.models import Programme
from invoicing import rules_report as rules
from invoicing.models import FlatRate, ReportModel
from invoicing.report_columns import LABELS

Columns = Sequence[Mapping[str, str]]


def usual_columns() -> list[dict[str, str]]:
    """What a report shows until somebody chooses."""
    return [{"code": code, "label": ""} for code in rules.USUAL]


def judge_columns(columns: Columns) -> list[dict[str, str]]:
    """The columns as they are kept. Raises Refused with what is wrong with them."""
    words = {
        "none": _("A report has at least one column."),
        "many": _("A report has 40 columns at most."),
        "unknown": _("There is no column “%(code)s”."),
        "twice": _("The column “%(code)s” is chosen twice."),
        "long": _("The name of the column “%(code)s” is too long: 80 characters at most."),
        "same_label": _("Two columns have the same name: rename “%(code)s”."),
    }
    if found := rules.check_columns(columns):
        raise Refused(
            Missing("columns", words[error] % {"code": LABELS.get(code, code)})
            for error, code in found
        )
    return [{"code": str(c["code"]), "label": str(c.get("label", "")).strip()} for c in columns]


@transaction.atomic
def save_report_model(
    *,
    name: str,
    columns: Columns,
    layout: str,
    by: User,
    on: date,
    at: datetime,
    programme: Programme | None = None,
    model: ReportModel | None = None,
) -> ReportModel:
    """Keep columns under a name, or change those kept. Raises Refused.

    Reports made with it keep the columns they had.
    """
    row = model or ReportModel()
    facts = {"name": name.strip(), "programme": programme, "layout": layout}
    put(row, {**facts, "columns": judge_columns(columns)}, (*facts, "columns"))
    same = ReportModel.objects.filter(name=row.name).exclude(pk=row.pk)
    if same.exists():
        refuse("name", _("A model already has this name."))
    judge(row)
    row.save()
    record(row, "save", by=by, on=on, at=at)
    return row


@transaction.atomic
def archive_report_model(model: ReportModel, *, by: User, on: date, at: datetime) -> ReportModel:
    """Offer a model no more; reports made with it keep it."""
    model.archived_on = on
    model.save()
    record(model, "archive", by=by, on=on, at=at)
    return model


@transaction.atomic
def set_flat_rate(
    *, percent: Decimal, by: User, on: date, at: datetime, source: str = ""
) -> FlatRate:
    """Say what is added to salaries where a programme says nothing. Raises Refused."""
    if not 0 <= percent <= 100:
        refuse("percent", _("A percentage is between 0 and 100."))
    row = FlatRate.objects.first() or FlatRate()
    values: dict[str, Any] = {"percent": percent, "source": source.strip()}
    put(row, values, values)
    row.save()
    record(row, "set", by=by, on=on, at=at, codes={"percent": str(percent)})
    return row
