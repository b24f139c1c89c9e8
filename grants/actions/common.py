"""What every write of the room shares."""

from typing import Any

from django.utils.translation import gettext as _

from essaim.workflow import Missing, Refused


def refuse_any(found: list[Missing]) -> None:
    if found:
        raise Refused(found)


def negative(obj: Any, names: tuple[str, ...]) -> list[Missing]:
    return [
        Missing(name, _("The amount can't be negative."))
        for name in names
        if (value := getattr(obj, name)) is not None and value < 0
    ]
