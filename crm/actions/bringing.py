"""Many organisations or people at once, by the rules of one: a few statements for a whole file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from crm.actions.contacts import FIELDS as PERSON
from crm.actions.contacts import check_dates
from crm.actions.organisations import FIELDS, normalise
from crm.models import Contact, ContactRole, LegalFormPeriod, Organisation
from essaim.bulk import insert_rows
from essaim.models import User
from essaim.workflow import Missing, Refused, record_many
from essaim.writing import put


def _clean(row: models.Model) -> None:
    """Judge the fields of a row; what only the database can say is judged for all at once."""
    try:
        row.clean_fields()
    except ValidationError as error:
        raise Refused(
            Missing(name, " ".join(map(str, messages)))
            for name, messages in error.message_dict.items()
        ) from error


def drafted_organisation(fields: Mapping[str, Any]) -> Organisation:
    """A new organisation judged and normalised, not kept; its SIRET may still be another's.

    Raises Refused.
    """
    row = Organisation()
    put(row, fields, FIELDS)
    normalise(row)
    if row.kind == Organisation.Kind.AUTHORITY:
        row.client_kind = Organisation.ClientKind.PUBLIC
    row.fill_keys()
    _clean(row)
    return row


def bring_organisations(
    rows: Sequence[tuple[Organisation, tuple[str, date] | None]],
    *,
    by: User,
    on: date,
    at: datetime,
) -> list[Organisation]:
    """Keep drafted organisations, each with its legal form and since when, if known."""
    made = [row for row, _form in rows]
    with transaction.atomic():
        insert_rows(made)
        record_many(made, "create", by=by, on=on, at=at)
        forms = [
            LegalFormPeriod(organisation=row, form=form[0], since=form[1])
            for row, form in rows
            if form is not None
        ]
        insert_rows(forms)
        record_many([f.organisation for f in forms], "set_legal_form", by=by, on=on, at=at)
    return made


def drafted_contact(fields: Mapping[str, Any], *, on: date) -> Contact:
    """A new person judged, not kept. Raises Refused."""
    row = Contact()
    put(row, fields, PERSON)
    check_dates(row, on)
    row.fill_keys()
    _clean(row)
    return row


@dataclass(frozen=True, slots=True)
class RoleGiven:
    """What a person is in an organisation, as a file says it."""

    organisation: int
    role: str
    since: date | None = None
    until: date | None = None


def bring_contacts(
    rows: Sequence[tuple[Contact, Sequence[RoleGiven]]], *, by: User, on: date, at: datetime
) -> list[ContactRole]:
    """Keep drafted people, and the roles of these and of people who are there already.

    One person may come several times. Returns the roles that were kept.
    """
    new = list({id(c): c for c, _roles in rows if c.pk is None}.values())
    with transaction.atomic():
        insert_rows(new)
        record_many(new, "create", by=by, on=on, at=at)
        roles = [
            ContactRole(
                contact=contact,
                organisation_id=given.organisation,
                role=given.role,
                since=given.since,
                until=given.until,
            )
            for contact, all_given in rows
            for given in all_given
        ]
        insert_rows(roles)
        record_many([role.contact for role in roles], "give_role", by=by, on=on, at=at)
    return roles
