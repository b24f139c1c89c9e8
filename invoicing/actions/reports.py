"""Reports to funders: begun, brought up to date, their fractions chosen, their columns laid out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import refuse
from grants.models import GrantApplication
from invoicing import reporting
from invoicing.actions.claims import write_months
from invoicing.actions.report_models import (
    judge_columns,
    save_report_model,
    usual_columns,
)
from invoicing.claiming import flat_rate_of
from invoicing.models import FunderReport, Layout, ReportedShare, ReportModel
from invoicing.reporting import LANGUAGE, Subject
from missions.models import DayShare, Envelope

# A report answers an agreement: before it there is nothing to report on.
ANSWERABLE = ("agreed", "running", "reported", "settled", "closed", "clawback")


def _right(kind: str, by: User) -> None:
    name = "missions.change_cost_rate" if kind == FunderReport.Kind.COSTS else ""
    if name and not by.has_perm(name):
        refuse("kind", _("A cost claim tells salaries: it is made by those who may read them."))


def _judge(of: Subject, first: date, last: date, on: date) -> None:
    """Refuse a bad period, or a report on a grant whose agreement is not signed."""
    if last < first:
        refuse("last", _("The period ends before it starts."))
    if first > on:
        refuse("first", _("This period has not begun: there is nothing to report yet."))
    if isinstance(of, GrantApplication) and of.state not in ANSWERABLE:
        words = _(
            "The grant “%(grant)s” is “%(state)s”: a report answers an agreement."
            " Record the agreement first."
        )
        said = words % {"grant": of, "state": of.get_state_display()}
        raise Refused([Missing("subject", said, of.get_absolute_url())])


def _named(of: Subject) -> dict[str, Any]:
    if isinstance(of, Envelope):
        return {"envelope": of}
    return {"application" if isinstance(of, GrantApplication) else "programme": of}


def lock_draft(report: FunderReport) -> FunderReport:
    """The report under lock, still a draft. Raises Refused."""
    locked = FunderReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if not locked.is_draft:
        words = _("A report that was sent is not changed: if it came back, correct it by another.")
        refuse("state", words)
    return locked


def nothing_to_tell(of: Subject, kind: str, first: date, last: date) -> str:
    """Why a report would be empty, in words."""
    held = [share.pk for share in reporting.candidates(of, kind, first, last)]
    if held:
        taken = reporting.taken_by(
            reporting.fractions_of(DayShare.objects.filter(pk__in=held)).values()
        )
        names = sorted({str(row.report) for row in taken.values()})
        return _("Everything in this period is told already: %(reports)s.") % {
            "reports": ", ".join(f"« {name} »" for name in names)
        }
    waiting = _("Validate the days first, and check that their payer or a funding link leads here.")
    words = _("No validated day of this period leads to “%(subject)s”.") % {"subject": of}
    return f"{words} {waiting}"


@transaction.atomic
def make_report(
    *,
    of: Subject,
    first: date,
    last: date,
    by: User,
    on: date,
    at: datetime,
    kind: str = FunderReport.Kind.DAYS,
    **wishes: Any,
) -> FunderReport:
    """Begin a report or a cost claim and reserve every fraction that is free.

    `wishes`: title, model, layout, columns, with_given, due_on, flat_rate, replaces. Raises
    Refused on a bad period, before the agreement, and when nothing is left to tell.
    """
    _right(kind, by)
    _judge(of, first, last, on)
    report = _born(of, kind, first, last, **wishes)
    report.made_on, report.made_by = on, by
    report.save()
    if not _reserve_free(report):
        refuse("period", nothing_to_tell(of, kind, first, last))
    write_months(report)
    record(report, "make", by=by, on=on, at=at, codes={"kind": kind, **_period(report)})
    return report


def _born(
    of: Subject,
    kind: str,
    first: date,
    last: date,
    *,
    title: str = "",
    model: ReportModel | None = None,
    layout: str = "",
    columns: Sequence[Mapping[str, str]] = (),
    with_given: bool = False,
    due_on: date | None = None,
    flat_rate: Decimal | None = None,
    replaces: FunderReport | None = None,
) -> FunderReport:
    chosen = list(columns) or (model.columns if model is not None else usual_columns())
    rate = flat_rate if flat_rate is not None else flat_rate_of(of)
    return FunderReport(
        kind=kind,
        title=title.strip() or _title(of, kind, first, last),
        funder=reporting.funder_of(of),
        first=first,
        last=last,
        due_on=due_on or getattr(of, "report_due_on", None),
        model=model,
        layout=layout or (model.layout if model is not None else Layout.COOP),
        columns=judge_columns(chosen),
        with_given=with_given,
        flat_rate=rate if kind == FunderReport.Kind.COSTS else None,
        replaces=replaces,
        **_named(of),
    )


def _title(of: Subject, kind: str, first: date, last: date) -> str:
    with override(LANGUAGE):
        claim = kind == FunderReport.Kind.COSTS
        words = _("Cost claim: %(of)s") if claim else _("Report: %(of)s")
        span = _("%(first)s to %(last)s") % {"first": date_fr(first), "last": date_fr(last)}
        return f"{words % {'of': of}}, {span}"[:200]


def _period(report: FunderReport) -> dict[str, str]:
    return {"first": report.first.isoformat(), "last": report.last.isoformat()}


# -- fractions ----------------------------------------------------------------------------------
def _reserve_free(report: FunderReport) -> int:
    """Reserve the candidates that no standing report tells."""
    shares = list(reporting.candidates(report.of, report.kind, report.first, report.last))
    root = reporting.fractions_of(shares)
    taken = reporting.taken_by(root.values())
    return _insert(report, [s for s in shares if root[s.pk] not in taken], root)


def _insert(report: FunderReport, shares: Sequence[DayShare], root: Mapping[int, int]) -> int:
    rows = [
        ReportedShare(
            report=report,
            share=share,
            fraction_id=root[share.pk],
            days=share.days,
            amount=share.amount,
        )
        for share in shares
    ]
    try:
        with transaction.atomic():
            ReportedShare.objects.bulk_create(rows)
    except IntegrityError:
        # Somebody reserved one of them a moment ago.
        _refuse_taken(root[share.pk] for share in shares)
    return len(rows)


def _refuse_taken(fractions: Iterable[int]) -> None:
    """Raise Refused with one entry for each fraction that a standing report tells."""
    taken = reporting.taken_by(fractions)
    if not taken:
        return
    words = _("%(why)s A fraction is told to one funder, once: cancel that report first.")
    raise Refused(
        Missing("share", words % {"why": row.why_kept}, row.report.get_absolute_url())
        for row in taken.values()
    )


@transaction.atomic
def add_shares(
    report: FunderReport, shares: Iterable[DayShare], *, by: User, on: date, at: datetime
) -> int:
    """Put fractions in a draft. Raises Refused naming the report that tells one already."""
    report = lock_draft(report)
    rows = list(shares)
    root = reporting.fractions_of(rows)
    _refuse_taken(root.values())
    fit = reporting.candidates(report.of, report.kind, report.first, report.last)
    allowed = set(fit.values_list("pk", flat=True))
    if any(share.pk not in allowed for share in rows):
        refuse("share", _("A fraction is outside the period, or leads to another funder."))
    count = _insert(report, rows, root)
    write_months(report)
    record(report, "add", by=by, on=on, at=at, codes={"shares": sorted(s.pk for s in rows)})
    return count


@transaction.atomic
def keep_shares(
    report: FunderReport, keys: Iterable[int], *, by: User, on: date, at: datetime
) -> int:
    """Leave in a draft the fractions of these shares only; returns how many were taken out."""
    report = lock_draft(report)
    wanted = set(keys)
    out = ReportedShare.objects.filter(report=report).exclude(share__in=wanted)
    gone = sorted(out.values_list("share", flat=True))
    if gone and not ReportedShare.objects.filter(report=report, share__in=wanted).exists():
        refuse("share", _("A report tells at least one fraction: cancel it instead."))
    out.delete()
    write_months(report)
    if gone:
        record(report, "take_out", by=by, on=on, at=at, codes={"shares": gone})
    return len(gone)


@transaction.atomic
def choose_shares(
    report: FunderReport,
    *,
    keep: Iterable[int],
    add: Iterable[int],
    by: User,
    on: date,
    at: datetime,
) -> FunderReport:
    """Say which fractions a draft tells: those kept and those put in, by their shares' keys."""
    new = list(DayShare.objects.filter(pk__in=list(add)))
    if new:
        add_shares(report, new, by=by, on=on, at=at)
    keep_shares(report, {*keep, *(share.pk for share in new)}, by=by, on=on, at=at)
    return report


