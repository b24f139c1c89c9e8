"""What the tax authority's own checker does not see in a FEC file, line by line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from essaim.days import add_months
from invoicing.rules_fec import COLUMNS

NAME: Final = re.compile(r"(?P<siren>[0-9]{9})FEC(?P<day>[0-9]{8})\.txt", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"[0-9]+,[0-9]{2}")
_DAY: Final = re.compile(r"[0-9]{8}")
# Every line says these; the other columns may be empty.
MANDATORY: Final = (0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15)
# Third-party accounts of the French chart: suppliers, clients, staff, associates, debtors.
_THIRD: Final = ("40", "41", "42", "45", "46")
_WRITE: Final = 40


class Finding(NamedTuple):
    """A line of the file (0: the whole of it) and what is wrong with it."""

    line: int
    reason: str


@dataclass
class _Seen:
    """What the lines read so far amount to."""

    first: date | None = None
    last: date | None = None
    debit: Decimal = Decimal(0)
    credit: Decimal = Decimal(0)
    journal: str = ""
    number: str = ""
    began: int = 0
    entry_debit: Decimal = Decimal(0)
    entry_credit: Decimal = Decimal(0)
    done: dict[str, int] = field(default_factory=dict)


def period_of(name: str) -> tuple[date, date] | None:
    """The twelve months that end on the day a file's name says; None when it says none."""
    found = NAME.fullmatch(name)
    last = _day(found["day"]) if found else None
    if last is None:
        return None
    return add_months(last + timedelta(days=1), -12), last


def check_lines(lines: Iterable[str], *, name: str = "") -> Iterator[Finding]:
    """Say all that is wrong in a file's lines (without their ends), in their order."""
    seen = _Seen()
    if name:
        period = period_of(name)
        if period is None:
            yield Finding(0, f"file name is not <SIREN>FEC<AAAAMMJJ>.txt: {name[:_WRITE]}")
        else:
            seen.first, seen.last = period
    number = 0
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if number == 1:
            yield from _header(cells)
        elif len(cells) != len(COLUMNS):
            yield Finding(number, f"{len(cells)} columns instead of {len(COLUMNS)}")
        else:
            yield from _line(number, cells, seen)
    if number < 2:
        yield Finding(number, "no entry in the file")
    yield from _close_entry(seen)
    if seen.debit != seen.credit:
        yield Finding(0, f"the file does not balance: {seen.debit} debit, {seen.credit} credit")


def _header(cells: list[str]) -> Iterator[Finding]:
    if cells != list(COLUMNS):
        wrong = next((c for c, w in zip(cells, COLUMNS, strict=False) if c != w), "")
        yield Finding(1, f"header is not the eighteen columns of the law ({wrong[:_WRITE]})")


def _line(number: int, cells: list[str], seen: _Seen) -> Iterator[Finding]:
    for at in MANDATORY:
        if not cells[at].strip():
            yield Finding(number, f"{COLUMNS[at]} is missing")
    yield from _texts(number, cells)
    yield from _days(number, cells, seen)
    yield from _third(number, cells)
    if cells[13] and not cells[14]:
        yield Finding(number, "EcritureLet without DateLet")
    if cells[14] and not cells[13]:
        yield Finding(number, "DateLet without EcritureLet")
    yield from _entry(number, cells, seen)
    amounts = []
    for at in (11, 12):
        amount, finding = _amount(number, at, cells[at])
        amounts.append(amount)
        if finding:
            yield finding
    if amounts[0] and amounts[1]:
        yield Finding(number, "debit and credit on one line")
    seen.debit += amounts[0]
    seen.credit += amounts[1]
    seen.entry_debit += amounts[0]
    seen.entry_credit += amounts[1]


def _texts(number: int, cells: list[str]) -> Iterator[Finding]:
    for at, cell in enumerate(cells):
        if any(ord(c) < 32 or ord(c) == 127 for c in cell):
            yield Finding(number, f"line break or control sign in {COLUMNS[at]}")


