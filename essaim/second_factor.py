"""Taking a second factor off somebody's account: a lost telephone, a broken key."""

from datetime import date, datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.workflow import Missing, Refused, record


@transaction.atomic
def reset_second_factor(*, user: User, by: User, on: date, at: datetime) -> int:
    """Take every factor off and answer how many there were. Raises Refused when there is none."""
    found = Authenticator.objects.filter(user=user)
    if not found.exists():
        raise Refused([Missing("user", _("This person has no second factor."))])
    count, _details = found.delete()
    record(user, "reset_second_factor", by=by, on=on, at=at, codes={"factors": count})
    return int(count)
