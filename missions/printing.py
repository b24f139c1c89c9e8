"""A paper's words, put on A4: one layout for quotes, agreements, amendments and annexes."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import override

from essaim import pdf

TEMPLATE: Final = "missions/print/paper.html"
CSS: Final = (pdf.PRINT_CSS, "missions/paper.css")
LANGUAGE: Final = "fr"  # papers for French law, whoever prints them


def canonical(contents: Mapping[str, Any]) -> bytes:
    """The one writing of a paper's words that its digest seals."""
    text = json.dumps(contents, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def paper_html(contents: Mapping[str, Any], *, is_draft: bool = False) -> str:
    """The page that is printed; every text is escaped by the template."""
    with override(LANGUAGE):
        return render_to_string(TEMPLATE, {"paper": contents, "is_draft": is_draft})


def render_paper(contents: Mapping[str, Any], *, epoch: int, is_draft: bool = False) -> bytes:
    """Print a paper: the same bytes for the same words, on the same machine."""
    return pdf.render(paper_html(contents, is_draft=is_draft), css=CSS, epoch=epoch)
