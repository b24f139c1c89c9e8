"""What every verb of the room asks first: whose it is, and whether it takes anything more."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Coop, end_of
from essaim.models import User
from essaim.writing import refuse


def own(thing: Any, by: User) -> None:
    """Raise PermissionDenied when this coop, accompaniment... is out of the person's scope."""
    if not type(thing).objects.visible_to(by).filter(pk=thing.pk).exists():
        raise PermissionDenied(f"{thing._meta.label} {thing.pk} is out of reach of {by.pk}")


def writable(coop: Coop) -> None:
    """A merged or closed accompaniment keeps its coop readable and refuses any write."""
    found = Accompaniment.objects.filter(coop=coop).order_by("-pk")
    current = found.live().first() or found.first()
    if current is not None and current.is_read_only:
        text = _("“%(coop)s” is %(state)s: it can be read, no longer changed.")
        said = {"coop": coop, "state": current.get_activity_display().lower()}
        refuse("activity", text % said, coop.get_absolute_url())


def refuse_duplicate(row: Any) -> None:
    """What was joined to another, or erased, is read and takes nothing more."""
    if row.duplicate_of_id is not None:
        end = end_of(row)
        words = _("“%(name)s” was joined to “%(other)s”: write there.")
        refuse("duplicate", words % {"name": row, "other": end}, end.get_absolute_url())
    if getattr(row, "erased_on", None) is not None:
        refuse("erased", _("This person was erased: nothing is written about them any more."))