@transaction.atomic
def refresh_report(report: FunderReport, *, by: User, on: date, at: datetime) -> FunderReport:
    """Bring a draft up to date: fractions free since then come in, those gone leave."""
    report = lock_draft(report)
    ReportedShare.objects.filter(report=report).delete()
    if not _reserve_free(report):
        refuse("period", nothing_to_tell(report.of, report.kind, report.first, report.last))
    write_months(report)
    record(report, "refresh", by=by, on=on, at=at)
    return report


@transaction.atomic
def lay_out(
    report: FunderReport,
    *,
    columns: Sequence[Mapping[str, str]],
    layout: str,
    by: User,
    on: date,
    at: datetime,
    with_given: bool = False,
    save_as: str = "",
) -> FunderReport:
    """Choose, order and rename the columns of a draft; keep them as a model under a name."""
    report = lock_draft(report)
    if layout not in Layout.values:
        refuse("layout", _("Choose a row per beneficiary or per day."))
    if save_as.strip():
        report.model = save_report_model(
            name=save_as, columns=columns, layout=layout, by=by, on=on, at=at
        )
    report.columns, report.layout = judge_columns(columns), layout
    report.with_given = with_given
    report.save()
    record(report, "lay_out", by=by, on=on, at=at, codes={"layout": layout})
    return report
