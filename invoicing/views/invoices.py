"""The list of invoices, one invoice, and its PDF."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim.formats import money
from essaim.money import ZERO, cents
from essaim.tongue import in_french
from essaim.views import Action, Chips, Column, DetailPage, ListPage, Page, capped, file_response
from essaim.workflow import Missing, Refused
from invoicing.actions.issuing import issue_problems
from invoicing.actions.paying import credit_left
from invoicing.assembly import document_of
from invoicing.filters import InvoiceFilter
from invoicing.models import Allocation, FrozenFile, Invoice
from invoicing.printing import render_invoice
from invoicing.scheduling import due_for
from invoicing.standing import paid_of, stand, with_standing
from invoicing.taxing import taxed_on
from invoicing.trail import ICONS, entries_of
from invoicing.views.bill import room_tabs
from invoicing.views.document_actions import DRAFT, credit_bars, draft_actions, issued_actions
from invoicing.views.many import ENCASH, PDFS, SEND
from missions.codes import Moment

TABS = (
    ("", pgettext_lazy("invoices", "All")),
    ("drafts", gettext_lazy("Drafts")),
    ("owed", gettext_lazy("To encash")),
    ("late", gettext_lazy("Late")),
    ("paid", pgettext_lazy("invoices", "Paid")),
)


def of_tab(rows: Any, value: str, page: Page) -> Any:
    """Rows of one tab."""
    if value == "drafts":
        return rows.filter(state=Invoice.State.DRAFT)
    if value == "late":
        return rows.overdue(on=page.today)
    if value == "owed":
        return rows.unpaid()
    return rows.claims().with_left().filter(left__lte=0)


def ticked_amount(row: Any) -> Decimal:
    """What a ticked line adds up: what is left of what is owed, the whole of the rest."""
    if row.is_owed:
        return Decimal(row.left)
    return Decimal(-row.gross if row.is_credit_note else row.gross)


class InvoiceList(ListPage):
    """Every invoice and credit note; tabs with counts that stop at 100."""

    model = Invoice
    title = gettext_lazy("Invoices")
    template_name = "invoicing/invoices.html"
    page_size = 40
    filterset_class = InvoiceFilter
    search_fields = ("number", "title", "client__search_key", "coop__organisation__search_key")
    search_label = gettext_lazy("Number, client, coop or subject")
    empty_title = gettext_lazy("No invoice yet.")
    explains = gettext_lazy(
        "Every invoice and credit note, whatever its state: choose a tab, then search."
    )
    about = "facture"
    empty_text = gettext_lazy("Log days, have them validated, then prepare the invoice.")
    empty_icon = "receipt-euro"
    columns = (
        Column(gettext_lazy("Number"), template="invoicing/cells/number.html", phone="sub"),
        Column(gettext_lazy("Client"), template="invoicing/cells/client.html", phone="title"),
        Column(gettext_lazy("Issued"), "issued_on", "date", phone="hide"),
        Column(gettext_lazy("Due date"), template="invoicing/cells/due.html", phone="side"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
        Column(
            gettext_lazy("Left to pay"),
            template="invoicing/cells/left.html",
            end=True,
            phone="hide",
        ),
        Column(
            gettext_lazy("Total"), template="invoicing/cells/gross.html", end=True, phone="amount"
        ),
        Column(
            gettext_lazy("Action"), template="invoicing/cells/encash.html", end=True, phone="sub"
        ),
    )

    ticked = Column("", ticked_amount, "money")

    def get_bulk(self) -> Sequence[Action]:
        shown = self.request.GET.get("show", "")
        if shown == "drafts":
            return ()
        return (SEND, PDFS) if shown == "paid" else (ENCASH, SEND, PDFS)

    @property
    def may_pay(self) -> bool:
        return self.request.user.has_perm("invoicing.record_payment")

    @property
    def may_issue(self) -> bool:
        return self.request.user.has_perm("invoicing.issue_invoice")

    @property
    def order(self) -> Sequence[str]:
        """Issued ones by date; a draft has none, so lists that hold drafts go by key."""
        shown = self.request.GET.get("show", "")
        return ("-issued_on", "-pk") if shown in ("owed", "late", "paid") else ("-pk",)

    def get_objects(self) -> Any:
        return Invoice.objects.visible_to(self.request.user)

    def get_queryset(self) -> Any:
        rows = with_standing(self.get_objects())
        return rows.select_related("client", "coop__organisation")

    def get_chips(self) -> Sequence[Chips]:
        rows = self.get_objects()
        options = [TABS[0]]
        for value, label in TABS[1:]:
            options.append((value, f"{label} {_at_most(capped(of_tab(rows, value, self)))}"))
        return (Chips("show", options, of_tab, gettext_lazy("State")),)

    def active_filters(self) -> list[str]:
        found = super().active_filters()
        shown = dict(TABS).get(self.request.GET.get("show", ""))
        # The tab's name without its count.
        return [str(shown) if shown and w.startswith(f"{shown} ") else w for w in found]

    def paged(self) -> tuple[list[Any], str]:
        rows, cursor = super().paged()
        return [stand(row, on=self.today) for row in rows], cursor

    def get_primary(self) -> Action:
        return Action(
            _("Prepare"), reverse("invoicing:to_bill"), "file-plus", "invoicing.draft_invoice"
        )

    def get_actions(self) -> Sequence[Action]:
        exports = reverse("invoicing:exports")
        return (Action(_("Export"), exports, "download", "invoicing.export"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        more["tabs"] = room_tabs(self, "invoices")
        if "sums" in self.request.GET:
            more["sums"] = sums_of(self.filtered())
        return super().get_context(**more)


def sums_of(rows: Any) -> dict[str, Any]:
    """What the documents of a list add up to, asked for by a click: credit notes are taken off."""
    credit = Q(kind=Invoice.Kind.CREDIT_NOTE)
    found = rows.order_by().aggregate(
        count=Count("pk"),
        billed=Sum("gross", filter=~credit),
        credits=Sum("gross", filter=credit),
        owed=Sum("left", filter=Q(state=Invoice.State.ISSUED, left__gt=0) & ~credit),
    )
    amounts = {name: cents(found[name] or ZERO) for name in ("billed", "credits", "owed")}
    return {"count": found["count"], "left": amounts["owed"]} | {
        "total": amounts["billed"] - amounts["credits"]
    }


def _at_most(count: int) -> str:
    return "99+" if count >= 100 else str(count)


def day_rows(line: Any) -> list[dict[str, Any]]:
    """The days of a line as its copy says them."""
    moments = dict(Moment.choices)
    return [
        {
            "on": date.fromisoformat(day["on"]),
            "moment": moments.get(day["moment"], day["moment"]),
            "people": day["people"],
            "subject": day["subject"],
            "quantity": Decimal(day["quantity"]),
            "share": Decimal(day["share"]),
        }
        for day in line.days
    ]


class InvoicePage(DetailPage):
    """One invoice: read-only once issued; a draft says what it lacks."""

    explains = gettext_lazy(
        "What it claims, what was paid, and the way it took; once issued it is read-only."
    )
    about = "facture"

    model = Invoice
    template_name = "invoicing/invoice.html"

    def get_objects(self) -> Any:
        return with_standing(super().get_objects()).select_related(
            "client", "coop__organisation", "agreement", "origin", "clause__agreement", "issuer"
        )

    def get_title(self) -> str:
        kind = str(self.object.get_kind_display())
        return f"{kind} {self.object.number}" if self.object.number else _("Draft: ") + kind

    def get_facts(self) -> str:
        parts = [str(self.object.client), self.object.title]
        if self.object.coop and self.object.coop.organisation_id != self.object.client_id:
            parts.insert(1, str(self.object.coop))
        return " · ".join(part for part in parts if part)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:invoices"), _("Invoices"))

    def _url(self, name: str) -> str:
        return reverse(f"invoicing:{name}", args=(self.object.pk,))

    def get_primary(self) -> Action | None:
        if not self.object.is_issued:
            label, right = _("Issue (final number)"), "invoicing.issue_invoice"
            barred = [m for m in self.lacking if m.level == "bar"]
            return Action(label, self._url("issue"), "stamp", right, barred=barred, told=True)
        if self.object.is_owed:
            url = f"{reverse('invoicing:payment_new')}?invoice={self.object.pk}"
            label = _("Encash %(amount)s") % {"amount": money(self.object.left)}
            right = "invoicing.record_payment"
            return Action(label, url, "banknote", right, key="e", told=True)
        return None

    def get_actions(self) -> Sequence[Action]:
        if not self.object.is_issued:
            return (
                Action(_("PDF of the draft"), self._url("pdf"), "file-text"),
                Action(_("Change"), self._url("invoice_edit"), "pencil", DRAFT),
            )
        if self.object.kind == Invoice.Kind.TAKEN_OVER:
            return ()
        return (
            Action(_("Send"), self._url("send"), "send", "invoicing.send_document"),
            Action(_("Download the PDF"), self._url("pdf"), "download"),
        )

    def get_more_actions(self) -> Sequence[Action]:
        if not self.object.is_issued:
            delete = Action(_("Delete"), self._url("invoice_delete"), "trash-2", DRAFT)
            return (*draft_actions(self.object), delete)
        found = issued_actions(self.object)
        if self.object.kind != Invoice.Kind.TAKEN_OVER and not self.object.is_credit_note:
            label, right = _("Make a credit note"), "invoicing.credit_invoice"
            barred = credit_bars(self.object)
            found.insert(0, Action(label, self._url("credit"), "undo-2", right, barred=barred))
        if self.object.is_owed:
            url = self._url("write_off")
            found.append(Action(_("Write off"), url, "circle-slash", "invoicing.write_off"))
        return found

    def load(self) -> None:
        super().load()
        stand(taxed_on(self.object, self.today), on=self.today)

    def get_context(self, **more: Any) -> dict[str, Any]:
        invoice = self.object
        lines = list(invoice.lines.all())
        more |= {
            "invoice": invoice,
            "lines": lines,
            "days": sorted((d for ln in lines for d in day_rows(ln)), key=lambda d: d["on"]),
            "may_draft": self.request.user.has_perm("invoicing.draft_invoice"),
            "paid": paid_of(invoice),
            "trail": entries_of(invoice),
            "trail_icons": ICONS,
        }
        more |= self.issued_context() if invoice.is_issued else self.draft_context()
        return super().get_context(**more)

    def issued_context(self) -> dict[str, Any]:
        invoice = self.object
        credit = invoice.is_credit_note
        allocations = Allocation.objects.filter(
            **({"credit_note": invoice} if credit else {"invoice": invoice})
        )
        return {
            "instalments": list(invoice.instalments.all()),
            "allocations": list(
                allocations.select_related("payment", "credit_note", "invoice").order_by("pk")
            ),
            "credits": [row for row in invoice.credit_notes.all() if row.is_credit_note],
            "funding": invoice.terms_copy.get("funding"),
            "budget": invoice.terms_copy.get("budget"),
            "has_file": invoice.kind == Invoice.Kind.TAKEN_OVER
            or invoice.files.filter(kind=FrozenFile.Kind.PDF).exists(),
            "may_allocate": invoice.is_owed
            and self.request.user.has_perm("invoicing.record_payment"),
            "word": {"credit_left": credit_left(invoice)} if credit else {},
        }

    @cached_property
    def lacking(self) -> list[Missing]:
        """What stops this draft from being issued, with where to mend it."""
        invoice = self.object
        found = issue_problems(invoice, on=self.today)
        edit = reverse("invoicing:invoice_edit", args=(invoice.pk,))
        mend = {"wanted_due_on": edit, "lines": reverse("invoicing:line_add", args=(invoice.pk,))}
        mend |= {code: invoice.client.get_absolute_url() for code in ("buyer_address_missing",)}
        return [Missing(m.code, m.text, m.url or mend.get(m.code, ""), m.level) for m in found]

    def draft_context(self) -> dict[str, Any]:
        invoice = self.object
        funding = None
        if invoice.issuer is not None:
            funding = document_of(invoice, on=self.today).funding
        return {
            "lacking": self.lacking,
            "funding": funding,
            "would_be_due_on": due_for(invoice, self.today),
        }


class Pdf(Page):
    """The frozen bytes of an issued document; a draft is rendered on demand and kept nowhere."""

    model = Invoice
    select_related = ("client", "coop__organisation", "agreement", "origin", "issuer")

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.frozen() if self.object.is_issued else self.preview()

    @in_french()
    def frozen(self) -> HttpResponseBase:
        if self.object.kind == Invoice.Kind.TAKEN_OVER:
            words = _("An earlier tool made this document: only its copy may be kept here.")
            raise Refused([Missing("pdf", words)])
        file = FrozenFile.objects.filter(invoice=self.object, kind=FrozenFile.Kind.PDF).first()
        if file is None:
            words = _("The PDF is still to be made: it will be, in a moment.")
            raise Refused([Missing("pdf", words)])
        tag = f'"{file.sha256}"'
        if self.request.headers.get("If-None-Match") == tag:
            answer: HttpResponseBase = HttpResponseNotModified()
        else:
            client = slugify(self.object.client_copy.get("name", ""))[:40]
            name = f"{slugify(self.object.number)}-{client}.pdf".upper().replace(".PDF", ".pdf")
            answer = file_response(bytes(file.content), name, "application/pdf")
        answer["ETag"] = tag
        # Asked again each time, so that a right withdrawn is a right withdrawn.
        answer["Cache-Control"] = "private, no-cache"
        return answer

    @in_french()
    def preview(self) -> HttpResponseBase:
        if self.object.issuer is None:
            words = _("Our own details are missing for this date.")
            raise Refused([Missing("issuer", words)])
        document = document_of(taxed_on(self.object, self.today), on=self.today)
        content = render_invoice(document)
        return file_response(content, f"brouillon-{self.object.pk}.pdf", "application/pdf")
