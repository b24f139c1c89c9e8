"""Files of an issued document, its acquitted copy, what platforms answered; e-reporting."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.tongue import in_french
from essaim.views import Action, FormPage, Page, file_response
from essaim.workflow import Missing, Refused
from invoicing.actions import efacture
from invoicing.ereporting import FORMATS, report, report_file
from invoicing.forms_efacture import StatusForm
from invoicing.models import FrozenFile, Invoice, LifecycleStatus
from invoicing.rules_efacture import COLLECTED, next_statuses
from invoicing.views.bill import room_tabs
from invoicing.views.books import PeriodPage

_KINDS = {
    FrozenFile.Kind.XML: ("factur-x", "xml", "application/xml"),
    FrozenFile.Kind.PLAIN: ("simple", "pdf", "application/pdf"),
    FrozenFile.Kind.ACQUITTED: ("acquittee", "pdf", "application/pdf"),
}


class OfInvoice(Page):
    """A page about one invoice, from which one goes back to it."""

    model = Invoice

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))


class File(OfInvoice):
    """One of the frozen files of a document, as it was kept."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kind = self.kwargs["kind"]
        if kind not in _KINDS:
            raise Http404(kind)
        if kind == FrozenFile.Kind.ACQUITTED:
            efacture.acquittable(self.object)  # a payment undone since: the copy is no longer true
        file = FrozenFile.objects.filter(invoice=self.object, kind=kind).first()
        if file is None:
            raise Refused([Missing("file", _("This file was not made yet: ask for it first."))])
        tag = f'"{file.sha256}"'
        if request.headers.get("If-None-Match") == tag:
            answer: HttpResponseBase = HttpResponseNotModified()
        else:
            word, extension, content_type = _KINDS[kind]
            name = f"{slugify(self.object.number).upper()}-{word}.{extension}"
            answer = file_response(bytes(file.content), name, content_type)
        answer["ETag"] = tag
        answer["Cache-Control"] = "private, no-cache"
        return answer


class MakePlain(OfInvoice, FormPage):
    """Print the document without its XML, once for good."""

    title = gettext_lazy("Plain PDF")
    explains = gettext_lazy("For portals that refuse the hybrid PDF, Chorus Pro among them.")
    submit_label = gettext_lazy("Make the plain PDF")
    submit_icon = "file-text"
    success_message = gettext_lazy("The plain PDF is kept with the document.")

    def perform(self, form: Any) -> Invoice:
        efacture.make_plain(invoice=self.object, **self.act())
        return self.object  # type: ignore[no-any-return]

    def get_success_url(self, done: Any) -> str:
        return str(self.object.get_absolute_url())


class Acquit(OfInvoice, FormPage):
    """Make the acquitted copy that European funders ask for."""

    title = gettext_lazy("Acquitted copy")
    explains = gettext_lazy(
        "The frozen pages unchanged, and one more that says how and when they were paid."
    )
    submit_label = gettext_lazy("Make the acquitted copy")
    submit_icon = "badge-check"
    success_message = gettext_lazy("The acquitted copy is kept with the document.")

    def check(self) -> None:
        super().check()
        efacture.acquittable(self.object)

    def perform(self, form: Any) -> Invoice:
        efacture.acquit(invoice=self.object, **self.act())
        return self.object  # type: ignore[no-any-return]

    def get_success_url(self, done: Any) -> str:
        return str(self.object.get_absolute_url())


class Status(OfInvoice, FormPage):
    """Note what a platform or the client answered."""

    form_class = StatusForm
    title = gettext_lazy("Status at the platform")
    explains = gettext_lazy(
        "Keep here what the platform or the client answered: the invoice says it."
    )
    success_message = gettext_lazy("The status is noted.")

    def get_facts(self) -> str:
        current = LifecycleStatus.current_of(self.object)
        return str(current.get_status_display()) if current else _("Not deposited yet")

    def following(self) -> tuple[str, ...]:
        current = LifecycleStatus.current_of(self.object)
        return next_statuses(current.status if current else "")

    def check(self) -> None:
        super().check()
        if not self.following():
            words = _("Nothing follows this status: a refused document is credited.")
            raise Refused([Missing("status_does_not_follow", words)])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"following": self.following()}

    def get_initial(self) -> dict[str, Any]:
        found = self.following()
        paid = COLLECTED in found and efacture.amount_left(self.object) <= 0
        if paid:
            return {"status": COLLECTED}
        # Of several answers none is the usual one.
        return {"status": found[0]} if len(found) == 1 else {}

    def perform(self, form: Any) -> Invoice:
        efacture.note_status(invoice=self.object, **form.cleaned_data, **self.act())
        return self.object  # type: ignore[no-any-return]

    def get_success_url(self, done: Any) -> str:
        return str(self.object.get_absolute_url())


class EReporting(PeriodPage):
    """What we report to the tax office of clients outside the exchange of invoices."""

    template_name = "invoicing/ereporting.html"
    title = gettext_lazy("E-reporting")
    explains = gettext_lazy(
        "Private persons, clients abroad, outside VAT or without a SIREN (art. 290 of the CGI)."
    )
    about = "facturx"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def get_actions(self) -> Sequence[Action]:
        return ()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, period = self.read_period()
        more: dict[str, Any] = {"form": form, "tabs": room_tabs(self, "exports")}
        more |= {"periods": self.periods(period), "formats": FORMATS}
        if period is not None:
            more |= {"report": report(*period), "first": period[0], "last": period[1]}
        return self.show(status=200 if period else 422, **more)


class EReportingFile(PeriodPage):
    """The report as a file; what was taken is logged with its fingerprint."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        file_format = self.kwargs["file_format"]
        if file_format not in FORMATS:
            raise Http404(file_format)
        _form, period = self.read_period()
        if period is None:
            return self.bad_request("period")
        with in_french():
            name, content, content_type = report_file(file_format, *period, **self.act())
        return file_response(content, name, content_type)
