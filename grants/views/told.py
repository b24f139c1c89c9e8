"""What the page of an application says: steps, amounts, dates, financing, trail."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from essaim.formats import date_fr, money
from essaim.hooks import TimelineEntry
from essaim.models import Event
from essaim.money import ZERO, add_up
from grants.models import Disbursement, GrantApplication, Programme
from grants.rules import Financing, off_in
from grants.states import ROAD, STANDS_AT, TONES, ApplicationState

MOST = 60
_PRIVATE = (Programme.Kind.DONATION, Programme.Kind.CROWDFUNDING)

_VERBS: dict[str, Any] = {
    "grants.GrantApplication.create": pgettext_lazy("funder", "Application created"),
    "grants.GrantApplication.edit": pgettext_lazy("funder", "Facts changed"),
    "grants.GrantApplication.add_co_funder": pgettext_lazy("funder", "Other funder added"),
    "grants.GrantApplication.edit_co_funder": pgettext_lazy("funder", "Other funder corrected"),
    "grants.GrantApplication.co_funder_standing": pgettext_lazy("funder", "Other funder answered"),
    "grants.GrantApplication.budget": pgettext_lazy("funder", "Budget kept"),
    "grants.GrantApplication.copy_budget": pgettext_lazy("funder", "Budget copied"),
    "grants.GrantApplication.take_pieces": pgettext_lazy("funder", "Pieces of the programme added"),
    "grants.GrantApplication.open_episode": pgettext_lazy("funder", "Episode opened"),
    "grants.GrantApplication.edit_episode": pgettext_lazy("funder", "Episode corrected"),
    "grants.GrantApplication.close_episode": pgettext_lazy("funder", "Episode closed"),
    "grants.GrantApplication.settle_amendment": pgettext_lazy("funder", "Amendment settled"),
    "grants.Disbursement.plan": pgettext_lazy("funder", "Payment planned"),
    "grants.Disbursement.edit": pgettext_lazy("funder", "Awaited payment changed"),
    "grants.Disbursement.claim": pgettext_lazy("funder", "Payment claimed"),
    "grants.Disbursement.receive": pgettext_lazy("funder", "Payment received"),
    "grants.Disbursement.piece": pgettext_lazy("funder", "Piece of a claim noted"),
    "grants.GrantApplication.change_amount": pgettext_lazy("funder", "Amount of the grant changed"),
    "grants.GrantApplication.set_answer_dates": pgettext_lazy("funder", "Answers awaited dated"),
    "grants.Disbursement.cancel": pgettext_lazy("funder", "Awaited payment cancelled"),
}


def steps_of(application: GrantApplication) -> list[tuple[str, str, str]]:
    """The road of the application for the stepper; a file that left it stops where it stood."""
    state = ApplicationState(application.state)
    stand = STANDS_AT.get(state, state)
    days = {
        "spotted": application.spotted_on,
        "submitted": application.submitted_on,
        "complete": application.complete_on,
        "committee": application.committee_on,
        "awarded": application.decided_on if application.awarded is not None else None,
        "agreed": application.agreed_on,
        "reported": application.report_sent_on,
        "settled": application.report_accepted_on,
    }
    here = ROAD.index(ApplicationState(stand)) if stand in ROAD else -1
    steps = []
    for rank, step in enumerate(ROAD):
        day = days.get(step)
        if rank == here:
            label = state.label if stand != state else step.label
            steps.append((str(label), "current", date_fr(day) if day else ""))
            continue
        passed = rank < here or (here < 0 and day is not None)
        skipped = rank < here and step in days and day is None
        kind = "skipped" if skipped else "done" if passed else "todo"
        steps.append((str(step.label), kind, date_fr(day) if day and passed else ""))
    return steps


def amounts_of(a: GrantApplication) -> list[tuple[str, str]]:
    rows = (
        (_("Total cost"), a.total_cost),
        (_("Eligible base"), a.eligible_base),
        (_("Own share"), a.own_share),
        (_("In kind"), a.in_kind),
        (pgettext("amount", "Requested"), a.requested),
        (pgettext("amount", "Awarded"), a.awarded),
        (pgettext("amount", "Agreed"), a.agreed),
        (_("Justified expenses"), a.justified),
        (_("Final grant"), a.retained),
        (pgettext("amount", "Clawed back"), a.clawed_back),
    )
    return [(label, money(amount)) for label, amount in rows if amount is not None]


def dates_of(a: GrantApplication) -> list[tuple[str, str]]:
    def window(start: Any, end: Any) -> str:
        if not start and not end:
            return ""
        return f"{date_fr(start) if start else '…'} → {date_fr(end) if end else '…'}"

    def day(value: Any) -> str:
        return date_fr(value) if value else ""

    return [
        (_("Spotted on"), day(a.spotted_on)),
        (_("Submitted on"), day(a.submitted_on)),
        (_("Acknowledged on"), day(a.acknowledged_on)),
        (_("Declared complete on"), day(a.complete_on)),
        (_("Committee on"), day(a.committee_on)),
        (_("Decided on"), day(a.decided_on)),
        (_("Notified on"), day(a.notified_on)),
        (_("Agreement signed on"), day(a.agreed_on)),
        (_("Eligible expenses"), window(a.expenses_from, a.expenses_until)),
        (_("Project"), window(a.project_from, a.project_until)),
        (_("Report due on"), day(a.report_due_on)),
        (_("Report sent on"), day(a.report_sent_on)),
        (_("Report accepted on"), day(a.report_accepted_on)),
        (_("Lapses on"), day(a.lapses_on)),
        (_("Keep until"), day(a.archive_until)),
    ]


def financing_of(a: GrantApplication, co_funders: Sequence[Any]) -> Financing | None:
    """Who pays the project, once its cost is known."""
    asked = a.granted_amount if a.granted_amount is not None else a.requested
    if a.total_cost is None or asked is None:
        return None
    counted = [c for c in co_funders if c.standing != "refused"]
    return Financing(
        total_cost=a.total_cost,
        requested=asked,
        own_share=a.own_share or ZERO,
        public_others=add_up(c.amount for c in counted if c.is_public),
        private_others=add_up(c.amount for c in counted if not c.is_public),
        public_aid_cap=a.programme.public_aid_cap,
        own_share_minimum=a.programme.own_share_minimum,
        is_public=a.programme.kind not in _PRIVATE,
    )


def off_words(financing: Financing | None) -> list[str]:
    """What is off in the financing, in words."""
    if financing is None:
        return []
    found, words = off_in(financing), []
    if (gap := found.get("gap", ZERO)) < 0:
        words.append(_("%(amount)s of the cost have no funder yet.") % {"amount": money(-gap)})
    elif gap > 0:
        text = _("The resources are %(amount)s above the cost.")
        words.append(text % {"amount": money(gap)})
    if over := found.get("public_aid"):
        text = _("Public aid is %(amount)s above the programme's cap.")
        words.append(text % {"amount": money(over)})
    if short := found.get("own_share"):
        text = _("The own share is %(amount)s below the programme's minimum.")
        words.append(text % {"amount": money(short)})
    return words


def spent_of(a: GrantApplication) -> Any:
    """The charges realised, once the budget says some: what a report justifies."""
    lines = list(a.budget_lines.filter(side="charge", realised__isnull=False).exclude(account="86"))
    return add_up(line.realised or ZERO for line in lines) if lines else None


def trail_of(
    application: GrantApplication, rows: Sequence[Disbursement], *, user: Any
) -> list[TimelineEntry]:
    """What was done, newest first, with who and why."""
    keys = [row.pk for row in rows]
    events = Event.objects.filter(
        Q(model="grants.GrantApplication", object_id=application.pk)
        | Q(model="grants.Disbursement", object_id__in=keys)
    )
    events = events.select_related("by", "text").order_by("-at", "-pk")[:MOST]
    return [_entry(event) for event in events]


def _entry(event: Event) -> TimelineEntry:
    title, tone = _VERBS.get(event.verb, ""), ""
    if not title and event.target:
        title, tone = ApplicationState(event.target).label, TONES[event.target]
    codes = event.codes
    amount = codes.get("amount") or codes.get("expected_amount")
    parts = [money(amount) if amount else "", str(event.by), *_words(event)]
    return TimelineEntry(
        at=event.at,
        kind="grant",
        key=event.pk,
        title=capfirst(str(title or event.verb)),
        detail=" · ".join(part for part in parts if part),
        tone=tone,
    )


def _words(event: Event) -> list[str]:
    text = getattr(event, "text", None)
    said = dict.fromkeys(text.words.values()) if text else {}
    return [f"« {words} »" for words in said if words]
