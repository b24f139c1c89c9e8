"""Tables that people bring: read without being trusted, what is wrong named by row and column."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, TableCell, TableRow
from odf.table import Table as OdfTable
from odf.text import P

from essaim.imports.reader import Fault, Unreadable, read_table
from essaim.imports.table import MOST_ROWS, shown
from essaim.sheets import write_xlsx
from essaim.uploads import CONTENT_TYPES

moment = datetime.fromisoformat


def sent(name, content):
    return SimpleUploadedFile(name, content)


def csv(text, encoding="utf-8"):
    return sent("table.csv", text.encode(encoding))


def book(fill, name="table.xlsx"):
    """A workbook drawn by another library than the reader's."""
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": False})
    fill(made)
    made.close()
    return sent(name, target.getvalue())


def ods(*tables):
    """Sheets of LibreOffice: (name, rows of cells given as (attributes, text))."""
    made = OpenDocumentSpreadsheet()
    for name, rows in tables:
        table = OdfTable(name=name)
        for row, repeated in rows:
            line = TableRow(**({"numberrowsrepeated": repeated} if repeated > 1 else {}))
            for cell in row:
                line.addElement(cell)
            table.addElement(line)
        made.spreadsheet.addElement(table)
    target = io.BytesIO()
    made.save(target)
    return sent("table.ods", target.getvalue())


def cell(text="", **attributes):
    made = TableCell(**attributes)
    if text:
        made.addElement(P(text=text))
    return made


def altered(file, member, change):
    """The same archive, one member changed by hand."""
    target = io.BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info.filename)
            new.writestr(info.filename, change(content) if info.filename == member else content)
    return sent(file.name, target.getvalue())


def refusal(file, **options):
    with pytest.raises(Unreadable) as caught:
        read_table(file, **options)
    return caught.value.code


# --- Text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_a_text_table_is_read_in_its_encoding_and_with_its_delimiter(encoding, sign):
    text = f"Nom{sign}Ville{sign}Note\r\nÉpicerie d’Œting{sign}Forbach{sign}à revoir\r\n"
    table = read_table(csv(text, encoding))
    assert table.header == ("Nom", "Ville", "Note")
    assert table.rows == [(2, {"Nom": "Épicerie d’Œting", "Ville": "Forbach", "Note": "à revoir"})]
    assert table.faults == ()


def test_decimal_commas_do_not_pass_for_delimiters():
    table = read_table(csv("Nom;Jours\nLe Grenier, Metz;0,5\nLa Ruche, Toul;1,5\n"))
    assert table.header == ("Nom", "Jours")
    assert table.rows[1] == (3, {"Nom": "La Ruche, Toul", "Jours": "1,5"})


def test_a_text_that_looks_like_a_formula_is_a_text():
    table = read_table(csv('Nom;Ville\n=1+1;"=HYPERLINK(""x"")"\n'))
    assert table.rows == [(2, {"Nom": "=1+1", "Ville": '=HYPERLINK("x")'})]
    assert not table.faults


def test_empty_lines_and_comments_are_skipped_and_numbers_kept():
    table = read_table(csv("Nom;Ville\n\n# exemple;Metz\n;;\nLe Grenier;Toul\n"))
    assert [n for n, _cells in table.rows] == [5]


def test_a_quoted_cell_with_a_line_break_is_one_row_and_numbered_as_in_a_spreadsheet():
    table = read_table(csv('Nom;Note\nA;"un\ndeux"\nB;trois\n'))
    assert table.rows[1] == (3, {"Nom": "B", "Note": "trois"})


def test_the_line_by_which_excel_says_the_delimiter_is_no_row():
    table = read_table(csv("sep=,\r\nNom,Ville\r\nA,Metz\r\n"))
    assert table.header == ("Nom", "Ville")
    assert table.rows == [(3, {"Nom": "A", "Ville": "Metz"})]


def test_a_title_above_the_table_is_not_its_header():
    table = read_table(csv("Suivi des coops 2025\n\nNom;Ville\nA;Metz\n"))
    assert (table.header, table.header_row) == (("Nom", "Ville"), 3)


def test_the_header_may_be_chosen():
    table = read_table(csv("Suivi;2025\nNom;Ville\nA;Metz\n"), header_row=2)
    assert table.header == ("Nom", "Ville")


def test_a_title_given_twice_is_named_for_both_columns():
    table = read_table(csv("Nom;Nom;Ville\nA;B;Metz\n"))
    assert table.header == ("Nom", "Nom (B)", "Ville")
    assert {(f.row, f.column) for f in table.faults} == {(1, "Nom"), (1, "Nom (B)")}
    assert table.faults_of({"Ville"}) == []


def test_a_column_without_title_bears_its_letter():
    assert read_table(csv("Nom;Ville;\nA;x;y\n")).header == ("Nom", "Ville", "C")


# --- Workbooks -------------------------------------------------------------------------------


