"""How a paper is served: frozen bytes as they are, a draft printed on demand."""

from typing import Any

from django.http import HttpResponseBase, HttpResponseNotModified
from django.utils.translation import gettext as _

from essaim.views import file_response
from essaim.workflow import Missing, Refused
from missions.actions import print_paper
from missions.models import FrozenPaper
from missions.printing import render_paper


def paper_response(page: Any, paper: FrozenPaper, name: str) -> HttpResponseBase:
    """The frozen PDF; printed now from its frozen words if it still waits."""
    file = print_paper(paper, at=page.act()["at"])
    if file is None:
        raise Refused([Missing("pdf", _("The PDF is still to be made: it will be, in a moment."))])
    tag = f'"{file.sha256}"'
    if page.request.headers.get("If-None-Match") == tag:
        answer: HttpResponseBase = HttpResponseNotModified()
    else:
        answer = file_response(bytes(file.content), f"{name}.pdf", "application/pdf")
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer


def preview_response(contents: dict[str, Any], name: str) -> HttpResponseBase:
    """A draft, marked as such across the page, kept nowhere."""
    content = render_paper(contents, epoch=0, is_draft=True)
    return file_response(content, f"{name}.pdf", "application/pdf")
