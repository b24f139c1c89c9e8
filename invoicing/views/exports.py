"""Exports for the accountant's firm: a period, its checks, the files, and what was taken away."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Action, file_response
from invoicing import files, journals
from invoicing.books_checks import checks
from invoicing.entries import SALES
from invoicing.files import Wanted
from invoicing.models import BookSettings, ExportLog, ExportProfile, PeriodLock
from invoicing.views.bill import room_tabs
from invoicing.views.books import PeriodPage

HISTORY = 30


class Exports(PeriodPage):
    """Choose a period, read the checks, take the files away."""

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
            "locked": PeriodLock.objects.until(),
            "settings": BookSettings.current(),
            "profiles": list(ExportProfile.objects.all()),
            "history": list(ExportLog.objects.select_related("by")[:HISTORY]),
            "formats": ["csv", "xlsx"],
            "kinds": [
                (journals.SALES, _("Sales"), _("Invoices and credit notes, VAT rate by rate.")),
                (journals.RECEIPTS, _("Receipts"), _("Payments and the invoices they settle.")),
                (journals.BOTH, _("Sales and receipts"), _("Both, in one file.")),
            ],
        }
        return self.show(status=200 if period else 422, **more)


def asked(kind: str, given: Any, period: tuple[date, date]) -> Wanted:
    """What the form of the exports page asks for; Http404 for what is no export."""
    file_format, _sep, profile = given.get("format", "").partition(":")
    if file_format not in files.FORMATS.get(kind, ()):
        raise Http404(kind)
    found = ExportProfile.objects.filter(pk=profile).first() if profile.isdecimal() else None
    if profile and found is None:
        raise Http404(profile)
    scope, encoding = given.get("scope") or SALES, given.get("encoding") or "utf-8"
    if scope not in files.SCOPES or encoding not in files.ENCODINGS:
        raise Http404(scope)
    return Wanted(kind, file_format, *period, scope, encoding, found.as_data() if found else {})


class Export(PeriodPage):
    """Send one file; what was taken is logged with its fingerprint."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = (request.POST or request.GET).dict()
        given = {"format": self.kwargs.get("file_format", ""), **given}
        wanted = asked(self.kwargs["kind"], given, (self.today, self.today))
        _form, period = self.read_period()
        if period is None:
            return self.bad_request("period")
        wanted = asked(self.kwargs["kind"], given, period)
        built, _log = files.take(wanted, **self.act())
        return answer_with(built)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.get(request, *args, **kwargs)


def answer_with(built: files.Built) -> HttpResponseBase:
    """The file as an attachment, its fingerprint as the tag of its content."""
    answer = file_response(built.chunks(), built.name, built.content_type)
    answer["ETag"] = f'"{built.fingerprint}"'
    return answer