def test_cells_of_a_workbook_come_with_their_kind():
    def fill(made):
        day = made.add_format({"num_format": "dd/mm/yyyy"})
        sheet = made.add_worksheet("Coops")
        sheet.write_row(0, 0, ["Nom", "Né le", "Montant", "SIRET", "QPV", "Vu"])
        sheet.write_string(1, 0, "=Grenier")
        sheet.write_datetime(1, 1, moment("2025-12-31"), day)
        sheet.write_number(1, 2, 0.1 + 0.2)
        sheet.write_number(1, 3, 73282932000074)
        sheet.write_row(1, 4, [True])
        sheet.write_datetime(1, 5, moment("2025-03-30T02:30"), day)

    table = read_table(book(fill))
    assert table.sheet == "Coops"
    assert table.rows == [
        (
            2,
            {
                "Nom": "=Grenier",
                "Né le": date(2025, 12, 31),
                "Montant": Decimal("0.3"),
                "SIRET": Decimal(73282932000074),
                "QPV": True,
                "Vu": moment("2025-03-30T02:30"),
            },
        )
    ]
    assert shown(table.rows[0][1]["SIRET"]) == "73282932000074"
    assert shown(table.rows[0][1]["Né le"]) == "2025-12-31"
    assert not table.faults


def test_what_essaim_writes_it_reads_back():
    target = io.BytesIO()
    write_xlsx(target, ["Nom", "Montant"], [["Épi & <Cie>", Decimal("12.50")], ["_x000D_", 3]])
    table = read_table(sent("export.xlsx", target.getvalue()))
    assert [cells for _n, cells in table.rows] == [
        {"Nom": "Épi & <Cie>", "Montant": Decimal("12.5")},
        {"Nom": "_x000D_", "Montant": Decimal(3)},
    ]


def test_a_workbook_saved_by_another_program_is_read():
    made = openpyxl.Workbook()
    made.active.append(["Nom", "Le"])
    made.active.append(["A", date(2024, 2, 29)])
    target = io.BytesIO()
    made.save(target)
    assert read_table(sent("t.xlsx", target.getvalue())).rows == [
        (2, {"Nom": "A", "Le": date(2024, 2, 29)})
    ]


def test_formulas_and_merged_cells_are_named_by_row_and_column():
    def fill(made):
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Jours", "Total"])
        sheet.write_row(1, 0, ["A", 1])
        sheet.write_formula(1, 2, "=B2*2", None, 2)
        sheet.merge_range(2, 0, 3, 0, "B")
        sheet.write_array_formula(3, 2, 3, 2, "{=SUM(B2:B3)}", None, 2)

    table = read_table(book(fill))
    found = {(f.row, f.column) for f in table.faults}
    assert found == {(2, "Total"), (4, "Total"), (3, "Nom")}
    assert all("Total" not in cells for _n, cells in table.rows)
    assert "A3:A4" in next(f.message for f in table.faults if f.column == "Nom")
    assert table.faults_of({"Nom", "Jours"}) == [f for f in table.faults if f.column == "Nom"]


def test_a_merged_title_above_the_header_does_no_harm():
    def fill(made):
        sheet = made.add_worksheet()
        sheet.merge_range(0, 0, 0, 2, "Suivi 2025")
        sheet.write_row(1, 0, ["Nom", "Ville"])
        sheet.write_row(2, 0, ["A", "Metz"])

    table = read_table(book(fill))
    assert (table.header_row, table.faults) == (2, ())


@pytest.mark.parametrize("value", [b"NaN", b"1e400", b"INF", b"abc", b""])
def test_what_is_no_number_in_a_number_cell_is_named(value):
    def fill(made):
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Montant"])
        sheet.write_row(1, 0, ["A", 77])

    file = altered(
        book(fill),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b"<v>77<", b"<v>%b<" % value),
    )
    table = read_table(file)
    assert [(f.row, f.column) for f in table.faults] == ([(2, "Montant")] if value else [])
    assert "Montant" not in table.rows[0][1]


def test_sheets_are_named_and_one_is_chosen_hidden_ones_left_out():
    def fill(made):
        for name in ("Coops", "Jours"):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, ["Nom", name])
            sheet.write_row(1, 0, ["A", 1])
        made.add_worksheet("Listes").hide()

    file = book(fill)
    assert read_table(file).sheets == ("Coops", "Jours")
    assert read_table(file, sheet="Jours").header == ("Nom", "Jours")
    assert refusal(file, sheet="Listes") == "sheet"


def test_days_counted_from_1904_are_the_same_days():
    def fill(made):
        made.set_size(100, 100)
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Le"])
        sheet.write_datetime(1, 1, moment("2025-07-14"), made.add_format({"num_format": 14}))

    target = io.BytesIO()
    made = xlsxwriter.Workbook(target, {"in_memory": True, "date_1904": True})
    fill(made)
    made.close()
    table = read_table(sent("mac.xlsx", target.getvalue()))
    assert table.rows == [(2, {"Le": date(2025, 7, 14)})]


# --- LibreOffice -----------------------------------------------------------------------------


