"""Every file that leaves for the accountant's firm: built once, logged, the same bytes again."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.exports import CSV_TYPE, XLSX_TYPE, csv_stream, guarded
from essaim.models import User
from essaim.sheets import write_xlsx
from essaim.workflow import Missing, Refused
from invoicing import accruals, columns, journals, vat_statement
from invoicing.actions.books import give_codes
from invoicing.actions.desk import log_export
from invoicing.archive import ARCHIVE_TYPE, write_archive
from invoicing.entries import ALL, SALES, SCOPES, Books, Entry, read_books
from invoicing.entries_receipts import entries
from invoicing.models import ExportLog
from invoicing.rules_fec import ENCODINGS, fec_blocks, file_name
from invoicing.rules_quadra import quadra_blocks

ENTRIES: Final = "entries"
DOCUMENTS: Final = "documents"
VAT: Final = "vat"
ACCRUALS: Final = "accruals"
FEC, QUADRA, CSV, XLSX, ZIP = "fec", "quadra", "csv", "xlsx", "zip"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
FORMATS: Final = {
    ENTRIES: (FEC, QUADRA, CSV, XLSX),
    DOCUMENTS: (ZIP,),
    journals.SALES: (CSV, XLSX),
    journals.RECEIPTS: (CSV, XLSX),
    journals.BOTH: (CSV, XLSX),
    VAT: (CSV, XLSX),
    ACCRUALS: (FEC, QUADRA, CSV, XLSX),
}
_TYPES: Final = {FEC: TEXT_TYPE, QUADRA: "text/plain", CSV: CSV_TYPE, XLSX: XLSX_TYPE,
                 ZIP: ARCHIVE_TYPE}  # fmt: skip
_IN_MEMORY: Final = 2 * 1024 * 1024
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: all that it takes to make the same file again."""

    kind: str
    file_format: str
    first: date
    last: date
    scope: str = SALES
    encoding: str = "utf-8"
    profile: dict[str, Any] = field(default_factory=dict)
    # Documents chosen one by one, rather than all those of the period.
    keys: tuple[int, ...] = ()

    def perimeter(self) -> dict[str, Any]:
        """What the log keeps beside the period."""
        kept = asdict(self)
        for name in ("kind", "file_format", "first", "last"):
            del kept[name]
        if self.kind not in (ENTRIES, ACCRUALS):
            kept = {"keys": list(self.keys)}
        return {name: value for name, value in kept.items() if value}


@dataclass(frozen=True, slots=True)
class Built:
    """A file ready to be sent: its bytes, how many rows, their SHA-256."""

    content: IO[bytes]
    rows: int
    fingerprint: str
    name: str
    content_type: str

    def chunks(self) -> Iterator[bytes]:
        """The bytes, once; the temporary file is closed after the last of them."""
        with self.content:
            self.content.seek(0)
            while block := self.content.read(_CHUNK):
                yield block


def wanted_of(log: ExportLog) -> Wanted:
    """What a line of the log asked for."""
    kept = {k: v for k, v in log.perimeter.items() if k in ("scope", "encoding", "profile")}
    keys = tuple(log.perimeter.get("keys", ()))
    return Wanted(log.kind, log.file_format, log.period_from, log.period_to, keys=keys, **kept)


def check(wanted: Wanted) -> None:
    """Raise Refused for a file that can't be made."""
    if wanted.file_format not in FORMATS.get(wanted.kind, ()):
        raise Refused([Missing("kind", _("There is no such export."))])
    if wanted.scope not in SCOPES or wanted.encoding not in ENCODINGS:
        raise Refused([Missing("scope", _("There is no such export."))])
    if wanted.file_format == FEC and not _siren(wanted.last):
        words = _("The name of this file bears our SIREN: write it in our structure first.")
        raise Refused([Missing("siren", words)])


def _siren(on: date) -> str:
    profile = IssuerProfile.objects.at(on)
    return profile.siren or profile.siret[:9] if profile else ""


# -- each format ----------------------------------------------------------------------------


def _counted(target: IO[bytes], blocks: Iterable[tuple[bytes, int]]) -> int:
    count = 0
    for block, lines in blocks:
        target.write(block)
        count += lines
    return count


def _source(wanted: Wanted, books: Books) -> Iterator[Entry]:
    if wanted.kind == ACCRUALS:
        return accruals.entries(wanted.last, books)
    return entries(wanted.scope, wanted.first, wanted.last, books)


def _entries(target: IO[bytes], wanted: Wanted) -> int:
    books = read_books()
    names = books.journal_names()
    found = _source(wanted, books)
    if wanted.file_format == FEC:
        return _counted(target, fec_blocks(found, names, encoding=wanted.encoding))
    if wanted.file_format == QUADRA:
        return _counted(target, quadra_blocks(found))
    chosen = wanted.profile.get("columns") or columns.USUAL
    rows = columns.rows(found, names, chosen)
    if wanted.file_format == XLSX:
        amounts = {at for at, name in enumerate(chosen) if name in columns.AMOUNTS}
        title = _("Entries")
        head = columns.header(chosen)
        return write_xlsx(target, head, rows, money_columns=amounts, title=title)
    return _profile_csv(target, rows, chosen, wanted.profile)


