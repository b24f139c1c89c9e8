"""When an invoice falls due: its agreed term, its schedule, and what the law says of each date."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim.formats import money
from essaim.legal_figures import Kind
from essaim.models import LegalFigure
from essaim.models.legal import FiguresRead, caps
from essaim.terms import (
    CONSUMER,
    PROFESSIONAL,
    PUBLIC,
    Term,
    cap,
    check_due,
    default_due,
    due_date,
    ways_text,
)
from essaim.terms import Problem as DueProblem
from essaim.workflow import Missing
from invoicing import rules
from invoicing import rules_schedule as schedules
from invoicing.models import Invoice


def term_of(invoice: Invoice) -> Term:
    """The payment term written on the draft."""
    method: Any = invoice.term_method
    return Term(invoice.term_days, method)


def is_membership(invoice: Invoice) -> bool:
    """A membership call sells nothing: its term is the call's own, and no cap bears on it."""
    return bool(invoice.kind == Invoice.Kind.MEMBERSHIP_CALL)


def agreed_term(invoice: Invoice) -> Term | None:
    """The agreed term; None when a professional agreed to nothing (C. com. L441-10, I)."""
    if is_membership(invoice):
        return term_of(invoice)
    nothing = invoice.agreement_id is None and invoice.clause_id is None
    if nothing and invoice.client.client_kind == PROFESSIONAL:
        return None
    return term_of(invoice)


def is_recap(invoice: Invoice) -> bool:
    """A periodic invoice, said so or across the coops of an envelope."""
    return invoice.is_recap or invoice.envelope_id is not None


def is_settled(invoice: Invoice) -> bool:
    """Whether its deposits cover a final invoice wholly: nothing is asked any more."""
    return not invoice.is_credit_note and invoice.deducted > 0 and not invoice.asked


def due_for(invoice: Invoice, on: date) -> date:
    """When an invoice issued `on` first falls due."""
    return schedule_for(invoice, on)[0].due_on


def single_due(invoice: Invoice, on: date, *, read: FiguresRead | None = None) -> date:
    """Its one due date: the date wanted, else the agreed term, else 30 days from performance."""
    if invoice.is_credit_note:
        return on
    if invoice.wanted_due_on is not None:
        return invoice.wanted_due_on
    term = agreed_term(invoice)
    if term is None:
        # A period billed at its beginning is not performed yet: 30 days from the invoice.
        performed = min(invoice.period_to or on, on)
        return default_due(on, performed, caps(on, read=read))
    return due_date(on, term)


def planned_parts(invoice: Invoice) -> list[schedules.PlannedPart]:
    """The schedule planned on a draft, as the rules take it."""
    return [
        schedules.PlannedPart(_share(row.share), row.value, row.due_on, row.days)
        for row in invoice.planned.all()
    ]


def _share(code: str) -> Any:
    return code


def schedule_for(
    invoice: Invoice, on: date, *, read: FiguresRead | None = None
) -> tuple[rules.Instalment, ...]:
    """The instalments of a draft issued `on`; those frozen on it once issued."""
    if invoice.is_issued:
        kept = tuple(
            rules.Instalment(i.position, i.due_on, i.amount) for i in invoice.instalments.all()
        )
        whole = rules.Instalment(1, invoice.due_on or on, invoice.asked)
        return kept or (whole,)
    if is_settled(invoice):
        return (rules.Instalment(1, on, invoice.asked),)
    planned = [] if invoice.is_credit_note else planned_parts(invoice)
    if planned:
        return schedules.materialise(invoice.asked, on, planned)
    return rules.instalments(invoice.asked, [single_due(invoice, on, read=read)])


def latest_due(invoice: Invoice, on: date) -> date | None:
    """The last lawful due date of an invoice issued `on`; None when any agreed date is lawful."""
    if is_membership(invoice):
        return None
    client_kind, term = invoice.client.client_kind, agreed_term(invoice)
    limits = caps(on)
    latest = cap(on, client_kind, term, recap=is_recap(invoice), caps=limits)
    if latest is not None and term is None:
        return min(latest, default_due(on, invoice.period_to or on, limits))
    return latest


def _reference(client_kind: str, on: date, *, recap: bool, read: FiguresRead | None) -> str:
    """The text behind the cap, from the dated table."""
    usual = Kind.CAP_RECAP if recap else Kind.CAP_PROFESSIONAL
    kind = Kind.CAP_PUBLIC if client_kind == PUBLIC else usual
    return (read or LegalFigure.objects.all()).in_force([kind], on)[kind].source


def due_missing(found: Sequence[DueProblem], reference: str, label: str = "") -> list[Missing]:
    """Say what is unlawful in a due date, by which text, and what gives time lawfully."""
    said = []
    for problem in found:
        words = " ".join(part for part in (label, problem.text) if part)
        if reference:
            words += f" ({reference})"
        if problem.ways:
            ways = " · ".join(ways_text(problem.ways).values())
            words += " " + _("What gives time lawfully:") + " " + ways
        said.append(Missing("wanted_due_on", words))
    return said


def check_dates(
    invoice: Invoice, dates: Sequence[date], on: date, *, read: FiguresRead | None = None
) -> list[Missing]:
    """What the law refuses in these due dates of a draft issued `on`; each names its instalment."""
    client_kind = invoice.client.client_kind
    if client_kind == CONSUMER or is_membership(invoice):
        return []
    recap = is_recap(invoice)
    term, limits = agreed_term(invoice), caps(on, read=read)
    said: list[Missing] = []
    for position, due in enumerate(dates, start=1):
        found = check_due(on, due, client_kind, term, invoice.period_to, recap=recap, caps=limits)
        label = _("Instalment %(position)s:") % {"position": position} if len(dates) > 1 else ""
        reference = _reference(client_kind, on, recap=recap, read=read) if found else ""
        said += due_missing(found, reference, label)
    return said


def plan_missing(found: Sequence[rules.Problem]) -> list[Missing]:
    """Say why a schedule cannot stand."""
    words = {
        "schedule_too_long": _("At most %(most)s instalments."),
        "remainder_not_last": _("Instalment %(position)s: only the last one takes what is left."),
        "instalment_not_positive": _("Instalment %(position)s: nothing would be due then."),
        "instalment_out_of_order": _(
            "Instalment %(position)s: its date must come after the one before it."
        ),
        "instalment_before_issue": _("Instalment %(position)s: its date is past."),
        "schedule_does_not_sum": _(
            "The instalments come to %(sum)s, the invoice asks %(asked)s: let the last one take "
            "what is left."
        ),
    }
    said = []
    for problem in found:
        values: dict[str, Any] = dict(problem.values)
        for name in ("sum", "asked"):
            if name in values:
                values[name] = money(values[name])
        said.append(Missing("schedule", words[problem.code] % values))
    return said


def due_problems(invoice: Invoice, on: date, *, read: FiguresRead | None = None) -> list[Missing]:
    """Why a draft can't be issued `on` with its due dates; a legal basis in words lifts the cap."""
    if invoice.is_credit_note or is_settled(invoice):
        return []
    planned = planned_parts(invoice)
    if found := schedules.check_plan(invoice.asked, on, planned):
        return plan_missing(found)
    dates = [part.due_on for part in schedule_for(invoice, on, read=read)]
    if dates[0] < on:
        return [Missing("wanted_due_on", _("The due date can't be in the past."))]
    return [] if invoice.term_basis else check_dates(invoice, dates, on, read=read)
