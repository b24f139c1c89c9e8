"""Mails and reminders: on timelines, on the desks of the day, and kept by the database."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.following import ORGANISATION, TABLES
from crm.models import Coop
from essaim import hooks
from essaim.hooks import FrozenTable, TimelineEntry, WorkReason
from essaim.roles import Role
from invoicing.hooks.answers import Before
from invoicing.hooks.answers import older as _older
from invoicing.models import Invoice, Reminder, Sending
from invoicing.reminding import coming_reminders, due_reminders

for _name in ("Reminder", "ReminderNotice"):
    hooks.frozen_tables.register(FrozenTable(f"invoicing.{_name}", update="1=1", delete="1=1"))
# A payer's foreign key may follow a deduplication; what was sent and paid back stays.
for _name in ("Sending", "Refund"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"invoicing.{_name}",
            update="1=1",
            delete="1=1",
            follows={"client_id": ORGANISATION},
            needs=TABLES,
        )
    )
# A hold may only be ended.
hooks.frozen_tables.register(
    FrozenTable("invoicing.ReminderHold", update="1=1", delete="1=1", free=("ended_on",))
)


# -- the timeline of a coop -------------------------------------------------------------------
@hooks.timeline.register("mail")
def documents_sent(coop: Any, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    """Documents of a coop sent by mail, to those who may see invoices."""
    rows = Sending.objects.visible_to(user).filter(invoice__coop=coop)
    return [
        TimelineEntry(
            at=row.at,
            kind="mail",
            key=row.pk,
            title=_("Sent by mail: %(number)s") % {"number": row.invoice},
            url=row.invoice.get_absolute_url() if row.invoice else "",
            detail=row.to,
            tone="info",
        )
        for row in _older(rows.select_related("invoice"), "at", "mail", before, limit)
    ]


@hooks.timeline.register("reminder")
def reminders_sent(coop: Any, *, user: Any, before: Before, limit: int) -> list[TimelineEntry]:
    """Reminders sent for a coop's invoices, to those who may see invoices."""
    rows = Reminder.objects.visible_to(user).sent().filter(invoice__coop=coop)
    rows = rows.defer("content", "body").select_related("invoice", "level")
    return [
        TimelineEntry(
            at=row.at,
            kind="reminder",
            key=row.pk,
            title=f"{row.level} · {row.invoice}",
            url=row.get_absolute_url(),
            detail=row.to,
            tone="warn",
        )
        for row in _older(rows, "at", "reminder", before, limit)
    ]


# -- what needs somebody today ----------------------------------------------------------------
@hooks.work_reasons.register
def reminders_to_send(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """How many reminders wait for a click."""
    if not user.has_perm("invoicing.remind"):
        return []
    count = sum(1 for one in due_reminders(on=on) if one.hold is None)
    if not count:
        return []
    words = ngettext("%(count)s reminder to send", "%(count)s reminders to send", count)
    title, url = words % {"count": count}, reverse("invoicing:reminders")
    return [WorkReason("reminders_due", title, url, tone="warn", order=12, count=count)][:limit]


@hooks.work_reasons.register
def reminders_coming(user: Any, *, on: date, limit: int) -> list[WorkReason]:
    """Reminders of the three days to come, for those who follow the client and may suspend."""
    if not user.has_role(Role.CONSULTANT, Role.COORDINATOR):
        return []
    rows = Invoice.objects.all()
    if not user.has_role(Role.COORDINATOR):
        rows = rows.filter(Q(coop__in=Coop.objects.visible_to(user)))
    words = _("Reminder to come: %(client)s")
    return [
        WorkReason(
            code="reminder_coming",
            title=words % {"client": one.invoice.client},
            url=reverse("invoicing:hold", args=(one.invoice.pk,)),
            due_on=one.on,
            tone="info",
            detail=f"{one.level} · {one.invoice.number}",
            order=40,
        )
        for one in coming_reminders(on=on, rows=rows)[:limit]
    ]
