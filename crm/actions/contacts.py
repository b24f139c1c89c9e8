"""Verbs on people outside the structure and what they are in organisations."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.actions.common import own, refuse_duplicate
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
        "consent_withdrawn_on",
        "last_contact_on",
    }
)


def check_dates(row: Contact, on: date) -> None:
    """Refuse consent without a date, and dates ahead or out of order."""
    if row.legal_basis == Contact.LegalBasis.CONSENT and row.consent_on is None:
        refuse("consent_on", _("Say when consent was given."))
    for name in ("consent_on", "consent_withdrawn_on", "last_contact_on"):
        if (day := getattr(row, name)) is not None and day > on:
            refuse(name, _("The date can't be in the future."))
    if row.consent_withdrawn_on is not None:
        if row.consent_on is None:
            refuse("consent_on", _("Say when consent was given."))
        if row.consent_withdrawn_on < row.consent_on:
            refuse("consent_withdrawn_on", _("Consent is withdrawn after it was given."))


def _judge(row: Contact, on: date) -> None:
    check_dates(row, on)
    judge(row)


def create_contact(
    *, another: str = "", by: User, on: date, at: datetime, **fields: Any
) -> Contact:
    """Write a person down; `another` says why it is not one known already. Raises Refused."""
    row = Contact()
    put(row, fields, FIELDS)
    _judge(row, on)
    with transaction.atomic():
        row.save()
        record(row, "create", by=by, on=on, at=at, text=another)
    return row


def edit_contact(contact: Contact, *, by: User, on: date, at: datetime, **fields: Any) -> Contact:
    """Change what is known of a person. Raises Refused, PermissionDenied."""
    own(contact, by)
    with transaction.atomic():
        row = Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)
        refuse_duplicate(row)
        changed = put(row, fields, FIELDS)
        _judge(row, on)
        row.save()
        if changed:
            record(row, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return row


# -- what they are in organisations ------------------------------------------------------------


def _within(since: date | None, until: date | None) -> Q:
    """Periods that share a day with this one; an unknown end is open."""
    found = Q()
    if until is not None:
        found &= Q(since=None) | Q(since__lte=until)
    if since is not None:
        found &= Q(until=None) | Q(until__gte=since)
    return found


def _judge_role(row: ContactRole, on: date) -> None:
    if row.role not in ContactRole.Role.values:
        refuse("role", _("Choose a role of the list."))
    # A mandate may have its end already; it has begun when it is written down.
    if row.since is not None and row.since > on:
        refuse("since", _("The date can't be in the future."))
    if row.since is not None and row.until is not None and row.until < row.since:
        refuse("until", _("A role can't end before it began."))
    same = ContactRole.objects.filter(
        contact=row.contact, organisation=row.organisation, role=row.role
    )
    if same.filter(_within(row.since, row.until)).exclude(pk=row.pk).exists():
        refuse("since", _("This role is noted already for these dates: correct that one."))


def _locked(contact: Contact, organisation: Organisation) -> None:
    rows = Contact.objects.select_for_update(of=("self",), no_key=True)
    refuse_duplicate(rows.get(pk=contact.pk))
    refuse_duplicate(organisation)


def give_role(
    contact: Contact,
    *,
    organisation: Organisation,
    role: str,
    since: date | None = None,
    until: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> ContactRole:
    """Say what a person is, or was, in an organisation; a current role is not noted twice.

    Raises Refused.
    """
    if role not in ContactRole.Role.values:
        refuse("role", _("Choose a role of the list."))
    with transaction.atomic():
        _locked(contact, organisation)
        held = ContactRole.objects.filter(
            contact=contact, organisation=organisation, role=role, until=None
        ).first()
        if held is not None and until is None and (since is None or since == held.since):
            return held
        row = ContactRole(
            contact=contact, organisation=organisation, role=role, since=since, until=until
        )
        _judge_role(row, on)
        row.save()
        codes = {"organisation": organisation.pk, "role": role, "row": row.pk}
        record(contact, "give_role", by=by, on=on, at=at, codes=codes)
    return row


def correct_role(
    contact_role: ContactRole,
    *,
    role: str,
    since: date | None = None,
    until: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> ContactRole:
    """Put right what a person was and when; the trail keeps what stood before. Raises Refused."""
    with transaction.atomic():
        _locked(contact_role.contact, contact_role.organisation)
        row = ContactRole.objects.select_for_update(of=("self",)).get(pk=contact_role.pk)
        codes = {"row": row.pk, "from": _told(row)}
        row.role, row.since, row.until = role, since, until
        _judge_role(row, on)
        row.save()
        codes["to"] = _told(row)
        if codes["from"] != codes["to"]:
            record(row.contact, "correct_role", by=by, on=on, at=at, codes=codes)
    return row


def _told(row: ContactRole) -> list[str | None]:
    days = (d.isoformat() if d is not None else None for d in (row.since, row.until))
    return [row.role, *days]


def end_role(
    contact_role: ContactRole, *, until: date, by: User, on: date, at: datetime
) -> ContactRole:
    """Say when a role ended. Raises Refused."""
    if contact_role.since is not None and until < contact_role.since:
        refuse("until", _("A role can't end before it began."))
    with transaction.atomic():
        _locked(contact_role.contact, contact_role.organisation)
        contact_role.until = until
        contact_role.save()
        record(
            contact_role.contact, "end_role", by=by, on=on, at=at, codes={"role": contact_role.pk}
        )
    return contact_role
