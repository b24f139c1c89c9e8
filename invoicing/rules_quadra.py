"""Quadra ASCII: one "M" line of 231 characters per posting, at the positions of its manual."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final, Protocol

from invoicing.rules_entries import Posting
from invoicing.rules_fec import Told, clean, letter_code

LENGTH: Final = 231
ENCODING: Final = "cp1252"


class Due(Told, Protocol):
    """An entry that says when it falls due."""

    @property
    def due_on(self) -> date | None: ...


def _put(line: list[str], start: int, width: int, text: str) -> None:
    """Write a text from a position counted from 1, cut to its width."""
    cut = text[:width].ljust(width)
    line[start - 1 : start - 1 + width] = cut


def _figures(text: str) -> str:
    """A text in signs that take one byte each, so that positions hold."""
    return clean(text).encode(ENCODING, "replace").decode(ENCODING)


def line_of(entry: Due, posting: Posting) -> str:
    """One posting; on a client's line the account is the client's own code."""
    code = _figures(entry.code)
    account = code if posting.third and code else posting.account.number
    line = [" "] * LENGTH
    _put(line, 1, 1, "M")
    _put(line, 2, 8, account)
    _put(line, 10, 2, entry.journal)
    _put(line, 12, 3, "000")
    _put(line, 15, 6, f"{entry.on:%d%m%y}")
    label = _figures(entry.label)
    _put(line, 22, 20, label)
    _put(line, 42, 1, "D" if posting.debit else "C")
    _put(line, 43, 1, "+")
    _put(line, 44, 12, _cents(posting.debit or posting.credit))
    _put(line, 56, 8, _contra(entry, posting, code))
    if entry.due_on and posting.third:
        _put(line, 64, 6, f"{entry.due_on:%d%m%y}")
    if posting.letter and posting.letter in entry.letters:
        _put(line, 70, 2, letter_code(posting.letter)[-2:])
    piece = _figures(entry.piece)
    _put(line, 75, 5, piece[-5:])
    _put(line, 80, 10, _figures(posting.analytic))
    _put(line, 100, 8, piece[-8:])
    _put(line, 108, 3, "EUR")
    _put(line, 117, 30, label)
    _put(line, 149, 10, piece[-10:])
    return "".join(line)


def _cents(amount: Decimal) -> str:
    return f"{int(amount * 100):012d}"


def _contra(entry: Due, posting: Posting, code: str) -> str:
    """The account on the other side: the client's, or the first that is not."""
    if not posting.third and code:
        return code
    return next((p.account.number for p in entry.postings if p.account != posting.account), "")


def quadra_blocks(entries: Iterable[Due]) -> Iterator[tuple[bytes, int]]:
    """The file in blocks with the lines each holds."""
    lines: list[str] = []
    for entry in entries:
        lines += (line_of(entry, posting) for posting in entry.postings)
        if len(lines) > 500:
            yield _block(lines), len(lines)
            lines = []
    if lines:
        yield _block(lines), len(lines)


def _block(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode(ENCODING, "replace")
