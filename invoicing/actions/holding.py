"""Verbs around reminders: announce, suspend, leave them to run alone, write their levels."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Organisation
from essaim import outbox
from essaim.formats import called
from essaim.mails import COMING_REMINDERS, choices_line, comes
from essaim.models import User
from essaim.roles import Role
from essaim.tongue import speaking_to
from essaim.workflow import Missing, Refused, record
from essaim.writing import put, refuse
from invoicing.actions.reminding import Sent, send_each
from invoicing.models import AutoRemind, Invoice, ReminderHold, ReminderLevel, ReminderNotice
from invoicing.reminding import NOTICE, ToRemind, coming_reminders, due_reminders
from invoicing.texts import allowed_in, text_problems
from invoicing.wording import day

LONGEST_HOLD = timedelta(days=366)
# What is about to leave: of which part, at which level, of which invoice, on which day.
Coming = tuple[Any, ReminderLevel, Any, date]


@transaction.atomic
def hold_reminders(
    *, invoice: Invoice, until: date, reason: str, by: User, on: date, at: datetime
) -> ReminderHold:
    """Suspend the reminders of an invoice until a date (that day included), with a reason."""
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    found = []
    if not invoice.is_issued or invoice.is_credit_note:
        found.append(Missing("invoice", _("Only an issued invoice is reminded.")))
    if not on <= until <= on + LONGEST_HOLD:
        found.append(Missing("until", _("Choose a date between today and a year from now.")))
    if not reason.strip():
        found.append(Missing("reason", _("Say why in a sentence.")))
    if found:
        raise Refused(found)
    ReminderHold.objects.filter(invoice=invoice, ended_on=None).update(ended_on=on)
    row = ReminderHold.objects.create(
        invoice=invoice, until=until, reason=reason.strip()[:500], on=on, at=at, by=by
    )
    codes = {"hold": row.pk, "until": until.isoformat()}
    record(invoice, "hold_reminders", by=by, on=on, at=at, codes=codes, text=reason)
    return row


@transaction.atomic
def release_reminders(*, invoice: Invoice, by: User, on: date, at: datetime) -> Invoice:
    """Let the reminders of an invoice go on before the date they were suspended to."""
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    rows = ReminderHold.objects.filter(invoice=invoice, ended_on=None, until__gte=on)
    if not rows.update(ended_on=on):
        refuse("hold", _("The reminders of this invoice are not suspended."))
    record(invoice, "release_reminders", by=by, on=on, at=at)
    return invoice


@transaction.atomic
def set_auto_remind(
    *, client: Organisation, automatic: bool, by: User, on: date, at: datetime
) -> Organisation:
    """Let the reminders of a client leave by themselves, in the name of who decides it, or not."""
    client = Organisation.objects.select_for_update(of=("self",)).get(pk=client.pk)
    present = AutoRemind.objects.filter(client=client)
    if automatic and not present.exists():
        AutoRemind.objects.create(client=client, by=by, at=at)
    elif not automatic:
        present.delete()
    record(client, "auto_remind", by=by, on=on, at=at, codes={"automatic": automatic})
    return client


# -- by themselves ----------------------------------------------------------------------------
def run_reminders(*, on: date, at: datetime) -> Sent:
    """Announce what is coming, then send what is due to clients ticked for it; safe run twice.

    A reminder leaves three days after it was announced to those who may suspend it, at the
    earliest: one that fell due while nothing ran is announced first.
    """
    announce(on=on, at=at)
    done = Sent()
    for one in _automatic(on):
        if one.automatic is None or one.hold is not None or not _was_told(one):
            continue
        act: Any = {"by": one.automatic.by, "on": on, "at": at}
        round_ = send_each([one], act, is_automatic=True)
        done.reminders += round_.reminders
        done.left_out += round_.left_out
    return done


def _automatic(on: date) -> list[ToRemind]:
    """What is due to clients ticked for it, however many others wait for a click."""
    rows = Invoice.objects.filter(client__auto_remind__isnull=False)
    return due_reminders(on=on, rows=rows, most=None)


def _was_told(one: ToRemind) -> bool:
    return one.told_on is not None and one.told_on + NOTICE <= one.on


@transaction.atomic
def announce(*, on: date, at: datetime) -> int:
    """Tell those who follow each client that a reminder is coming; returns how many were told."""
    # Two runs at once: the second waits here, then finds everything announced.
    levels = ReminderLevel.objects.select_for_update().order_by("rank")
    list(levels.values_list("pk", flat=True))
    coming = [(c.instalment, c.level, c.invoice, c.on) for c in _untold_coming(on)]
    coming += [
        (o.instalment, o.level, o.invoice, on + NOTICE)
        for o in _automatic(on)
        if o.told_on is None and o.automatic is not None and o.hold is None
    ]
    if not coming:
        return 0
    people = _who_follows([invoice for _part, _level, invoice, _day in coming])
    mails: dict[User, list[Coming]] = defaultdict(list)
    for one in coming:
        ReminderNotice.objects.create(instalment=one[0], level=one[1], on=on, at=at)
        for person in people[one[2].pk]:
            if comes(person, COMING_REMINDERS, on=on):
                mails[person].append(one)
    for person, found in mails.items():
        _tell(person, found, key=f"reminder-notice:{person.pk}:{at.isoformat()}", at=at)
    return len(coming)


def _untold_coming(on: date) -> list[Any]:
    return [one for one in coming_reminders(on=on) if not one.told]


def _who_follows(invoices: Sequence[Invoice]) -> dict[int, list[User]]:
    """The referent of each invoice's coop, else the coordinators."""
    coops = {i.coop_id for i in invoices if i.coop_id}
    rows = Accompaniment.objects.filter(coop__in=coops, owner__is_active=True)
    owners = {row.coop_id: row.owner for row in rows.select_related("owner").order_by("pk")}
    office = list(User.objects.with_role(Role.COORDINATOR))
    return {i.pk: [owners[i.coop_id]] if i.coop_id in owners else office for i in invoices}


