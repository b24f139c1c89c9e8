"""A file on one sheet of paper: who, when, how much, with what, and how it is told outside."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from essaim.tongue import in_french
from essaim.views import DetailPage, file_response
from grants import budgets
from grants.models import GrantApplication
from grants.payments import in_order
from grants.printing import file_name, print_page
from grants.views.told import amounts_of, dates_of


def summary_context(a: GrantApplication) -> dict[str, Any]:
    """Everything of a file, in a fixed number of queries."""
    co_funders = list(a.co_funders.select_related("funder").order_by("pk"))
    lines = list(a.budget_lines.all())
    rows = budgets.rows_of(a, lines, co_funders)
    balance = budgets.balance(a, rows)
    return {
        "a": a,
        "amounts": amounts_of(a),
        "dates": [(label, value) for label, value in dates_of(a) if value],
        "pieces": list(a.pieces.all()),
        "co_funders": co_funders,
        "lines": lines,
        "charges": [row for row in rows if row.side == "charge"],
        "products": sorted(
            (row for row in rows if row.side == "product"), key=lambda row: row.account
        ),
        "balance": balance,
        "off": budgets.off_words(balance, a) if lines else [],
        "payments": in_order(list(a.disbursements.all())),
        "episodes": list(a.episodes.all()),
        "amendments": list(a.amendment_needs.select_related("organisation")),
    }


class Summary(DetailPage):
    model = GrantApplication
    select_related = ("applicant__structure", "coop", "programme__funder", "call", "owner")

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        context = summary_context(self.object)
        content = print_page("grants/print/summary.html", context, on=self.today)
        name = f"{file_name('dossier', self.object.applicant, self.object.programme)}.pdf"
        return file_response(content, name, "application/pdf", inline=True)
