"""The FEC layout (LPF art. A47 A-1): eighteen columns, written from entries, and nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, Protocol

from invoicing.rules_entries import Posting

COLUMNS: Final = (
    "JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib",
    "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate", "EcritureLib", "Debit", "Credit",
    "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
)  # fmt: skip
ENCODINGS: Final = ("utf-8", "iso-8859-15")
# Typographic signs that Latin-9 lacks, as an accountant's tool would type them.
_PLAIN: Final = {
    0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-", 0x2026: "...",
    0x00A0: " ", 0x202F: " ", 0x2009: " ",
}  # fmt: skip
_BREAKS: Final = dict.fromkeys([*range(32), 0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF], " ")
_CLEAN: Final = {**_PLAIN, **_BREAKS}
_NOBODY: Final = "\t"


class Told(Protocol):
    """What a line says of its entry."""

    @property
    def journal(self) -> str: ...
    @property
    def on(self) -> date: ...
    @property
    def piece(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def postings(self) -> tuple[Posting, ...]: ...
    @property
    def letters(self) -> Mapping[int, date]: ...


def clean(text: str, limit: int = 200) -> str:
    """A text on one line: no tab, no break, no sign that shifts a column."""
    return " ".join(text.translate(_CLEAN).split())[:limit]


def letter_code(number: int) -> str:
    """A lettering in letters: 1 is A, 26 is Z, 27 is AA."""
    out = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        out = chr(65 + rest) + out
    return out


def comma(amount: Decimal) -> str:
    """An amount with two decimals and a comma."""
    return f"{amount:.2f}".replace(".", ",") if amount else "0,00"


# Few accounts and few clients, on many lines.
@lru_cache(maxsize=1024)
def _account(number: str, label: str) -> str:
    return f"{number}\t{clean(label)}"


@lru_cache(maxsize=1024)
def _client(code: str, name: str) -> str:
    return f"{clean(code, 20)}\t{clean(name)}"


def file_name(siren: str, last: date) -> str:
    """The name the law gives: SIREN, FEC, the last day."""
    return f"{siren}FEC{last:%Y%m%d}.txt"


def entry_lines(entry: Told, number: int, journal_name: str) -> Iterator[str]:
    """The lines of one entry, without their end."""
    day, piece, label = f"{entry.on:%Y%m%d}", clean(entry.piece, 60), clean(entry.label)
    head = f"{entry.journal}\t{journal_name}\t{number}\t{day}"
    tail = f"{piece}\t{day}\t{label}"
    client = _client(entry.code, entry.client)
    for account, debit, credit, _analytic, third, letter in entry.postings:
        let = "\t"
        if letter and letter in entry.letters:
            let = f"{letter_code(letter)}\t{entry.letters[letter]:%Y%m%d}"
        yield (
            f"{head}\t{_account(*account)}\t{client if third else _NOBODY}"
            f"\t{tail}\t{comma(debit)}\t{comma(credit)}\t{let}\t{day}\t\t"
        )


def fec_blocks(
    entries: Iterable[Told], journals: Mapping[str, str], *, encoding: str = "utf-8"
) -> Iterator[tuple[bytes, int]]:
    """The file in blocks with the lines each holds: header first, CRLF, numbers per journal."""
    yield ("\t".join(COLUMNS) + "\r\n").encode(encoding), 0
    numbers: dict[str, int] = {}
    lines: list[str] = []
    for entry in entries:
        number = numbers[entry.journal] = numbers.get(entry.journal, 0) + 1
        lines += entry_lines(entry, number, journals[entry.journal])
        if len(lines) > 500:
            yield _block(lines, encoding), len(lines)
            lines = []
    if lines:
        yield _block(lines, encoding), len(lines)


def _block(lines: list[str], encoding: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode(encoding, "replace")
