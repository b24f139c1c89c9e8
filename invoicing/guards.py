"""What issuing an invoice and activating a clause ask for."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim.workflow import Missing


def ready_to_issue(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.lines.exists():
        return []
    return [Missing("lines", _("The invoice has no line."))]


def clause_is_complete(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    found = []
    for name in ("rate", "cap", "floor", "fixed_part", "tail_months", "payment_days"):
        if getattr(obj, name) is None:
            label = obj._meta.get_field(name).verbose_name
            found.append(Missing(name, _("Missing: %(field)s.") % {"field": label}))
    return found
