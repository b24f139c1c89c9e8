"""« Créances » and « Prévision »: who owes what since when, and what should come in."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.charts import Chart, stacked
from essaim.exports import CSV_TYPE, XLSX_TYPE, csv_stream, xlsx_bytes
from essaim.formats import date_fr, money
from essaim.tongue import in_french
from essaim.views import Action, Page, file_response
from essaim.views.pages import log_refusal
from invoicing import forecast as forecasts
from invoicing.forms_reminders import AsOfForm
from invoicing.receivables import AgedBalance, aged_balance
from invoicing.rules_receivables import COLUMNS, Forecast
from invoicing.views.bill import room_tabs

TONES = {"not_due": "", "d30": "warn", "d60": "warn2", "d90": "bad", "over": "bad2"}


def column_words() -> dict[str, str]:
    """Headings of the ages."""
    return {
        "not_due": _("Not due"),
        "d30": _("1 to 30 d"),
        "d60": _("31 to 60 d"),
        "d90": _("61 to 90 d"),
        "over": _("Over 90 d"),
    }


def table_file(
    name: str, file_format: str, header: Sequence[Any], rows: Any, amounts: set[int]
) -> HttpResponseBase:
    """A table as CSV or XLSX."""
    if file_format == "csv":
        content: Any = csv_stream(header, rows, dates="french")
        return file_response(content, f"{name}.csv", CSV_TYPE)
    if file_format == "xlsx":
        content = xlsx_bytes(header, rows, money_columns=amounts, title=name)
        return file_response(content, f"{name}.xlsx", XLSX_TYPE)
    raise Http404(file_format)


class _AsOf(Page):
    """A page about one day, today when the address names none."""

    def read(self) -> tuple[Any, date | None]:
        given = self.request.GET
        initial = {"on_day": self.today}
        about: dict[str, Any] = {"user": self.request.user, "on": self.today}
        if "on_day" not in given:
            return AsOfForm(initial=initial, **about), self.today
        form = AsOfForm(given, **about)
        if not form.is_valid():
            log_refusal(self.request, "invalid:on_day")
            return form, None
        return form, form.cleaned_data["on_day"]


class Receivables(_AsOf):
    """The aged balance as of a day, by client, with its bars."""

    title = gettext_lazy("Receivables")
    explains = gettext_lazy(
        "Who owes what and since when, as of a day: the oldest debts need you first."
    )
    about = "solde-client"
    template_name = "invoicing/receivables.html"

    def get_primary(self) -> Action:
        return Action(_("Reminders of the day"), reverse("invoicing:reminders"), "bell-ring")

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Forecast"), reverse("invoicing:forecast"), "chart-column"),)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, day = self.read()
        return self.show(status=200 if day else 422, form=form, day=day)

    def get_context(self, **more: Any) -> dict[str, Any]:
        day = more.get("day")
        more["tabs"] = room_tabs(self, "receivables")
        if day is not None:
            found = aged_balance(as_of=day)
            more |= {
                "found": found,
                "bars": age_bars(found),
                "columns": column_words(),
                "query": f"?on_day={day:%Y-%m-%d}",
            }
        return super().get_context(**more)


def age_bars(found: AgedBalance) -> list[tuple[Any, int, str, str]]:
    """(label, share, amount, tone) of each age, against the largest."""
    amounts = found.total.amounts
    most = max(amounts.values()) or 1
    words = column_words()
    return [(words[c], int(amounts[c] * 100 / most), money(amounts[c]), TONES[c]) for c in COLUMNS]


class ReceivablesFile(_AsOf):
    """The aged balance as a file, as of the day of the address."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _form, day = self.read()
        if day is None:
            return self.bad_request("on_day")
        words = column_words()
        header = [_("Client"), *(words[c] for c in COLUMNS), _("Balance held"), _("Total")]
        header.append(_("Oldest due date"))
        found = aged_balance(as_of=day)
        name = f"balance-agee-{day:%Y%m%d}"
        return table_file(name, kwargs["file_format"], header, self.rows(found), set(range(1, 8)))

    def rows(self, found: AgedBalance) -> Iterator[Sequence[Any]]:
        for line in [*found.lines, found.total]:
            label = line.label or _("Total")
            amounts = [line.amounts[c] for c in COLUMNS]
            yield (label, *amounts, line.balance, line.total, line.oldest)


# -- the forecast -----------------------------------------------------------------------------
KEYS = [
    ("full", gettext_lazy("Certain: issued and not paid yet")),
    ("hatched", gettext_lazy("Conditional: to bill, or tied to a grant")),
]


def drawn(found: Forecast) -> Chart:
    """One column per month: certain below, conditional above."""
    rows = [(month.first, (month.sure, month.maybe)) for month in found.months]
    return stacked("coming", rows, ("full", "hatched"), lambda amount: money(amount, 0))


class ForecastPage(Page):
    """Twelve months of receipts: certain in full colour, conditional hatched."""

    title = gettext_lazy("Forecast")
    explains = gettext_lazy(
        "What should come in over twelve months: hatched is what depends on something."
    )
    template_name = "invoicing/forecast.html"

    def get_facts(self) -> str:
        return _("VAT included, from %(day)s") % {"day": date_fr(self.today)}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:receivables"), _("Receivables"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        found, columns = forecasts.forecast(on=self.today), forecasts.columns()
        months = list(forecasts.table_rows(found))
        # Sources that bring nothing leave the page; the two sums and the files keep them all.
        last = len(columns) - 2
        kept = [i for i in range(1, len(columns)) if i >= last or any(row[i] for row in months)]
        more |= {
            "found": found,
            "chart": drawn(found),
            "chart_keys": KEYS,
            "columns": [columns[i] for i in (0, *kept)],
            "rows": [(row[0], [(columns[i], row[i]) for i in kept]) for row in months],
            "sure": found.total(certain=True),
            "maybe": found.total(certain=False),
            "held": forecasts.held(on=self.today),
            "tabs": room_tabs(self, "receivables"),
        }
        return super().get_context(**more)


class ForecastFile(Page):
    """The forecast as a file."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = forecasts.forecast(on=self.today)
        header = forecasts.columns()
        name = f"prevision-{self.today:%Y%m%d}"
        amounts = set(range(1, len(header)))
        return table_file(name, kwargs["file_format"], header, forecasts.table_rows(found), amounts)
