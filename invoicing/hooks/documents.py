"""What the database and the trail know of deposits, corrections, memberships, subscriptions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from essaim import hooks
from essaim.hooks import FrozenTable, WorkReason
from invoicing.actions.memberships import note_paid
from invoicing.models import Invoice, RecurringDraft

_ISSUED = (
    "EXISTS (SELECT 1 FROM invoicing_invoice i WHERE i.id = {row}.{column} AND i.state = 'issued')"
)
_OLD, _NEW = (_ISSUED.format(row=row, column="invoice_id") for row in ("OLD", "NEW"))
_ISSUING = "NEW.state = 'issued' AND OLD.state <> 'issued'"
_INVOICE = ("invoicing_invoice",)

# -- deposits: reserved by a draft, frozen with it, deducted again only after a release ---------
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.DepositUse",
        update=f"{_OLD} OR {_NEW}",
        delete=_OLD,
        insert=(
            f"{_NEW} OR NOT EXISTS (SELECT 1 FROM invoicing_invoice d WHERE d.id = NEW.deposit_id"
            " AND d.state = 'issued' AND d.kind = 'deposit')"
            " OR (NEW.after_id IS NOT NULL AND NOT EXISTS (SELECT 1"
            " FROM invoicing_depositrelease r JOIN invoicing_deposituse u ON u.id = r.use_id"
            " WHERE r.id = NEW.after_id AND u.deposit_id = NEW.deposit_id))"
        ),
        needs=(*_INVOICE, "invoicing_depositrelease"),
    )
)
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.DepositRelease",
        update="1=1",
        delete="1=1",
        # By the issued credit note of the very invoice that took the deposit off.
        insert=(
            "NOT EXISTS (SELECT 1 FROM invoicing_deposituse u JOIN invoicing_invoice c"
            " ON c.origin_id = u.invoice_id WHERE u.id = NEW.use_id AND c.id = NEW.credit_note_id"
            " AND c.kind = 'credit_note' AND c.state = 'issued')"
        ),
        needs=(*_INVOICE, "invoicing_deposituse"),
    )
)
# A deposit that stands on an invoice is not given back.
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update=(
            f"{_ISSUING} AND NEW.kind = 'credit_note' AND EXISTS (SELECT 1"
            " FROM invoicing_deposituse u WHERE u.deposit_id = NEW.origin_id AND NOT EXISTS"
            " (SELECT 1 FROM invoicing_depositrelease r WHERE r.use_id = u.id))"
        ),
        needs=("invoicing_deposituse", "invoicing_depositrelease"),
    )
)

# -- a corrective invoice follows its credit note in the series, at the same moment --------------
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update=(
            f"{_ISSUING} AND NEW.kind = 'corrective' AND NOT EXISTS (SELECT 1"
            " FROM invoicing_correction p JOIN invoicing_invoice c ON c.id = p.credit_note_id"
            " WHERE p.corrective_id = NEW.id AND c.state = 'issued'"
            " AND c.origin_id = NEW.origin_id AND c.issued_at = NEW.issued_at"
            " AND c.series_id_used = NEW.series_id_used AND c.rank = NEW.rank - 1)"
        ),
        needs=("invoicing_correction",),
    )
)
_OF_PAIR = (
    "EXISTS (SELECT 1 FROM invoicing_invoice i WHERE i.state = 'issued'"
    " AND i.id IN ({row}.corrective_id, {row}.credit_note_id))"
)
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Correction",
        update="1=1",
        delete=_OF_PAIR.format(row="OLD"),
        insert=_OF_PAIR.format(row="NEW"),
        needs=_INVOICE,
    )
)

# -- an earlier tool's number: taken over once per client; no other draft becomes one ------------
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update=(
            "(NEW.kind <> OLD.kind AND 'taken_over' IN (NEW.kind, OLD.kind))"
            f" OR ({_ISSUING} AND NEW.kind = 'taken_over' AND EXISTS (SELECT 1"
            " FROM invoicing_invoice k WHERE k.kind = 'taken_over' AND k.number = NEW.number"
            " AND k.client_id = NEW.client_id AND k.id <> NEW.id))"
        ),
    )
)

# -- what hangs on an issued document ------------------------------------------------------------
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.MembershipCall",
        update=f"{_OLD} OR {_NEW}",
        delete=_OLD,
        insert=_NEW,
        needs=_INVOICE,
    )
)
hooks.frozen_tables.register(
    FrozenTable("invoicing.RecurringDraft", update=_OLD, delete=_OLD, insert=_NEW, needs=_INVOICE)
)


# -- a membership is paid when its call is settled -----------------------------------------------
@hooks.reactions.register("invoicing.Invoice.allocate")
def membership_paid(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """A call just settled says in crm that the membership is paid."""
    if obj.kind != Invoice.Kind.MEMBERSHIP_CALL:
        return None
    return {"membership": obj.pk} if note_paid(obj, by=by, on=on, at=at) else None


@hooks.reactions.register("invoicing.Payment.reverse")
def membership_unpaid(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """A payment undone: the memberships it paid are not paid any more."""
    calls = Invoice.objects.filter(
        kind=Invoice.Kind.MEMBERSHIP_CALL, allocations__payment=obj
    ).distinct()
    changed = [call.pk for call in calls.order_by("pk") if note_paid(call, by=by, on=on, at=at)]
    return {"memberships": changed} if changed else None


# -- what needs the accountant today -------------------------------------------------------------
@hooks.work_reasons.register
def subscriptions_to_issue(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Drafts that a schedule made and nobody issued yet."""
    if not user.has_perm("invoicing.issue_invoice"):
        return []
    rows = RecurringDraft.objects.filter(invoice__state=Invoice.State.DRAFT)
    count = rows.order_by()[:100].count()
    if not count:
        return []
    words = ngettext(
        "%(count)s recurring draft to issue", "%(count)s recurring drafts to issue", count
    )
    shown = "99+" if count >= 100 else str(count)
    url = reverse("invoicing:recurrings")
    return [
        WorkReason("recurring", words % {"count": shown}, url, tone="info", order=28, count=count)
    ]