def _days(number: int, cells: list[str], seen: _Seen) -> Iterator[Finding]:
    for at in (3, 9, 14, 15):
        if not cells[at]:
            continue
        day = _day(cells[at])
        if day is None:
            yield Finding(number, f"{COLUMNS[at]} is not a date AAAAMMJJ: {cells[at][:_WRITE]}")
        elif at == 3 and seen.first and seen.last and not seen.first <= day <= seen.last:
            words = f"{seen.first:%Y%m%d} to {seen.last:%Y%m%d}"
            yield Finding(number, f"EcritureDate {cells[at]} is outside {words}")


def _third(number: int, cells: list[str]) -> Iterator[Finding]:
    if cells[4] and not re.fullmatch(r"[1-9][0-9A-Za-z]{2,}", cells[4]):
        yield Finding(number, f"CompteNum is no account of the chart: {cells[4][:_WRITE]}")
    if cells[6] and not cells[4].startswith(_THIRD):
        yield Finding(number, f"CompAuxNum on {cells[4][:_WRITE]}, which is no third party's")
    if bool(cells[6]) != bool(cells[7]):
        yield Finding(number, "CompAuxNum and CompAuxLib go together")


def _amount(number: int, at: int, text: str) -> tuple[Decimal, Finding | None]:
    if _AMOUNT.fullmatch(text):
        return Decimal(text.replace(",", ".")), None
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal(0)
    if value.is_finite() and value < 0:
        return value, Finding(number, f"{COLUMNS[at]} is negative: {text[:_WRITE]}")
    words = f"{COLUMNS[at]} is not an amount like 12,50: {text[:_WRITE]}"
    return (value if value.is_finite() else Decimal(0)), Finding(number, words)


def _entry(number: int, cells: list[str], seen: _Seen) -> Iterator[Finding]:
    """Lines of an entry stand together; numbers of a journal follow each other."""
    journal, written = cells[0], cells[2]
    if (journal, written) == (seen.journal, seen.number):
        return
    yield from _close_entry(seen)
    seen.journal, seen.number, seen.began = journal, written, number
    seen.entry_debit = seen.entry_credit = Decimal(0)
    if not re.fullmatch("[0-9]+", written):
        if written:
            yield Finding(number, f"EcritureNum is not a number: {written[:_WRITE]}")
        return
    before, value = seen.done.get(journal), int(written)
    if before is not None and value != before + 1:
        told = f"EcritureNum {value} of journal {journal[:_WRITE]} follows {before}"
        yield Finding(number, f"{told}: a number is missing or out of order")
    seen.done[journal] = value


def _close_entry(seen: _Seen) -> Iterator[Finding]:
    if seen.began and seen.entry_debit != seen.entry_credit:
        told = f"entry {seen.journal[:_WRITE]} {seen.number[:_WRITE]} does not balance"
        yield Finding(seen.began, f"{told}: {seen.entry_debit} debit, {seen.entry_credit} credit")


def _day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def check_bytes(content: bytes) -> Iterator[Finding]:
    """Say what is wrong with the bytes of a file: its encoding, the ends of its lines."""
    if content.startswith(b"\xef\xbb\xbf"):
        yield Finding(1, "a byte order mark stands before the header")
    rows = content.split(b"\n")
    if rows and rows[-1]:
        yield Finding(len(rows), "the last line has no end")
    for number, row in enumerate(rows[:-1], start=1):
        if not row.endswith(b"\r"):
            yield Finding(number, "the line does not end with CR LF")
        elif b"\r" in row[:-1]:
            yield Finding(number, "a line break stands within the line")


def decoded(content: bytes) -> tuple[str, list[Finding]]:
    """The text of a file: UTF-8, else ISO-8859-15 unless it holds what no text does."""
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    for number, row in enumerate(content.split(b"\n"), start=1):
        if any(0x80 <= byte < 0xA0 for byte in row):
            words = "neither UTF-8 nor ISO-8859-15"
            return content.decode("iso-8859-15"), [Finding(number, words)]
    return content.decode("iso-8859-15"), []
