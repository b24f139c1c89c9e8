"""What the grants room answers to the ground: loose ends, timeline, what needs somebody today."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, Case, OuterRef, Q, QuerySet, Subquery, When
from django.urls import reverse
from django.utils.translation import gettext as _

from essaim import hooks
from essaim.formats import money
from essaim.hooks import LooseEnd, TimelineEntry, WorkReason
from essaim.models import Event
from essaim.reasons import days_of
from essaim.roles import Role
from essaim.workflow import Missing, Refused
from grants import actions
from grants.models import Disbursement, GrantApplication
from grants.states import BEFORE_DECISION, TONES, ApplicationState

_APPLICATION, _DISBURSEMENT = "grants.GrantApplication", "grants.Disbursement"


class GrantEnds:
    """An abandoned coop: each payment awaited and each open application gets a decision."""

    def find(self, accompaniment: Any, *, user: Any) -> list[LooseEnd]:
        """Judged on all rows; a person who sees no grants gets neither amount nor link."""
        may = user.has_perm("grants.view_application")
        coop = accompaniment.coop_id
        return [*self._applications(coop, may=may), *self._payments(coop, may=may)]

    def _applications(self, coop: int, *, may: bool) -> list[LooseEnd]:
        rows = GrantApplication.objects.filter(coop=coop, state__in=BEFORE_DECISION)
        choices = (("withdraw", _("Withdraw it")), ("keep", _("Keep it open")))
        known, blank = _("Application “%(title)s”"), _("An application for an aid")
        return [
            LooseEnd(
                f"application:{row.pk}",
                known % {"title": row} if may else blank,
                choices,
                row.get_absolute_url() if may else "",
            )
            for row in rows.order_by("pk")
        ]

    def _payments(self, coop: int, *, may: bool) -> list[LooseEnd]:
        rows = Disbursement.objects.expected().filter(application__coop=coop)
        rows = rows.exclude(kind=Disbursement.Kind.CLAWBACK).select_related("application")
        choices = (("cancel", _("It won't come")), ("keep", _("Keep awaiting it")))
        known, blank = _("%(amount)s awaited for “%(title)s”"), _("A payment awaited")
        return [
            LooseEnd(
                f"disbursement:{row.pk}",
                known % {"amount": money(row.expected_amount), "title": row.application}
                if may
                else blank,
                choices,
                row.get_absolute_url() if may else "",
            )
            for row in rows.order_by("pk")
        ]

    def settle(
        self, accompaniment: Any, key: str, choice: str, *, by: Any, on: date, at: datetime
    ) -> bool:
        kind, _sep, pk = key.partition(":")
        if kind not in ("application", "disbursement") or not pk.isdecimal():
            return False
        if choice == "keep":
            return True
        why = _("The project was stopped.")
        if kind == "application" and choice == "withdraw":
            found = GrantApplication.objects.get(pk=int(pk), coop=accompaniment.coop_id)
            actions.withdraw(found, dated=on, why=why, by=by, on=on, at=at)
        elif kind == "disbursement" and choice == "cancel":
            row = Disbursement.objects.get(pk=int(pk), application__coop=accompaniment.coop_id)
            actions.cancel_disbursement(row, why=why, by=by, on=on, at=at)
        else:
            raise Refused([Missing(f"decision:{key}", _("Choose one of the ways offered."))])
        return True


hooks.loose_ends.register(GrantEnds())


# -- timeline ---------------------------------------------------------------------------------


@hooks.timeline.register("grant")
def grant_entries(
    coop: Any, *, user: Any, before: tuple[datetime, str, int] | None, limit: int
) -> list[TimelineEntry]:
    """Moves of the coop's applications and the payments received."""
    if not user.has_perm("grants.view_application"):
        return []
    rows = _told(GrantApplication.objects.visible_to(user).filter(coop=coop))
    if before is not None:
        at, kind, key = before
        tie = Q(at=at, pk__lt=key) if kind == "grant" else Q(at=at)
        rows = rows.filter(Q(at__lt=at) | tie if kind >= "grant" else Q(at__lt=at))
    return [_entry(event) for event in rows.order_by("-at", "-pk")[:limit]]


def _told(applications: QuerySet[Any]) -> QuerySet[Event]:
    payments = Disbursement.objects.filter(application__in=applications)
    mine = applications.filter(pk=OuterRef("object_id"))
    paid = payments.filter(pk=OuterRef("object_id"))
    moved = Q(model=_APPLICATION, object_id__in=applications.values("pk")) & ~Q(target="")
    received = Q(verb=f"{_DISBURSEMENT}.receive", object_id__in=payments.values("pk"))
    return Event.objects.filter(moved | received).annotate(
        title=Case(
            When(model=_APPLICATION, then=Subquery(mine.values("title")[:1])),
            default=Subquery(paid.values("application__title")[:1]),
        ),
        application=Case(
            When(model=_APPLICATION, then=Subquery(mine.values("pk")[:1])),
            default=Subquery(paid.values("application")[:1]),
            output_field=BigIntegerField(),
        ),
    )


def _entry(event: Any) -> TimelineEntry:
    amount = event.codes.get("amount", "")
    if event.model == _APPLICATION:
        title = f"{event.title} : {ApplicationState(event.target).label}"
        tone = TONES[event.target]
    else:
        back = amount.startswith("-")
        title = _("Paid back to the funder") if back else _("Payment of the funder received")
        title, tone = f"{title} : {event.title}", "bad" if back else "good"
    return TimelineEntry(
        at=event.at,
        kind="grant",
        key=event.pk,
        title=title,
        url=reverse("grants:application", args=(event.application,)),
        detail=money(amount) if amount else "",
        tone=tone,
    )


# -- what needs somebody today ------------------------------------------------------------------


@hooks.work_reasons.register
def payments_late(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Payments past their date; all of them for the accountant, one's own files otherwise."""
    if not user.has_perm("grants.receive_disbursement"):
        return []
    since = on - timedelta(days=days_of("disbursement_late"))
    rows = Disbursement.objects.visible_to(user).late(on=since)
    if not user.has_role(Role.ACCOUNTANT):
        rows = rows.filter(application__owner=user)
    rows = rows.select_related("application__applicant").order_by("expected_on", "pk")
    return [
        WorkReason(
            code="disbursement_late",
            title=_("Has the aid arrived? %(amount)s") % {"amount": money(row.expected_amount)},
            url=row.get_absolute_url(),
            due_on=row.expected_on,
            tone="warn",
            detail=f"{row.application.applicant} · {row.application}",
            order=30,
        )
        for row in rows[:limit]
    ]
