"""Verbs on what is held about a person: given to them, kept for a reason, told, forgotten."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import refuse_duplicate
from crm.models import Contact, Retention, Structure
from crm.person import all_of
from essaim import hooks
from essaim.formats import date_fr
from essaim.identifiers import search_key
from essaim.models import OutboxMessage, User
from essaim.workflow import Missing, Refused, record
from essaim.writing import refuse

# A person who was told has a month to answer (GDPR art. 12-3).
ANSWER_DAYS = 30


def _right(by: User, permission: str) -> None:
    if not by.has_perm(permission):
        raise PermissionDenied(permission)


def _locked(contact: Contact) -> Contact:
    rows = Contact.objects.select_for_update(of=("self",), no_key=True)
    row: Contact = rows.get(pk=contact.pk)
    refuse_duplicate(row)
    return row


def export_person(contact: Contact, *, by: User, on: date, at: datetime) -> dict[str, Any]:
    """Everything every room holds about a person, in plain types; the trail notes the export.

    Raises Refused, PermissionDenied.
    """
    _right(by, "crm.export_person")
    with transaction.atomic():
        row = _locked(contact)
        found: dict[str, Any] = {"made_on": on.isoformat()}
        for provider in hooks.person_data.all():
            found |= provider.export(row)
        record(row, "export", by=by, on=on, at=at)
    return found


def _current_roles(row: Contact, on: date) -> list[Missing]:
    roles = [r for r in row.roles.select_related("organisation") if r.is_current(on)]
    if not roles:
        return []
    words = _("Still %(role)s of “%(name)s”: erase all the same?")
    said = {"role": str(roles[0].get_role_display()).lower(), "name": roles[0].organisation}
    return [Missing("role", words % said, level="warn")]


def erase_troubles(row: Contact, *, by: User, on: date) -> list[Missing]:
    """What is asked before a person is erased."""
    found = _current_roles(row, on)
    for guard in hooks.guards.of((row._meta.label, "erase")):
        found += guard(row, by=by, on=on, data=None)
    return found


def _names_them(row: Contact, text: str) -> bool:
    said = set(search_key(text).split())
    names = {w for p in all_of(row) for w in search_key(f"{p.first_name} {p.last_name}").split()}
    return any(p.email and p.email.lower() in text.lower() for p in all_of(row)) or bool(
        said & {w for w in names if len(w) > 2}
    )


def erase_person(
    contact: Contact,
    *,
    reason: str,
    reasons: Mapping[str, str] | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Contact:
    """Forget a person: the CRM keeps rows without a name, issued documents stay as they are.

    `reason` may not name them: it stays in the trail. Raises Refused, PermissionDenied.
    """
    _right(by, "crm.erase_person")
    given = dict(reasons or {})
    with transaction.atomic():
        row = _locked(contact)
        if not reason.strip():
            refuse("reason", _("Say why in a sentence."))
        if any(_names_them(row, words) for words in (reason, *given.values())):
            refuse("reason", _("This sentence is kept: write it without their name or address."))
        bars = [m for m in erase_troubles(row, by=by, on=on) if not given.get(m.code, "").strip()]
        if bars:
            raise Refused(bars)
        counts: dict[str, int] = {}
        # From the top: rooms above look for words by the name, which this room then empties.
        for provider in reversed(tuple(hooks.person_data.all())):
            counts |= provider.erase(row, by=by, on=on, at=at)
        row.refresh_from_db()
        record(row, "erase", by=by, on=on, at=at, codes={"erased": counts}, text=reason.strip())
    return row


def keep_person(
    contact: Contact, *, reason: str, review_on: date, by: User, on: date, at: datetime
) -> Retention:
    """Keep somebody we have not heard of for long, until a date, for a reason. Raises Refused."""
    _right(by, "crm.export_person")
    if not reason.strip():
        refuse("reason", _("Say why in a sentence."))
    if not on < review_on <= on + timedelta(days=3 * 366):
        refuse("review_on", _("Choose a date ahead, within three years."))
    with transaction.atomic():
        row = _locked(contact)
        kept = Retention.objects.create(
            contact=row, kind=Retention.Kind.KEPT, on=on, review_on=review_on, by=by
        )
        codes = {"review_on": review_on.isoformat()}
        record(row, "keep", by=by, on=on, at=at, codes=codes, text=reason.strip())
    return kept


def tell_person(contact: Contact, *, by: User, on: date, at: datetime) -> Retention:
    """Write to somebody that their data will be erased unless they want us to keep them.

    The mail leaves with the next post; a person without an address is told by other means, and
    looked at again in a month all the same. Raises Refused.
    """
    _right(by, "crm.export_person")
    with transaction.atomic():
        row = _locked(contact)
        answer_by = on + timedelta(days=ANSWER_DAYS)
        told = Retention.objects.create(
            contact=row, kind=Retention.Kind.TOLD, on=on, review_on=answer_by, by=by
        )
        if row.email:
            OutboxMessage.objects.create(
                key=f"retention:{told.pk}",
                to=row.email,
                subject=_("What we know of you"),
                body=_letter(row, by, answer_by),
                created_at=at,
            )
        codes = {"by_mail": bool(row.email), "review_on": answer_by.isoformat()}
        record(row, "tell", by=by, on=on, at=at, codes=codes)
    return told


def _letter(row: Contact, by: User, answer_by: date) -> str:
    structure = Structure.objects.select_related("organisation").first()
    return _(
        "Hello %(person)s,\n\nWe have kept your name and how to reach you since we worked together,"
        " and have not heard of you for long. Without an answer by %(day)s we erase them. Write to"
        " us if you want us to keep them, to correct them, or to receive a copy.\n\n"
        "%(by)s\n%(structure)s"
    ) % {
        "person": row,
        "day": date_fr(answer_by),
        "by": by.name,
        "structure": structure or "",
    }
