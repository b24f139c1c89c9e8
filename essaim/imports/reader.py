"""The one way in for a table that a person sends: CSV, XLSX or ODS, told by its bytes."""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File

from essaim.imports.csv_file import read_csv
from essaim.imports.ods_file import read_ods
from essaim.imports.table import Fault, Raw, Table, Unreadable, made
from essaim.imports.xlsx_file import read_xlsx
from essaim.uploads import MEGABYTE, TABLES, check_upload

__all__ = ["Fault", "Raw", "Table", "Unreadable", "read_table"]

LARGEST: Final = 10 * MEGABYTE


def read_table(file: "File[Any]", *, sheet: str = "", header_row: int = 0) -> Table:
    """Read one sheet of a file that is not trusted; its cells are never computed.

    Without `sheet`, the first one is read and `Table.sheets` names them all. The header is row
    `header_row`, or the first that names two columns. What is wrong in single cells (formulas,
    merged cells, no number) is in `Table.faults`, those cells being absent from the rows.
    Raises ValidationError (`Unreadable`) when the file as a whole is refused.
    """
    try:
        kind = check_upload(file, TABLES, LARGEST).kind
    except ValidationError as error:
        raise Unreadable(error.message, code=error.code, params=error.params) from error
    file.seek(0)
    if kind == "csv":
        return made(read_csv(file), header_row=header_row)
    grid, name, names = (read_xlsx if kind == "xlsx" else read_ods)(file, sheet)
    return made(grid, sheet=name, sheets=names, header_row=header_row)
