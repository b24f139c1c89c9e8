"""Verbs of reminders: send one or all that are due, once each, with their letter kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim import outbox
from essaim.models import OutboxMessage, User
from essaim.outbox import Attached
from essaim.tongue import in_french
from essaim.workflow import Act, Missing, Refused, record
from essaim.writing import refuse
from invoicing.actions.sending import check_addresses, file_name
from invoicing.models import FrozenFile, Instalment, Invoice, Reminder
from invoicing.printing_letters import render_letter
from invoicing.reminding import Cost, ToRemind, cost_of, due_reminders
from invoicing.rules_texts import PENALTIES, fill
from invoicing.texts import document_facts, lateness, penalties_words, profile_of
from invoicing.wording import day, euros

MAIL, LETTER = Reminder.Channel.MAIL, Reminder.Channel.LETTER


@dataclass(frozen=True, slots=True)
class Draft:
    """A reminder as it would leave: its words, and what lateness costs."""

    one: ToRemind
    subject: str
    body: str
    late: Cost


@dataclass(slots=True)
class Sent:
    """What a round of reminders did: those sent, and why others were not."""

    reminders: list[Reminder] = field(default_factory=list)
    left_out: list[tuple[ToRemind, str]] = field(default_factory=list)


@in_french()
def draft_of(one: ToRemind, profile: IssuerProfile) -> Draft:
    """The words of a due reminder, filled; penalties from the third level on."""
    late = Cost()
    if one.level.may_show_penalties:
        late = cost_of(one.invoice, on=one.on)
    facts = document_facts(one.invoice, profile) | {
        "echeance": day(one.instalment.due_on),
        "reste": euros(one.left),
        "retard": lateness(one.days_late),
        PENALTIES: penalties_words(late.interest, late.fee, late.rates, late.claimed),
    }
    return Draft(one, fill(one.level.subject, facts), fill(one.level.body, facts), late)


def due_now(instalment: Instalment, *, on: date) -> ToRemind:
    """The reminder an instalment is due; refuses when there is none or when it is held."""
    rows = Invoice.objects.filter(pk=instalment.invoice_id)
    found = [o for o in due_reminders(on=on, rows=rows) if o.instalment.pk == instalment.pk]
    if not found:
        refuse("level", _("No reminder of this instalment is due: it was sent, or it is paid."))
    if found[0].hold is not None:
        refuse("hold", found[0].hold.text)
    return found[0]


def remind(
    *,
    instalment: Instalment,
    by: User,
    on: date,
    at: datetime,
    to: str = "",
    subject: str = "",
    body: str = "",
    channel: str = MAIL,
    is_automatic: bool = False,
) -> Reminder:
    """Send the reminder an instalment is due, by mail or as a letter to print; keep its PDF.

    Earlier levels that were missed are marked skipped. Refuses what is not due, held, paid, or
    without an address.
    """
    one = due_now(instalment, on=on)
    profile = profile_of(on)
    draft = draft_of(one, profile)
    draft = Draft(one, subject.strip() or draft.subject, body.strip() or draft.body, draft.late)
    to = (to.strip() or one.to) if channel == MAIL else ""
    if channel == MAIL and (found := check_addresses(to, ())):
        raise Refused(found)
    # Made before any row is locked: others write meanwhile.
    content = render_letter(profile=profile, draft=draft, epoch=int(at.timestamp()))
    return _keep(
        draft,
        content,
        to=to,
        channel=channel,
        is_automatic=is_automatic,
        profile=profile,
        act={"by": by, "on": on, "at": at},
    )


@transaction.atomic
def _keep(
    draft: Draft,
    content: bytes,
    *,
    to: str,
    channel: str,
    is_automatic: bool,
    profile: IssuerProfile,
    act: Act,
) -> Reminder:
    """Write the reminder, what it skips and its mail, once nothing changed under lock."""
    instalment = draft.one.instalment
    Invoice.objects.select_for_update(of=("self",)).get(pk=draft.one.invoice.pk)
    now = due_now(instalment, on=act["on"])
    if (now.level.pk, now.left) != (draft.one.level.pk, draft.one.left):
        refuse("level", _("What is owed changed meanwhile: look at the reminder again."))
    of: dict[str, Any] = {"instalment": instalment, "invoice_id": instalment.invoice_id}
    where = {**of, **act, "is_automatic": is_automatic}
    Reminder.objects.bulk_create(
        Reminder(level=level, state=Reminder.State.SKIPPED, **where) for level in now.skips
    )
    message = _message(draft, to, profile, at=act["at"]) if channel == MAIL else None
    reminder = Reminder.objects.create(
        level=now.level,
        state=Reminder.State.SENT,
        channel=channel,
        owed=now.left,
        to=to,
        message=message,
        **_letter(draft, content),
        **where,
    )
    if message:
        outbox.attach(message, _files(reminder))
    codes = {"reminder": reminder.pk, "rank": now.level.rank, "automatic": is_automatic}
    record(draft.one.invoice, "remind", codes=codes, **act)
    return reminder


def _letter(draft: Draft, content: bytes) -> dict[str, Any]:
    """What a reminder keeps of its words, its figures and its paper."""
    return {
        "interest": draft.late.interest,
        "fee": draft.late.fee,
        "subject": draft.subject[:200],
        "body": draft.body,
        "content": content,
        "sha256": sha256(content).hexdigest(),
    }


def _message(draft: Draft, to: str, profile: IssuerProfile, *, at: datetime) -> OutboxMessage:
    return outbox.put(
        key=f"reminder:{draft.one.instalment.pk}:{draft.one.level.rank}",
        to=to,
        sender=profile.legal_name,
        reply_to=profile.email,
        subject=draft.subject,
        body=draft.body,
        at=at,
    )


def _files(reminder: Reminder) -> list[Attached]:
    """The letter, and the document it reminds of when it is ours."""
    found = [Attached(name=letter_name(reminder), source=reminder)]
    file = reminder.invoice.files.filter(kind=FrozenFile.Kind.PDF).first()
    if file is not None:
        found.append(Attached(name=file_name(reminder.invoice), source=file))
    return found


def letter_name(reminder: Reminder) -> str:
    """RELANCE-1-FA-2026-0001.pdf, the number of a taken-over invoice made safe."""
    return "RELANCE-" + str(reminder.level.rank) + "-" + file_name(reminder.invoice)


def remind_many(*, instalments: Iterable[Instalment], by: User, on: date, at: datetime) -> Sent:
    """Send every due reminder of these instalments; one refused does not stop the others."""
    wanted = {part.pk for part in instalments}
    rows = Invoice.objects.filter(pk__in=Instalment.objects.filter(pk__in=wanted).values("invoice"))
    found = due_reminders(on=on, rows=rows, most=None)
    due = [one for one in found if one.instalment.pk in wanted]
    return send_each(due, {"by": by, "on": on, "at": at})


def send_each(due: Iterable[ToRemind], act: Act, *, is_automatic: bool = False) -> Sent:
    """Send each of these reminders in a transaction of its own."""
    done = Sent()
    for one in due:
        try:
            reminder = remind(instalment=one.instalment, is_automatic=is_automatic, **act)
        except Refused as refused:
            done.left_out.append((one, " ".join(str(m.text) for m in refused.missing)))
        else:
            done.reminders.append(reminder)
    return done


def missing_of(one: ToRemind) -> list[Missing]:
    """Why a due reminder would not leave by mail, for the pages."""
    if one.hold is not None:
        return [Missing("hold", one.hold.text)]
    if not one.to:
        words = _("No e-mail address: print the letter, or write an address on the client’s page.")
        return [Missing("to", words, one.invoice.client.get_absolute_url())]
    return []
