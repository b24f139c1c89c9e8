"""The base of every form: French input, limits on length, and widgets that need no script."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Model, Q, QuerySet
from django.forms.models import ModelFormMetaclass
from django.forms.widgets import ChoiceWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim import features
from essaim.formats import day_fr
from essaim.identifiers import search_key
from essaim.number_chips import OrAnother

SPACES = re.compile("[\\s\u00a0\u202f\u2009€]")
# Digits alone: what Python reads besides (1e5, 1_000) is a slip of the finger here, and hundreds of
# digits are no number that a step can be measured on.
PLAIN_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})")
QUARTER = Decimal("0.25")
LONGEST_TEXT = 10_000
CANDIDATES = 8
# Django's own words name the constraint, which nobody can read: here, so that our catalogue says
# it in others.
_UNREADABLE = gettext_lazy("Constraint “%(name)s” is violated.")
# A year typed with two figures or a slip of the finger is no date of ours.
EARLIEST, LATEST = date(1900, 1, 1), date(9000, 12, 31)


class FrenchDecimal(forms.DecimalField):
    """A decimal typed the French way: "1 200,50", a point accepted too."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = SPACES.sub("", value).replace(",", ".")
            if value and not PLAIN_NUMBER.fullmatch(value):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal | int):
            return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)
        return value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True

    def run_validators(self, value: Any) -> None:
        """Say limits as they are typed here: 280,00."""
        try:
            super().run_validators(value)
        except ValidationError as error:
            for one in error.error_list:
                if one.params and isinstance(one.params.get("limit_value"), Decimal):
                    one.params["limit_value"] = str(one.params["limit_value"]).replace(".", ",")
            raise


class MoneyField(FrenchDecimal):
    """Euros and cents, never negative unless `min_value` says so."""

    unit = "€"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal("0"))
        super().__init__(**({"max_digits": 12, "decimal_places": 2} | kwargs))


class DaysField(FrenchDecimal):
    """Days, by quarters."""

    unit = pgettext_lazy("unit", "days")
    default_error_messages = {"step_size": gettext_lazy("Count by quarters of a day.")}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal("0"))
        digits: dict[str, Any] = {"max_digits": 6, "decimal_places": 2, "step_size": QUARTER}
        super().__init__(**{**digits, **kwargs})


class PercentField(FrenchDecimal):
    """A percentage from 0 to 100."""

    unit = "%"

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"min_value": Decimal("0"), "max_value": Decimal("100")} | kwargs
        super().__init__(**({"max_digits": 5, "decimal_places": 2} | kwargs))


# -- choices ------------------------------------------------------------------


class ChipsRadio(forms.RadioSelect):
    """Radio buttons drawn as a row of chips that scrolls sideways.

    `extra`: (address, label) of links that end the row, « Autre » to a folded part of the page.
    """

    template_name = "essaim/widgets/chips.html"
    extra: Sequence[tuple[str, Any]] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"extra": self.extra}


class ChipsCheckbox(forms.CheckboxSelectMultiple):
    """Check boxes drawn as a row of chips."""

    template_name = "essaim/widgets/chips.html"


class DateInput(forms.DateInput):
    """The browser's own date picker; its value is always ISO."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def day_label(day: date, today: date) -> str:
    """ "Aujourd'hui", "hier", else "lun. 16"."""
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return day_fr(day)


class DateChips(OrAnother, DateInput):
    """A row of chips for near days, then a date field for any other.

    Set `days` in the form's `setup()`. The date field wins over a chip when both are sent.
    """

    template_name = "essaim/widgets/date_chips.html"

    def __init__(self, days: Sequence[date] = (), today: date | None = None) -> None:
        super().__init__()
        self.days, self.today = list(days), today

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        chosen = str(context["widget"]["value"] or "")
        today = self.today or (self.days[0] if self.days else None)
        chips = [(d.isoformat(), day_label(d, today) if today else str(d)) for d in self.days]
        context["chips"] = [(v, label, v == chosen) for v, label in chips]
        context["other"] = "" if chosen in dict(chips) else chosen
        return context


def labelled(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """What each chip says: the row's `short_name` when it has one and no other row shares it."""
    shown = list(rows)
    short = [str(getattr(row, "short_name", row)) for row in shown]
    return [
        (row, name if short.count(name) == 1 else str(row))
        for row, name in zip(shown, short, strict=True)
    ]


