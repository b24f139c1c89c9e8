"""A list of calls: kept as read, previewed dry, then written whole."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import actions as crm
from crm.models import Organisation
from essaim.identifiers import search_key
from essaim.imports.reader import Fault, Table
from essaim.models import User
from essaim.workflow import Missing, record
from grants import call_lists
from grants.actions.common import refuse_any
from grants.actions.programmes import create_programme
from grants.call_lists import COLUMNS, MOST_ROWS, CallResource, code_of, dataset_of, written
from grants.models import Call, CallImport, Programme

NEW: Final = "new"
CHANGED: Final = "changed"
SAME: Final = "same"
LEFT_OUT: Final = "left_out"
_KINDS: Final = {"new": NEW, "update": CHANGED, "skip": SAME}
WORDS: Final = {
    NEW: gettext_lazy("new"),
    CHANGED: gettext_lazy("changed"),
    SAME: gettext_lazy("unchanged"),
    LEFT_OUT: gettext_lazy("left out"),
}


@dataclass(frozen=True, slots=True)
class RowSeen:
    """One row of the file and what it would become."""

    number: int
    cells: dict[str, str]
    what: str

    @property
    def words(self) -> str:
        return str(WORDS[self.what])


@dataclass(slots=True)
class Rehearsal:
    """What confirming would do: rows, faults, and names to create if ticked."""

    rows: list[RowSeen] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    funders: list[str] = field(default_factory=list)
    programmes: list[tuple[str, str]] = field(default_factory=list)

    def count(self, what: str) -> int:
        return sum(row.what == what for row in self.rows)


def wrong_header(table: Table) -> list[Missing]:
    """The columns a list can't do without, and headings that nobody knows."""
    known = {code_of(title) for title in table.header}
    lacking = [str(c.title) for c in COLUMNS if c.is_needed and c.code not in known]
    found = []
    if lacking:
        words = _("Columns missing: %(titles)s. Start from the model.")
        found.append(Missing("file", words % {"titles": ", ".join(lacking)}))
    if len(table.rows) > MOST_ROWS:
        words = _("At most %(most)s calls at once: cut the list in several files.")
        found.append(Missing("file", words % {"most": MOST_ROWS}))
    if not table.rows:
        found.append(Missing("file", _("The file has no row below its headings.")))
    return found


@transaction.atomic
def read_call_list(
    *,
    table: Table,
    name: str,
    source: str,
    licence: str,
    checked_on: date,
    by: User,
    on: date,
    at: datetime,
) -> CallImport:
    """Keep the table as read; nothing of it is a call before `confirm_call_list`."""
    found = wrong_header(table)
    if checked_on > on:
        found.append(Missing("checked_on", _("The date can't be in the future.")))
    if not source.strip():
        found.append(Missing("source", _("Name the list: its numbers are only its own.")))
    codes = {title: code for title in table.header if (code := code_of(title))}
    found += [Missing("file", str(fault)) for fault in table.faults_of(list(codes))[:20]]
    refuse_any(found)
    rows = [
        [number, {codes[title]: written(raw) for title, raw in cells.items() if title in codes}]
        for number, cells in table.rows
    ]
    made = CallImport.objects.create(
        by=by,
        at=at,
        name=name[:200],
        source=source.strip(),
        licence=licence.strip(),
        checked_on=checked_on,
        header=list(table.header),
        rows=rows,
    )
    record(made, "read", by=by, on=on, at=at, codes={"rows": len(rows)})
    return made


def _funders() -> dict[str, Organisation]:
    rows = Organisation.objects.filter(archived_on=None).order_by("-pk")
    kinds = (Organisation.Kind.FUNDER, Organisation.Kind.AUTHORITY, Organisation.Kind.PARTNER)
    found: dict[str, Organisation] = {}
    for row in rows.filter(kind__in=kinds):
        found[search_key(row.legal_name)] = row
        if row.usual_name:
            found[search_key(row.usual_name)] = row
    return found


def _programmes() -> dict[tuple[int, str], Programme]:
    rows = Programme.objects.select_related("funder").order_by("-pk")
    return {(row.funder_id, search_key(row.name)): row for row in rows}


def _key(cells: dict[str, str]) -> tuple[str, str]:
    return search_key(cells.get("funder", "")), search_key(cells.get("programme", ""))


def _known(rows: Sequence[Any]) -> tuple[dict[tuple[str, str], Programme], Rehearsal]:
    """The programmes the rows name, and the names nobody knows yet."""
    funders, programmes = _funders(), _programmes()
    known: dict[tuple[str, str], Programme] = {}
    seen = Rehearsal()
    for _number, cells in rows:
        key = _key(cells)
        if not all(key) or key in known:
            continue
        funder = funders.get(key[0])
        if funder is None:
            _note(seen.funders, cells["funder"].strip())
        found = programmes.get((funder.pk, key[1])) if funder is not None else None
        if found is not None:
            known[key] = found
        else:
            _note(seen.programmes, (cells["funder"].strip(), cells["programme"].strip()))
    return known, seen


def _note(names: list[Any], name: Any) -> None:
    """Keep each name once, accents and case aside."""
    keys = [_plain(one) for one in names]
    if _plain(name) not in keys:
        names.append(name)


def _plain(name: Any) -> tuple[str, ...]:
    parts = name if isinstance(name, tuple) else (name,)
    return tuple(search_key(part) for part in parts)


