"""Verbs on notes: written, changed, shared after one more question, sent to who was there."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.actions.common import own, writable
from crm.actions.documents import add_document
from crm.actions.tasks import add_task
from crm.models import Contact, ContactRole, Coop, Note, NoteMail, NoteParticipant
from essaim import outbox
from essaim.formats import date_fr
from essaim.models import User
from essaim.roles import Role
from essaim.tongue import speaking_to
from essaim.workflow import record
from essaim.writing import judge, put, refuse

NOTE_FIELDS = frozenset({"kind", "minutes", "title", "text", "is_shared"})
NAMED = 6


def _judge_note(note: Note, at: datetime) -> None:
    if len(note.text) > Note.MAX_LENGTH:
        refuse("text", _("A note holds %(most)s characters at most.") % {"most": Note.MAX_LENGTH})
    if note.at > at:
        refuse("happened_at", _("A note tells what happened: the date can't be in the future."))
    judge(note)


# -- who will read it --------------------------------------------------------------------------


def new_readers(coop: Coop) -> list[str]:
    """Who reads a shared note of a coop and no internal one: the office's accountants, by name,
    and the people of the coop, to whom it may be sent."""
    staff = User.objects.active().with_role(Role.ACCOUNTANT).filter(is_coordinator=False)
    books = [u for u in staff.filter(is_administrator=False) if not _accompanies(u, coop)]
    roles = ContactRole.objects.filter(organisation=coop.organisation_id, until=None)
    people = Contact.objects.filter(pk__in=roles.values("contact"), archived_on=None)
    return [*map(str, books), *(str(one) for one in people)]


def _accompanies(user: User, coop: Coop) -> bool:
    mine = coop.accompaniments.filter(Q(owner=user) | Q(team=user))
    return user.has_role(Role.CONSULTANT) and mine.exists()


def _ask_to_share(coop: Coop) -> None:
    """Sharing asks once more, and says with whom."""
    names = new_readers(coop)
    shown, more = names[:NAMED], len(names) - NAMED
    said = ", ".join(shown) or _("nobody yet outside those who accompany the coop")
    if more > 0:
        said = _("%(names)s and %(count)s more") % {"names": said, "count": more}
    text = _(
        "Shared, this note, its attachments and its tasks may be read by: %(names)s. "
        "Confirm, or keep it internal."
    )
    refuse("share_confirmed", text % {"names": said})


# -- writing -----------------------------------------------------------------------------------


def _take_part(note: Note, people: Iterable[User | Contact]) -> None:
    note.participants.all().delete()
    NoteParticipant.objects.bulk_create(
        NoteParticipant(note=note, user=p)
        if isinstance(p, User)
        else NoteParticipant(note=note, contact=p)
        for p in people
    )


def _follow(
    note: Note,
    *,
    tasks: Iterable[Mapping[str, Any]] = (),
    file: "File[Any] | None" = None,
    file_title: str = "",
    **act: Any,
) -> None:
    """What comes with a note in the same gesture: its next actions, its attachment."""
    for task in tasks:
        add_task(note=note, **task, **act)
    if file is not None:
        # Last: a file on the disk is not taken back with the transaction.
        add_document(note.coop, file=file, title=file_title, note=note, **act)


def write_note(
    coop: Coop,
    *,
    title: str,
    text: str = "",
    kind: str = Note.Kind.NOTE,
    happened_at: datetime | None = None,
    minutes: int | None = None,
    is_shared: bool = False,
    share_confirmed: bool = False,
    participants: Iterable[User | Contact] = (),
    by: User,
    on: date,
    at: datetime,
    **follows: Any,
) -> Note:
    """Write a report of a call, a meeting, a visit; internal unless shared, which is confirmed.

    `follows`: `tasks`, its next actions (what, owner, due_on), `file` and `file_title`, an
    attachment. Raises Refused.
    """
    own(coop, by)
    writable(coop)
    said = {"kind": kind, "minutes": minutes, "title": title, "text": text, "is_shared": is_shared}
    note = Note(coop=coop, at=happened_at or at, author=by, written_at=at, **said)
    _judge_note(note, at)
    if is_shared and not share_confirmed:
        _ask_to_share(coop)
    with transaction.atomic():
        note.save()
        _take_part(note, participants)
        record(note, "write", by=by, on=on, at=at, codes={"coop": coop.pk, "shared": is_shared})
        _follow(note, **follows, by=by, on=on, at=at)
    return note


def edit_note(
    note: Note,
    *,
    participants: Iterable[User | Contact] | None = None,
    share_confirmed: bool = False,
    tasks: Iterable[Mapping[str, Any]] = (),
    file: "File[Any] | None" = None,
    file_title: str = "",
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> Note:
    """Change a note one may read; sharing it is confirmed. Raises Refused."""
    own(note, by)
    writable(note.coop)
    with transaction.atomic():
        row = Note.objects.select_for_update(of=("self",), no_key=True).get(pk=note.pk)
        row.at = fields.pop("happened_at", None) or row.at
        changed = put(row, fields, NOTE_FIELDS)
        _judge_note(row, at)
        if "is_shared" in changed and row.is_shared and not share_confirmed:
            _ask_to_share(row.coop)
        row.save()
        if participants is not None:
            _take_part(row, participants)
        codes = {"fields": changed, "shared": row.is_shared}
        record(row, "edit", by=by, on=on, at=at, codes=codes)
        _follow(row, tasks=tasks, file=file, file_title=file_title, by=by, on=on, at=at)
    return row


# -- sending -----------------------------------------------------------------------------------


def send_note(
    note: Note, *, to: Iterable[NoteParticipant], by: User, on: date, at: datetime
) -> list[NoteMail]:
    """Put the text of a shared note in the outbox for some of those who were there, once each.

    Raises Refused for an internal note, nobody chosen, no address, or a second time.
    """
    own(note, by)
    writable(note.coop)
    with transaction.atomic():
        row = Note.objects.select_for_update(of=("self",), no_key=True).get(pk=note.pk)
        if not row.is_shared:
            text = _("This note is internal: share it first, or write to them yourself.")
            refuse("to", text, row.get_absolute_url())
        chosen = list(row.participants.filter(pk__in=[p.pk for p in to]).order_by("pk"))
        if not chosen:
            refuse("to", _("Choose at least one of those who were there."))
        _may_receive(row, chosen)
        sent = [_send(row, one, by=by, on=on, at=at) for one in chosen]
        codes = {"mails": [mail.pk for mail in sent]}
        record(row, "send", by=by, on=on, at=at, codes=codes)
    return sent


def _may_receive(note: Note, chosen: Iterable[NoteParticipant]) -> None:
    mails = list(note.mails.all())
    told = {("user", m.user_id) for m in mails} | {("contact", m.contact_id) for m in mails}
    for one in chosen:
        if not one.email:
            refuse("to", _("%(name)s has no e-mail address.") % {"name": one})
        key = ("user", one.user_id) if one.user_id else ("contact", one.contact_id)
        if key in told:
            refuse("to", _("%(name)s received this note already.") % {"name": one})


def _send(note: Note, one: NoteParticipant, *, by: User, on: date, at: datetime) -> NoteMail:
    who = f"user:{one.user_id}" if one.user_id else f"contact:{one.contact_id}"
    # A colleague reads it in their language, anybody else in French.
    with speaking_to(one.user):
        body = mail_body(note, by)
    message = outbox.put(
        key=f"note:{note.pk}:{who}",
        to=one.email,
        subject=f"{note.coop} · {note.title}",
        body=body,
        sender=str(by),
        reply_to=by.email,
        at=at,
    )
    return NoteMail.objects.create(
        note=note, user=one.user, contact=one.contact, message=message, by=by, at=at
    )


def mail_body(note: Note, by: User) -> str:
    """The words of the mail: what it is about, the text as it was written, who sends it."""
    said = {
        "kind": note.get_kind_display(),
        "coop": note.coop,
        "on": date_fr(timezone.localdate(note.at)),
    }
    head = _("%(kind)s of %(on)s, %(coop)s") % said
    return "\n\n".join(part for part in (head, note.title, note.text.strip(), str(by)) if part)