class Pick(forms.Widget):
    """A search box for one object among many; candidates come back as chips."""

    template_name = "essaim/widgets/pick.html"
    candidates: Iterable[Model] = ()
    chosen: Model | None = None
    extra: Sequence[tuple[str, Any]] = ()

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return (data.get(name, ""), data.get(f"{name}_words", ""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_words" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        key, words = value if isinstance(value, tuple) else (value, "")
        context["words"], context["extra"] = words, self.extra
        context["candidates"] = [
            (str(c.pk), label, str(c.pk) == str(key)) for c, label in labelled(self.candidates)
        ]
        return context


class PickField(forms.Field):
    """One object of a long list, by typing a part of its name: no select that lists them all.

    `rows` is a queryset (already `visible_to`), `search` the column searched (accent-blind when it
    ends with `search_key`). Give `suggestions` a few likely rows in the form's `setup()`.
    """

    widget = Pick
    default_error_messages = {
        "none": gettext_lazy("Nothing found under this name."),
        "many": gettext_lazy("Several match: choose one of these, or type more letters."),
        "gone": gettext_lazy("This choice is no longer possible."),
    }

    def __init__(
        self, rows: QuerySet[Any] | None = None, *, search: str = "search_key", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        # Filled in the form's setup(), once the person is known.
        self.rows: Any = rows
        self.search = search
        self._suggestions: list[Model] = []

    @property
    def suggestions(self) -> list[Model]:
        return self._suggestions

    @suggestions.setter
    def suggestions(self, rows: Iterable[Model]) -> None:
        self._suggestions = list(rows)
        self.widget.candidates = self._suggestions

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, tuple):
            key, words = value
        else:
            key, words = getattr(value, "pk", value), ""
        known = {str(c.pk) for c in self.widget.candidates}
        if key and str(key) not in known and self.rows is not None and str(key).isdecimal():
            self.widget.candidates = [*self.rows.filter(pk=key)[:1], *self.widget.candidates]
        return (str(key or ""), words)

    def clean(self, value: Any) -> Any:
        key, words = value if isinstance(value, tuple) else (value, "")
        words = str(words).strip()[:100]
        if words:
            return self._found(words, str(key or ""))
        if not key:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if not str(key).isdecimal() or (found := self.rows.filter(pk=key).first()) is None:
            raise ValidationError(self.error_messages["gone"], code="gone")
        return found

    def _found(self, words: str, key: str) -> Any:
        rows = self.rows
        for word in words.split():
            blind = self.search.endswith("search_key")
            name = f"{self.search}__{'contains' if blind else 'icontains'}"
            rows = rows.filter(Q(**{name: search_key(word) if blind else word}))
        found = list(rows[: CANDIDATES + 1])
        if len(found) == 1:
            return found[0]
        # The whole name was typed, and it also begins a longer one.
        whole = [row for row in found if search_key(str(row)) == search_key(words)]
        if len(whole) == 1:
            return whole[0]
        # The words were searched, then one of the answers was ticked.
        if ticked := [row for row in found if str(row.pk) == key]:
            return ticked[0]
        code = "many" if found else "none"
        self.widget.candidates = found[:CANDIDATES] or self.suggestions
        raise ValidationError(self.error_messages[code], code=code)


class CameraInput(forms.FileInput):
    """A paper: « Prendre en photo » opens the camera, « Choisir un fichier » a picture or a PDF.

    Two inputs of one name; whichever was filled is the file.
    """

    template_name = "essaim/widgets/camera.html"
    use_fieldset = True

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return id_

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        given = files.getlist(name) if hasattr(files, "getlist") else [files.get(name)]
        return next((one for one in given if one), None)


# -- forms --------------------------------------------------------------------


class Styled:
    """What our forms share: `user` and `on`, French widgets, a limit on every text.

    `setup()` runs once the fields exist: choices that depend on the person go there.
    """

    follows: Mapping[str, Sequence[str]] = {}  # by question of essaim.features: its fields

    user: Any
    on: date | None
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, user: Any = None, on: date | None = None, **kwargs: Any) -> None:
        self.user, self.on = user, on
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)
        self.setup()
        features.leave_out(self, self.follows)

    def setup(self) -> None:
        """Fill choices, suggestions, limits; `self.user` and `self.on` are known."""


def dress(field: forms.Field) -> None:
    """Give a field the widget and the limits of the house."""
    widget = field.widget
    if isinstance(field, forms.DateField) and type(widget) is forms.DateInput:
        field.widget = DateInput(widget.attrs)
        field.widget.is_required = field.required
    if isinstance(field, forms.DateField | forms.DateTimeField):
        limit_dates(field)
    if isinstance(field, forms.CharField) and field.max_length is None:
        field.max_length = LONGEST_TEXT
        field.validators.append(MaxLengthValidator(LONGEST_TEXT))
    if isinstance(widget, forms.Textarea):
        widget.attrs.pop("cols", None)
        if widget.attrs.get("rows") == "10":  # Django's default
            widget.attrs["rows"] = "4"
    if isinstance(widget, ChoiceWidget) and isinstance(field, forms.ModelChoiceField):
        field.empty_label = field.empty_label and "—"


def limit_dates(field: forms.DateField | forms.DateTimeField) -> None:
    """Refuse a date no calendar of the house can hold; DateTimeField is aware, DateField is not."""

    def judge(value: Any) -> None:
        day = value.date() if hasattr(value, "date") else value
        if not EARLIEST <= day <= LATEST:
            raise ValidationError(_("Type a date with its year in four figures."), code="far")

    field.validators = [*field.validators, judge]


class Form(Styled, forms.Form):
    """A plain form; data go to an action."""


def model_field(column: Any, **kwargs: Any) -> Any:
    """The form field of a column: an address without scheme is https, an empty choice a dash."""
    if isinstance(column, models.URLField):
        kwargs.setdefault("assume_scheme", "https")
    made = column.formfield(**kwargs)
    if isinstance(made, forms.TypedChoiceField):
        made.choices = [(v, words if v else "—") for v, words in made.choices if v != "" or words]
    return made


class _ModelFormType(ModelFormMetaclass):
    """Gives each form's Meta the house's way of making fields."""

    def __new__(mcs, name: str, bases: Any, attrs: dict[str, Any]) -> Any:
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(model_field)
        return super().__new__(mcs, name, bases, attrs)


class ModelForm(Styled, forms.ModelForm, metaclass=_ModelFormType):  # type: ignore[type-arg]
    """A form that reads its fields from a model. Never `save()` it: its data go to an action."""

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        raise TypeError("Forms do not save: give cleaned_data to an action")


class EmptyForm(Form):
    """A confirmation: no field at all."""
