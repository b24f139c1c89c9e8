"""« Taux de réussite »: what became of the files deposited, by funder and programme."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from essaim.exports import CSV_TYPE, XLSX_TYPE, csv_stream, xlsx_bytes
from essaim.formats import DASH, NBSP, days, plain_number
from essaim.tongue import in_french
from essaim.views import Page, file_response
from grants import rates
from grants.forms_deadlines import PeriodForm
from grants.views.tabs import Tabbed


class _Period(Page):
    """A page about the files deposited in a period."""

    @cached_property
    def form(self) -> Any:
        return PeriodForm(self.request.GET or None, user=self.request.user, on=self.today)

    @cached_property
    def lines(self) -> list[rates.Rate]:
        period = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        return rates.rates(self.request.user, **period)


class RatesPage(Tabbed, _Period):
    tab = "rates"
    template_name = "grants/rates.html"
    title = gettext_lazy("Success rates")
    explains = gettext_lazy("Of the files deposited: asked, awarded, refused, without an answer.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wrong = self.form.is_bound and not self.form.is_valid()
        return self.show(status=422 if wrong else 200)

    def get_context(self, **more: Any) -> dict[str, Any]:
        query = self.request.GET.urlencode()
        links = [
            (words, f"{reverse('grants:rates_file', args=(name,))}?{query}")
            for name, words in (("csv", "CSV"), ("xlsx", "XLSX"))
        ]
        more |= {
            "form": self.form,
            "lines": self.lines,
            "funders": rates.by_funder(self.lines),
            "figures": _figures(rates.in_all(self.lines)),
            "files": links,
        }
        return super().get_context(**more)


def _figures(total: rates.Rate) -> list[tuple[str, str]]:
    def percent(value: Any) -> str:
        return DASH if value is None else f"{plain_number(value)}{NBSP}%"

    median = total.median_days
    return [
        (percent(total.by_count), _("of decided files were awarded")),
        (percent(total.by_amount), _("of the euros asked were awarded")),
        (percent(total.share), _("of what awarded files asked was granted")),
        (DASH if median is None else days(median), _("median time to decide")),
    ]


class RatesFile(_Period):
    """The same lines as a file."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        name, file_format = _("success-rates"), kwargs["file_format"]
        header, rows = _header(), _rows(self.lines)
        if file_format == "csv":
            content: Any = csv_stream(header, rows, dates="french")
            return file_response(content, f"{name}.csv", CSV_TYPE)
        if file_format == "xlsx":
            content = xlsx_bytes(header, rows, money_columns={8, 9}, title=str(name))
            return file_response(content, f"{name}.xlsx", XLSX_TYPE)
        raise Http404(file_format)


def _header() -> Sequence[str]:
    return [
        _("Funder"),
        _("Programme"),
        pgettext("rates", "Deposited"),
        pgettext("rates", "Awarded"),
        pgettext("rates", "Refused"),
        pgettext("rates", "No answer"),
        pgettext("rates", "Withdrawn"),
        pgettext("rates", "Waiting"),
        pgettext("rates", "Asked (EUR)"),
        pgettext("rates", "Awarded (EUR)"),
        _("Success by count (%)"),
        _("Success by amount (%)"),
        _("Share granted (%)"),
        _("Median days to decide"),
    ]


def _rows(lines: Sequence[rates.Rate]) -> Iterator[Sequence[Any]]:
    for line in lines:
        counts = line.counts
        yield [
            line.funder,
            line.programme,
            line.deposited,
            counts[rates.AWARDED],
            counts[rates.REFUSED],
            counts[rates.SILENT],
            counts[rates.WITHDRAWN],
            counts[rates.PENDING],
            line.asked,
            line.awarded,
            line.by_count,
            line.by_amount,
            line.share,
            line.median_days,
        ]
