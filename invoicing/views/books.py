"""Exports for the accountant's firm, and the numbering of invoices."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import add_months, month_end, month_start
from essaim.models import Series
from essaim.series import numbered
from essaim.views import Action, FormPage, Page, file_response
from essaim.views.pages import log_refusal
from invoicing.actions import desk
from invoicing.actions.issuing import SERIES
from invoicing.exports import KINDS, TYPES, take_away
from invoicing.forms import NumberingForm, PeriodForm
from invoicing.models import ExportLog, Invoice
from invoicing.views.bill import room_tabs

HISTORY = 30


def near_periods(today: date) -> list[tuple[str, date, date]]:
    """This month, last month, last quarter, this year, last year."""
    start = month_start(today)
    before = add_months(start, -1)
    quarter = add_months(start.replace(month=3 * ((start.month - 1) // 3) + 1), -3)
    year = today.replace(month=1, day=1)
    return [
        (_("This month"), start, month_end(start)),
        (_("Last month"), before, month_end(before)),
        (_("Last quarter"), quarter, month_end(add_months(quarter, 2))),
        (_("This year"), year, year.replace(month=12, day=31)),
        (_("Last year"), year.replace(year=year.year - 1), year - timedelta(days=1)),
    ]


class PeriodPage(Page):
    """A page about a period given in the address: `?start=&end=`."""

    default = 1  # of near_periods: last month

    def read_period(self) -> tuple[Any, tuple[date, date] | None]:
        """The form and its dates; the default period when nothing is said."""
        given = self.request.POST or self.request.GET
        if "start" not in given and "end" not in given:
            _words, first, last = near_periods(self.today)[self.default]
            form = PeriodForm(
                initial={"start": first, "end": last}, user=self.request.user, on=self.today
            )
            return form, (first, last)
        form = PeriodForm(given, user=self.request.user, on=self.today)
        if not form.is_valid():
            log_refusal(self.request, "invalid:period")
            return form, None
        return form, (form.cleaned_data["start"], form.cleaned_data["end"])

    def periods(self, chosen: tuple[date, date] | None) -> list[tuple[str, str, bool, None]]:
        return [
            (words, f"?start={first:%Y-%m-%d}&end={last:%Y-%m-%d}", (first, last) == chosen, None)
            for words, first, last in near_periods(self.today)
        ]


class Exports(PeriodPage):
    """Choose a period, read the checks, take the journals away."""

    template_name = "invoicing/exports.html"
    title = gettext_lazy("Exports")
    facts = gettext_lazy("Sales and receipts for the accountant’s firm.")

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:numbering")
        return (Action(_("Numbering"), url, "hash", "crm.manage_issuer"),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, period = self.read_period()
        more: dict[str, Any] = {"form": form, "tabs": room_tabs(self, "exports")}
        if period is not None:
            more |= {"checks": checks(*period), "first": period[0], "last": period[1]}
        more |= {
            "periods": self.periods(period),
            "formats": list(TYPES),
            "history": list(ExportLog.objects.select_related("by")[:HISTORY]),
            "kinds": [
                ("sales", _("Sales"), _("Invoices and credit notes, VAT rate by rate.")),
                ("receipts", _("Receipts"), _("Payments and the invoices they settle.")),
                ("all", _("Sales and receipts"), _("Both, in one file.")),
            ],
        }
        return self.show(status=200 if period else 422, **more)


def checks(first: date, last: date) -> list[tuple[str, str, str]]:
    """(tone, words, url) of what should be looked at before exporting a period."""
    found = []
    drafts = Invoice.objects.filter(state=Invoice.State.DRAFT, period_to__range=(first, last))
    if count := drafts[:100].count():
        url = f"{reverse('invoicing:invoices')}?show=drafts"
        words = _("%(count)s drafts about this period are not issued.") % {"count": count}
        found.append(("warn", words, url))
    issued = Invoice.objects.issued().filter(issued_on__range=(first, last))
    if count := issued.without_pdf()[:100].count():
        found.append(("warn", _("%(count)s PDFs are still to be made.") % {"count": count}, ""))
    found += [("bad", words, "") for words in gaps(first, last)]
    if not found:
        found.append(("good", _("Numbers follow each other, every document has its PDF."), ""))
    return found


def gaps(first: date, last: date) -> list[str]:
    """Numbers missing in what was issued in a period, per year of a series."""
    rows = (
        Invoice.objects.issued()
        .filter(issued_on__range=(first, last), rank__isnull=False)
        .order_by("series_id_used", "year", "rank")
        .values_list("series_id_used", "year", "rank", "number")
    )
    found: list[str] = []
    before: tuple[Any, ...] | None = None
    for row in rows.iterator():
        if before and row[:2] == before[:2] and row[2] != before[2] + 1:
            numbers = {"before": before[3], "after": row[3]}
            found.append(_("A number is missing between %(before)s and %(after)s.") % numbers)
        before = row
    return found[:20]


class Export(PeriodPage):
    """Send one journal; what was taken is logged with its fingerprint."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind, file_format = self.kwargs["kind"], self.kwargs["file_format"]
        if kind not in KINDS or file_format not in TYPES:
            raise Http404(kind)
        _form, period = self.read_period()
        if period is None:
            return self.bad_request("period")
        built = take_away(kind, file_format, first=period[0], last=period[1], **self.act())
        answer = file_response(built.chunks(), built.name, built.content_type)
        answer["ETag"] = f'"{built.fingerprint}"'
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.get(request, *args, **kwargs)


class Numbering(FormPage):
    """The open series of invoices: its pattern, and a new one that continues it."""

    form_class = NumberingForm
    template_name = "invoicing/numbering.html"
    title = gettext_lazy("Numbering of invoices")
    submit_label = gettext_lazy("Use this pattern")
    success_message = gettext_lazy("The next invoice will follow this pattern.")

    def get_initial(self) -> dict[str, Any]:
        found = self.open_series()
        if found is None:
            return {"pattern": "FA-{year}-{number:04d}", "restarts": True}
        return {"pattern": found.pattern, "restarts": found.restarts}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def open_series(self) -> Series | None:
        return Series.objects.filter(kind=SERIES, closed=False).first()

    def perform(self, form: Any) -> Series:
        return desk.set_numbering(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Series) -> str:
        return reverse("invoicing:numbering")

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = self.open_series()
        rows = Series.objects.filter(kind=SERIES).prefetch_related("years").order_by("-pk")
        more |= {"series": list(rows), "next_number": self.next_number(found)}
        return super().get_context(**more)

    def next_number(self, found: Series | None) -> str:
        if found is None:
            return ""
        label = self.today.year if found.restarts else 0
        year = found.years.filter(year=label).first()
        rank = (year.counter if year else 0) + 1
        return numbered(found.pattern, year=self.today.year, rank=rank)
