"""Exports for the accountant's firm: a period, its checks, the files, and what was taken away."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile
from essaim.formats import date_fr
from essaim.money import ZERO
from essaim.tongue import kept
from essaim.views import Action, FormPage, Page, file_response
from invoicing import accruals, files, journals, vat_statement
from invoicing.actions.firm import send_to_firm
from invoicing.books_checks import analytic_totals, checks
from invoicing.entries import SALES
from invoicing.files import Wanted
from invoicing.forms_books import DayForm, EntriesForm, SendForm
from invoicing.models import BookSettings, ExportLog, ExportProfile, PeriodLock
from invoicing.views.bill import room_tabs
from invoicing.views.books import PeriodPage, fiscal_month, fiscal_year

HISTORY = 30


class Exports(PeriodPage):
    """Choose a period, read the checks, take the files away."""

    template_name = "invoicing/exports.html"
    title = gettext_lazy("Exports")
    explains = gettext_lazy("Sales and receipts for the accountant’s firm.")
    about = "fec"

    def get_actions(self) -> Sequence[Action]:
        books = "invoicing.manage_books"
        return (
            Action(_("Accounts"), reverse("invoicing:accounts"), "book-open", books),
            Action(_("Period lock"), reverse("invoicing:lock"), "lock", books),
            Action(_("Numbering"), reverse("invoicing:numbering"), "hash", "crm.manage_issuer"),
            Action(_("E-reporting"), reverse("invoicing:ereporting"), "landmark"),
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, period = self.read_period()
        more: dict[str, Any] = {"form": form, "tabs": room_tabs(self, "exports")}
        if period is not None:
            more |= {"checks": checks(*period), "first": period[0], "last": period[1]}
        more |= {
            "periods": self.periods(period),
            "locked": PeriodLock.objects.until(),
            "settings": BookSettings.current(),
            "analytic": analytic_totals(*period) if period else [],
            "profiles": list(ExportProfile.objects.all()),
            "history": list(ExportLog.objects.select_related("by")[:HISTORY]),
            "entries_form": EntriesForm(user=request.user, on=self.today),
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


class Asking(PeriodPage):
    """A page about one file of one period, as the form of the exports page asks for it."""

    def read_wanted(self) -> Wanted | None:
        """What is asked for; None when the period makes no sense."""
        given = {"format": self.kwargs.get("file_format", "")}
        given |= (self.request.POST or self.request.GET).dict()
        kind = self.kwargs["kind"]
        asked(kind, given, (self.today, self.today))
        _form, period = self.read_period()
        return asked(kind, given, period) if period else None


class Export(Asking):
    """Send one file; what was taken is logged with its fingerprint."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        wanted = self.read_wanted()
        if wanted is None:
            return self.bad_request("period")
        built, _log = kept(lambda: files.take(wanted, **self.act()))
        return answer_with(built)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.get(request, *args, **kwargs)


def answer_with(built: files.Built) -> HttpResponseBase:
    """The file as an attachment, its fingerprint as the tag of its content."""
    answer = file_response(built.chunks(), built.name, built.content_type)
    answer["ETag"] = f'"{built.fingerprint}"'
    return answer


class ExportAgain(FormPage):
    """The same file again: the bytes say whether something was recorded since."""

    model = ExportLog
    title = gettext_lazy("Take it away again")
    explains = gettext_lazy(
        "Compare both fingerprints: they tell whether something was recorded since."
    )
    submit_label = gettext_lazy("Take it away again")
    template_name = "invoicing/export_again.html"

    def get_objects(self) -> Any:
        return ExportLog.objects.all()

    def get_facts(self) -> str:
        row = self.object
        return f"{row.name or row.kind} · {date_fr(row.period_from)} – {date_fr(row.period_to)}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        built, _log = kept(lambda: files.take(files.wanted_of(self.object), **self.act()))
        answer = answer_with(built)
        answer["X-Same-As-Before"] = "yes" if built.fingerprint == self.object.fingerprint else "no"
        return answer


