"""« Lancer la facturation »: choose, preview, issue; then the page of a run until it ends."""

import secrets
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.formats import date_fr, money
from essaim.money import ZERO, cents
from essaim.tongue import kept
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, Page
from essaim.views.bulk import BULK_CAP
from essaim.workflow import Missing, Refused
from invoicing.actions.many import draft_many
from invoicing.actions.running import (
    bill_all_the_same,
    carry_on,
    documents_of,
    in_the_way,
    retry_payer,
    start_run,
)
from invoicing.billing import Proposal, proposals
from invoicing.forms_runs import ChoiceForm, LaunchForm, UntilForm
from invoicing.models import BillingRun, BillingRunPayer
from invoicing.tasks import carry_run

LAUNCH = "invoicing.issue_invoice"
SHOW = Chips(
    "show",
    (("", gettext_lazy("Due now")), ("all", gettext_lazy("Everything"))),
    lambda rows, value, page: rows,
    gettext_lazy("What to bill"),
)


def past_runs() -> Action:
    return Action(_("Past runs"), reverse("invoicing:runs"), "history", "invoicing.view_invoice")


class RunNew(Page):
    """Choose the payers to bill; nothing is numbered, nothing is written."""

    template_name = "invoicing/run_new.html"
    title = gettext_lazy("Launch the billing")
    explains = gettext_lazy(
        "Tick the payers to bill this time: nothing is written or numbered yet."
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:to_bill"), _("To bill"))

    def get_actions(self) -> list[Action]:
        return [past_runs()]

    @cached_property
    def form(self) -> UntilForm:
        return UntilForm(self.request.GET or None, user=self.request.user, on=self.today)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        bad = self.form.is_bound and not self.form.is_valid()
        return self.show(status=422 if bad else 200)

    def get_context(self, **more: Any) -> dict[str, Any]:
        given = self.form.is_bound and self.form.is_valid() and self.form.cleaned_data["until"]
        until = given or self.today
        shown = SHOW.chosen(self.request.GET)
        found = proposals(until=until, on=self.today, due=not shown)
        more |= {
            "form": self.form,
            "until": until,
            "chips": [(SHOW, shown)],
            "barred": [p for p in found if p.bars],
            "ready": [p for p in found if p.is_ready],
            "shown": shown,
        }
        return super().get_context(**more)


class RunPreview(Page):
    """What would be issued, then the button that launches the run."""

    template_name = "invoicing/run_preview.html"
    title = gettext_lazy("Preview of the billing")
    explains = gettext_lazy(
        "Read what would be issued; the last button gives the numbers, for good."
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:run_new"), _("Launch the billing"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("invoicing:run_new")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        launching = "key" in request.POST
        cls = LaunchForm if launching else ChoiceForm
        form = cls(request.POST, user=request.user, on=self.today)
        if not form.is_valid():
            return self.invalid(form)
        if not launching:
            return self.preview(form)
        if "drafts" in request.POST:
            return self.draft(form)
        try:
            run = kept(
                lambda: start_run(
                    key=form.cleaned_data["key"],
                    payers=form.cleaned_data["payer"],
                    until=form.cleaned_data["until"],
                    **self.act(),
                )
            )
        except Refused as refused:
            return self.preview(form, refused.missing, status=409)
        carry_run.enqueue(run.pk)
        return redirect(run)

    def draft(self, form: Any) -> HttpResponseBase:
        """Drafts of what was previewed, to be read one by one before they are issued."""
        given = form.cleaned_data
        try:
            made = kept(
                lambda: draft_many(payers=given["payer"], until=given["until"], **self.act())
            )
        except Refused as refused:
            return self.preview(form, refused.missing, status=409)
        words = ngettext("%(count)s draft is ready.", "%(count)s drafts are ready.", len(made))
        messages.success(self.request, words % {"count": len(made)})
        return redirect(f"{reverse('invoicing:invoices')}?show=drafts")

    def invalid(self, form: Any) -> HttpResponse:
        words = [str(e) for errors in form.errors.values() for e in errors]
        missing = [Missing("payer", text) for text in words]
        return self.show(status=422, missing=missing, found=[], ready=[], form=form)

    def preview(
        self, form: Any, missing: list[Missing] | None = None, status: int = 200
    ) -> HttpResponse:
        """Each payer chosen as it stands now, what bars it or is to be known of it first."""
        until = form.cleaned_data["until"]
        keys = list(form.cleaned_data["payer"])
        found = proposals(until=until, on=self.today, keys=keys)
        ready = [p for p in found if p.is_ready]
        return self.show(
            status=status,
            form=form,
            missing=missing or [],
            found=found,
            barred=[p for p in found if p.bars],
            noted=[p for p in ready if p.notes],
            ready=ready,
            until=until,
            key=form.data.get("key") or secrets.token_hex(16),
            **_totals(ready),
        )


def _totals(ready: list[Proposal]) -> dict[str, Any]:
    count = sum(p.documents for p in ready)
    total = cents(sum((p.amount for p in ready), ZERO))
    words = ngettext(
        "Issue %(count)s invoice (%(total)s, net)",
        "Issue %(count)s invoices (%(total)s, net)",
        count,
    )
    label = words % {"count": count, "total": money(total)}
    return {"count": count, "total": total, "submit_label": label}


class RunList(ListPage):
    """Billing runs, the last one first."""

    model, title, order = BillingRun, gettext_lazy("Past runs"), ("-pk",)
    columns = (
        Column(gettext_lazy("Run"), lambda run: run_title(run), phone="title"),
        Column(gettext_lazy("Launched by"), "created_by", "person"),
        Column(gettext_lazy("Payers"), "count", "number", phone="side"),
        Column(gettext_lazy("Refused"), "refused", "number", phone="hide"),
        Column(gettext_lazy("Amount, net"), "total", "money", phone="amount"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    empty_title = gettext_lazy("No billing run yet.")
    explains = gettext_lazy("Each run with what it issued and what it refused.")
    empty_text = gettext_lazy(
        "A run issues the invoices of many payers at once: choose them, read the preview, launch."
    )

    def get_queryset(self) -> Any:
        refused = Q(payers__state=BillingRunPayer.State.REFUSED)
        return (
            super()
            .get_queryset()
            .select_related("created_by")
            .annotate(
                count=Count("payers"),
                refused=Count("payers", filter=refused),
                total=Sum("payers__amount", filter=~refused),
            )
        )

    def get_primary(self) -> Action:
        return Action(_("Launch the billing"), reverse("invoicing:run_new"), "play", LAUNCH)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:to_bill"), _("To bill"))


def run_title(run: BillingRun) -> str:
    when = date_format(run.created_at, "d/m/Y H:i")
    return _("Billing of %(when)s") % {"when": when}


class RunPage(DetailPage):
    """How far a run is, payer by payer; it carries itself on until it ends."""

    explains = gettext_lazy(
        "Payer by payer; if it is interrupted, it goes on from where it stopped."
    )

    model, template_name, partial = BillingRun, "invoicing/run.html", "progress"
    select_related = ("created_by",)

    def get_title(self) -> str:
        return run_title(self.object)

    def get_facts(self) -> str:
        words = {"day": date_fr(self.object.until), "person": self.object.created_by.name}
        return _("work until %(day)s · launched by %(person)s") % words

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:runs"), _("Past runs"))

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = list(
            self.object.payers.select_related("payer").prefetch_related("invoices").order_by("pk")
        )
        made = documents_of(self.object)
        sums = made.aggregate(count=Count("pk"), net=Sum("net"))
        unprinted = made.without_pdf().count()
        settled = [r for r in rows if r.state in ("issued", "refused")]
        more |= {
            "rows": sorted(rows, key=lambda row: not row.is_refused),
            "settled": len(settled),
            "refused": sum(row.is_refused for row in rows),
            "issued": sums["count"],
            "net": cents(sums["net"] or ZERO),
            "printed": sums["count"] - unprinted,
            "is_over": len(settled) == len(rows) and not unprinted,
            "left": len(rows) - len(settled),
            "send_url": self.send_url(rows),
            "may_carry": self.request.user.has_perm(LAUNCH),
        }
        return super().get_context(**more)

    def send_url(self, rows: list[BillingRunPayer]) -> str:
        """Where the mails of what was issued are read before they leave."""
        if not self.request.user.has_perm("invoicing.send_document"):
            return ""
        keys = [("pk", invoice.pk) for row in rows for invoice in row.invoices.all()]
        if not keys or len(keys) > BULK_CAP:
            return ""
        back = [("next", self.object.get_absolute_url())]
        return f"{reverse('invoicing:send_many')}?{urlencode(keys + back)}"


class RunCarryOn(RunPage):
    """One step of a run, then its page: what htmx asks every second, or a button by hand."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(self.object)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        kept(lambda: carry_on(run=self.object, **self.act()))
        if not getattr(request, "htmx", None):
            return redirect(self.object)
        self.object.refresh_from_db()
        return self.show()


class RunRetry(FormPage):
    """Put a refused payer back in its run, once what it lacked was mended."""

    parent_model = BillingRun
    title = gettext_lazy("Try again")
    explains = gettext_lazy("What was lacking is mended? This payer goes back into the run.")
    submit_label = gettext_lazy("Try again")
    submit_icon = "rotate-ccw"

    def load(self) -> None:
        super().load()
        self.object = self.pick(self.parent.payers.select_related("payer"), self.kwargs["row_pk"])

    def get_title(self) -> str:
        return str(self.object.payer)

    def get_back(self) -> tuple[str, Any]:
        return (self.parent.get_absolute_url(), run_title(self.parent))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.is_refused:
            self.missing = in_the_way(row=self.object, **self.act())
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> BillingRun:
        row, act = self.object, self.act()
        doubts = [m for m in in_the_way(row=row, **act) if m.level == "warn"]
        if row.is_refused and doubts:
            row = bill_all_the_same(row=row, reasons=self.reasons, **act)
        else:
            row = retry_payer(row=row, **act)
        carry_run.enqueue(row.run_id)
        run: BillingRun = self.parent
        return run

    def get_success_message(self, done: BillingRun) -> str:
        return _("%(payer)s is tried again.") % {"payer": self.object.payer}

    def get_success_url(self, done: BillingRun) -> str:
        return done.get_absolute_url()
