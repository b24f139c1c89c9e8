"""Reports to funders: what stays, what sending asks, what a told day still allows."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.following import ORGANISATION, TABLES
from essaim import hooks
from essaim.formats import date_fr
from essaim.hooks import FrozenTable, WorkReason
from essaim.reasons import days_of
from essaim.workflow import Missing
from invoicing import claiming, reporting
from invoicing.actions.reports import ANSWERABLE
from invoicing.models import ClaimMonth, FunderReport, ReportedShare
from invoicing.reports_due import envelopes_to_report, outside_window

# -- what never changes ----------------------------------------------------------------------
_STATE = "EXISTS (SELECT 1 FROM invoicing_funderreport r WHERE r.id = {row}.report_id AND {what})"
_SENT = "r.state <> 'draft'"
_STANDS = "r.state NOT IN ('draft', 'cancelled')"


def _of(row: str, what: str) -> str:
    return _STATE.format(row=row, what=what)


hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.FunderReport",
        update="OLD.state <> 'draft'",
        delete="1=1",
        insert="NEW.state <> 'draft'",
        # What became of it; and its funder follows when two rows of one organisation are joined.
        free=("state", "answered_on"),
        follows={"funder_id": ORGANISATION},
        needs=TABLES,
    )
)
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.FunderReport",
        update=(
            "(OLD.state <> 'draft' AND NEW.state = 'draft')"
            " OR (OLD.state IN ('accepted', 'cancelled') AND NEW.state <> OLD.state)"
        ),
    )
)
for _name, _gone in (("ReportedShare", _STANDS), ("ClaimMonth", _SENT)):
    hooks.frozen_tables.register(
        FrozenTable(
            f"invoicing.{_name}",
            update=f"{_of('OLD', _SENT)} OR {_of('NEW', _SENT)}",
            delete=_of("OLD", _gone),
            insert=_of("NEW", _SENT),
            needs=("invoicing_funderreport",),
        )
    )


@hooks.kept_shares.register
def told_shares() -> Any:
    """A share told to a funder is not made again while the report stands."""
    return ReportedShare.objects.values("share")


@hooks.guards.register(("missions.MissionDay", "reject"))
def told_to_a_funder(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A day told to a funder is not sent back: the report would tell what no longer stands."""
    row = (
        ReportedShare.objects.filter(share__day=obj)
        .select_related("report__funder", "share__day")
        .first()
    )
    if row is None:
        return []
    seen = by.has_perm("invoicing.view_report")
    advice = _("Take it out of the draft, or cancel the report first.")
    url = row.report.get_absolute_url() if seen else ""
    return [Missing("reported", f"{row.why_kept} {advice}", url)]


# -- what sending asks -------------------------------------------------------------------------
@hooks.guards.register(("invoicing.FunderReport", "send"))
def report_adds_up(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """It tells something, that still stands, and its sums hold."""
    url = obj.get_absolute_url()
    rows = ReportedShare.objects.filter(report=obj)
    if not rows.exists():
        return [Missing("empty", _("This report tells nothing: bring it up to date first."), url)]
    gone = (
        ~Q(share__day__state__in=("validated", "billed"))
        | Q(share__replaced_by__isnull=False)
        | ~Q(share__days=F("days"))
        | ~Q(share__amount=F("amount"))
    )
    if rows.filter(gone).exists():
        words = _("Days changed since this report was made: bring it up to date first.")
        return [Missing("stale", words, url)]
    return [Missing("sums", words) for words in reporting.what_is_off(obj, reporting.tell(obj))]


@hooks.guards.register(("invoicing.FunderReport", "send"))
def within_the_agreement(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """After the agreement; WARN outside the window of eligible expenses, or before the end."""
    found = []
    if obj.application is not None and obj.application.state not in ANSWERABLE:
        words = _("The grant “%(grant)s” is “%(state)s”: no report answers it.")
        state = obj.application.get_state_display()
        url = obj.application.get_absolute_url()
        found.append(Missing("agreement", words % {"grant": obj.application, "state": state}, url))
    found += outside_window(obj)
    if obj.last > on:
        words = _("The period ends on %(day)s: days may still come.") % {"day": date_fr(obj.last)}
        found.append(Missing("not_over", words, level="warn"))
    return found


@hooks.guards.register(("invoicing.FunderReport", "send"))
def claim_is_sound(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Pays known, no more time than worked, time that adds up; WARN while a sheet is unsigned."""
    if not obj.is_claim:
        return []
    found = []
    rows = ClaimMonth.objects.filter(report=obj).select_related("person")
    for row in rows.filter(salary=None):
        words = _("%(month)s: what the work of %(person)s costs is not known.")
        said = words % {"month": f"{row.month:%m/%Y}", "person": row.person}
        found.append(Missing("pay", said, reverse("missions:cost_rates")))
    for row in rows.filter(operation__gt=F("total")):
        words = _("%(month)s, %(person)s: more time is claimed than was worked.")
        found.append(Missing("time", words % {"month": f"{row.month:%m/%Y}", "person": row.person}))
    if claiming.stale_months(obj):
        words = _("Time worked changed since this claim was made: bring it up to date first.")
        found.append(Missing("stale", words, obj.get_absolute_url()))
    gaps = claiming.differences(obj)
    found += [Missing("difference", claiming.told_gap(one)) for one in gaps]
    if lacking := claiming.unsigned(obj):
        words = " ".join(one.words for one in lacking[:6])
        found.append(Missing("unsigned", words, reverse("missions:timesheets"), level="warn"))
    return found


# -- what needs somebody today -----------------------------------------------------------------
def _reason(code: str, title: str, url: str, due: date | None, on: date, who: Any) -> WorkReason:
    late = due is not None and due < on
    return WorkReason(
        code=code,
        title=title,
        url=url,
        due_on=due,
        tone="bad" if late else "warn",
        detail=str(who),
        order=18 if late else 34,
    )


@hooks.work_reasons.register
def reports_to_make(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Envelopes whose report is due soon, drafts to send, reports that came back."""
    if not user.has_perm("invoicing.make_report"):
        return []
    until = on + timedelta(days=days_of("report_due"))
    held = FunderReport.objects.visible_to(user).select_related("funder").order_by("due_on", "pk")
    drafts = held.filter(state="draft", due_on__lte=until)[:limit]
    back = held.filter(state="sent_back")[:limit]
    url = reverse("invoicing:report_new")
    send, mend, make = (
        _("Send the report: %(of)s"),
        _("Correct the report: %(of)s"),
        _("Make the report: %(of)s"),
    )
    found = [
        _reason("report_draft", send % {"of": r}, r.get_absolute_url(), r.due_on, on, r.funder)
        for r in drafts
    ]
    found += [
        _reason("report_back", mend % {"of": r}, r.get_absolute_url(), None, on, r.funder)
        for r in back
    ]
    found += [
        _reason(
            "report_due",
            make % {"of": e},
            f"{url}?envelope={e.pk}",
            e.report_due_on,
            on,
            e.payer,
        )
        for e in envelopes_to_report(until)[:limit]
    ]
    return found[:limit]
