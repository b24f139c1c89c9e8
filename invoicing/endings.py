"""What must be settled before an accompaniment ends: drafts and unpaid invoices of the coop."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from essaim.hooks import LooseEnd
from essaim.workflow import Missing, Refused
from invoicing import actions
from invoicing.models import Invoice
from invoicing.wording import number as french


def sees_invoices(user: Any) -> bool:
    """Whether amounts of invoices are for this person."""
    return bool(user.has_perm("invoicing.view_invoice"))


def _drafts(coop_id: int) -> Any:
    # The credit note of a correction goes with its corrective invoice.
    rows = Invoice.objects.filter(coop=coop_id, state=Invoice.State.DRAFT, correction=None)
    return rows.select_related("client").order_by("pk")


def no_draft_invoice(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """No draft of this coop is left: it is issued or deleted first."""
    seen = sees_invoices(by)
    found = []
    for draft in _drafts(obj.coop_id):
        words = _("A draft invoice of %(amount)s € for %(client)s is neither issued nor deleted.")
        told = words % {"amount": french(draft.gross, 2), "client": draft.client}
        text = told if seen else _("A draft invoice is neither issued nor deleted.")
        found.append(Missing("draft_invoice", text, draft.get_absolute_url() if seen else ""))
    return found


class InvoiceEnds:
    """Unpaid invoices and drafts of a coop whose project stops, each with a decision."""

    def find(self, accompaniment: Any, *, user: Any) -> list[LooseEnd]:
        seen = sees_invoices(user)
        unpaid: Any = Invoice.objects.filter(coop=accompaniment.coop_id).unpaid().order_by("pk")
        found = [
            LooseEnd(
                key=f"invoice-{row.pk}",
                label=_("Unpaid invoice %(number)s: %(left)s € left")
                % {"number": row.number, "left": french(row.left, 2)}
                if seen
                else _("An unpaid invoice"),
                choices=self._choices(user),
                url=row.get_absolute_url() if seen else "",
            )
            for row in unpaid
        ]
        return found + [
            LooseEnd(
                key=f"draft_invoice-{row.pk}",
                label=_("Draft invoice for %(client)s: %(amount)s €")
                % {"client": row.client, "amount": french(row.gross, 2)}
                if seen
                else _("A draft invoice"),
                choices=(("delete", _("Delete the draft")), ("keep", _("Keep it"))),
                url=row.get_absolute_url() if seen else "",
            )
            for row in _drafts(accompaniment.coop_id)
        ]

    def _choices(self, user: Any) -> tuple[tuple[str, str], ...]:
        keep = ("keep", _("Keep claiming it"))
        if not user.has_perm("invoicing.credit_invoice"):
            return (keep,)
        return (keep, ("credit", _("Prepare a credit note")))

    def settle(
        self, accompaniment: Any, key: str, choice: str, *, by: Any, on: date, at: datetime
    ) -> bool:
        kind, _dash, number = key.partition("-")
        if kind not in ("invoice", "draft_invoice") or not number.isdecimal():
            return False
        row = Invoice.objects.filter(coop=accompaniment.coop_id, pk=number).first()
        if row is None:
            return False
        if kind == "draft_invoice" and choice == "delete" and not row.is_issued:
            actions.delete_draft(invoice=row, by=by, on=on, at=at)
        elif kind == "invoice" and choice == "credit":
            if not by.has_perm("invoicing.credit_invoice"):
                words = _("Only the accountant prepares a credit note.")
                raise Refused([Missing(f"decision:{key}", words)])
            words = _("The project has stopped.")
            actions.draft_credit(origin=row, words=words, by=by, on=on, at=at)
        return True
