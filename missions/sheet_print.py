"""A timesheet on paper, to be signed; the same days give the same bytes."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import IssuerProfile
from essaim import pdf
from essaim.days import month_end
from essaim.formats import date_fr, plain_number
from essaim.identifiers import search_key
from essaim.money import ZERO
from missions.timesheets import Sheet

TEMPLATE: Final = "missions/print/timesheet.html"
CSS: Final = (pdf.PRINT_CSS, "missions/print.css")


def render_sheet(sheet: Sheet, *, on: date) -> bytes:
    """Print a sheet; `on` chooses our own details (today's)."""
    last = month_end(sheet.month)
    epoch = int(datetime.combine(last, time(12), tzinfo=UTC).timestamp())
    with override("fr"):
        html = render_to_string(TEMPLATE, _context(sheet, on))
    return pdf.render(html, css=CSS, epoch=epoch)


def sheet_name(sheet: Sheet) -> str:
    """The name of the file: releve-2026-11-ada-lutz.pdf."""
    who = [str(one) for one in (sheet.consultant, sheet.coop) if one]
    words = "-".join(search_key(" ".join(who)).split()) or "releve"
    return f"releve-{sheet.month:%Y-%m}-{words}.pdf"[:120]


def _context(sheet: Sheet, on: date) -> dict[str, Any]:
    profile = IssuerProfile.objects.at(on)
    return {
        "structure": profile.legal_name if profile is not None else "",
        "month": date_format(sheet.month, "F Y"),
        "sheet": sheet,
        "rows": [
            {
                "on": date_fr(row.on),
                "moment": row.moment,
                "person": row.person,
                "work": row.work + (" (" + _("volunteer") + ")" if row.is_volunteer else ""),
                "subject": row.subject,
                "coops": row.coops or row.mission,
                "part": plain_number(row.part),
            }
            for row in sheet.rows
        ],
        "total": plain_number(sheet.days),
        "people": [
            {
                "person": one.person,
                "operation": plain_number(one.operation),
                "total": plain_number(one.total),
                "percent": _percent(one.operation, one.total),
            }
            for one in sheet.people
        ],
        "fingerprint": sheet.fingerprint[:16],
    }


def _percent(part: Decimal, whole: Decimal) -> str:
    if whole <= ZERO:
        return "—"
    return f"{plain_number((part * 100 / whole).quantize(Decimal('0.01')))}\u00a0%"