def _profile_csv(
    target: IO[bytes],
    rows: Iterable[Sequence[object]],
    chosen: Sequence[str],
    profile: dict[str, Any],
) -> int:
    """A CSV as a profile wants it; without one, as French spreadsheets open it."""
    encoding = profile.get("encoding", "utf-8-sig")
    dates, mark = profile.get("date_format", "%d/%m/%Y"), profile.get("decimal_mark", ",")
    text = io.TextIOWrapper(target, encoding, errors="replace", newline="", write_through=False)
    writer = csv.writer(text, delimiter=profile.get("separator", ";"), lineterminator="\r\n")
    if profile.get("has_header", True):
        writer.writerow(columns.header(chosen))
    count = 0
    for row in rows:
        count += 1
        cells = (columns.cell_text(cell, dates=dates, mark=mark) for cell in row)
        # An amount below zero is a number; a text that begins with "-" is none.
        writer.writerow(
            guarded(cell) if type(given) is str else cell
            for given, cell in zip(row, cells, strict=True)
        )
    text.flush()
    text.detach()
    return count


def _documents(target: IO[bytes], wanted: Wanted) -> int:
    return write_archive(target, wanted.first, wanted.last, keys=wanted.keys)


def _table(
    read: Callable[[Wanted], tuple[Sequence[str], Iterable[Sequence[object]], set[int], str]],
) -> Callable[[IO[bytes], Wanted], int]:
    """A header and rows, as CSV or as a workbook."""

    def write(target: IO[bytes], wanted: Wanted) -> int:
        head, rows, amounts, title = read(wanted)
        if wanted.file_format == XLSX:
            return write_xlsx(target, head, rows, money_columns=amounts, title=title)
        count = 0

        def counted() -> Iterator[Sequence[object]]:
            nonlocal count
            for row in rows:
                count += 1
                yield row

        for block in csv_stream(head, counted(), dates="french"):
            target.write(block)
        return count

    return write


def _journal(wanted: Wanted) -> Any:
    head, rows, amounts = journals.table(wanted.kind, wanted.first, wanted.last)
    return head, rows, amounts, journals.titles()[wanted.kind]


_MAKERS: Final[dict[str, Callable[[IO[bytes], Wanted], int]]] = {
    ENTRIES: _entries,
    DOCUMENTS: _documents,
    **dict.fromkeys(journals.KINDS, _table(_journal)),
    VAT: _table(lambda w: vat_statement.table(w.first, w.last)),
    ACCRUALS: _entries,
}
_NAMES: Final = {
    ENTRIES: ("ecritures", "quadra"),
    DOCUMENTS: ("factures", ""),
    VAT: ("tva_exigible", ""),
    ACCRUALS: ("cloture", ""),
}


def name_of(wanted: Wanted) -> str:
    """What a file is called."""
    if wanted.file_format == FEC:
        return file_name(_siren(wanted.last), wanted.last)
    stem, other = _NAMES.get(wanted.kind, (wanted.kind, ""))
    extension = wanted.file_format
    if wanted.file_format == QUADRA:
        stem, extension = other, "txt"
    return f"{stem}_{wanted.first:%Y%m%d}_{wanted.last:%Y%m%d}.{extension}"


def build(wanted: Wanted) -> Built:
    """Write a file to a temporary one; the same rows give the same bytes.

    Clients need their codes first (`give_codes`). Raises Refused when it can't be made.
    """
    check(wanted)
    content: Any = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    try:
        count = _MAKERS[wanted.kind](content, wanted)
    except BaseException:
        content.close()
        raise
    content.seek(0)
    seal = sha256()
    while block := content.read(_CHUNK):
        seal.update(block)
    kind = _TYPES[wanted.file_format]
    return Built(content, count, seal.hexdigest(), name_of(wanted), kind)


def take(
    wanted: Wanted, *, by: User, on: date, at: datetime, sent_to: str = ""
) -> tuple[Built, ExportLog]:
    """Build a file and log it with its perimeter, operator and fingerprint."""
    if wanted.kind in (ENTRIES, ACCRUALS):
        give_codes(last=wanted.last)
    built = build(wanted)
    log = log_export(
        kind=wanted.kind,
        file_format=wanted.file_format,
        first=wanted.first,
        last=wanted.last,
        rows=built.rows,
        fingerprint=built.fingerprint,
        name=built.name,
        perimeter=wanted.perimeter(),
        sent_to=sent_to,
        by=by,
        on=on,
        at=at,
    )
    return built, log


__all__ = ["ALL", "SALES", "Built", "Wanted", "build", "take"]
