"""Verbs of the first run: who we are in one gesture, which items of the kit are in use."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.office import set_structure, write_issuer_profile
from crm.actions.requirements import write_requirement
from crm.models import IssuerProfile, Requirement
from essaim.identifiers import vat_of
from essaim.models import User
from essaim.workflow import Act
from essaim.writing import refuse

TAXED = (IssuerProfile.Regime.RECEIPTS, IssuerProfile.Regime.DEBITS)
USUAL_RATE = 20
_SHARED = ("legal_name", "street", "postcode", "city", "siren")
_KEPT = (
    "effective_from",
    "legal_name",
    "legal_form",
    "registration",
    "siren",
    "siret",
    "capital",
    "is_sole_trader",
    "fiscal_month",
    "street",
    "postcode",
    "city",
    "email",
    "phone",
    "contact_name",
    "iban",
    "bic",
    "penalty_rate",
    "is_cooperative",
    "operations",
    "e_address",
)


def begin_office(*, by: User, on: date, at: datetime, **fields: Any) -> IssuerProfile:
    """Say who we are for our invoices and for ourselves, in force since the first of January.

    `fields` are those of an issuer profile; the VAT number and the usual rate follow from the
    SIREN and the regime. A profile already there is corrected. Raises Refused.
    """
    act: Act = {"by": by, "on": on, "at": at}
    with transaction.atomic():
        present = IssuerProfile.objects.at(on)
        starts = present.effective_from if present else date(on.year, 1, 1)
        known = {name: getattr(present, name) for name in _KEPT} if present else {}
        wanted = known | fields | {"effective_from": starts}
        shared = {name: wanted.get(name, "") for name in _SHARED}
        if "legal_name" in fields:
            set_structure(**shared, **act)
        return write_issuer_profile(**wanted, **_taxed(wanted, present), **act)


def _taxed(wanted: dict[str, Any], present: IssuerProfile | None) -> dict[str, Any]:
    """The VAT number and the rate that go with a regime; those that stand are left alone."""
    if wanted.get("regime") not in TAXED:
        return {"vat_rate": 0, "vat_number": ""}
    if present is not None and present.regime in TAXED and present.siren == wanted["siren"]:
        return {}
    return {"vat_rate": USUAL_RATE, "vat_number": vat_of(wanted["siren"])}


def change_regime(*, regime: str, by: User, on: date, at: datetime) -> IssuerProfile:
    """Say whether we charge VAT, in the profile in force; the rest of it stays. Raises Refused."""
    present = IssuerProfile.objects.at(on)
    if present is None:
        refuse("vat", _("Say first who you are: our own details are missing."))
    if not by.has_perm("crm.manage_issuer"):
        refuse("vat", _("Only the accountant changes the VAT of what our invoices say."))
    return begin_office(regime=regime, by=by, on=on, at=at)


def choose_kit(items: Collection[int], *, by: User, on: date, at: datetime) -> int:
    """Keep exactly these items of the kit in use; answers how many changed.

    An item left out is asked of nobody any more; what was settled of it stays.
    """
    changed = 0
    with transaction.atomic():
        for row in Requirement.objects.order_by("pk"):
            wanted = row.pk in items
            if row.is_active != wanted:
                write_requirement(row, is_active=wanted, by=by, on=on, at=at)
                changed += 1
    return changed