def _twice(rows: Sequence[Any]) -> list[Fault]:
    first: dict[str, int] = {}
    found = []
    for number, cells in rows:
        key = cells.get("source_id", "").strip()
        if key and key in first:
            words = _("This number is on row %(row)s already.") % {"row": first[key]}
            found.append(Fault(number, call_lists.title_of("source_id"), words))
        first.setdefault(key, number)
    return found


def _needed(rows: Sequence[Any]) -> list[Fault]:
    words = _("This cell is empty.")
    return [
        Fault(number, str(column.title), words)
        for number, cells in rows
        for column in COLUMNS
        if column.is_needed and not cells.get(column.code, "").strip()
    ]


def rehearse_call_list(made: CallImport, *, by: User, on: date, at: datetime) -> Rehearsal:
    """What confirming would do now; everything tried is rolled back."""
    known, seen = _known(made.rows)
    seen.faults = [*_needed(made.rows), *_twice(made.rows), *_too_long(made.rows)]
    empty = {fault.row for fault in seen.faults}
    ready = [(n, cells) for n, cells in made.rows if _key(cells) in known and n not in empty]
    result = _run(made, ready, known, dry=True, by=by, on=on, at=at)
    whats = {}
    for (number, _cells), row in zip(ready, result.rows, strict=True):
        seen.faults += _faults(number, row)
        whats[number] = _KINDS.get(row.import_type, LEFT_OUT)
    seen.rows = [RowSeen(n, cells, whats.get(n, LEFT_OUT)) for n, cells in made.rows]
    seen.faults.sort(key=lambda fault: fault.row)
    return seen


def preview_call_list(
    made: CallImport, *, create: Collection[str] | None, by: User, on: date, at: datetime
) -> Rehearsal:
    """The rehearsal as if the names ticked (None: all of them) were created; nothing is kept."""
    _known_ones, unknown = _known(made.rows)
    if create is None:
        create = [*unknown.funders, *(f"{f}|{p}" for f, p in unknown.programmes)]
    with transaction.atomic():
        if not _too_long(made.rows):
            _create(made, create, by=by, on=on, at=at)
        seen = rehearse_call_list(made, by=by, on=on, at=at)
        transaction.set_rollback(True)
    seen.funders, seen.programmes = unknown.funders, unknown.programmes
    return seen


def _too_long(rows: Sequence[Any]) -> list[Fault]:
    """Names that no funder or programme could bear."""
    longest = {
        "funder": Organisation._meta.get_field("legal_name").max_length,
        "programme": Programme._meta.get_field("name").max_length,
    }
    words = _("At most %(longest)s characters.")
    return [
        Fault(number, call_lists.title_of(code), words % {"longest": most})
        for number, cells in rows
        for code, most in longest.items()
        if most and len(cells.get(code, "").strip()) > most
    ]


def _run(
    made: CallImport,
    rows: Sequence[Any],
    programmes: dict[tuple[str, str], Programme],
    *,
    dry: bool,
    **who: Any,
) -> Any:
    resource = CallResource(programmes=programmes, checked_on=made.checked_on, who=who)
    dataset = dataset_of([cells for _n, cells in rows], source=made.source, licence=made.licence)
    return resource.import_data(dataset, dry_run=dry, use_transactions=True)


def _faults(number: int, row: Any) -> list[Fault]:
    error = row.validation_error
    found = []
    if error is not None:
        told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        found = [
            Fault(number, call_lists.title_of(code), " ".join(map(str, messages)))
            for code, messages in told.items()
        ]
    found += [Fault(number, "", str(one.error)) for one in row.errors]
    return found


@transaction.atomic
def confirm_call_list(
    made: CallImport,
    *,
    by: User,
    on: date,
    at: datetime,
    create: Collection[str] = (),
) -> CallImport:
    """Write the list whole. Funders and programmes it names are created only when `create` holds
    their names ("funder", or "funder|programme"); their rows are left out otherwise.

    Done twice it changes nothing; a fault anywhere refuses the whole.
    """
    made = CallImport.objects.select_for_update(of=("self",), no_key=True).get(pk=made.pk)
    if made.confirmed_at:
        refuse_any([Missing("state", _("This list was imported already."))])
    if not _too_long(made.rows):
        _create(made, create, by=by, on=on, at=at)
    seen = rehearse_call_list(made, by=by, on=on, at=at)
    if seen.faults:
        refuse_any([Missing("file", str(fault)) for fault in seen.faults[:20]])
    known, _seen = _known(made.rows)
    ready = [(n, cells) for n, cells in made.rows if _key(cells) in known]
    result = _run(made, ready, known, dry=False, by=by, on=on, at=at)
    keys = [row.object_id or row.instance.pk for row in result.rows if row.import_type == "skip"]
    Call.objects.filter(pk__in=keys, checked_on__lt=made.checked_on).update(
        checked_on=made.checked_on
    )
    made.created, made.updated = seen.count(NEW), seen.count(CHANGED)
    made.unchanged, made.confirmed_at = seen.count(SAME), at
    made.save()
    codes = {"created": made.created, "updated": made.updated, "unchanged": made.unchanged}
    record(made, "confirm", by=by, on=on, at=at, codes=codes)
    return made


def _create(made: CallImport, create: Collection[str], **who: Any) -> None:
    _known_ones, seen = _known(made.rows)
    funders = _funders()
    for name in seen.funders:
        if name in create:
            kind = Organisation.Kind.FUNDER
            funders[search_key(name)] = crm.create_organisation(legal_name=name, kind=kind, **who)
    for name, programme in seen.programmes:
        funder = funders.get(search_key(name))
        if funder is not None and f"{name}|{programme}" in create:
            create_programme(funder=funder, name=programme, **who)
