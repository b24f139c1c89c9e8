"""Verbs that take organisations and people out of the lists, and put them back."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Contact, Organisation
from essaim import hooks
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import refuse


def archive_troubles(row: Any, *, by: User, on: date) -> list[Missing]:
    """What is still under way for an organisation or a person, asked of every room."""
    guards = hooks.guards.of((row._meta.label, "archive"))
    return [missing for guard in guards for missing in guard(row, by=by, on=on, data=None)]


def _locked(row: Any, by: User) -> Any:
    if not by.has_perm("crm.archive"):
        raise PermissionDenied("crm.archive")
    return type(row).objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)


def _archive(given: Any, reason: str, by: User, on: date, at: datetime) -> Any:
    words = reason.strip()
    if not words:
        refuse("reason", _("Say why in a sentence."))
    with transaction.atomic():
        row = _locked(given, by)
        if row.archived_on is not None:
            refuse("archived", _("“%(name)s” is archived already.") % {"name": row})
        if bars := archive_troubles(row, by=by, on=on):
            raise Refused(bars)
        row.archived_on, row.archive_reason = on, words[:300]
        row.save(update_fields=["archived_on", "archive_reason"])
        record(row, "archive", by=by, on=on, at=at, text=words)
    return row


def _restore(given: Any, by: User, on: date, at: datetime) -> Any:
    with transaction.atomic():
        row = _locked(given, by)
        if row.duplicate_of_id is not None:
            words = _("“%(name)s” was joined to “%(other)s”: it stays as it is.")
            said = {"name": row, "other": row.duplicate_of}
            refuse("duplicate", words % said, row.duplicate_of.get_absolute_url())
        if getattr(row, "erased_on", None) is not None:
            refuse("erased", _("This person was erased: nothing comes back."))
        if row.archived_on is None:
            refuse("archived", _("“%(name)s” is not archived.") % {"name": row})
        row.archived_on, row.archive_reason = None, ""
        row.save(update_fields=["archived_on", "archive_reason"])
        record(row, "restore", by=by, on=on, at=at)
    return row


def archive_organisation(
    organisation: Organisation, *, reason: str, by: User, on: date, at: datetime
) -> Organisation:
    """Take an organisation out of lists and searches; every row that points to it stays.

    Raises Refused with what is still under way, PermissionDenied.
    """
    done: Organisation = _archive(organisation, reason, by, on, at)
    return done


def restore_organisation(
    organisation: Organisation, *, by: User, on: date, at: datetime
) -> Organisation:
    """Put an organisation back in the lists. Raises Refused."""
    done: Organisation = _restore(organisation, by, on, at)
    return done


def archive_contact(contact: Contact, *, reason: str, by: User, on: date, at: datetime) -> Contact:
    """Take a person out of the lists. Raises Refused, PermissionDenied."""
    done: Contact = _archive(contact, reason, by, on, at)
    return done


def restore_contact(contact: Contact, *, by: User, on: date, at: datetime) -> Contact:
    """Put a person back in the lists. Raises Refused."""
    done: Contact = _restore(contact, by, on, at)
    return done
