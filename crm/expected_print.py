"""« Ce qui est attendu de vous » on paper; the same kit gives the same bytes."""

from datetime import UTC, datetime, time
from typing import Final

from django.template.loader import render_to_string
from django.utils.translation import override

from crm.expected import Expected
from essaim import pdf
from essaim.identifiers import search_key

TEMPLATE: Final = "crm/print/expected.html"
CSS: Final = (pdf.PRINT_CSS, "crm/print.css")


def render_expected(expected: Expected) -> bytes:
    """Print what a coop is told."""
    epoch = int(datetime.combine(expected.on, time(12), tzinfo=UTC).timestamp())
    with override("fr"):
        html = render_to_string(TEMPLATE, {"expected": expected})
    return pdf.render(html, css=CSS, epoch=epoch)


def expected_name(expected: Expected) -> str:
    """The name of the file: attendu-coop-epi-2026-11-23.pdf."""
    words = "-".join(search_key(expected.coop).split()) or "coop"
    return f"attendu-{words}-{expected.on:%Y-%m-%d}.pdf"
