"""What the crm holds about one person: given to them, or forgotten."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from crm.models import Contact, Document, Note, Task
from essaim.bulk import update_rows
from essaim.models import EventText, ImportFile, ImportRow, OutboxMessage
from essaim.search import index

NOBODY = "effacee@personne.invalid"


def all_of(contact: Contact) -> list[Contact]:
    """The person and every row that was joined to it."""
    found, keys = [contact], [contact.pk]
    while more := list(Contact.objects.filter(duplicate_of__in=keys)):
        found += more
        keys = [row.pk for row in more]
    return found


def notes_of(people: Iterable[Contact]) -> Any:
    return Note.objects.filter(participants__contact__in=people).distinct()


def mails_to(people: Iterable[Contact]) -> Any:
    """Mail that left, or waits, for one of their addresses."""
    addresses = {p.email.lower() for p in people if p.email}
    found = (
        [
            pk
            for pk, to, cc in OutboxMessage.objects.values_list("pk", "to", "cc")
            if to.lower() in addresses or addresses.intersection(str(c).lower() for c in cc)
        ]
        if addresses
        else []
    )
    return OutboxMessage.objects.filter(pk__in=found)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _identity(row: Contact) -> dict[str, Any]:
    return {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "phone": row.phone,
        "legal_basis": row.legal_basis,
        "consent_on": _day(row.consent_on),
        "consent_withdrawn_on": _day(row.consent_withdrawn_on),
        "last_contact_on": _day(row.last_contact_on),
        "archived_on": _day(row.archived_on),
    }


def _roles(people: list[Contact]) -> list[dict[str, Any]]:
    return [
        {
            "organisation": str(role.organisation),
            "role": str(role.get_role_display()),
            "since": _day(role.since),
            "until": _day(role.until),
        }
        for person in people
        for role in person.roles.select_related("organisation").order_by("pk")
    ]


def _notes(people: list[Contact]) -> list[dict[str, Any]]:
    """Titles and dates; the text of a note is theirs when it is shared with the coop."""
    return [
        {
            "coop": str(note.coop),
            "kind": str(note.get_kind_display()),
            "at": note.at.isoformat(),
            **({"title": note.title, "text": note.text} if note.is_shared else {}),
        }
        for note in notes_of(people).select_related("coop__organisation").order_by("at", "pk")
    ]


def _documents(people: list[Contact]) -> list[dict[str, Any]]:
    shared = notes_of(people).filter(is_shared=True)
    rows = Document.objects.filter(note__in=shared).order_by("pk")
    return [{"title": row.title, "added_at": row.added_at.isoformat()} for row in rows]


def _mails(people: list[Contact]) -> list[dict[str, Any]]:
    return [
        {
            "subject": row.subject,
            "body": row.body,
            "written_at": row.created_at.isoformat(),
            "sent_at": row.sent_at.isoformat() if row.sent_at else None,
        }
        for row in mails_to(people).order_by("pk")
    ]


def _words_of(person: Contact) -> list[str]:
    """Their full name, address and phone as they may stand in a text."""
    name = f"{person.first_name} {person.last_name}".strip()
    turned = f"{person.last_name} {person.first_name}".strip()
    full = [name, turned] if person.first_name and person.last_name else []
    return [w for w in (*full, person.email, person.phone) if len(w) > 4]


def _without(words: Iterable[str], text: str) -> str:
    found = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    return re.sub(found, _("[person erased]"), text, flags=re.IGNORECASE) if found else text


def _all_without(words: Iterable[str], value: Any) -> Any:
    """The same for every text within lists and mappings."""
    if isinstance(value, str):
        return _without(words, value)
    if isinstance(value, list):
        return [_all_without(words, one) for one in value]
    if isinstance(value, dict):
        return {key: _all_without(words, one) for key, one in value.items()}
    return value


class ContactData:
    """Identity, roles, notes, documents, mails; `erase` leaves rows without a name."""

    def export(self, contact: Any) -> Mapping[str, Any]:
        people = all_of(contact)
        return {
            "identity": [_identity(row) for row in people],
            "roles": _roles(people),
            "notes": _notes(people),
            "documents": _documents(people),
            "mails": _mails(people),
        }

    def erase(self, contact: Any, *, by: Any, on: date, at: datetime) -> Mapping[str, int]:
        people = all_of(contact)
        words = sorted({w for person in people for w in _words_of(person)})
        counts = {
            "notes": self._out_of_notes(people, words),
            "mails": self._out_of_mails(people, at),
            "words": self._out_of_the_trail(people),
            "import_rows": self._out_of_imports(people, words),
        }
        for person in people:
            self._forget(person, on)
        return {code: count for code, count in counts.items() if count}

    def _out_of_notes(self, people: list[Contact], words: list[str]) -> int:
        changed = 0
        notes = list(notes_of(people))
        found: list[tuple[Any, tuple[str, ...]]] = [(n, ("title", "text")) for n in notes]
        found += [(t, ("what",)) for t in Task.objects.filter(note__in=notes)]
        for row, columns in found:
            before = [getattr(row, c) for c in columns]
            after = [_without(words, text) for text in before]
            if after != before:
                for column, text in zip(columns, after, strict=True):
                    setattr(row, column, text[: row._meta.get_field(column).max_length])
                row.save(update_fields=list(columns))
                index.refresh(row._meta.label, [row.pk])
                changed += 1
        return changed

    def _out_of_mails(self, people: list[Contact], at: datetime) -> int:
        """Mail that proves how a document was sent is kept; the rest loses its words."""
        kept = set(_proofs())
        rows = [row for row in mails_to(people) if row.pk not in kept]
        for row in rows:
            row.to, row.cc, row.reply_to = NOBODY, [], ""
            row.subject = row.body = str(_("[person erased]"))
            if row.sent_at is None and row.given_up_at is None:
                row.given_up_at = at
            row.save()
        return len(rows)

    def _out_of_the_trail(self, people: list[Contact]) -> int:
        label, keys = Contact._meta.label, [p.pk for p in people]
        texts = EventText.objects.filter(event__model=label, event__object_id__in=keys)
        return texts.exclude(words={}).update(words={})

    def _out_of_imports(self, people: list[Contact], words: list[str]) -> int:
        """Rows of files that brought them keep their number, reference and what they made."""
        keys, changed = {p.pk for p in people}, []
        rows = ImportRow.objects.filter(batch__kind="contacts").select_related("batch")
        for row in rows.iterator(chunk_size=1000):
            theirs = row.model == Contact._meta.label and row.object_id in keys
            if theirs or str(row.plan.get("title", "")).lower() in [w.lower() for w in words]:
                row.raw = {"values": {}, "read": []}
                row.plan = {"title": str(_("[person erased]")), "detail": ""}
                changed.append(row)
            elif (plan := _all_without(words, row.plan)) != row.plan:
                # Likely duplicates are named beside the row of somebody else.
                row.plan = plan
                changed.append(row)
        update_rows(ImportRow, changed, ("raw", "plan"))
        # A file not written yet still names them: it is sent again if it is wanted.
        ImportFile.objects.filter(batch__in={row.batch_id for row in changed}).delete()
        return len(changed)

    def _forget(self, person: Contact, on: date) -> None:
        person.first_name = person.last_name = person.email = person.phone = ""
        person.archive_reason = ""
        person.erased_on, person.archived_on = on, person.archived_on or on
        person.save()


def _proofs() -> Iterator[int]:
    """Messages that a document of a room above points to: an invoice sent, a reminder."""
    every: list[Any] = list(OutboxMessage._meta.get_fields(include_hidden=True))
    for relation in every:
        if not relation.auto_created or relation.concrete or relation.name == "attachments":
            continue
        if relation.related_model._meta.app_label in ("essaim", "crm"):
            continue
        rows = relation.related_model._base_manager
        column = relation.field.attname
        yield from rows.exclude(**{column: None}).values_list(column, flat=True)
