"""« Bilans »: days given, covered, billed and volunteered, per coop and per payer."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy

from invoicing.figures import by_coop, by_payer
from invoicing.views.books import PeriodPage
from invoicing.views.report_tabs import report_tabs


class Reports(PeriodPage):
    """Read-only; built from day shares, never from days."""

    template_name = "invoicing/reports.html"
    title = gettext_lazy("Totals by coop and by payer")
    explains = gettext_lazy(
        "What was given, covered and billed; each fraction of a day counts once."
    )
    default = 3  # this year

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, period = self.read_period()
        more: dict[str, Any] = {
            "form": form,
            "periods": self.periods(period),
            "ways": report_tabs(self, "totals"),
        }
        if period is not None:
            coops, payers = by_coop(*period), by_payer(*period)
            more |= {
                "coops": coops.lines,
                "payers": payers.lines,
                "total": coops.total,
                "payers_total": payers.total,
                "hidden": coops.hidden + payers.hidden,
                "first": period[0],
                "last": period[1],
            }
        return self.show(status=200 if period else 422, **more)
