"""One action on many chosen rows, and files sent to be kept."""

import logging
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from essaim.tongue import kept
from essaim.views.pages import Page

BULK_CAP = 500
log = logging.getLogger("essaim.uploads")


class BulkPage(Page):
    """POST only: `pk` several times, then `perform(rows)` calls one action.

    A key outside `visible_to(user)` makes the whole answer 404; a `Refused` answers 409.
    """

    success_url: str = ""
    success_message: Any = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        keys = request.POST.getlist("pk")
        if len(keys) > BULK_CAP or not all(
            k.isascii() and k.isdigit() and len(k) < 19 for k in keys
        ):
            return self.bad_request("keys")
        wanted = {int(k) for k in keys}
        rows = self.get_objects().filter(pk__in=wanted)
        if set(rows.values_list("pk", flat=True)) != wanted:
            raise Http404("pk")
        if not wanted:
            messages.warning(request, _("Nothing was chosen: tick at least one line."))
            return redirect(self.get_success_url(None))
        done = kept(lambda: self.perform(rows))
        if message := self.get_success_message(done):
            messages.success(request, str(message))
        return redirect(self.get_success_url(done))

    def perform(self, rows: QuerySet[Any]) -> Any:
        """Call the action on the rows."""
        raise NotImplementedError

    def get_success_message(self, done: Any) -> Any:
        return self.success_message

    def get_success_url(self, done: Any) -> str:
        """The list one comes from (posted as `next`), else `success_url`."""
        given = self.request.POST.get("next", "")
        if given and url_has_allowed_host_and_scheme(given, {self.request.get_host()}):
            return given
        return self.success_url or "/"


def stored_file(kept: Any, name: str, content_type: str) -> HttpResponse | StreamingHttpResponse:
    """An upload kept on disk, as an attachment; one that is no longer there answers 404."""
    try:
        with kept.open("rb") as source:
            return file_response(source.read(), name, content_type)
    except FileNotFoundError as error:
        log.error("lost upload %s", kept.name)
        raise Http404("lost upload") from error


def file_response(
    content: bytes | Iterable[bytes], name: str, content_type: str, *, inline: bool = False
) -> HttpResponse | StreamingHttpResponse:
    """A file as an attachment that no browser sniffs and no cache keeps.

    An iterable of bytes is streamed. `inline` is only for our own PDFs.
    """
    answer: HttpResponse | StreamingHttpResponse
    if isinstance(content, bytes):
        answer = HttpResponse(content, content_type=content_type)
        answer["Content-Length"] = str(len(content))
    else:
        answer = StreamingHttpResponse(content, content_type=content_type)
    header = content_disposition_header(not inline, name)
    answer["Content-Disposition"] = header or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
