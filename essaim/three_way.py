"""Three states of a form: what was shown, what stands in the database now, what was typed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, dumps, loads
from django.db.models import Model
from django.utils.translation import gettext as _

from essaim.formats import DASH, date_fr
from essaim.forms import Pick, PickField

NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
TYPED_AS_WORDS: Final = (forms.DecimalField, forms.IntegerField, forms.DateField, forms.TimeField)


def canonical(field_: Any, value: Any) -> str:
    """A value as one string, whether it comes from a row, from a default or from a cleaned form."""
    if isinstance(value, tuple) and isinstance(field_, PickField):
        value = "+".join(filter(None, value))
    if isinstance(value, str) and isinstance(field_, TYPED_AS_WORDS):
        value = _read(field_, value)
    if value is None or value is False or value == "":
        return ""
    return _plain(field_, value)


def _plain(field_: Any, value: Any) -> str:
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, str):
        plain = value.replace("\r\n", "\n").strip()
        is_number = isinstance(field_, forms.ChoiceField) and NUMBER.fullmatch(plain)
        return _plain(field_, Decimal(plain)) if is_number else plain
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Iterable):
        return "\n".join(sorted(canonical(field_, one) for one in value))
    return str(value)


def _read(field_: Any, value: str) -> Any:
    try:
        return field_.to_python(value)
    except ValidationError:
        return value


def mark_of(words: str) -> str:
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:12]


def compared(form: Any) -> list[str]:
    """The fields that are compared: neither files nor secrets, which no page shows."""
    return [
        name
        for name, one in form.fields.items()
        if not one.disabled
        and not isinstance(one, forms.FileField)
        and not isinstance(one.widget, forms.PasswordInput)
    ]


def marks_of(blank: Any) -> dict[str, str]:
    """Field -> fingerprint of the value a form shows before anything is typed."""
    return {
        name: mark_of(
            canonical(blank.fields[name], blank.get_initial_for_field(blank.fields[name], name))
        )
        for name in compared(blank)
    }


# -- what the page carries ----------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """What a page showed: fingerprints, and the fields of which both values were shown."""

    marks: Mapping[str, str]
    asked: tuple[str, ...] = ()


def _salt(user: Any, path: str) -> str:
    return f"essaim.form_shown.{user.pk}.{path}"


def write_shown(shown: Shown, user: Any, path: str) -> str:
    return dumps([shown.marks, shown.asked], salt=_salt(user, path), compress=True)


def read_shown(words: str, user: Any, path: str) -> Shown | None:
    """What this person was shown at this address; None when it is not ours."""
    try:
        marks, asked = loads(words, salt=_salt(user, path))
    except (BadSignature, ValueError, TypeError):
        return None
    return Shown(marks, tuple(asked))


# -- what differs -------------------------------------------------------------


@dataclass(frozen=True)
class Clash:
    """A field that both changed: both values, as people read them."""

    name: str
    label: Any
    now: str
    typed: str


@dataclass
class Compared:
    """`theirs`: changed by the other alone; `clashes`: changed by both, and differently."""

    theirs: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def compare(shown: Shown, now: Mapping[str, str], typed: Any, *, turned: set[str]) -> Compared:
    """`typed` is the bound form, judged; `turned` are marks of dates that are but today's."""
    found = Compared()
    for name, mark in now.items():
        before = shown.marks.get(name)
        if before is None or before == mark or before in turned:
            continue
        field_ = typed.fields[name]
        value = typed.cleaned_data.get(name, typed[name].data)
        mine = mark_of(canonical(field_, value))
        if mine == before:
            found.theirs.append(name)
        elif mine != mark:
            found.clashes.append(name)
    return found


def spoken(bound: Any, value: Any) -> str:
    """A value as people read it."""
    field_ = bound.field
    if isinstance(value, tuple) and isinstance(field_, PickField):
        value = value[1] or value[0]
    if isinstance(field_, forms.BooleanField):
        return str(_("yes") if value else _("no"))
    if value is None or value == "":
        return DASH
    rows = getattr(field_, "rows", None)
    rows = getattr(field_, "queryset", None) if rows is None else rows
    many = value if isinstance(value, list | tuple) or hasattr(value, "all") else [value]
    return ", ".join(_one(field_, rows, one) for one in many) or DASH


def _one(field_: Any, rows: Any, value: Any) -> str:
    if isinstance(value, Model):
        return str(value)
    if rows is not None and str(value).isdecimal():
        return str(rows.filter(pk=value).first() or DASH)
    if isinstance(value, date) and not isinstance(value, datetime):
        return date_fr(value)
    for key, label in getattr(field_, "choices", None) or ():
        if canonical(field_, key) == canonical(field_, value):
            return str(label)
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    return str(value)


def as_posted(bound: Any) -> dict[str, list[str]]:
    """What a browser posts of a field that shows its first value and is left alone."""
    widget, name, value = bound.field.widget, bound.html_name, bound.value()
    if isinstance(widget, forms.CheckboxInput):
        return {name: ["on"]} if widget.check_test(value) else {}
    if isinstance(widget, Pick):
        return {name: [value[0]]}
    if isinstance(widget, forms.MultiWidget):
        many: Any = widget
        parts = zip(many.widgets_names, many.widgets, many.decompress(value), strict=False)
        return {f"{name}{end}": [str(one.format_value(part) or "")] for end, one, part in parts}
    if getattr(widget, "allow_multiple_selected", False):
        return {name: [str(one) for one in value or ()]}
    shown = widget.format_value(value)
    if isinstance(shown, list | tuple):
        shown = shown[0] if shown else ""
    return {name: [str("" if shown is None else shown)]}
