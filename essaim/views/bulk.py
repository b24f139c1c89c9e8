"""One action on many chosen rows, read before it is done; and files sent to be kept."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import days, money
from essaim.forms import EmptyForm
from essaim.tongue import kept
from essaim.views.pages import Page, log_refusal
from essaim.workflow import Missing, Refused

BULK_CAP = 500
log = logging.getLogger("essaim.uploads")


@dataclass(frozen=True, slots=True)
class Line:
    """What would happen to one chosen row, or why nothing would.

    `figure` is added up; `seen` is what must not have changed when one confirms (the figure, when
    it is not given); `mend` leads to where a refusal without a link of its own is mended.
    """

    row: Any
    label: Any = ""
    url: str = ""
    detail: Any = ""
    words: Any = ""
    more: str = ""
    figure: Decimal | None = None
    seen: str = ""
    mend: str = ""
    missing: Sequence[Missing] = ()

    @property
    def stamp(self) -> str:
        return self.seen or str(self.figure if self.figure is not None else "-")


class BulkPage(Page):
    """Rows ticked in a list: a preview where nothing is written, then one confirmation.

    The list posts `pk` several times and is led to the preview, an address that may be read again;
    `confirm` does what was read, or nothing. Write `perform(rows, data)`, and `attempt(row, data)`
    (the same for one row: each is tried in a transaction that is undone) or `judge(rows, data)`.
    A key outside `visible_to(user)` makes the whole answer 404; what is refused, or has changed
    since it was read, answers 409 with the preview again.
    """

    template_name = "essaim/bulk.html"
    counts_sendings = True
    form_class: type[BaseForm] = EmptyForm
    unit: Literal["money", "days"] = "money"
    figure_label: Any = gettext_lazy("Amount")
    submit_icon: str = "check"
    success_url: str = ""
    success_message: Any = ""
    explains: Any = gettext_lazy("Read each line first: nothing is written before you confirm.")
    outcome: Any = gettext_lazy("All of them are done together, or none.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.unreadable() or self.preview(self.get_form())

    def unreadable(self) -> HttpResponseBase | None:
        """The answer to keys that are none, or to no key at all."""
        given = self.given.getlist("pk")
        if len(given) > BULK_CAP or not all(
            k.isascii() and k.isdigit() and len(k) < 19 for k in given
        ):
            return self.bad_request("keys")
        return None if given else self.nothing()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if answer := self.unreadable():
            return answer
        if "confirm" not in request.POST:
            self.chosen  # noqa: B018 - a key that is not seen is told at once
            asked = [("pk", key) for key in self.keys] + [("next", self.came_from)]
            return redirect(f"{request.path}?{urlencode(asked)}")
        form = self.get_form()
        if not form.is_valid():
            log_refusal(request, "invalid:" + ",".join(form.errors))
            return self.preview(form, status=422)
        return self.confirm(form)

    def confirm(self, form: Any) -> HttpResponseBase:
        lines = self.judge(self.chosen, form.cleaned_data)
        if self.differ(lines):
            words = _("Something changed since you read this page: nothing was done. Look again.")
            return self.again(form, lines, [Missing("changed", words)])
        try:
            return self.once(lambda: self.done(self.carried_out(form)))
        except Refused as refused:
            return self.again(form, lines, refused.missing)

    def carried_out(self, form: Any) -> Any:
        with transaction.atomic():
            return kept(lambda: self.perform(self.rows(), form.cleaned_data))

    def done(self, done: Any) -> HttpResponseBase:
        if isinstance(done, HttpResponseBase):
            return done
        if message := self.get_success_message(done):
            messages.success(self.request, str(message))
        return redirect(self.get_success_url(done))

    def again(self, form: Any, lines: Sequence[Line], missing: Sequence[Missing]) -> HttpResponse:
        log_refusal(self.request, "refused:" + ",".join(m.code for m in missing))
        return self.preview(form, lines, missing=missing, status=409)

    def nothing(self) -> HttpResponseBase:
        messages.warning(self.request, _("Nothing was chosen: tick at least one line."))
        return redirect(self.get_success_url(None))

    # -- what was chosen ----------------------------------------------------------------------

    @cached_property
    def given(self) -> Any:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def keys(self) -> list[int]:
        return list(dict.fromkeys(int(key) for key in self.given.getlist("pk")))

    def rows(self) -> QuerySet[Any]:
        """The rows chosen, read afresh."""
        return self.get_objects().filter(pk__in=self.keys)

    def in_order(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The order of the preview."""
        return rows.order_by("pk")

    @cached_property
    def chosen(self) -> list[Any]:
        found = list(self.in_order(self.rows()))
        if len(found) != len(self.keys):
            raise Http404("pk")
        return found

    def differ(self, lines: Sequence[Line]) -> bool:
        """Whether what would be done is not what was read, line by line."""
        now = {f"{line.row.pk}:{line.stamp}" for line in lines if not line.missing}
        return now != set(self.given.getlist("seen"))

    # -- what the room writes -----------------------------------------------------------------

    def attempt(self, row: Any, data: Mapping[str, Any]) -> Line:
        """Do it to one row, and say what it did. What it writes is undone."""
        raise NotImplementedError

    def judge(self, rows: Sequence[Any], data: Mapping[str, Any]) -> list[Line]:
        """What would happen to each row, in turn: what one takes is not left to the next."""
        with transaction.atomic():
            lines = [self.tried(row, data) for row in rows]
            transaction.set_rollback(True)
        return lines

    def tried(self, row: Any, data: Mapping[str, Any]) -> Line:
        plain = self.line_of(row)
        try:
            with transaction.atomic():
                return self.attempt(row, data)
        except Refused as refused:
            return Line(
                row, plain.label, plain.url, plain.detail, mend=plain.mend, missing=refused.missing
            )

    def line_of(self, row: Any) -> Line:
        """How a row is named, whatever happens to it."""
        return Line(row, str(row), row.get_absolute_url())

    def perform(self, rows: QuerySet[Any], data: Mapping[str, Any]) -> Any:
        """Call the action on the rows that were confirmed."""
        raise NotImplementedError

    def get_submit_label(self, count: int, total: str) -> Any:
        """The words of the button, with how many and how much."""
        raise NotImplementedError

    # -- answers ------------------------------------------------------------------------------

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {}

    def get_form(self) -> Any:
        kwargs: dict[str, Any] = {"user": self.request.user, "on": self.today}
        kwargs |= {"initial": self.get_initial(), **self.get_form_kwargs()}
        if self.request.method == "POST":
            kwargs["data"] = self.request.POST
        return self.form_class(**kwargs)

    def written(self, figure: Decimal | None) -> str:
        if figure is None:
            return ""
        return days(figure) if self.unit == "days" else money(figure)

    def preview(
        self,
        form: Any,
        lines: Sequence[Line] | None = None,
        *,
        missing: Sequence[Missing] = (),
        status: int = 200,
    ) -> HttpResponse:
        if lines is None:
            valid = form.is_bound and form.is_valid()
            lines = self.judge(self.chosen, form.cleaned_data if valid else self.get_initial())
        ready = [line for line in lines if not line.missing]
        figures = [line.figure for line in ready if line.figure is not None]
        total = self.written(sum(figures, Decimal(0))) if figures else ""
        return self.show(
            status=status,
            form=form,
            missing=missing,
            ready=[(line, self.written(line.figure)) for line in ready],
            left_out=[line for line in lines if line.missing],
            total=total,
            submit_label=self.get_submit_label(len(ready), total),
        )

    @property
    def came_from(self) -> str:
        given = self.given.get("next", "")
        safe = url_has_allowed_host_and_scheme(given, {self.request.get_host()})
        return given if given and safe else str(self.success_url) or "/"

    def get_back(self) -> tuple[str, Any] | None:
        label = self.back[1] if self.back else _("Go back")
        return (self.came_from, label)

    def get_success_message(self, done: Any) -> Any:
        return self.success_message

    def get_success_url(self, done: Any) -> str:
        """The list one comes from (given as `next`), else `success_url`."""
        return self.came_from


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
