"""Where documents of a client are sent: its billing address, then its treasurer and president."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import ContactRole, Organisation

# Those who pay first, then those who sign.
_ROLES = {
    ContactRole.Role.TREASURER: 0,
    ContactRole.Role.PRESIDENT: 1,
    ContactRole.Role.REFERENT: 2,
}


@dataclass(frozen=True, slots=True)
class Address:
    """One e-mail address and whose it is."""

    email: str
    label: str


def addresses_of(clients: Iterable[Organisation], *, on: date) -> dict[int, list[Address]]:
    """The addresses to propose for each client, the best first; one query for all."""
    known = {client.pk: client for client in clients}
    roles = (
        ContactRole.objects.filter(organisation__in=known, role__in=_ROLES)
        .filter(Q(until=None) | Q(until__gte=on), contact__archived_on=None)
        .exclude(contact__email="")
        .exclude(contact__legal_basis="consent", contact__consent_withdrawn_on__isnull=False)
        .select_related("contact")
        .order_by("pk")
    )
    people: dict[int, list[ContactRole]] = {}
    for role in roles:
        people.setdefault(role.organisation_id, []).append(role)
    return {pk: _merged(client, people.get(pk, [])) for pk, client in known.items()}


def _merged(client: Organisation, roles: list[ContactRole]) -> list[Address]:
    found = {}
    if client.billing_email:
        found[client.billing_email.lower()] = Address(client.billing_email, _("billing"))
    for role in sorted(roles, key=lambda r: _ROLES[ContactRole.Role(r.role)]):
        label = f"{role.contact}, {str(role.get_role_display()).lower()}"
        found.setdefault(role.contact.email.lower(), Address(role.contact.email, label))
    if client.email:
        found.setdefault(client.email.lower(), Address(client.email, str(client)))
    return list(found.values())
