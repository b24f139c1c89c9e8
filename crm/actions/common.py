"""What every verb of the room asks first: whose it is, and whether it takes anything more."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from crm.models import Accompaniment, Coop
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
