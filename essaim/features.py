"""What the office uses: four yes or no questions that switch menus and fields, one table.

An unanswered question shows everything. A question answered no hides nothing that has rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import BooleanField, Case, Exists, Q, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import hooks
from essaim.models import Feature, User
from essaim.workflow import record
from essaim.writing import refuse

PUBLIC_SECTOR: Final = "public_sector"
VAT: Final = "vat"
SEVERAL_PEOPLE: Final = "several_people"
LINKED_FEES: Final = "linked_fees"


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the office, what a yes brings and what a no leaves aside."""

    code: str
    words: Any
    help: Any


QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        PUBLIC_SECTOR,
        gettext_lazy("Do you bill public bodies?"),
        gettext_lazy("Towns, regions, schools: Chorus Pro, service codes, engagement numbers."),
    ),
    Question(
        VAT,
        gettext_lazy("Do you charge VAT?"),
        gettext_lazy(
            "Rates in the catalogue and the VAT statement. Without it, invoices print why."
        ),
    ),
    Question(
        SEVERAL_PEOPLE,
        gettext_lazy("Are you several people?"),
        gettext_lazy("Teams, days with a colleague, validation by somebody else, handing over."),
    ),
    Question(
        LINKED_FEES,
        gettext_lazy("Do you have fees tied to grants?"),
        gettext_lazy("A share of a grant obtained, billed when the funder pays."),
    ),
)
CODES: Final = frozenset(question.code for question in QUESTIONS)

_kept: ContextVar[dict[str, frozenset[str]] | None] = ContextVar("features", default=None)


def _used(code: str) -> Q:
    """Whether rows of some room need what this question would hide."""
    found = Q()
    for rows in hooks.feature_rows.of(code):
        found |= Q(Exists(rows()))
    return found


def _case(wanted: Mapping[str, Q]) -> Case:
    whens = [When(Q(code=code) & used, then=Value(True)) for code, used in wanted.items()]  # noqa: FBT003
    return Case(*whens, default=Value(False), output_field=BooleanField())  # noqa: FBT003


def _read() -> frozenset[str]:
    """The codes that are off and that no row needs: one query."""
    used = {code: found for code in sorted(CODES) if (found := _used(code))}
    rows = Feature.objects.filter(is_on=False).annotate(is_used=_case(used))
    return frozenset(code for code, is_used in rows.values_list("code", "is_used") if not is_used)


def switched_off() -> frozenset[str]:
    """What is not shown; one query, once a request."""
    kept = _kept.get()
    if kept is None:
        return _read()
    if "off" not in kept:
        kept["off"] = _read()
    return kept["off"]


def is_on(code: str) -> bool:
    """Whether what this question is about is shown. An unknown code raises KeyError."""
    if code not in CODES:
        raise KeyError(code)
    return code not in switched_off()


@contextmanager
def read_once() -> Iterator[None]:
    """Within, the table is read once, by whoever asks first."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def answers() -> dict[str, bool]:
    """What was answered, by code; a question without an answer is absent."""
    return dict(Feature.objects.values_list("code", "is_on"))


def still_used() -> frozenset[str]:
    """Codes answered no that rows keep on screen."""
    return frozenset(c for c, yes in answers().items() if not yes) - _read()


def answer(*, by: User, on: date, at: datetime, **given: bool) -> list[Feature]:
    """Keep the answers to some questions, by code; answers the rows that changed."""
    if set(given) - CODES:
        refuse("code", _("This question is not known: open the page again."))
    changed = []
    with transaction.atomic():
        rows = {row.code: row for row in Feature.objects.select_for_update()}
        for code, yes in given.items():
            row = rows.get(code) or Feature(code=code)
            if row.pk is not None and row.is_on == yes:
                continue
            row.is_on = yes
            row.save()
            record(row, "answer", by=by, on=on, at=at, codes={"code": code, "is_on": yes})
            changed.append(row)
    if (kept := _kept.get()) is not None:
        kept.clear()
    return changed


def leave_out(form: Any, follows: Mapping[str, Sequence[str]]) -> None:
    """Take off a form the fields of what the office does not use, those that hold something
    aside."""
    for code, names in follows.items():
        if is_on(code):
            continue
        for name in names:
            if name in form.fields and not _holds(form, name):
                del form.fields[name]


def _holds(form: Any, name: str) -> bool:
    """Whether the row behind a form says something there."""
    row = getattr(form, "instance", None)
    if row is None or row._state.adding:
        return bool(form.initial.get(name))
    known = {column.name: column for column in row._meta.concrete_fields}
    if name not in known:
        return bool(form.initial.get(name))
    value = getattr(row, known[name].attname)
    return value not in (None, "", known[name].get_default())


class Uses:
    """For templates: `{% if uses.vat %}`."""

    def __getitem__(self, code: str) -> bool:
        return is_on(code)


def known_to_templates(_request: Any) -> dict[str, Uses]:
    """A context processor; nothing is read before a template asks."""
    return {"uses": Uses()}
