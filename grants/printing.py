"""Papers of the grants room: the summary of a file and the financing plan of a coop."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import override

from crm.models import IssuerProfile
from essaim import pdf
from essaim.identifiers import search_key

CSS: Final = (pdf.PRINT_CSS, "grants/print.css")


def print_page(template: str, context: Mapping[str, Any], *, on: date) -> bytes:
    """Print one template, headed by our own name of that day."""
    profile = IssuerProfile.objects.at(on)
    told = {**context, "on": on, "structure": profile.legal_name if profile is not None else ""}
    epoch = int(datetime.combine(on, time(12), tzinfo=UTC).timestamp())
    with override("fr"):
        html = render_to_string(template, told)
    return pdf.render(html, css=CSS, epoch=epoch)


def file_name(start: str, *words: Any) -> str:
    """The name of a file from what it is about: dossier-super-quetsche.pdf."""
    said = "-".join(search_key(" ".join(str(word) for word in words)).split())
    return f"{start}-{said}"[:110].rstrip("-")
