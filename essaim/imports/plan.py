"""The words importers share: a column asked for, a line given, what the line would do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Model

from essaim.identifiers import search_key
from essaim.moving import Missing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CREATE, LINK, SAME, DOUBTFUL, FAULT = "create", "link", "same", "doubtful", "fault"
SKIP: Final = "skip"
# A column that the importer does not name, given to one that takes them all.
OTHER: Final = "@"
REF: Final = "ref_ancienne"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a kind of table may have; `same_for_all`: one value may stand for all rows."""

    code: str
    label: "StrOrPromise"
    synonyms: Sequence[str] = ()
    required: bool = False
    help: "StrOrPromise" = ""
    example: str = ""
    same_for_all: bool = False
    choices: Sequence["StrOrPromise"] = ()


@dataclass(slots=True)
class Line:
    """A row of the file by column code, as text; `read` are cells that could not be read."""

    number: int
    values: dict[str, str]
    read: list[tuple[str, str]] = field(default_factory=list)
    choice: str = ""

    def get(self, code: str) -> str:
        return self.values.get(code, "")

    def others(self) -> list[tuple[str, str]]:
        """Title and text of the columns that the importer does not name."""
        return [(c[1:], text) for c, text in self.values.items() if c.startswith(OTHER)]


@dataclass(slots=True)
class Judged:
    """What one line would do; with a fault it does nothing."""

    line: Line
    verdict: str = CREATE
    title: str = ""
    detail: str = ""
    faults: list[tuple[str, str]] = field(default_factory=list)
    candidates: list[tuple[str, str]] = field(default_factory=list)
    data: Any = None

    @property
    def number(self) -> int:
        return self.line.number

    def fault(self, code: str, words: "StrOrPromise") -> None:
        self.faults.append((code, str(words)))
        self.verdict = FAULT

    def refused(self, missing: Iterable[Missing], columns: Mapping[str, str] | None = None) -> None:
        """Say beside its column what an action refused."""
        known = {code for code, _words in (*self.faults, *self.line.read)}
        for item in missing:
            code = (columns or {}).get(item.code, item.code)
            # What is wrong in the cell itself was said already.
            if code not in known:
                self.fault(code, str(item.text))

    def doubt(self, candidates: Sequence[tuple[str, str]]) -> bool:
        """Whether somebody still has to say if it is one of these; takes what was chosen."""
        self.candidates = list(candidates)
        if self.line.choice == CREATE:
            return False
        self.verdict = DOUBTFUL
        return True


@dataclass(frozen=True, slots=True)
class Made:
    """What one line made or was linked to; `more` are rows made with it that it points to."""

    number: int
    obj: Model
    is_new: bool = True
    more: tuple[Model, ...] = ()


class RowsRefused(Exception):
    """Rows that an action refused while writing: nothing of the batch is kept."""

    def __init__(self, judged: Sequence[Judged]) -> None:
        self.judged = list(judged)
        super().__init__(f"{len(self.judged)} rows refused")


def guess(header: Sequence[str], columns: Sequence[Column]) -> dict[str, str]:
    """Column code -> title of the file, blind to accents, case and punctuation."""
    titles = {search_key(title): title for title in reversed(header)}
    found: dict[str, str] = {}
    for column in columns:
        names = (column.code.replace("_", " "), str(column.label), *column.synonyms)
        for name in names:
            title = titles.get(search_key(name))
            if title is not None and title not in found.values():
                found[column.code] = title
                break
    return found
