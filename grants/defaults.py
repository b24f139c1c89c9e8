"""What the office starts from and may edit: days of reminders, laid down once."""

from typing import Final

from django.db import DEFAULT_DB_ALIAS

from grants.models import ReminderPlan
from grants.states import DeadlineKind

_USUAL: Final = [30, 14, 7, 2]
_OTHER: Final = {
    DeadlineKind.OPENING: [7, 2],
    DeadlineKind.PAYMENT: [0],
    DeadlineKind.ARCHIVE: [30],
}


def install_defaults(using: str = DEFAULT_DB_ALIAS) -> None:
    """Add the plan of each kind that has none yet; safe to run again."""
    rows = ReminderPlan.objects.using(using)
    known = set(rows.values_list("kind", flat=True))
    rows.bulk_create(
        ReminderPlan(kind=kind, days=_OTHER.get(kind, _USUAL))
        for kind in DeadlineKind
        if kind not in known
    )
