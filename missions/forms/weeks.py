"""The form of a week's grid: one small field per cell, and what the person saw in each."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms as base
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms
from essaim.formats import day_fr, plain_number
from missions.actions import Wish
from missions.forms.days import missions_of
from missions.rules_grid import parse_cell
from missions.weeks import GridCell, WeekGrid

SEEN = re.compile(r"c_(\d{1,18})_(\d{4}-\d\d-\d\d)=(\d{1,18}):(\d(?:\.\d{1,2})?)")


class CellField(base.CharField):
    """1, 0,5, ½ ... or nothing; its value is a Decimal or None."""

    def __init__(self, label: str, initial: str) -> None:
        widget = base.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "class": "cell-input"}
        )
        super().__init__(label=label, initial=initial, required=False, max_length=10, widget=widget)

    def clean(self, value: Any) -> Decimal | None:
        try:
            return parse_cell(super().clean(value))
        except ValueError:
            raise base.ValidationError(_("Type 1, ¾, ½, ¼, or nothing."), code="cell") from None


class WeekForm(forms.Form):
    """Every cell the grid may change; `another` names a mission to add a line for."""

    another = forms.PickField(
        label=gettext_lazy("Another mission"),
        search="coop__organisation__search_key",
        required=False,
    )
    seen = base.CharField(required=False, max_length=10_000, widget=base.HiddenInput())

    def __init__(self, *args: Any, grid: WeekGrid, **kwargs: Any) -> None:
        self.grid = grid
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        another: Any = self.fields["another"]
        another.rows = missions_of(self.user)
        names = {line.mission.pk: line.name for line in self.grid.lines}
        for cell in self.open_cells:
            initial = plain_number(cell.quantity) if cell.quantity else ""
            label = f"{names[cell.mission.pk]}, {day_fr(cell.day)}"
            self.fields[cell.name] = CellField(label, initial)
        self.fields["seen"].initial = ";".join(c.seen for c in self.open_cells if c.seen)

    @property
    def open_cells(self) -> list[GridCell]:
        return [cell for cell in self.grid.cells if cell.is_open]

    def wishes(self) -> list[Wish]:
        """The cells the person changed, each with what they saw in it."""
        seen = seen_of(self.cleaned_data.get("seen", ""))
        found = []
        for cell in self.open_cells:
            if cell.name not in self.data:
                continue
            quantity = self.cleaned_data.get(cell.name)
            was = seen.get(cell.name)
            if quantity != (was[1] if was else None):
                wish = Wish(mission=cell.mission.pk, day=cell.day, quantity=quantity, seen=was)
                found.append(wish)
        return found


def seen_of(text: str) -> dict[str, tuple[int, Decimal]]:
    """What the hidden field says each cell held; what cannot be read is left out."""
    found = {}
    for mission, day, key, quantity in SEEN.findall(text):
        try:
            name = f"c_{int(mission)}_{date.fromisoformat(day).isoformat()}"
            found[name] = (int(key), Decimal(quantity))
        except (ValueError, InvalidOperation):
            continue
    return found
