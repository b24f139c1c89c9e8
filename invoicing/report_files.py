"""A report or a cost claim as a file: CSV, XLSX, ODS and paper, all from the same rows."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import IssuerProfile
from essaim import pdf
from essaim.exports import CSV_TYPE, XLSX_TYPE, csv_stream
from essaim.formats import date_fr, money, plain_number
from essaim.money import ZERO, cents
from essaim.ods import ODS_TYPE, write_ods
from essaim.sheets import write_xlsx
from invoicing import report_columns as columns
from invoicing import rules_report as rules
from invoicing.archive import plain_name
from invoicing.claiming import claim_of
from invoicing.models import ClaimMonth, FunderReport
from invoicing.reporting import LANGUAGE, Told, tell
from invoicing.rules_claims import Claim, by_beneficiary

FORMATS: Final = ("pdf", "xlsx", "ods", "csv")
TYPES: Final = {"pdf": "application/pdf", "xlsx": XLSX_TYPE, "ods": ODS_TYPE, "csv": CSV_TYPE}
CSS: Final = (pdf.PRINT_CSS, "invoicing/report.css")
Rows = list[list[object]]


@dataclass(frozen=True, slots=True)
class Table:
    """What every format writes: a heading, rows, their sums."""

    header: list[str]
    rows: Rows
    totals: list[object]
    money: set[int]
    kinds: list[str]


def tidy(value: object) -> object:
    """A quantity without the decimals it does not use: 11.00 and not 11.0000."""
    if not isinstance(value, Decimal):
        return value
    short = value.quantize(Decimal("0.01"))
    return short if short == value else value


def _tidied(table: Table) -> Table:
    rows = [[tidy(cell) for cell in row] for row in table.rows]
    totals = [tidy(cell) for cell in table.totals]
    return replace(table, rows=rows, totals=totals)


def days_table(report: FunderReport, told: Told) -> Table:
    """The rows of a report by days, in the columns chosen."""
    found = rules.groups(report.layout, told.lines, told.facts)
    codes = columns.codes(report.columns)
    totals = rules.totals(found, codes)
    first = next((at for at, value in enumerate(totals) if value is None), None)
    if first is not None:
        totals[first] = _("Total")
    return _tidied(
        Table(
            columns.header(report.columns),
            columns.cells(report.columns, rules.table(found, codes)),
            totals,
            columns.money_columns(report.columns),
            columns.kinds(report.columns),
        )
    )


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return cents(part * 100 / whole) if whole else ZERO


def claim_table(claim: Claim, kept: Sequence[ClaimMonth]) -> Table:
    """Month by month per person: pay, time on the operation, all time, share, cost, flat rate."""
    header = [
        _("Month"), _("Person"), _("Salary paid"), _("Days on the operation"),
        _("All days worked"), _("Share (%)"), _("Cost"), _("Flat rate"), _("Total"),
    ]  # fmt: skip
    body: Rows = [
        [
            f"{row.month.month:%m/%Y}", str(held.person), row.month.pay, row.month.operation,
            row.month.total, _percent(row.month.operation, row.month.total), row.cost, row.flat,
            row.total,
        ]
        for row, held in zip(claim.rows, kept, strict=True)
    ]  # fmt: skip
    operation = sum((row.month.operation for row in claim.rows), Decimal(0))
    worked = sum((row.month.total for row in claim.rows), Decimal(0))
    totals: list[object] = [
        _("Total"), None, None, operation, worked, None, claim.cost, claim.flat, claim.total,
    ]  # fmt: skip
    kinds = ["text", "text", "money", "days", "days", "number", "money", "money", "money"]
    return _tidied(Table(header, body, totals, {2, 6, 7, 8}, kinds))


def times_table(told: Told, claim: Claim, kept: Sequence[ClaimMonth]) -> Table:
    """The times of each beneficiary, person and month, with their part of the cost."""
    times: dict[tuple[date, str], dict[str, Decimal]] = {}
    for line in told.lines:
        month = line.worked_on.replace(day=1)
        of_month = times.setdefault((month, line.person), {})
        name = told.facts[line.coop].name
        of_month[name] = of_month.get(name, Decimal(0)) + line.days
    costs: dict[tuple[date, str], Decimal] = {}
    for row, held in zip(claim.rows, kept, strict=True):
        # Two people of one name share a row here: no cost is lost.
        key = (row.month.month, held.person.name)
        costs[key] = costs.get(key, ZERO) + row.cost
    body: Rows = []
    for (month, person), by_name in sorted(times.items()):
        split = by_beneficiary(costs.get((month, person), ZERO), by_name)
        body += [
            [f"{month:%m/%Y}", person, name, by_name[name], split[name]] for name in sorted(by_name)
        ]
    header = [_("Month"), _("Person"), _("Beneficiary"), _("Days"), _("Cost")]
    days = sum((line.days for line in told.lines), Decimal(0))
    kinds = ["text", "text", "text", "days", "money"]
    totals: list[object] = [_("Total"), None, None, days, claim.cost]
    return _tidied(Table(header, body, totals, {4}, kinds))


def told_totals(told: Told) -> list[tuple[str, object]]:
    """Who was welcomed, accompanied and left, in words."""
    totals = told.totals
    return [
        (_("Welcomed in the period"), totals.welcomed),
        (_("Accompanied"), totals.accompanied),
        (_("Left in the period"), totals.left),
    ]


def _sections(report: FunderReport) -> tuple[Table, Rows]:
    """The main table, then what stands under it in a sheet."""
    told = tell(report)
    under: Rows = []
    if report.is_claim:
        claim, kept = claim_of(report)
        main, times = claim_table(claim, kept), times_table(told, claim, kept)
        under += [[], list(times.header), *times.rows, times.totals]
    else:
        main = days_table(report, told)
        under += [[], *([words, count] for words, count in told_totals(told))]
    if told.given:
        under += [[], [_("Time given, apart"), _("Nature"), _("Days"), _("Value")]]
        under += [[one.name, one.nature, tidy(one.days), one.value] for one in told.given]
    return main, under


def name_of(report: FunderReport, suffix: str) -> str:
    """bilan-region-2026-20260101-20261031.pdf"""
    stem = "demande-de-couts" if report.is_claim else "bilan"
    of = plain_name(str(report.of))[:60]
    return f"{stem}-{of}-{report.first:%Y%m%d}-{report.last:%Y%m%d}.{suffix}"


def count_of(report: FunderReport) -> int:
    """How many lines a report's file tells."""
    return len(list(_sections(report)[0].rows))


