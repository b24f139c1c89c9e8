"""What must be settled before an accompaniment ends: drafts and unpaid invoices of the coop."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.hooks import LooseEnd
from essaim.workflow import Missing, Refused
from invoicing import actions
from invoicing.actions.books import write_off
from invoicing.actions.holding import hold_reminders
from invoicing.models import Invoice
from invoicing.wording import number as french

HELD = timedelta(days=90)


def sees_invoices(user: Any) -> bool:
    """Whether amounts of invoices are for this person."""
    return bool(user.has_perm("invoicing.view_invoice"))


def _of(coop_id: int) -> Any:
    """Invoices for this coop's work, whoever pays, and those the coop itself owes."""
    mine = Q(coop=coop_id) | Q(coop=None, client__coop=coop_id)
    return Invoice.objects.filter(mine)


def _drafts(coop_id: int) -> Any:
    # The credit note of a correction goes with its corrective invoice.
    rows = _of(coop_id).filter(state=Invoice.State.DRAFT, correction=None)
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
        unpaid: Any = _of(accompaniment.coop_id).unpaid().order_by("pk")
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
        """Keep claiming first; then what this person may do about an invoice."""
        offered = {
            "hold": ("invoicing.hold_reminder", _("Suspend its reminders for three months")),
            "credit": ("invoicing.credit_invoice", _("Prepare a credit note")),
            "write_off": ("invoicing.write_off", _("Write it off as a bad debt")),
        }
        mine = [(code, label) for code, (right, label) in offered.items() if user.has_perm(right)]
        return (("keep", _("Keep claiming it")), *mine)

    def settle(
        self, accompaniment: Any, key: str, choice: str, *, by: Any, on: date, at: datetime
    ) -> bool:
        kind, _dash, number = key.partition("-")
        if kind not in ("invoice", "draft_invoice") or not number.isdecimal():
            return False
        row = _of(accompaniment.coop_id).filter(pk=number).first()
        if row is None:
            return False
        if kind == "draft_invoice" and choice == "delete" and not row.is_issued:
            actions.delete_draft(invoice=row, by=by, on=on, at=at)
        elif kind == "invoice":
            self._decide(row, key, choice, by=by, on=on, at=at)
        return True

    def _decide(
        self, row: Invoice, key: str, choice: str, *, by: Any, on: date, at: datetime
    ) -> None:
        if choice not in dict(self._choices(by)):
            words = _("This decision is not yours: choose another, or ask the accountant.")
            raise Refused([Missing(f"decision:{key}", words)])
        why = _("The project has stopped.")
        if choice == "hold":
            until = on + HELD
            hold_reminders(invoice=row, until=until, reason=why, by=by, on=on, at=at)
        elif choice == "credit":
            actions.draft_credit(origin=row, words=why, by=by, on=on, at=at)
        elif choice == "write_off":
            write_off(invoice=row, reason=why, by=by, on=on, at=at)
