"""The columns a postings file may have: what each is called and what it says."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from invoicing.entries import Entry
from invoicing.rules_entries import Posting
from invoicing.rules_fec import clean, letter_code

Value = Callable[[Entry, Posting, int, str], object]


def _letter(entry: Entry, posting: Posting) -> str:
    return letter_code(posting.letter) if posting.letter in entry.letters else ""


COLUMNS: Final[dict[str, tuple[Promise, Value]]] = {
    "journal": (_("Journal"), lambda e, p, n, j: e.journal),
    "journal_name": (_("Name of the journal"), lambda e, p, n, j: j),
    "entry": (_("Entry"), lambda e, p, n, j: n),
    "date": (_("Date"), lambda e, p, n, j: e.on),
    "piece": (_("Document"), lambda e, p, n, j: clean(e.piece)),
    "account": (_("Account"), lambda e, p, n, j: p.account.number),
    "account_label": (_("Account label"), lambda e, p, n, j: p.account.label),
    "client_code": (_("Code of the client"), lambda e, p, n, j: e.code if p.third else ""),
    "client": (_("Client"), lambda e, p, n, j: e.client),
    "any_account": (
        _("Account, or code of the client"),
        lambda e, p, n, j: (p.third and e.code) or p.account.number,
    ),
    "label": (pgettext_lazy("entry", "Label"), lambda e, p, n, j: clean(e.label)),
    "debit": (_("Debit"), lambda e, p, n, j: p.debit),
    "credit": (_("Credit"), lambda e, p, n, j: p.credit),
    "amount": (_("Amount"), lambda e, p, n, j: p.debit or p.credit),
    "signed": (_("Signed amount"), lambda e, p, n, j: p.debit - p.credit),
    "side": (_("Side (D or C)"), lambda e, p, n, j: "D" if p.debit else "C"),
    "due_on": (_("Due date"), lambda e, p, n, j: e.due_on if p.third else None),
    "analytic_code": (_("Analytic code"), lambda e, p, n, j: p.analytic),
    "letter": (_("Lettering"), lambda e, p, n, j: _letter(e, p)),
    "letter_date": (_("Lettered on"), lambda e, p, n, j: e.letters.get(p.letter)),
}
USUAL: Final = (
    "journal", "entry", "date", "piece", "account", "account_label", "client_code", "client",
    "label", "debit", "credit", "due_on", "analytic_code", "letter",
)  # fmt: skip
AMOUNTS: Final = frozenset({"debit", "credit", "amount", "signed"})


def header(names: Sequence[str]) -> list[str]:
    """Headings of the columns asked for."""
    return [str(COLUMNS[name][0]) for name in names]


def rows(
    entries: Iterable[Entry], journals: dict[str, str], names: Sequence[str]
) -> Iterator[list[object]]:
    """One row per posting; entries of a journal are numbered from 1."""
    values = [COLUMNS[name][1] for name in names]
    numbers: dict[str, int] = {}
    for entry in entries:
        journal = entry.journal
        number = numbers[journal] = numbers.get(journal, 0) + 1
        name = journals[journal]
        for posting in entry.postings:
            yield [value(entry, posting, number, name) for value in values]


def cell_text(cell: object, *, dates: str, mark: str) -> Any:
    """A cell of a profile's CSV."""
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", mark)
    if cell is None:
        return ""
    return f"{cell:{dates}}" if hasattr(cell, "strftime") else cell
