"""What a move of a file asks beyond its own data: order of dates, pieces, budget, de minimis."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import date_fr, money
from essaim.money import ZERO
from essaim.workflow import Missing
from grants import budgets
from grants.aids import counted_amount, counter
from grants.models import Piece, PieceStep
from grants.rules_aid import Aid, count
from grants.rules_dates import ORDER, out_of_order

Guard = Callable[..., list[Missing]]

# What a move dates: edge -> column of the file.
MOVED: Final = {
    "deposit": "submitted_on",
    "declare_complete": "complete_on",
    "to_committee": "committee_on",
    "award": "decided_on",
    "refuse": "decided_on",
    "agree": "agreed_on",
    "report": "report_sent_on",
    "settle": "report_accepted_on",
    "lapse": "lapses_on",
}
# Moves whose date is kept by the trail alone: edge -> the column it may not precede.
AFTER: Final = {
    "rewrite": "submitted_on",
    "declare_incomplete": "submitted_on",
    "withdraw": "submitted_on",
    "report_sent_back": "report_sent_on",
    "renounce": "decided_on",
    "claw_back": "decided_on",
}
NAMES: Final[dict[str, Any]] = {
    "spotted_on": gettext_lazy("the day it was spotted"),
    "submitted_on": gettext_lazy("the deposit"),
    "acknowledged_on": gettext_lazy("the acknowledgement of receipt"),
    "complete_on": gettext_lazy("the declaration that the file is complete"),
    "committee_on": gettext_lazy("the committee"),
    "decided_on": gettext_lazy("the decision"),
    "notified_on": gettext_lazy("the notification"),
    "agreed_on": gettext_lazy("the signature of the agreement"),
    "report_due_on": gettext_lazy("the day the report is due"),
    "report_sent_on": gettext_lazy("the sending of the report"),
    "report_accepted_on": gettext_lazy("the acceptance of the report"),
    "lapses_on": gettext_lazy("the lapse"),
    "expenses_from": gettext_lazy("the start of the eligible expenses"),
    "expenses_until": gettext_lazy("the end of the eligible expenses"),
    "project_from": gettext_lazy("the start of the project"),
    "project_until": gettext_lazy("the end of the project"),
}
DATES: Final = tuple(sorted({name for pair in ORDER for name in pair}))


def dates_of(application: Any) -> dict[str, date | None]:
    return {name: getattr(application, name) for name in DATES}


def _said(earlier: str, later: str, dates: Any) -> str:
    words = _("%(later)s (%(later_on)s) can't come before %(earlier)s (%(earlier_on)s).")
    text = words % {
        "later": NAMES[later],
        "later_on": date_fr(dates[later]),
        "earlier": NAMES[earlier],
        "earlier_on": date_fr(dates[earlier]),
    }
    return text[:1].upper() + text[1:]


def wrong_order(application: Any, moved: set[str]) -> list[Missing]:
    """Pairs that a correction puts the wrong way round, each beside a date that was changed."""
    dates = dates_of(application)
    granted = application.awarded is not None
    found = out_of_order(dates, moved, is_granted=granted)
    return [Missing(b if b in moved else a, _said(a, b, dates)) for a, b in found]


def in_order(edge: str) -> Guard:
    """The guard of one move: what it dates comes after what came before."""
    column = MOVED.get(edge, "")

    def judge(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
        if data.dated is None:
            return []
        page = reverse("grants:application_edit", args=(obj.pk,))
        if not column:
            return _after(obj, AFTER[edge], data.dated, page)
        dates = dates_of(obj) | {column: data.dated}
        if edge == "deposit":
            # What was deposited had been seen by then, whenever it was typed.
            dates["spotted_on"] = None
        granted = edge == "award" or obj.awarded is not None
        found = out_of_order(dates, {column}, is_granted=granted)
        # The nearest bound says it all.
        found = sorted(found, key=lambda pair: dates[pair[0]] or on)[-1:]
        return [Missing("dated", _said(a, b, dates), page) for a, b in found]

    return judge


def _after(obj: Any, column: str, dated: date, page: str) -> list[Missing]:
    since = getattr(obj, column)
    if since is None or dated >= since:
        return []
    words = _("This can't come before %(earlier)s (%(day)s).")
    return [Missing("dated", words % {"earlier": NAMES[column], "day": date_fr(since)}, page)]


def later_committee(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A file put off goes to a later committee than the one that put it off."""
    put_off = obj.state in ("adjourned", "waiting_list")
    if data.dated is None or obj.committee_on is None or not put_off:
        return []
    if data.dated > obj.committee_on:
        return []
    words = _("The committee of %(day)s put the file off: the next one is later.")
    return [Missing("dated", words % {"day": date_fr(obj.committee_on)})]


