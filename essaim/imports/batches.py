"""Verbs on imports: a file sent, its columns matched, its rows judged, written whole, undone."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from essaim import hooks
from essaim.bulk import insert_rows, update_rows
from essaim.imports import plan, removal
from essaim.imports.plan import Judged, Line, Made, RowsRefused, guess
from essaim.imports.reader import Table, read_table
from essaim.imports.table import shown
from essaim.models import Event, ImportBatch, ImportFile, ImportRow, User
from essaim.search import index
from essaim.uploads import shown_name
from essaim.workflow import Missing, Refused, perform, record
from essaim.writing import refuse

SHOWN: Final = 20
Mapped = Mapping[str, Mapping[str, str]]


def importer_of(kind: str) -> Any:
    """The importer of a kind of table. Raises KeyError when no room has one."""
    own = hooks.importers.of(kind)
    if not own:
        raise KeyError(kind)
    return own[0]


def open_batch(
    kind: str, *, name: str, content: bytes, by: User, on: date, at: datetime
) -> ImportBatch:
    """Take a file in: read, its columns guessed, its rows judged; nothing is written yet.

    Raises ValidationError when the file as a whole can't be read.
    """
    table = read_table(ContentFile(content, name=name))
    batch = ImportBatch(
        kind=kind,
        file_name=shown_name(name),
        sha256=hashlib.sha256(content).hexdigest(),
        by=by,
        at=at,
    )
    _describe(batch, table)
    found = guess(table.header, importer_of(kind).columns())
    batch.mapping = {code: {"column": title} for code, title in found.items()}
    with transaction.atomic():
        batch.save()
        ImportFile.objects.create(batch=batch, content=content)
        record(batch, "send", by=by, on=on, at=at, codes={"kind": kind, "sha256": batch.sha256})
        _judge_again(batch, table, by=by, on=on, at=at)
    return batch


def _describe(batch: ImportBatch, table: Table) -> None:
    batch.sheet, batch.sheets = table.sheet[:100], list(table.sheets)
    batch.header, batch.header_row = list(table.header), table.header_row


def table_of(batch: ImportBatch) -> Table:
    """The table as it was sent. Raises Refused once it was written or given up."""
    file = ImportFile.objects.filter(batch=batch).first()
    if file is None:
        refuse("file", _("This file is no longer kept: send it again."))
    named = ContentFile(bytes(file.content), name=batch.file_name)
    return read_table(named, sheet=batch.sheet, header_row=batch.header_row)


def choose_sheet(
    batch: ImportBatch, *, sheet: str = "", header_row: int = 0, by: User, on: date, at: datetime
) -> ImportBatch:
    """Read another sheet of the same file, or take another row for the header."""
    with transaction.atomic():
        row = _open(batch)
        row.sheet, row.header_row = sheet, header_row
        table = table_of(row)
        _describe(row, table)
        found = guess(table.header, importer_of(row.kind).columns())
        row.mapping = {code: {"column": title} for code, title in found.items()}
        row.save()
        _judge_again(row, table, by=by, on=on, at=at)
    return row


def map_columns(
    batch: ImportBatch, mapping: Mapped, *, by: User, on: date, at: datetime
) -> ImportBatch:
    """Say which column of the file is which, or the value all rows take; judge the rows again."""
    with transaction.atomic():
        row = _open(batch)
        row.mapping = {code: dict(source) for code, source in mapping.items()}
        row.save()
        _judge_again(row, table_of(row), by=by, on=on, at=at)
    return row


def _open(batch: ImportBatch) -> ImportBatch:
    row: ImportBatch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.state != ImportBatch.State.CHECKED:
        refuse("state", _("This import is no longer to be confirmed."), row.get_absolute_url())
    return row


def lacking(batch: ImportBatch) -> list[Any]:
    """Columns that are needed and that nothing in the file gives."""
    return [
        c for c in importer_of(batch.kind).columns() if c.required and c.code not in batch.mapping
    ]


def lines_of(batch: ImportBatch, table: Table) -> list[Line]:
    """The rows of the table by column code, with the cells that could not be read."""
    by_title = {s["column"]: code for code, s in batch.mapping.items() if "column" in s}
    fixed = {code: s["value"] for code, s in batch.mapping.items() if "value" in s}
    if getattr(importer_of(batch.kind), "takes_others", False):
        by_title |= {t: plan.OTHER + t for t in table.header if t not in by_title}
    lines = {
        number: Line(
            number, fixed | {by_title[t]: shown(raw) for t, raw in cells.items() if t in by_title}
        )
        for number, cells in table.rows
    }
    for fault in table.faults_of(by_title):
        line = lines.setdefault(fault.row, Line(fault.row, dict(fixed)))
        line.read.append((by_title[fault.column], fault.message))
    # A row whose every column is left aside says nothing.
    return [lines[n] for n in sorted(lines) if len(lines[n].values) > len(fixed) or lines[n].read]


def _judge_again(batch: ImportBatch, table: Table, *, by: User, on: date, at: datetime) -> None:
    batch.rows.all().delete()
    if lacking(batch):
        batch.counts = {}
    else:
        judged = judge(batch, lines_of(batch, table), by=by, on=on, at=at)
        insert_rows([_row(batch, one) for one in judged])
        batch.counts = counted(judged)
    batch.save(update_fields=["counts"])


def judge(
    batch: ImportBatch, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool = True
) -> list[Judged]:
    """What each line would do, the cells that could not be read being faults of their own."""
    judged: list[Judged] = importer_of(batch.kind).judge(lines, by=by, on=on, at=at, dry=dry)
    for one in judged:
        for code, words in one.line.read:
            one.fault(code, words)
        if one.faults:
            one.verdict = plan.FAULT
        elif one.line.choice == plan.SKIP:
            one.verdict = plan.DOUBTFUL
    return judged


def _row(batch: ImportBatch, one: Judged) -> ImportRow:
    row = ImportRow(batch=batch, number=one.number, ref=one.line.get(plan.REF)[:100])
    row.raw = {"values": one.line.values, "read": [list(pair) for pair in one.line.read]}
    return _written(batch, row, one)


def _written(batch: ImportBatch, row: ImportRow, one: Judged) -> ImportRow:
    row.verdict, row.choice = one.verdict, one.line.choice
    row.plan = {
        "title": one.title[:200],
        "detail": one.detail[:300],
        "faults": [[column_title(batch, code), words] for code, words in one.faults],
        "candidates": [list(pair) for pair in one.candidates],
    }
    return row


def column_title(batch: ImportBatch, code: str) -> str:
    """How the file names a column; our own word for it when it has none."""
    if code.startswith(plan.OTHER):
        return code[1:]
    source = batch.mapping.get(code, {})
    if "column" in source:
        return str(source["column"])
    names = {c.code: str(c.label) for c in importer_of(batch.kind).columns()}
    return names.get(code, _("the row"))


def counted(judged: Iterable[Judged]) -> dict[str, int]:
    counts = dict.fromkeys(ImportRow.Verdict.values, 0)
    for one in judged:
        counts[one.verdict] += 1
    return counts


def _stored_lines(batch: ImportBatch) -> tuple[dict[int, ImportRow], list[Line]]:
    rows = {row.number: row for row in batch.rows.all()}
    lines = [
        Line(n, dict(row.raw["values"]), [(c, w) for c, w in row.raw["read"]], row.choice)
        for n, row in rows.items()
    ]
    return rows, lines


def choose_rows(
    batch: ImportBatch, choices: Mapping[int, str], *, by: User, on: date, at: datetime
) -> ImportBatch:
    """Say of doubtful rows (by number) whether each is new, one that is there, or left out."""
    with transaction.atomic():
        row = _open(batch)
        rows, lines = _stored_lines(row)
        for line in lines:
            allowed = {"", plan.CREATE, plan.SKIP}
            allowed |= {key for key, _words in rows[line.number].plan.get("candidates", ())}
            chosen = choices.get(line.number, line.choice)
            line.choice = chosen if chosen in allowed else line.choice
        judged = judge(row, lines, by=by, on=on, at=at)
        for one in judged:
            _written(row, rows[one.number], one)
        update_rows(ImportRow, list(rows.values()), ("verdict", "choice", "plan"))
        row.counts = counted(judged)
        row.save(update_fields=["counts"])
    return row


# -- writing -----------------------------------------------------------------------------------
def write_batch(
    batch: ImportBatch,
    *,
    leave_out: bool | None = False,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> ImportBatch:
    """Write every row that is to be created or linked, all or nothing; faulty rows stop it
    unless they are left out. Raises Refused, each row and column named.
    """
    with transaction.atomic():
        perform(batch, "write", by=by, on=on, at=at, leave_out=bool(leave_out))
        if gone := lacking(batch):
            refuse("columns", _("Say first which column is “%(name)s”.") % {"name": gone[0].label})
        rows, lines = _stored_lines(batch)
        judged = judge(batch, lines, by=by, on=on, at=at, dry=False)
        wrong = [one for one in judged if one.faults]
        if wrong and not leave_out:
            raise Refused(_said(batch, wrong))
        todo = [one for one in judged if one.verdict in (plan.CREATE, plan.LINK)]
        if not todo:
            refuse("nothing", _("There is nothing to write in this file."))
        try:
            made = importer_of(batch.kind).write(todo, by=by, on=on, at=at)
        except RowsRefused as refused:
            raise Refused(_said(batch, refused.judged)) from refused
        _keep(batch, rows, judged, made)
    return batch


def _said(batch: ImportBatch, wrong: Sequence[Judged]) -> list[Missing]:
    """Faults as a list that a person reads; the first ones, and how many more there are."""
    words = _("Row %(row)s, column “%(column)s”: %(message)s")
    found = [
        Missing(
            f"row_{one.number}",
            words % {"row": one.number, "column": column_title(batch, code), "message": text},
        )
        for one in wrong
        for code, text in one.faults
    ]
    if len(found) > SHOWN:
        more = len(found) - SHOWN
        text = ngettext("And %(count)s more fault.", "And %(count)s more faults.", more)
        found = [*found[:SHOWN], Missing("more", text % {"count": more}, batch.get_absolute_url())]
    return found


def _keep(
    batch: ImportBatch, rows: dict[int, ImportRow], judged: Sequence[Judged], made: Sequence[Made]
) -> None:
    """Note what each row made, and all that stands on it at this moment: this import's own."""
    for one in judged:
        _written(batch, rows[one.number], one)
    start: dict[str, set[int]] = {}
    for done in made:
        row = rows[done.number]
        if not row.object_id:
            row.model, row.object_id = done.obj._meta.label, done.obj.pk
        new = (*((done.obj,) if done.is_new else ()), *done.more)
        for obj in new:
            start.setdefault(obj._meta.label, set()).add(obj.pk)
    update_rows(ImportRow, list(rows.values()), ("verdict", "choice", "plan", "model", "object_id"))
    batch.made = removal.kept(removal.closure(start))
    batch.last_event = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    batch.counts = counted(judged)
    batch.save(update_fields=["made", "last_event", "counts"])
    ImportFile.objects.filter(batch=batch).delete()


