"""Every dated thing of calls, applications and payments: the one place that says what is due."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Max, Q
from django.utils.timezone import localdate

from essaim.agenda import stamps
from essaim.hooks import DueDate
from grants.models import AnswerDates, Call, Disbursement, GrantApplication, Programme
from grants.rules_deadlines import financial_report_due
from grants.states import AT_THE_FUNDER, TO_SUBMIT, ApplicationState, DeadlineKind

_S, _K = ApplicationState, DeadlineKind
_UNDER_WAY: Final = (_S.AWARDED, _S.AGREED, _S.RUNNING)
REPORTING: Final = (_S.AGREED, _S.RUNNING)
MOST: Final = 500

# In which states each date still asks for something.
_OPEN_IN: Final[dict[DeadlineKind, tuple[ApplicationState, ...]]] = {
    _K.OPENING: TO_SUBMIT,
    _K.PRE_DEPOSIT: TO_SUBMIT,
    _K.DEPOSIT: TO_SUBMIT,
    _K.COMPLETENESS: (_S.INCOMPLETE,),
    _K.COMMITTEE: AT_THE_FUNDER,
    _K.AGREEMENT: (_S.AWARDED,),
    _K.EXPENSES: _UNDER_WAY,
    _K.PROJECT: _UNDER_WAY,
    _K.REPORT: REPORTING,
    _K.LAPSE: _UNDER_WAY,
    _K.ARCHIVE: tuple(_S),
}
# What merely happens on its day: once past, nobody is late.
HAPPENING: Final = (_K.OPENING, _K.EXPENSES, _K.PROJECT, _K.ARCHIVE)
_COLUMNS: Final = {
    _K.COMMITTEE: "committee_on",
    _K.EXPENSES: "expenses_until",
    _K.PROJECT: "project_until",
    _K.REPORT: "report_due_on",
    _K.LAPSE: "lapses_on",
    _K.ARCHIVE: "archive_until",
    _K.OPENING: "call__opens_on",
    _K.PRE_DEPOSIT: "call__pre_deposit_on",
    _K.DEPOSIT: "call__deadline__date",
    _K.COMPLETENESS: "answer_dates__completeness_by",
    _K.AGREEMENT: "answer_dates__agreement_by",
}


def report_due(application: GrantApplication) -> date | None:
    """By when the report is due: the funder's own date, else the law's for a project grant.

    The law counts six months from the end of the exercise in which the project ends; it follows
    that end when it is changed, and nothing else.
    """
    if application.report_due_on is not None:
        return application.report_due_on
    anchor = (
        application.project_until
        or application.expenses_until
        or application.agreed_on
        or application.decided_on
    )
    if anchor is None or application.programme.kind != Programme.Kind.GRANT:
        return None
    end = getattr(application.applicant, "exercise_end", None)
    month, day = (end.month, end.day) if end is not None else (12, 31)
    return financial_report_due(anchor, month, day)


def dates_of(application: GrantApplication) -> Iterator[tuple[DeadlineKind, date, datetime | None]]:
    """What one application still asks for: kind, day in Paris, and the instant when it counts."""
    call, state = application.call, application.state
    answers = getattr(application, "answer_dates", None) or AnswerDates()
    sent = application.report_sent_on is not None
    instants = {_K.DEPOSIT: call.deadline if call else None}
    days = {
        _K.OPENING: call.opens_on if call else None,
        _K.PRE_DEPOSIT: call.pre_deposit_on if call else None,
        _K.DEPOSIT: localdate(call.deadline) if call and call.deadline else None,
        _K.COMPLETENESS: answers.completeness_by,
        _K.COMMITTEE: application.committee_on,
        _K.AGREEMENT: answers.agreement_by,
        _K.EXPENSES: application.expenses_until,
        _K.PROJECT: application.project_until,
        _K.REPORT: None if sent else report_due(application),
        _K.LAPSE: application.lapses_on,
        _K.ARCHIVE: application.archive_until,
    }
    for kind, day in days.items():
        if day is not None and state in _OPEN_IN[kind]:
            yield kind, day, instants.get(kind)


def _asked(first: date, last: date) -> Q:
    """Applications with a date in the window; a report may be worked out from other dates."""
    found = Q(state__in=REPORTING, report_due_on=None)
    for kind, column in _COLUMNS.items():
        within = Q(**{f"{column}__gte": first, f"{column}__lte": last})
        found |= within & Q(state__in=_OPEN_IN[kind])
    return found


def of_applications(rows: Any, *, first: date, last: date) -> list[DueDate]:
    """Deadlines of these applications in a window: two queries."""
    related = ("applicant__exercise_end", "programme__funder", "call", "owner", "answer_dates")
    found = list(rows.filter(_asked(first, last)).select_related(*related).order_by("pk")[:MOST])
    stamped = stamps("grants.GrantApplication", (a.pk for a in found))
    return [
        DueDate(
            key=f"grants.GrantApplication:{a.pk}:{kind}",
            kind=kind,
            what=str(kind.label),
            day=day,
            at=at,
            title=a.title,
            url=a.get_absolute_url(),
            detail=f"{a.applicant} · {a.programme.funder}",
            coop=(a.coop_id, str(a.applicant)) if a.coop_id else None,
            person=(a.owner_id, str(a.owner)),
            stamped=stamped.get(a.pk),
            is_owed=kind not in HAPPENING,
        )
        for a in found
        for kind, day, at in dates_of(a)
        if first <= day <= last
    ]


def of_payments(rows: Any, *, first: date, last: date) -> list[DueDate]:
    """Payments expected and claims to send in a window: two queries."""
    due = Q(expected_on__gte=first, expected_on__lte=last)
    claims = Q(state="planned", claim_by__gte=first, claim_by__lte=last)
    related = ("application__applicant", "application__programme__funder", "application__owner")
    asked = rows.expected().filter(due | claims).select_related(*related)
    found = list(asked.order_by("expected_on", "pk")[:MOST])
    stamped = stamps("grants.Disbursement", (row.pk for row in found))
    return [
        _of_payment(row, kind, day, stamped.get(row.pk))
        for row in found
        for kind, day in _days_of(row)
        if first <= day <= last
    ]


def _days_of(row: Disbursement) -> Iterator[tuple[DeadlineKind, date]]:
    if row.expected_on is not None:
        yield _K.PAYMENT, row.expected_on
    if row.claim_by is not None and row.state == Disbursement.State.PLANNED:
        yield _K.CLAIM, row.claim_by


def _of_payment(
    row: Disbursement, kind: DeadlineKind, day: date, stamped: datetime | None
) -> DueDate:
    a = row.application
    return DueDate(
        key=f"grants.Disbursement:{row.pk}:{kind}",
        kind=kind,
        what=str(kind.label),
        day=day,
        title=a.title,
        url=row.get_absolute_url(),
        detail=f"{row.get_kind_display()} · {a.applicant} · {a.programme.funder}",
        coop=(a.coop_id, str(a.applicant)) if a.coop_id else None,
        person=(a.owner_id, str(a.owner)),
        stamped=stamped,
    )


def of_calls(rows: Any, *, first: date, last: date) -> list[DueDate]:
    """Openings, pre-deposits and deadlines of calls in a window: two queries."""
    opens = Q(opens_on__gte=first, opens_on__lte=last)
    before = Q(pre_deposit_on__gte=first, pre_deposit_on__lte=last)
    closes = Q(deadline__date__gte=first, deadline__date__lte=last)
    asked = rows.filter(opens | before | closes).select_related("programme__funder")
    found = list(asked.order_by("deadline", "pk")[:MOST])
    stamped = stamps("grants.Call", (call.pk for call in found))
    return [
        DueDate(
            key=f"grants.Call:{call.pk}:{kind}",
            kind=kind,
            what=str(kind.label),
            day=day,
            at=call.deadline if kind == _K.DEPOSIT else None,
            title=call.title,
            url=call.get_absolute_url(),
            detail=f"{call.programme} · {call.programme.funder}",
            stamped=stamped.get(call.pk),
            is_owed=False,
        )
        for call in found
        for kind, day in _days_of_call(call)
        if first <= day <= last
    ]


def _days_of_call(call: Call) -> Iterator[tuple[DeadlineKind, date]]:
    if call.opens_on is not None:
        yield _K.OPENING, call.opens_on
    if call.pre_deposit_on is not None:
        yield _K.PRE_DEPOSIT, call.pre_deposit_on
    if call.deadline is not None:
        yield _K.DEPOSIT, localdate(call.deadline)


def of_person(user: Any, *, first: date, last: date) -> list[DueDate]:
    """Everything of grants that this person may see, in six queries.

    A call for which a file of theirs is being written is told by that file.
    """
    files = GrantApplication.objects.visible_to(user)
    written = files.filter(state__in=TO_SUBMIT, call__isnull=False).values("call_id")
    calls = Call.objects.visible_to(user).exclude(pk__in=written)
    return [
        *of_calls(calls, first=first, last=last),
        *of_applications(files, first=first, last=last),
        *of_payments(Disbursement.objects.visible_to(user), first=first, last=last),
    ]


def mine(user: Any, *, first: date, last: date) -> list[DueDate]:
    """Everything of the applications that this person owns and sees."""
    files = GrantApplication.objects.visible_to(user).filter(owner=user)
    rows = Disbursement.objects.visible_to(user).filter(application__owner=user)
    return [
        *of_applications(files, first=first, last=last),
        *of_payments(rows, first=first, last=last),
    ]


def of_files(*, first: date, last: date) -> list[DueDate]:
    """Everything of applications and their payments, whoever follows them."""
    return [
        *of_applications(GrantApplication.objects.all(), first=first, last=last),
        *of_payments(Disbursement.objects.all(), first=first, last=last),
    ]


def next_of(application: GrantApplication) -> list[tuple[DeadlineKind, date]]:
    """What one application still asks for, in order of days."""
    found: Iterable[tuple[DeadlineKind, date]] = ((k, day) for k, day, _at in dates_of(application))
    return sorted(found, key=lambda pair: pair[1])


def last_claims(applications: Collection[GrantApplication]) -> dict[int, date]:
    """The day of the last claim of each: planned on its payments, else its report, else the end
    of its eligible expenses; one query."""
    keys = [a.pk for a in applications]
    rows = Disbursement.objects.filter(application__in=keys, claim_by__isnull=False)
    rows = rows.exclude(state="cancelled").exclude(kind=Disbursement.Kind.CLAWBACK).order_by()
    planned = dict(rows.values_list("application").annotate(last=Max("claim_by")))
    found = {a.pk: planned.get(a.pk) or report_due(a) or a.expenses_until for a in applications}
    return {key: day for key, day in found.items() if day is not None}
