"""Verbs on organisations: who they are in law, how they are billed, since when."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import refuse_duplicate
from crm.actions.electronic import electronic_troubles
from crm.duplicates import alike
from crm.field_rights import BILLING, IDENTITY, may_write
from crm.models import Membership, Organisation
from essaim import identifiers
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import judge, put, refuse

FIELDS = IDENTITY | BILLING
# The SIRET and the VAT number are checked against the SIREN, so it comes first.
_IDENTIFIERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("siren", identifiers.siren),
    ("siret", identifiers.siret),
    ("rna", identifiers.rna),
    ("court_register", identifiers.alsace_register),
    ("vat_number", identifiers.vat_number),
)


def normalise(row: Organisation) -> None:
    """Write identifiers in their one form; raise Refused with each that is wrong."""
    wrong = []
    for name, read in _IDENTIFIERS:
        value = getattr(row, name).strip()
        try:
            setattr(row, name, read(value) if value else "")
        except ValidationError as error:
            wrong.append(Missing(name, " ".join(error.messages)))
    if row.siret and not row.siren and not wrong:
        row.siren = row.siret[:9]
    if row.siret and row.siren and not row.siret.startswith(row.siren):
        wrong.append(Missing("siret", _("This SIRET does not start with the SIREN.")))
    if row.siren and row.vat_number.startswith("FR") and not row.vat_number.endswith(row.siren):
        wrong.append(Missing("vat_number", _("This VAT number is not that of the SIREN.")))
    if row.court_register and row.rna:
        wrong.append(
            Missing("rna", _("An association of Alsace-Moselle has a register entry and no RNA."))
        )
    if wrong := [*wrong, *electronic_troubles(row)]:
        raise Refused(wrong)


def _taken(row: Organisation) -> None:
    if not row.siret:
        return
    other = Organisation.objects.filter(siret=row.siret).exclude(pk=row.pk).first()
    if other is not None:
        text = _("“%(name)s” already has this SIRET.") % {"name": other}
        refuse("siret", text, other.get_absolute_url())


def likely_duplicates(
    name: str, *, siren: str = "", user: User, but: Organisation | None = None
) -> list[Organisation]:
    """Organisations that may be the same one: same SIREN, same or nearly the same name.

    Blind to accents, case and punctuation; at most five, among those the user sees.
    """
    fields = {"legal_name": name, "siren": siren}
    key = but.pk if but is not None else 0
    return [row for row, _why in alike("organisation", fields, user=user, key=key)]


def _held(organisation: Organisation) -> Organisation:
    """The row under lock; one that was joined to another takes nothing any more."""
    rows = Organisation.objects.select_for_update(of=("self",), no_key=True)
    row = rows.get(pk=organisation.pk)
    refuse_duplicate(row)
    return row


def create_organisation(
    *, another: str = "", by: User, on: date, at: datetime, **fields: Any
) -> Organisation:
    """Write a new organisation; identifiers are normalised.

    `another` says why it is not one known already. Raises Refused.
    """
    row = Organisation()
    put(row, fields, FIELDS)
    normalise(row)
    _taken(row)
    if row.kind == Organisation.Kind.AUTHORITY:
        row.client_kind = Organisation.ClientKind.PUBLIC
    judge(row)
    with transaction.atomic():
        row.save()
        record(row, "create", by=by, on=on, at=at, codes={"kind": row.kind}, text=another)
    return row


def edit_organisation(
    organisation: Organisation, *, by: User, on: date, at: datetime, **fields: Any
) -> Organisation:
    """Change facts of an organisation. Raises Refused."""
    with transaction.atomic():
        row = _held(organisation)
        changed = put(row, fields, FIELDS)
        may_write(row, changed, by=by)
        normalise(row)
        _taken(row)
        judge(row)
        row.save()
        if changed:
            record(row, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return row


def set_client_kind(
    organisation: Organisation, *, client_kind: str, reason: str, by: User, on: date, at: datetime
) -> Organisation:
    """Say what this client is in law (payment terms follow from it), and why. Raises Refused."""
    if client_kind not in Organisation.ClientKind.values:
        refuse("client_kind", _("Choose one of the three kinds of client."))
    if not reason.strip():
        refuse("reason", _("Say why in a sentence."))
    with transaction.atomic():
        row = _held(organisation)
        before = row.client_kind
        row.client_kind, row.client_kind_reason = client_kind, reason.strip()[:300]
        row.client_kind_by = by
        row.save()
        codes = {"from": before, "to": client_kind}
        record(row, "set_client_kind", by=by, on=on, at=at, codes=codes, text=reason)
    return row


def set_membership(
    organisation: Organisation,
    *,
    year: int,
    amount: Decimal,
    paid_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Membership:
    """Note an organisation's membership of ours for a year. Raises Refused."""
    if amount < 0:
        refuse("amount", _("The amount can't be negative."))
    if not 1900 <= year <= on.year + 1:
        refuse("year", _("Choose a year up to next year."))
    with transaction.atomic():
        _held(organisation)
        row, _made = Membership.objects.update_or_create(
            organisation=organisation,
            year=year,
            defaults={"amount": amount, "paid_on": paid_on},
        )
        record(organisation, "set_membership", by=by, on=on, at=at, codes={"year": year})
    return row
