"""Which facts of an organisation each role writes: identity, or how it is billed."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from crm.models import Organisation
from essaim.models import User
from essaim.roles import Role

IDENTITY = frozenset(
    {
        "legal_name",
        "usual_name",
        "kind",
        "siren",
        "siret",
        "rna",
        "court_register",
        "vat_number",
        "email",
        "phone",
        "website",
        "street",
        "postcode",
        "city",
        "country",
    }
)
BILLING = frozenset(
    {
        "billing_name",
        "billing_street",
        "billing_postcode",
        "billing_city",
        "billing_email",
        "vat_status",
        "recovers_vat",
        "e_address",
        "chorus",
        "chorus_service",
    }
)
# What an invoice must say of a client: the accountant writes it for a coop too.
REGISTERED = frozenset(
    {
        *("siren", "siret", "rna", "court_register", "vat_number"),
        *("street", "postcode", "city", "country"),
    }
)


def writable_fields(user: User, organisation: Organisation | None = None) -> frozenset[str]:
    """What this person may write of an organisation, or of a new one.

    The office writes everything; the accountant what is billed and registered, and all of a client
    that is no coop; a consultant the identity of own coops, and of a new partner.
    """
    if user.has_role(Role.COORDINATOR, Role.ADMINISTRATOR):
        return IDENTITY | BILLING
    found: frozenset[str] = frozenset()
    is_coop = organisation is not None and organisation.kind == Organisation.Kind.COOP
    if user.has_role(Role.ACCOUNTANT):
        found |= BILLING | (REGISTERED if is_coop else IDENTITY)
    if user.has_role(Role.CONSULTANT):
        if organisation is None:
            found |= IDENTITY
        elif is_coop and _accompanies(user, organisation):
            found |= IDENTITY - {"kind"}
    return found


def _accompanies(user: User, organisation: Organisation) -> bool:
    accompaniments: Any = organisation._meta.apps.get_model("crm.Accompaniment").objects
    mine = accompaniments.accompanied_by(user)
    return bool(mine.filter(coop__organisation=organisation).exists())


def may_write(organisation: Organisation, changed: Iterable[str], *, by: User) -> None:
    """Raise PermissionDenied when one of these columns is not this person's to change."""
    asked = set(changed)
    if asked and (stray := asked - writable_fields(by, organisation)):
        raise PermissionDenied(f"{sorted(stray)} of an organisation are not {by.pk}'s to write")
