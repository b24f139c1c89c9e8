"""People and organisations seen from invoicing: what is unpaid, what is not joined, drafts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.person import all_of
from essaim import hooks
from essaim.hooks import Held
from essaim.workflow import Missing, record
from invoicing.endings import sees_invoices
from invoicing.models import AutoRemind, BillingRunPayer, Invoice, Recurring, Sending

hooks.row_names.update(
    {
        "invoicing.AutoRemind": gettext_lazy("reminders that leave by themselves"),
        "invoicing.AuxiliaryAccount": gettext_lazy("code of the client in the books"),
        "invoicing.BillingRunPayer": gettext_lazy("billing runs"),
        "invoicing.Cheque": gettext_lazy("cheques"),
        "invoicing.FunderReport": gettext_lazy("funder reports"),
        "invoicing.Invoice": gettext_lazy("invoices and credit notes (their copied client stays)"),
        "invoicing.Payment": gettext_lazy("payments"),
        "invoicing.Recurring": gettext_lazy("subscriptions"),
        "invoicing.Refund": gettext_lazy("refunds"),
        "invoicing.Sending": gettext_lazy("mails sent"),
    }
)


# The coop an issued document is for is part of its seal: only drafts follow another coop.
hooks.anchored["invoicing.Invoice", "coop"] = Q(state="issued")


@hooks.guards.register(("crm.Organisation", "archive"))
def nothing_unpaid(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """No draft waits and nothing is owed, to us or for its coop."""
    theirs = Q(client=obj) | Q(coop__organisation=obj)
    drafts = Invoice.objects.filter(theirs, state=Invoice.State.DRAFT)
    unpaid = Invoice.objects.filter(theirs).unpaid()
    seen = sees_invoices(by)
    found = []
    for row in [*unpaid.order_by("pk")[:10], *drafts.order_by("pk")[:10]]:
        if row.is_issued:
            words = _("Invoice %(number)s is not paid.") % {"number": row.number}
        else:
            words = _("A draft invoice is neither issued nor deleted.")
        plain = _("An invoice is not settled.")
        url = row.get_absolute_url() if seen else ""
        found.append(Missing("invoice", words if seen else plain, url))
    running = Recurring.objects.filter(client=obj, state="active").order_by("pk").first()
    if running is not None:
        words = _("A subscription is active: end it first.")
        found.append(Missing("subscription", words, running.get_absolute_url() if seen else ""))
    return found


@hooks.guards.register(("crm.Organisation", "join"))
def one_document_twice(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """No run bills one of them now, and no document of an earlier tool stands on both."""
    found = []
    runs = BillingRunPayer.objects.filter(payer__in=(obj, data), run__state="running")
    if runs.exists():
        words = _("A billing run is in progress for one of them: wait until it has ended.")
        found.append(Missing("run", words))
    theirs = Invoice.objects.filter(client=data, kind=Invoice.Kind.TAKEN_OVER).values("number")
    twice = Invoice.objects.filter(
        client=obj, kind=Invoice.Kind.TAKEN_OVER, number__in=theirs, number__isnull=False
    )
    words = _("Invoice %(number)s of the earlier tool stands on both: it would be owed twice.")
    for row in twice.order_by("pk")[:5]:
        url = row.get_absolute_url() if sees_invoices(by) else ""
        found.append(Missing("taken_over", words % {"number": row.number}, url))
    return found


@hooks.reattach.register("invoicing.AuxiliaryAccount")
def code_in_the_books(
    source: Any, target: Any, *, by: Any, on: date, at: datetime
) -> Mapping[str, Any] | None:
    """Each has its code in the books: that of the target is used from now on, the other stays
    with the source, since what was exported under it stands."""
    old, kept = (getattr(row, "auxiliary", None) for row in (source, target))
    if old is None or kept is None:
        return None
    return {"code_left": old.code, "code_kept": kept.code}


class DocumentsSent:
    """Documents sent to a person's address; kept when they are erased: they prove the sending."""

    def export(self, contact: Any) -> Mapping[str, Any]:
        addresses = [p.email for p in all_of(contact) if p.email]
        theirs = Q(pk__in=())
        for address in addresses:
            theirs |= Q(to__iexact=address)
        rows = Sending.objects.filter(theirs).select_related("invoice").order_by("pk")
        return {
            "documents_sent": [
                {"document": str(row.invoice or ""), "to": row.to, "at": row.at.isoformat()}
                for row in rows
            ]
        }

    def erase(self, contact: Any, *, by: Any, on: date, at: datetime) -> Mapping[str, int]:
        return {}


hooks.person_data.register(DocumentsSent())


class Drafts:
    """Drafts a colleague wrote, subscriptions they keep, reminders that leave in their name."""

    def find(self, user: Any) -> list[Held]:
        found = [
            Held(
                "drafts",
                _("Draft invoices"),
                self._rows("drafts", user).count(),
                reverse("invoicing:invoices"),
                "invoicing.draft_invoice",
            ),
            Held(
                "subscriptions",
                _("Subscriptions they keep"),
                self._rows("subscriptions", user).count(),
                reverse("invoicing:recurrings"),
                "invoicing.change_recurring",
            ),
            Held(
                "reminders",
                _("Clients reminded in their name"),
                self._rows("reminders", user).count(),
                reverse("invoicing:reminders"),
                "invoicing.remind",
            ),
        ]
        return [held for held in found if held.count]

    _FIELD: Mapping[str, str] = {
        "drafts": "created_by",
        "subscriptions": "kept_by",
        "reminders": "by",
    }

    def _rows(self, code: str, user: Any) -> Any:
        if code == "drafts":
            return Invoice.objects.filter(created_by=user, state=Invoice.State.DRAFT)
        if code == "subscriptions":
            return Recurring.objects.filter(kept_by=user).exclude(state="ended")
        return AutoRemind.objects.filter(by=user)

    def give(self, user: Any, code: str, *, to: Any, by: Any, on: date, at: datetime) -> int | None:
        if code not in self._FIELD:
            return None
        rows = list(self._rows(code, user).select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            setattr(row, self._FIELD[code], to)
            row.save(update_fields=[self._FIELD[code]])
            codes = {"from": user.pk, "to": to.pk}
            record(row, "hand_over", by=by, on=on, at=at, codes=codes)
        return len(rows)


hooks.hand_overs.register(Drafts())