def within_the_call(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A deposit outside the call's dates asks a sentence: the funder may have agreed to it."""
    call = obj.call
    if data.dated is None or call is None:
        return []
    if call.opens_on and data.dated < call.opens_on:
        words = _("The call only opens on %(day)s.") % {"day": date_fr(call.opens_on)}
        return [Missing("before_opening", words, level="warn")]
    if call.deadline and data.dated > localdate(call.deadline):
        words = _("The call closed on %(day)s.") % {"day": date_fr(localdate(call.deadline))}
        return [Missing("after_deadline", words, level="warn")]
    return []


def pieces_of(step: str, level: Any = "warn") -> Guard:
    """Required pieces of a step that nobody has: the list, each with its link."""

    def judge(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
        application = getattr(obj, "application", obj)
        rows = list(Piece.objects.filter(application=application, step=step).lacking())
        if not rows:
            return []
        if level == "warn":
            names = ", ".join(row.label for row in rows)
            words = _("Required pieces are missing: %(pieces)s.") % {"pieces": names}
            return [
                Missing("pieces_missing", words, f"{application.get_absolute_url()}#pieces", "warn")
            ]
        words = _("The required piece “%(piece)s” is missing: add it, or say why you do without.")
        return [
            Missing(f"piece_{row.pk}", words % {"piece": row.label}, row.get_absolute_url())
            for row in rows
        ]

    return judge


def balanced_budget(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A budget that is off is deposited only with a sentence; a file without one isn't judged."""
    lines = list(obj.budget_lines.all())
    if not lines:
        return []
    found = budgets.balance(obj, budgets.rows_of(obj, lines))
    words = budgets.off_words(found, obj)
    page = reverse("grants:budget", args=(obj.pk,))
    return [Missing("budget", " ".join(words), page, "warn")] if words else []


def below_de_minimis(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """With this aid the ceiling of de minimis aids over three years would be passed."""
    if not obj.programme.is_de_minimis or data.dated is None:
        return []
    amount = obj.grant_equivalent
    if amount is None:
        amount = getattr(data, "amount", None) or obj.requested or ZERO
    known = counter(obj.applicant, on=data.dated)
    # The file itself counts once, with the amount of this move.
    mine = counted_amount(obj) if obj.is_granted else ZERO
    counted = count(
        [*known.counted, Aid(data.dated, amount - mine, "")], on=data.dated, ceiling=known.ceiling
    )
    if counted.over <= 0:
        return []
    words = _(
        "De minimis: with %(amount)s, the aids of three years come to %(total)s, "
        "%(over)s above the ceiling of %(ceiling)s."
    )
    told = {
        "amount": money(amount),
        "total": money(counted.total),
        "over": money(counted.over),
        "ceiling": money(counted.ceiling, digits=0),
    }
    page = reverse("grants:de_minimis", args=(obj.applicant_id,))
    return [Missing("de_minimis", words % told, page, "warn")]


AT_DEPOSIT: Final = (
    pieces_of(PieceStep.DEPOSIT, "bar"),
    balanced_budget,
    within_the_call,
    below_de_minimis,
)
