"""Pages of reports to funders: the list, one report, its fractions, its columns, its moves."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.days import add_months, month_end, month_start
from essaim.formats import date_fr
from essaim.tongue import in_french
from essaim.views import (
    Action,
    Chips,
    Column,
    DetailPage,
    FormPage,
    ListPage,
    Page,
    TransitionPage,
    file_response,
)
from essaim.workflow import Missing
from invoicing import actions, claiming, report_files, reporting
from invoicing.actions.taking import take_report
from invoicing.forms_reports import (
    ColumnsForm,
    DatedForm,
    DatedWhyForm,
    PaysForm,
    ReportForm,
    WhyForm,
)
from invoicing.guards_reports import may_make
from invoicing.models import ClaimMonth, FunderReport
from invoicing.reports_due import outside_window
from invoicing.trail import ICONS, entries_of
from invoicing.views.report_tabs import report_tabs

SHOWN = 200


class FunderReportList(ListPage):
    """Reports and cost claims, the latest period first."""

    model = FunderReport
    template_name = "invoicing/reports/list.html"
    title = gettext_lazy("Reports to funders")
    explains = gettext_lazy("Each fraction of a day is told to one funder, once.")
    about = "bilan"
    order = ("-last",)
    select_related = ("funder",)
    search_fields = ("title", "funder__search_key")
    columns = (
        Column(gettext_lazy("Report"), "title", phone="title"),
        Column(gettext_lazy("Funder"), "funder", phone="sub"),
        Column(gettext_lazy("Kind"), "get_kind_display", phone="sub"),
        Column(gettext_lazy("To"), "last", "date", phone="side"),
        Column(gettext_lazy("Due on"), "due_on", "when", phone="hide", due="is_due"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    chips = (
        Chips(
            "show",
            (
                ("", gettext_lazy("Standing")),
                ("draft", gettext_lazy("Drafts")),
                ("sent", FunderReport.State.SENT.label),
                ("costs", gettext_lazy("Cost claims")),
                ("cancelled", FunderReport.State.CANCELLED.label),
            ),
            lambda rows, value, page: (
                rows.filter(kind="costs") if value == "costs" else rows.filter(state=value)
            ),
            gettext_lazy("State"),
        ),
    )
    empty_title = gettext_lazy("No report yet.")
    empty_text = gettext_lazy("Begin one of an envelope, a programme or a grant application.")
    empty_icon = "file-chart-column"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        shown = self.request.GET.get("show", "")
        return rows if shown == "cancelled" else rows.standing()

    def get_primary(self) -> Action:
        return Action(_("New report"), reverse("invoicing:report_new"), "plus")

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(tabs=report_tabs(self, "list"), **more)


class ReportMaker(Page):
    """Those who may make a report of some kind: the coordinator, and the accountant of claims."""

    def check(self) -> None:
        super().check()
        user = self.request.user
        if self.object is not None:
            may = may_make(self.object, user)
        else:
            may = user.has_perm("invoicing.make_report") or user.has_perm(
                "missions.change_cost_rate"
            )
        if not may:
            raise PermissionDenied("report")


class FunderReportNew(ReportMaker, FormPage):
    """Begin a report: what it is of and its period; what is free comes in by itself."""

    form_class = ReportForm
    title = gettext_lazy("New report")
    explains = gettext_lazy(
        "Choose what it is of and its period: what no other report tells comes in by itself."
    )
    submit_label = gettext_lazy("Gather the days")
    submit_icon = "file-chart-column"
    success_message = gettext_lazy("The draft holds every fraction that was free.")

    def get_initial(self) -> dict[str, Any]:
        """This year up to last month, or what the link says."""
        given, last = self.request.GET, month_end(add_months(self.today, -1))
        initial: dict[str, Any] = {"kind": given.get("kind", "days")}
        for name in ("envelope", "programme", "application"):
            if given.get(name, "").isdecimal():
                initial[name] = given[name]
        initial |= {"first": month_start(last).replace(month=1), "last": last}
        return initial

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:report_list"), _("Reports to funders"))

    def perform(self, form: Any) -> FunderReport:
        return actions.make_report(**form.facts(), **self.act())


class FunderReportPage(DetailPage):
    """One report: what it tells, what is off, its files, what becomes of it."""

    explains = gettext_lazy("Read it again before it leaves: once sent, it is frozen.")
    about = "bilan"

    model = FunderReport
    select_related = ("funder", "envelope", "programme", "application", "replaces", "made_by")
    template_name = "invoicing/reports/report.html"

    def get_facts(self) -> str:
        report = self.object
        words = _("%(first)s to %(last)s") % {
            "first": date_fr(report.first),
            "last": date_fr(report.last),
        }
        return f"{report.funder} · {report.of} · {words}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:report_list"), _("Reports to funders"))

    @cached_property
    def may(self) -> bool:
        return may_make(self.object, self.request.user)

    def get_actions(self) -> list[Action]:
        report = self.object
        if not self.may:
            return []
        key = (report.pk,)
        if report.state == "sent_back":
            url = reverse("invoicing:report_redo", args=key)
            return [Action(_("Correct it by another"), url, "file-pen-line")]
        if not report.is_draft:
            return []
        ways = [
            (_("Fractions"), "report_fractions", "list-checks"),
            (_("Columns"), "report_columns", "columns-3"),
            (_("Bring up to date"), "report_refresh", "refresh-cw"),
        ]
        if report.is_claim:
            ways[1] = (_("Salaries and rate"), "report_pays", "wallet")
        return [
            Action(label, reverse(f"invoicing:{name}", args=key), icon)
            for label, name, icon in ways
        ]

    def notes(self) -> list[Missing]:
        """What the maker should know before sending; the door says it again."""
        report = self.object
        if not report.is_draft:
            return []
        told = reporting.what_is_off(report, reporting.tell(report))
        return [*outside_window(report), *(Missing("sums", words) for words in told)]

    def get_context(self, **more: Any) -> dict[str, Any]:
        report = self.object
        more |= report_files.context_of(report, on=self.today)
        more["files"] = [
            (f.upper(), reverse("invoicing:report_file", args=(report.pk, f)))
            for f in report_files.FORMATS
        ]
        more["hidden"] = max(len(more["main"]["rows"]) - SHOWN, 0)
        more["main"]["rows"] = more["main"]["rows"][:SHOWN]
        more["notes"], more["may"] = self.notes(), self.may
        if report.is_claim and report.is_draft:
            gaps = claiming.differences(report)
            more["gaps"] = [claiming.told_gap(one) for one in gaps]
            more["unsigned"] = claiming.unsigned(report)
        grant = report.application
        if grant is not None and grant.state == "running" and report.state == "sent":
            more["grant_url"] = reverse("grants:application_move", args=(grant.pk, "report"))
        more |= {"trail": entries_of(report), "trail_icons": ICONS}
        return super().get_context(**more)


class FunderReportFile(Page):
    """The file of a report, made when it is asked."""

    model = FunderReport
    select_related = ("funder", "envelope", "programme", "application")

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        suffix = str(kwargs["suffix"])
        if suffix not in report_files.FORMATS:
            raise Http404(suffix)
        name, content = take_report(report=self.object, suffix=suffix, **self.act())
        return file_response(content, name, report_files.TYPES[suffix], inline=suffix == "pdf")


class _OfDraft(ReportMaker):
    """What is done to a draft only."""

    model = FunderReport
    select_related = ("funder", "envelope", "programme", "application")

    def get_facts(self) -> str:
        return str(self.object)


class FunderReportFractions(_OfDraft, FormPage):
    """Which fractions a draft tells; those told elsewhere are shown with their report."""

    template_name = "invoicing/reports/fractions.html"
    title = gettext_lazy("Fractions told")
    explains = gettext_lazy("Each fraction of a day is told to one funder only.")
    success_message = gettext_lazy("The report tells these fractions.")

    @cached_property
    def rows(self) -> list[Any]:
        report = self.object
        found = reporting.candidates(report.of, report.kind, report.first, report.last)
        shares = list(found.select_related("day__consultant", "coop__organisation", "payer"))
        root = reporting.fractions_of(shares)
        taken = reporting.taken_by(root.values())
        for share in shares:
            row = taken.get(root[share.pk])
            share.mine = row is not None and row.report_id == report.pk
            share.elsewhere = row.report if row is not None and not share.mine else None
        return shares

    def perform(self, form: Any) -> FunderReport:
        keys = {int(k) for k in self.request.POST.getlist("share") if k.isdecimal() and len(k) < 19}
        held = {share.pk for share in self.rows if share.mine}
        act = self.act()
        actions.choose_shares(self.object, keep=held & keys, add=keys - held, **act)
        return self.object

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(shares=self.rows, **more)


class FunderReportColumns(_OfDraft, FormPage):
    """Columns chosen, put in order, renamed, kept as a model."""

    form_class = ColumnsForm
    template_name = "invoicing/reports/columns.html"
    title = gettext_lazy("Columns of the report")
    explains = gettext_lazy(
        "The funder’s own words and order; keep them as a model for the next report."
    )
    success_message = gettext_lazy("The columns are set.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"columns": self.object.columns}

    def get_initial(self) -> dict[str, Any]:
        return {"layout": self.object.layout, "with_given": self.object.with_given}

    def perform(self, form: Any) -> FunderReport:
        data = form.cleaned_data
        return actions.lay_out(
            self.object,
            columns=form.columns(),
            layout=data["layout"],
            with_given=data["with_given"],
            save_as=data["save_as"],
            **self.act(),
        )


class FunderReportPays(_OfDraft, FormPage):
    """What each month of a claim really cost, and the flat rate."""

    form_class = PaysForm
    title = gettext_lazy("Salaries and rate")
    explains = gettext_lazy(
        "What each month really cost, as payslips tell it: the claim is reckoned from it."
    )
    success_message = gettext_lazy("The claim is priced again.")

    def load(self) -> None:
        super().load()
        if not self.object.is_claim:
            raise Http404("pays")

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = ClaimMonth.objects.filter(report=self.object).select_related("person")
        return {"months": list(rows)}

    def get_initial(self) -> dict[str, Any]:
        return {"flat_rate": self.object.flat_rate}

    def perform(self, form: Any) -> FunderReport:
        rate = form.cleaned_data["flat_rate"]
        return actions.set_pays(self.object, pays=form.pays(), flat_rate=rate, **self.act())


class FunderReportRefresh(_OfDraft, FormPage):
    """Bring a draft up to date."""

    template_name = "invoicing/reports/confirm.html"
    title = gettext_lazy("Bring the report up to date")
    explains = gettext_lazy(
        "Takes in what changed since the draft was made; nothing sent is touched."
    )
    submit_label = gettext_lazy("Bring up to date")
    success_message = gettext_lazy("The draft is up to date.")
    help = gettext_lazy(
        "Days validated since then come in, fractions that you took out too; those gone leave."
    )

    def perform(self, form: Any) -> FunderReport:
        return actions.refresh_report(self.object, **self.act())


class FunderReportRedo(_OfDraft, FormPage):
    """Correct a report that came back by another one."""

    template_name = "invoicing/reports/confirm.html"
    title = gettext_lazy("Correct the report by another")
    explains = gettext_lazy("The one that came back stays as it was; a new draft replaces it.")
    submit_label = gettext_lazy("Cancel it and begin its successor")
    success_message = gettext_lazy("The draft of its successor is ready.")
    help = gettext_lazy("What was sent stays readable as it was; its fractions pass to the draft.")

    def perform(self, form: Any) -> FunderReport:
        return actions.redo_report(self.object, **self.act())


class FunderReportMove(TransitionPage):
    """Send, accept, send back, cancel."""

    model = FunderReport
    select_related = ("funder", "envelope", "programme", "application")
    forms = {
        "send": DatedForm,
        "accept": DatedForm,
        "send_back": DatedWhyForm,
        "cancel": WhyForm,
    }
    actions = {
        "send": actions.send_report,
        "accept": actions.accept_report,
        "send_back": actions.send_back_report,
        "cancel": actions.cancel_report,
    }
    helps = {
        "send": gettext_lazy(
            "The report is frozen with its fingerprint: no later rate or name changes it."
        ),
        "cancel": gettext_lazy("It stays readable; its fractions may be told again."),
    }

    def get_initial(self) -> dict[str, Any]:
        return {"dated": self.today, **super().get_initial()}
