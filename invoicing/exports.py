"""The files of a period left in a folder, as the accountant's firm receives them."""

from datetime import date, datetime
from pathlib import Path
from typing import Final

from essaim.models import User
from invoicing.entries import ALL
from invoicing.files import DOCUMENTS, ENTRIES, Wanted, take
from invoicing.journals import RECEIPTS, SALES

# What is made and how it is called in the folder; "" keeps the file's own name.
_FILES: Final = (
    (SALES, "csv", "sales.csv"),
    (SALES, "xlsx", "sales.xlsx"),
    (RECEIPTS, "csv", "receipts.csv"),
    (RECEIPTS, "xlsx", "receipts.xlsx"),
    (ENTRIES, "quadra", "quadra.txt"),
    (DOCUMENTS, "zip", "invoices.zip"),
    (ENTRIES, "fec", ""),
)


def write_exports(
    folder: Path, *, first: date, last: date, by: User, on: date, at: datetime
) -> list[Path]:
    """Leave the journals, the FEC layout, Quadra and the frozen PDFs in a folder, each logged."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for kind, file_format, name in _FILES:
        wanted = Wanted(kind, file_format, first, last, scope=ALL)
        built, _log = take(wanted, by=by, on=on, at=at)
        path = folder / (name or built.name)
        with path.open("wb") as target:
            target.writelines(built.chunks())
        made.append(path)
    return made