def drop_batch(batch: ImportBatch, *, by: User, on: date, at: datetime) -> ImportBatch:
    """Give up an import that was not written; its file and its rows are not kept."""
    with transaction.atomic():
        perform(batch, "drop", by=by, on=on, at=at)
        ImportFile.objects.filter(batch=batch).delete()
        batch.rows.all().delete()
    return batch


# -- undoing -----------------------------------------------------------------------------------
def stands_on(batch: ImportBatch) -> list[Missing]:
    """What was built on an import since: rows that point at its own, and changes to them."""
    if words := getattr(importer_of(batch.kind), "final", ""):
        return [Missing("final", str(words))]
    built = removal.built_on(batch)
    # Rows with a page of their own say it best; the rest stands on them.
    shown = [row for row in built if hasattr(row, "get_absolute_url")] or built
    found = [
        Missing(
            "built",
            _("Made since: %(name)s") % {"name": row},
            row.get_absolute_url() if hasattr(row, "get_absolute_url") else "",
        )
        for row in shown
    ]
    return found + _changes(batch)


def _changes(batch: ImportBatch) -> list[Missing]:
    """Rows of the import that somebody changed since."""
    found: list[Missing] = []
    later = Event.objects.filter(pk__gt=batch.last_event)
    for label, keys in batch.made.items():
        touched = later.filter(model=label).values_list("object_id", flat=True)
        changed = sorted(set(touched).intersection(keys))[:SHOWN]
        for row in apps.get_model(label)._base_manager.filter(pk__in=changed):
            url = row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""
            found.append(Missing("changed", _("Changed since: %(name)s") % {"name": row}, url))
    return found


def undo_batch(batch: ImportBatch, *, by: User, on: date, at: datetime) -> ImportBatch:
    """Remove exactly what an import made, while nothing stands on it; the trail stays.

    Raises Refused with the list of what was built since.
    """
    with transaction.atomic():
        perform(batch, "undo", by=by, on=on, at=at)
        if found := stands_on(batch):
            raise Refused(found[: SHOWN * 2])
        removal.remove(batch)
        for label, keys in batch.made.items():
            for first in range(0, len(keys), 500):
                index.forget(label, keys[first : first + 500])
        # The reference in the earlier tool is free again.
        batch.rows.update(object_id=None)
    return batch


def earlier(batch_or_digest: str, but: int = 0) -> ImportBatch | None:
    """The import of these very bytes that was written before, if any."""
    rows = ImportBatch.objects.filter(sha256=batch_or_digest, state=ImportBatch.State.WRITTEN)
    return rows.exclude(pk=but).order_by("-written_at").first()
