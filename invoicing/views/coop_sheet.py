"""The summary sheet of a coop, as a PDF."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from crm import coop_page
from essaim.tongue import in_french
from essaim.views import Page, file_response
from invoicing.coop_sheet import sheet_of
from invoicing.coop_sheet_print import render_sheet, sheet_name


class CoopSheet(Page):
    """One coop on paper, as far as who asks may see."""

    accompaniment: Any = None

    def load(self) -> None:
        self.accompaniment = coop_page.current_of(self.request.user, self.kwargs["pk"])
        if self.accompaniment is None:
            raise Http404("crm.Coop")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with in_french():
            sheet = sheet_of(self.accompaniment, user=request.user, on=self.today)
        content = render_sheet(sheet)
        return file_response(content, sheet_name(sheet), "application/pdf", inline=True)