class ExportSend(Asking, FormPage):
    """« Envoyer au cabinet »: the file leaves by mail, logged with its fingerprint."""

    form_class = SendForm
    title = gettext_lazy("Send to the firm")
    explains = gettext_lazy("The file leaves by mail, and the history keeps its fingerprint.")
    submit_label = gettext_lazy("Send")
    submit_icon = "send"
    template_name = "invoicing/export_send.html"
    success_message = gettext_lazy("The file waits in the outbox and leaves at its next run.")

    @cached_property
    def wanted(self) -> Wanted:
        found = self.read_wanted()
        if found is None:
            raise Http404("period")
        return found

    def load(self) -> None:
        super().load()
        if self.request.user.has_perm(self.permission):
            files.check(self.wanted)

    def get_facts(self) -> str:
        wanted = self.wanted
        period = f"{date_fr(wanted.first)} – {date_fr(wanted.last)}"
        return f"{files.name_of(wanted)} · {period}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def get_initial(self) -> dict[str, Any]:
        firm, wanted = BookSettings.current(), self.wanted
        profile = IssuerProfile.objects.at(self.today)
        names = {
            "us": profile.legal_name if profile else "",
            "from": date_fr(wanted.first),
            "to": date_fr(wanted.last),
        }
        body = _("Hello,\n\nHere are the entries of %(us)s from %(from)s to %(to)s.\n\nRegards,")
        return {
            "to": firm.firm_email,
            "subject": _("%(us)s: entries from %(from)s to %(to)s") % names,
            "body": f"{body % names}\n{self.request.user}",
        }

    def get_context(self, **more: Any) -> dict[str, Any]:
        given = (self.request.POST or self.request.GET).dict()
        names = ("format", "start", "end", "scope", "encoding")
        more["kept"] = {name: given[name] for name in names if name in given}
        return super().get_context(**more)

    def perform(self, form: Any) -> ExportLog:
        return send_to_firm(wanted=self.wanted, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:exports")


class VatDue(PeriodPage):
    """« État de TVA exigible »: what each month owes, and the receipts it comes from."""

    template_name = "invoicing/vat.html"
    title = gettext_lazy("VAT due")
    explains = gettext_lazy("Base and tax per rate, for the VAT return.")
    about = "tva"
    shown = 200

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, period = self.read_period()
        more: dict[str, Any] = {"form": form, "periods": self.periods(period)}
        if period is not None:
            rows: list[vat_statement.Due] = []
            totals = vat_statement.totals(self.kept(vat_statement.lines(*period), rows))
            more |= {
                "first": period[0],
                "last": period[1],
                "totals": totals,
                "rows": rows,
                "whole": sum((t.vat for t in totals), ZERO),
                "hidden": len(rows) == self.shown,
                "unallocated": vat_statement.unallocated(*period),
            }
        return self.show(status=200 if period else 422, **more)

    def kept(
        self, source: Iterable[vat_statement.Due], rows: list[vat_statement.Due]
    ) -> Iterator[vat_statement.Due]:
        """Every line goes by; the first ones are kept to be shown."""
        for row in source:
            if len(rows) < self.shown:
                rows.append(row)
            yield row


class Closing(Page):
    """What closing the books on a day adds and takes off."""

    template_name = "invoicing/accruals.html"
    title = gettext_lazy("Closing")
    explains = gettext_lazy("Work done and not invoiced, income invoiced before it is earned.")
    about = "cloture"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        last = fiscal_year(self.today, fiscal_month(self.today))[0] - date.resolution
        given = request.GET if "day" in request.GET else {"day": f"{last:%Y-%m-%d}"}
        form = DayForm(given, user=request.user, on=self.today)
        if not form.is_valid():
            return self.show(status=422, form=form)
        on = form.cleaned_data["day"]
        groups = [
            (accruals.kind_words(kind, on), rows, sum((r.gross for r in rows), ZERO))
            for kind, rows in (
                (accruals.UNBILLED, list(accruals.unbilled(on))),
                (accruals.DEFERRED, list(accruals.deferred(on))),
            )
        ]
        formats = (("fec", _("FEC format")), ("quadra", "Quadra"), ("csv", "CSV"), ("xlsx", "XLSX"))
        return self.show(form=form, on=on, groups=groups, formats=formats)
