"""The trail of an invoice or a payment, in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from essaim.hooks import TimelineEntry
from essaim.models import Event

LIMIT = 50

TONES = {"issue": "good", "reverse": "bad", "delete_draft": "bad", "allocate": "good"}


WORDS = {
    "draft": _("Draft prepared"),
    "edit": _("Draft changed"),
    "add_line": _("Line added"),
    "remove_line": _("Line removed"),
    "issue": _("Issued, number given"),
    "allocate": _("Payment or credit set against it"),
    "record": _("Payment recorded"),
    "reverse": _("Payment undone"),
    "accept_twin": _("Second payment just like another, with its reason"),
    "override_term": _("Legal basis of the due date given"),
    "plan_schedule": _("Instalments planned"),
    "open_dispute": _("Contested by the client"),
    "close_dispute": _("Dispute closed"),
    "claim_interest": _("Late interest claimed"),
    "waive_interest": _("Late interest given up, with its reason"),
    "settle_claim": _("Payment set against a claim of interest"),
    "propose_plan": _("Repayment plan drawn up"),
    "propose": _("Repayment plan drawn up"),
    "plan_sign": _("Repayment plan signed"),
    "plan_keep": _("Repayment plan kept to its end"),
    "plan_break_off": _("Repayment plan broken"),
    "plan_withdraw": _("Repayment plan withdrawn"),
    "sign": _("Signature recorded"),
    "keep": _("Kept to its end"),
    "break_off": _("Declared broken"),
    "withdraw": _("Withdrawn"),
    "accept_cash": _("Cash accepted, with its reason"),
    "write_off": _("Written off as a bad debt, with its reason"),
    "save": _("Clause written"),
    "activate": _("Clause activated"),
    "end": _("Clause ended"),
    "print_plain": _("Plain PDF made"),
    "acquit": _("Acquitted copy made"),
    "note_status": _("Status at the platform noted"),
    "send": _("Sent by mail"),
    "remind": _("Reminder sent"),
    "hold_reminders": _("Reminders suspended"),
    "release_reminders": _("Reminders let go on"),
    "refund": _("Money paid back"),
    "deduct": _("Deposits to take off chosen"),
    "discount": _("Discount added"),
    "correct": _("Corrective invoice prepared with its credit note"),
    "adopt": _("Taken over from an earlier tool"),
    "suspend": _("Subscription paused"),
    "go_on": _("Subscription goes on"),
    "close": _("Subscription ended"),
}


REPORTS = {
    "make": _("Report begun"),
    "add": _("Fractions put in"),
    "take_out": _("Fractions taken out"),
    "refresh": _("Brought up to date"),
    "lay_out": _("Columns chosen"),
    "set_pays": _("Salaries typed"),
    "send": _("Sent to the funder"),
    "accept": pgettext_lazy("report", "Accepted by the funder"),
    "send_back": _("Sent back by the funder"),
    "cancel": _("Report cancelled"),
}


def _words(verb: str, model: str) -> str:
    if model == "invoicing.FunderReport":
        return str(REPORTS.get(verb, verb))
    if verb == "save" and model != "invoicing.SubsidyShareClause":
        return pgettext("trail", "Written")
    return str(WORDS.get(verb, verb))


def entries_of(obj: Any) -> list[TimelineEntry]:
    """The last events of a row, newest first: what, by whom, and the words kept with it."""
    rows = (
        Event.objects.filter(model=obj._meta.label, object_id=obj.pk)
        .select_related("by", "text")
        .order_by("-at", "-pk")[:LIMIT]
    )
    found = []
    for event in rows:
        verb = event.verb.rsplit(".", 1)[-1]
        text = getattr(event, "text", None)
        said = " · ".join(text.words.values()) if text is not None else ""
        detail = " · ".join(part for part in (str(event.by), said) if part)
        found.append(
            TimelineEntry(
                at=event.at,
                kind=verb,
                key=event.pk,
                title=_words(verb, event.model),
                detail=detail,
                tone=TONES.get(verb, ""),
            )
        )
    return found


ICONS = {
    "plan_schedule": "calendar-clock",
    "open_dispute": "message-square-warning",
    "close_dispute": "circle-check",
    "claim_interest": "gavel",
    "waive_interest": "heart-handshake",
    "settle_claim": "link",
    "propose_plan": "calendar-plus",
    "plan_sign": "pen-line",
    "sign": "pen-line",
    "draft": "pencil",
    "edit": "pencil",
    "add_line": "plus",
    "remove_line": "minus",
    "issue": "stamp",
    "allocate": "link",
    "record": "banknote",
    "reverse": "undo-2",
    "write_off": "circle-slash",
    "save": "pencil",
    "activate": "circle-check",
    "end": "circle-stop",
    "print_plain": "file-text",
    "acquit": "badge-check",
    "note_status": "send",
    "send": "send",
    "remind": "bell-ring",
    "hold_reminders": "pause",
    "release_reminders": "play",
    "refund": "undo-2",
}