def test_a_sheet_of_libreoffice_is_read_with_its_kinds_and_faults():
    head = [cell(t, valuetype="string") for t in ("Nom", "Le", "Jours", "QPV", "Total")]
    first = [
        cell("Épi", valuetype="string"),
        cell("31/12/25", valuetype="date", datevalue="2025-12-31"),
        cell("0,5", valuetype="float", value="0.5"),
        cell("VRAI", valuetype="boolean", booleanvalue="true"),
        cell("1", valuetype="float", value="1", formula="of:=[.C2]*2"),
    ]
    merged = [
        cell("B", valuetype="string", numbercolumnsspanned="2", numberrowsspanned="1"),
        CoveredTableCell(),
        cell("x", valuetype="float", value="NaN"),
    ]
    table = read_table(ods(("Coops", [(head, 1), (first, 1), ([], 3), (merged, 1)]), ("B", [])))
    assert table.sheets == ("Coops", "B")
    assert table.rows[0] == (
        2,
        {"Nom": "Épi", "Le": date(2025, 12, 31), "Jours": Decimal("0.5"), "QPV": True},
    )
    assert {(f.row, f.column) for f in table.faults} == {
        (2, "Total"),
        (6, "Nom"),
        (6, "Le"),
        (6, "Jours"),
    }


def test_a_row_repeated_to_the_bottom_of_the_sheet_is_no_trap():
    def head():
        return [cell("Nom", valuetype="string"), cell("Ville", valuetype="string")]

    def row():
        return [cell("A", valuetype="string"), cell("Metz", valuetype="string")]

    blank = [cell(numbercolumnsrepeated="16384")]
    fine = read_table(ods(("S", [(head(), 1), (row(), 2), (blank, 1_048_000), (row(), 1)])))
    assert [n for n, _cells in fine.rows] == [2, 3, 1_048_004]
    assert refusal(ods(("S", [(head(), 1), (row(), 1_048_575)]))) == "too_many_rows"
    wide = [cell("A", valuetype="string", numbercolumnsrepeated="16384")]
    assert refusal(ods(("S", [(head(), 1), (wide, 1)]))) == "too_many_columns"


# --- Files that lie ---------------------------------------------------------------------------


def test_files_that_are_not_what_they_say_are_refused():
    assert refusal(sent("t.xlsx", b"Nom;Ville\nA;B\n")) == "not_what_it_says"
    assert refusal(sent("t.csv", b"PK\x03\x04" + bytes(40))) == "not_what_it_says"
    assert refusal(sent("t.xls", b"\xd0\xcf\x11\xe0")) == "kind_not_accepted"
    assert refusal(sent("t.csv", b"")) == "empty"
    assert refusal(csv("\n\n;;\n")) == "empty"
    assert refusal(csv("# rien;ici\n")) == "empty"


def zipped(members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_a_bomb_is_not_opened():
    members = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": "<x/>",
        "xl/worksheets/sheet1.xml": b" " * (60 * 1024 * 1024),
    }
    assert refusal(sent("t.xlsx", zipped(members))) == "bomb"


def test_entities_are_refused():
    def fill(made):
        made.add_worksheet().write_row(0, 0, ["Nom", "Ville"])

    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def spoil(xml):
        return xml.replace(b"?>\n", b"?>\n" + evil, 1)

    assert refusal(altered(book(fill), "xl/worksheets/sheet1.xml", spoil)) == "broken"
    content = f"<?xml version='1.0'?>{evil.decode()}<x/>"
    said = {"mimetype": CONTENT_TYPES["ods"], "content.xml": content}
    assert refusal(sent("t.ods", zipped(said))) == "broken"


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.97])
def test_a_file_cut_short_is_refused(keep):
    def fill(made):
        sheet = made.add_worksheet()
        for row in range(200):
            sheet.write_row(row, 0, ["Nom", "Ville", row])

    whole = book(fill).read()
    assert refusal(sent("t.xlsx", whole[: int(len(whole) * keep)])) == "not_what_it_says"


def test_three_hundred_thousand_rows_are_refused_without_being_read():
    target = io.BytesIO()
    write_xlsx(target, ["Nom", "Ville"], (["A", "Metz"] for _n in range(300_000)))
    assert refusal(sent("t.xlsx", target.getvalue())) == "too_many_rows"
    assert refusal(csv("Nom;Ville\n" + "A;Metz\n" * 300_000)) == "too_many_rows"


def test_a_cell_alone_at_the_far_corner_is_no_trap():
    def fill(made):
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Ville"])
        sheet.write(1_048_575, 0, "A")

    assert read_table(book(fill)).rows == [(1_048_576, {"Nom": "A"})]

    def far(made):
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["Nom", "Ville"])
        sheet.write(3, 16_383, "A")

    assert refusal(book(far)) == "too_many_columns"


def test_as_many_rows_as_are_allowed_are_read():
    text = "Nom;Ville\n" + "".join(f"Coop {n};Metz\n" for n in range(MOST_ROWS))
    assert len(read_table(csv(text)).rows) == MOST_ROWS


def test_a_fault_says_its_row_and_column_in_french():
    said = str(Fault(12, "Montant", "« x » n’est pas un montant."))
    assert (
        said.replace("\N{NO-BREAK SPACE}", " ")
        == "Ligne 12, colonne « Montant » : « x » n’est pas un montant."
    )
