"""Rows that keep on screen what an answer of the office would leave aside."""

from typing import Any

from django.db.models import Q

from crm.models import IssuerProfile, Organisation
from essaim import features, hooks
from essaim.models import User

TAXED = (IssuerProfile.Regime.RECEIPTS, IssuerProfile.Regime.DEBITS)


@hooks.feature_rows.register(features.PUBLIC_SECTOR)
def public_clients() -> Any:
    public = Q(client_kind=Organisation.ClientKind.PUBLIC)
    return Organisation.objects.filter(public | ~Q(chorus=Organisation.Chorus.NONE))


@hooks.feature_rows.register(features.VAT)
def profiles_with_vat() -> Any:
    return IssuerProfile.objects.filter(regime__in=TAXED)


@hooks.feature_rows.register(features.SEVERAL_PEOPLE)
def other_people() -> Any:
    first = User.objects.active().order_by("pk").values("pk")[:1]
    return User.objects.active().exclude(pk__in=first)
