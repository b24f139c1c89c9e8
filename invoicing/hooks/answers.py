"""Ends, timeline, reasons of the day, reactions and signatures: the room's first answers."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from essaim import hooks
from essaim.hooks import TimelineEntry, WorkReason
from essaim.reasons import days_of
from essaim.workflow import Missing
from invoicing.commitments import early_commitments
from invoicing.dues import due_fees_of
from invoicing.endings import InvoiceEnds, no_draft_invoice, sees_invoices
from invoicing.guards import clause_is_complete
from invoicing.models import Allocation, Invoice, SubsidyShareClause
from invoicing.overdue import overdue_pieces
from invoicing.rhythm import GRACE
from invoicing.standing import next_due_of
from invoicing.waiting import active_clauses, works
from invoicing.wording import number as french

# -- the end of an accompaniment -------------------------------------------------------------
hooks.guards.register(("crm.Accompaniment", "finish"))(no_draft_invoice)
hooks.loose_ends.register(InvoiceEnds())


# -- the timeline ----------------------------------------------------------------------------
Before = tuple[datetime, str, int] | None


def older(rows: Any, column: str, kind: str, before: Before, limit: int) -> list[Any]:
    """Rows strictly before a place of the timeline, newest first."""
    if before is not None:
        at, other, key = before
        reach = Q(**{f"{column}__lt": at})
        if kind < other:
            reach |= Q(**{column: at})
        elif kind == other:
            reach |= Q(**{column: at, "pk__lt": key})
        rows = rows.filter(reach)
    return list(rows.order_by(f"-{column}", "-pk")[:limit])


@hooks.timeline.register("invoice")
def issued_invoices(coop: Any, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    """Invoices and credit notes issued for a coop, to those who may see them."""
    rows = Invoice.objects.visible_to(user).issued().filter(coop=coop).select_related("client")
    return [
        TimelineEntry(
            at=row.issued_at,
            kind="invoice",
            key=row.pk,
            title=f"{row.get_kind_display()} {row.number} · {french(row.gross, 2)}\u00a0€",
            url=row.get_absolute_url(),
            detail=" · ".join(p for p in (str(row.client), row.title) if p),
            tone="info" if not row.is_credit_note else "warn",
        )
        for row in older(rows, "issued_at", "invoice", before, limit)
    ]


@hooks.timeline.register("payment")
def payments_of(coop: Any, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    """What payments settled of a coop's invoices, to those who may see them."""
    if not sees_invoices(user):
        return []
    rows = Allocation.objects.filter(invoice__coop=coop, payment__isnull=False).select_related(
        "invoice", "payment__client"
    )
    return [
        TimelineEntry(
            at=row.at,
            kind="payment",
            key=row.pk,
            title=(_("Payment undone") if row.amount < 0 else _("Payment received"))
            + f" · {french(abs(row.amount), 2)}\u00a0€",
            url=row.payment.get_absolute_url(),
            detail=f"{row.invoice.number} · {row.payment.client}",
            tone="bad" if row.amount < 0 else "good",
        )
        for row in older(rows, "at", "payment", before, limit)
    ]


# -- what needs the accountant today ---------------------------------------------------------
def _counted(rows: Any) -> int:
    return int(rows.order_by()[:100].count())


def _shown(count: int) -> str:
    return "99+" if count >= 100 else str(count)


