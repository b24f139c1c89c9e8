"""The second factors of an account: what it has, and taking them off (a lost telephone)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused, record


@dataclass(frozen=True, slots=True)
class Factors:
    """What protects an account besides its password; `codes` are those not used yet."""

    application: bool
    keys: int
    codes: int

    @property
    def any(self) -> bool:
        return self.application or self.keys > 0


def state_of(user: Any) -> Factors:
    """The second factors of a person, in one query."""
    rows = list(Authenticator.objects.filter(user=user))
    kinds = [row.type for row in rows]
    codes = [row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES]
    return Factors(
        Authenticator.Type.TOTP in kinds,
        kinds.count(Authenticator.Type.WEBAUTHN),
        len(codes[0].wrap().get_unused_codes()) if codes else 0,
    )


@transaction.atomic
def reset_second_factor(*, user: User, by: User, on: date, at: datetime) -> int:
    """Take every factor off and answer how many there were. Raises Refused when there is none."""
    found = Authenticator.objects.filter(user=user)
    if not found.exists():
        raise Refused([Missing("user", _("This person has no second factor."))])
    count, _details = found.delete()
    record(user, "reset_second_factor", by=by, on=on, at=at, codes={"factors": count})
    return int(count)
