"""« Fiche de synthèse » on paper: the same facts on the same day give the same bytes."""

from datetime import UTC, datetime, time
from typing import Final

from django.template.loader import render_to_string

from essaim import pdf
from essaim.identifiers import search_key
from essaim.tongue import in_french
from invoicing.coop_sheet import Sheet

TEMPLATE: Final = "invoicing/print/coop_sheet.html"
CSS: Final = (pdf.PRINT_CSS, "invoicing/coop_sheet.css")


def render_sheet(sheet: Sheet) -> bytes:
    """Print the sheet: one page, two for a coop with a long plan."""
    epoch = int(datetime.combine(sheet.on, time(12), tzinfo=UTC).timestamp())
    with in_french():
        html = render_to_string(TEMPLATE, {"sheet": sheet})
    return pdf.render(html, css=CSS, epoch=epoch)


def sheet_name(sheet: Sheet) -> str:
    """The name of the file: fiche-super-quetsche-2026-11-25.pdf."""
    words = "-".join(search_key(str(sheet.coop)).split())[:80] or "coop"
    return f"fiche-{words}-{sheet.on:%Y-%m-%d}.pdf"