@hooks.work_reasons.register
def unbilled_work(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Validated work past the rhythm of its contract, and fees due (C. com. L441-16)."""
    if not user.has_perm("invoicing.draft_invoice"):
        return []
    url = reverse("invoicing:to_bill")
    # `wanted_by` leaves ten days; the office may leave more, or fewer.
    shift = timedelta(days=days_of("unbilled_work")) - GRACE
    found = [
        WorkReason(
            code="unbilled_work",
            title=_("To bill: %(agreement)s") % {"agreement": work.agreement},
            url=url,
            due_on=work.wanted_by + shift,
            tone="warn",
            detail=f"{work.payer} · {french(work.amount, 2)}\u00a0€",
            order=20,
        )
        for work in works(on=on)
        if work.is_overdue(on - shift)
    ]
    found += overdue_pieces(url, on)
    found += [
        WorkReason(
            code="fee_due",
            title=_("Fee to credit: %(agreement)s") % {"agreement": fee.clause.agreement}
            if fee.is_credit
            else _("Fee to bill: %(agreement)s") % {"agreement": fee.clause.agreement},
            url=url,
            due_on=fee.since,
            tone="info",
            detail=f"{fee.clause.agreement.client} · {french(fee.amount, 2)}\u00a0€",
            order=25,
        )
        for fee in due_fees_of(active_clauses())
    ]
    return found[:limit]


@hooks.work_reasons.register
def late_invoices(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Invoices past their due date, the oldest first."""
    if not user.has_perm("invoicing.record_payment"):
        return []
    since = on - timedelta(days=days_of("late_invoice"))
    rows: Any = Invoice.objects.visible_to(user).overdue(on=since).select_related("client")
    rows = rows.prefetch_related("instalments")
    return [
        WorkReason(
            code="late_invoice",
            title=_("Late: %(number)s") % {"number": row.number},
            url=row.get_absolute_url(),
            due_on=next_due_of(row),
            tone="bad",
            detail=f"{row.client} · {french(row.late, 2)}\u00a0€",
            order=10,
        )
        for row in rows.order_by("due_on", "pk")[:limit]
    ]


@hooks.work_reasons.register
def waiting_documents(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Drafts to issue, and documents whose PDF is still to be made."""
    if not user.has_perm("invoicing.issue_invoice"):
        return []
    found = []
    invoices = reverse("invoicing:invoices")
    rows = Invoice.objects.visible_to(user)
    if count := _counted(rows.filter(state=Invoice.State.DRAFT)):
        words = ngettext("%(count)s draft to issue", "%(count)s drafts to issue", count)
        title = words % {"count": _shown(count)}
        found.append(
            WorkReason(
                "drafts", title, f"{invoices}?show=drafts", tone="info", order=30, count=count
            )
        )
    if count := _counted(rows.issued().without_pdf()):
        words = ngettext("%(count)s PDF to make", "%(count)s PDFs to make", count)
        title = words % {"count": _shown(count)}
        found.append(WorkReason("pending_pdf", title, invoices, tone="warn", order=15, count=count))
    return found[:limit]


# -- what grants bring -----------------------------------------------------------------------
def _now_due(application_id: int) -> Mapping[str, Any] | None:
    """Active clauses over this application that ask something now, for the Event."""
    clauses = list(active_clauses().filter(applications=application_id))
    due = due_fees_of(clauses) if clauses else []
    keys = sorted({f.clause.pk for f in due if not f.is_fixed_part})
    return {"clauses_due": keys} if keys else None


@hooks.reactions.register("grants.Disbursement.receive")
def fee_of_a_reception(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """Money of a grant came: the clauses that now owe a fee."""
    return _now_due(obj.application_id)


def fee_of_a_decision(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """A grant was awarded, settled or asked back: the clauses that now owe a fee or a credit."""
    return _now_due(obj.pk)


for _edge in ("award", "settle", "claw_back"):
    hooks.reactions.register(f"grants.GrantApplication.{_edge}")(fee_of_a_decision)


# -- the signature of an agreement -----------------------------------------------------------
@hooks.guards.register(("missions.Agreement", "sign"))
def clauses_are_complete(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A draft clause attached to the agreement says all that a client must know."""
    found = []
    seen = by.has_perm("invoicing.view_clause")
    for clause in obj.clauses.filter(state=SubsidyShareClause.State.DRAFT).order_by("pk"):
        url = clause.get_absolute_url() if seen else ""
        for lack in clause_is_complete(clause, by=by, on=on, data=data):
            # What only wants a sentence is asked when the clause is activated.
            if lack.level == "bar":
                found.append(Missing(lack.code, lack.text, url))
    return found


@hooks.guards.register(("missions.Agreement", "sign"))
def commitment_after_acknowledgement(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """WARN: for LEADER-like funders a commitment before the acknowledgement loses the grant."""
    signed = getattr(data, "signed_on", None) or on
    return early_commitments(obj, on=signed, sees=by.has_perm("grants.view_application"))
