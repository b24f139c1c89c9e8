"""Verbs on people outside the structure and what they are in organisations."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own
from crm.models import Contact, ContactRole, Organisation
from essaim.models import User
from essaim.workflow import record
from essaim.writing import judge, put, refuse

FIELDS = frozenset(
    {
        "first_name",
        "last_name",
        "email",
        "phone",
        "legal_basis",
        "consent_on",
        "last_contact_on",
    }
)


def _judge(row: Contact, on: date) -> None:
    if row.legal_basis == Contact.LegalBasis.CONSENT and row.consent_on is None:
        refuse("consent_on", _("Say when consent was given."))
    for name in ("consent_on", "last_contact_on"):
        if (day := getattr(row, name)) is not None and day > on:
            refuse(name, _("The date can't be in the future."))
    judge(row)


def create_contact(*, by: User, on: date, at: datetime, **fields: Any) -> Contact:
    """Write a person down. Raises Refused."""
    row = Contact()
    put(row, fields, FIELDS)
    _judge(row, on)
    with transaction.atomic():
        row.save()
        record(row, "create", by=by, on=on, at=at)
    return row


def edit_contact(contact: Contact, *, by: User, on: date, at: datetime, **fields: Any) -> Contact:
    """Change what is known of a person. Raises Refused, PermissionDenied."""
    own(contact, by)
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
        changed = put(row, fields, FIELDS)
        _judge(row, on)
        row.save()
        if changed:
            record(row, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return row


def give_role(
    contact: Contact,
    *,
    organisation: Organisation,
    role: str,
    since: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> ContactRole:
    """Say what a person is in an organisation; the same role is not noted twice."""
    if role not in ContactRole.Role.values:
        refuse("role", _("Choose a role of the list."))
    with transaction.atomic():
        row, made = ContactRole.objects.get_or_create(
            contact=contact,
            organisation=organisation,
            role=role,
            until=None,
            defaults={"since": since},
        )
        if made:
            codes = {"organisation": organisation.pk, "role": role}
            record(contact, "give_role", by=by, on=on, at=at, codes=codes)
    return row


def end_role(
    contact_role: ContactRole, *, until: date, by: User, on: date, at: datetime
) -> ContactRole:
    """Say when a role ended. Raises Refused."""
    if contact_role.since is not None and until < contact_role.since:
        refuse("until", _("A role can't end before it began."))
    with transaction.atomic():
        contact_role.until = until
        contact_role.save()
        record(
            contact_role.contact, "end_role", by=by, on=on, at=at, codes={"role": contact_role.pk}
        )
    return contact_role