def write(report: FunderReport, suffix: str, *, on: date) -> bytes:
    """The file of a report; `on` chooses our own details while it is a draft."""
    with override(LANGUAGE):
        if suffix == "pdf":
            return print_report(report, on=on)
        table, under = _sections(report)
        rows = [*table.rows, table.totals, *under]
        if suffix == "csv":
            return b"".join(csv_stream(table.header, rows, dates="french"))
        writer = write_ods if suffix == "ods" else write_xlsx
        target = io.BytesIO()
        title = _("Cost claim") if report.is_claim else _("Report")
        writer(target, table.header, rows, money_columns=table.money, title=title)
        return target.getvalue()


# -- paper --------------------------------------------------------------------------------------
def _written(value: object, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return date_fr(value)
    if isinstance(value, Decimal | int):
        return money(value) if kind == rules.MONEY else plain_number(value)
    return str(value)


def printed(table: Table) -> dict[str, Any]:
    """A table as text, cell by cell, and which columns stand on the right."""
    right = [kind in (rules.MONEY, rules.DAYS, rules.COUNT, rules.NUMBER) for kind in table.kinds]

    def line(cells: Sequence[object]) -> list[tuple[str, bool]]:
        return [
            (_written(cell, kind), end)
            for cell, kind, end in zip(cells, table.kinds, right, strict=True)
        ]

    return {
        "header": list(zip(table.header, right, strict=True)),
        "rows": [line(row) for row in table.rows],
        "totals": line(table.totals),
    }


def context_of(report: FunderReport, *, on: date) -> dict[str, Any]:
    """What paper and screen show of a report."""
    told = tell(report)
    context: dict[str, Any] = {
        "report": report,
        "told": told,
        "totals": told.totals,
        "counts": told_totals(told),
        "structure": report.snapshot.get("structure") or _structure(on),
        "funder": report.snapshot.get("funder") or str(report.funder),
        "first": date_fr(report.first),
        "last": date_fr(report.last),
        "given": told.given,
        "given_value": sum((one.value for one in told.given), ZERO),
        "proofs": [{**one, "on": date.fromisoformat(one["on"])} for one in told.proofs],
    }
    if report.is_claim:
        claim, kept = claim_of(report)
        context |= {
            "claim": claim,
            "main": printed(claim_table(claim, kept)),
            "times": printed(times_table(told, claim, kept)),
        }
    else:
        context["main"] = printed(days_table(report, told))
    return context


def _structure(on: date) -> str:
    profile = IssuerProfile.objects.at(on)
    return profile.legal_name if profile is not None else ""


def print_report(report: FunderReport, *, on: date) -> bytes:
    """A report on paper, landscape, to be signed; a sent one gives the same bytes again."""
    day = report.sent_on or report.made_on
    epoch = int(datetime.combine(day, time(12), tzinfo=UTC).timestamp())
    with override(LANGUAGE):
        context = context_of(report, on=on)
        context["dated"] = date_format(day, "j F Y")
        html = render_to_string("invoicing/print/report.html", context)
    return pdf.render(html, css=CSS, epoch=epoch)