def _line(one: Coming) -> str:
    _part, level, invoice, falls = one
    words = _("- %(level)s on %(day)s: invoice %(number)s, %(client)s")
    said = {"level": level, "day": day(falls), "number": invoice.number, "client": invoice.client}
    return words % said


def _tell(person: User, found: Sequence[Coming], *, key: str, at: datetime) -> None:
    with speaking_to(person):
        body = _(
            "Hello %(name)s,\n\nReminders are about to leave:\n%(lines)s\n\nIf one must wait,"
            " suspend it from your page Today, with a reason and a date."
        )
        said = {"name": called(person.name), "lines": "\n".join(_line(one) for one in found)}
        subject, body = _("Reminders about to leave"), f"{body % said}\n\n{choices_line()}"
    outbox.put(key=key, to=person.email, subject=subject, body=body, at=at)


# -- levels -----------------------------------------------------------------------------------
LEVEL_FIELDS = ("name", "days", "subject", "body", "is_active")


@transaction.atomic
def save_level(
    *, level: ReminderLevel | None, by: User, on: date, at: datetime, **values: Any
) -> ReminderLevel:
    """Change a level, or add one after the last; levels stay in the order of their days.

    Refuses words that stand for nothing and, before the third level, any amount of penalty.
    """
    rows = list(ReminderLevel.objects.select_for_update().order_by("rank"))
    row = level or ReminderLevel(rank=max((x.rank for x in rows), default=0) + 1)
    values["subject"] = " ".join(values["subject"].split())
    values["body"] = values["body"].strip()
    found = text_problems({k: values[k] for k in ("subject", "body")}, allowed_in(row))
    found += _order_problems(row, values["days"], rows)
    if found:
        raise Refused(found)
    put(row, values, LEVEL_FIELDS)
    row.save()
    record(row, "write", by=by, on=on, at=at)
    return row


def _order_problems(row: ReminderLevel, days: int, rows: Sequence[ReminderLevel]) -> list[Missing]:
    before = [x for x in rows if x.rank < row.rank]
    after = [x for x in rows if x.rank > row.rank]
    if row.rank == 0 and days >= 0:
        return [Missing("days", _("This level is before the due date: type a negative number."))]
    if row.rank > 0 and days <= 0:
        return [Missing("days", _("This level is after the due date: type a positive number."))]
    if (before and days <= before[-1].days) or (after and days >= after[0].days):
        words = _("Levels follow each other: this one stands between its neighbours.")
        return [Missing("days", words)]
    return []
