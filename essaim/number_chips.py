"""A value in one tap: chips of the usual ones, and a field for any other."""

from collections.abc import Sequence
from typing import Any

from django import forms


class OrAnother:
    """A widget of chips with a field for any other value, which wins when both are sent."""

    use_fieldset = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(f"{name}_other") or data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_other" not in data

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""


class NumberChips(OrAnother, forms.NumberInput):
    """Chips for usual numbers, then a field for another; typed, the other wins over a chip."""

    template_name = "essaim/widgets/number_chips.html"

    def __init__(self, numbers: Sequence[int], unit: Any = "", attrs: Any = None) -> None:
        super().__init__(attrs)
        self.numbers, self.unit = list(numbers), unit

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = str(value if value is not None else "")
        chips = [(str(n), f"{n} {self.unit}".strip()) for n in self.numbers]
        context["chips"] = [(number, label, number == chosen) for number, label in chips]
        context["other"] = "" if chosen in dict(chips) else chosen
        return context
