"""`manage.py check_fec`: 0 on a sound file, 1 naming line and reason on each broken one."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from invoicing.rules_fec import COLUMNS

NAME = "732829320FEC20261231.txt"


def row(**cells: str) -> list[str]:
    """A sound line of the sales journal, save what is said otherwise."""
    sound = {
        "JournalCode": "VE", "JournalLib": "Ventes", "EcritureNum": "1",
        "EcritureDate": "20261122", "CompteNum": "411000", "CompteLib": "Clients",
        "CompAuxNum": "C0007", "CompAuxLib": "Coop", "PieceRef": "FA-1", "PieceDate": "20261122",
        "EcritureLib": "FA-1 Coop", "Debit": "120,00", "Credit": "0,00", "ValidDate": "20261122",
    }  # fmt: skip
    return [(sound | cells).get(name, "") for name in COLUMNS]


def sale(**cells: str) -> list[str]:
    """The other line of the entry."""
    other = {
        "CompteNum": "706000", "CompteLib": "Services", "CompAuxNum": "", "CompAuxLib": "",
        "Debit": "0,00", "Credit": "120,00",
    }  # fmt: skip
    return row(**(other | cells))


SOUND = [row(), sale(), row(EcritureNum="2"), sale(EcritureNum="2")]


def content(rows: list[list[str]], header: tuple[str, ...] = COLUMNS) -> bytes:
    return "".join("\t".join(cells) + "\r\n" for cells in [list(header), *rows]).encode()


def run(tmp_path: Path, body: bytes, capsys: Any, name: str = NAME) -> tuple[int, str]:
    path = tmp_path / name
    path.write_bytes(body)
    try:
        call_command("check_fec", str(path))
    except SystemExit as stop:
        return int(stop.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_a_sound_file_ends_with_nothing_to_say(tmp_path: Path, capsys: Any) -> None:
    assert run(tmp_path, content(SOUND), capsys) == (0, "4 lines, no fault found\n")


BROKEN: dict[str, tuple[list[list[str]], str]] = {
    "unbalanced entry": (
        [row(), sale(Credit="119,99"), row(EcritureNum="2", Debit="0,00"),
         sale(EcritureNum="2", Credit="0,01")],
        "line 2: entry VE 1 does not balance: 120.00 debit, 119.99 credit",
    ),
    "unbalanced file": ([row(), sale(Credit="100,00")], "file: the file does not balance"),
    "gap in numbers": (
        [row(), sale(), row(EcritureNum="3"), sale(EcritureNum="3")],
        "line 4: EcritureNum 3 of journal VE follows 1",
    ),
    "numbers go back": (
        [row(EcritureNum="2"), sale(EcritureNum="2"), row(), sale()],
        "line 4: EcritureNum 1 of journal VE follows 2",
    ),
    "number that is none": ([row(EcritureNum="A"), sale(EcritureNum="A")],
                            "line 2: EcritureNum is not a number: A"),
    "date with slashes": (
        [row(EcritureDate="22/11/2026"), sale()],
        "line 2: EcritureDate is not a date AAAAMMJJ: 22/11/2026",
    ),
    "day that does not exist": (
        [row(PieceDate="20260230"), sale()], "line 2: PieceDate is not a date",
    ),
    "letter without its day": ([row(EcritureLet="AA"), sale()],
                               "line 2: EcritureLet without DateLet"),
    "day without its letter": ([row(DateLet="20261122"), sale()],
                               "line 2: DateLet without EcritureLet"),
    "another year": (
        [row(EcritureDate="20270101"), sale()],
        "line 2: EcritureDate 20270101 is outside 20260101 to 20261231",
    ),
    "negative amount": ([row(Debit="-120,00"), sale(Credit="-120,00")],
                        "line 2: Debit is negative: -120,00"),
    "point in an amount": ([row(Debit="120.00"), sale()],
                           "line 2: Debit is not an amount like 12,50: 120.00"),
    "both sides": ([row(Credit="120,00"), sale(Debit="120,00")],
                   "line 2: debit and credit on one line"),
    "a column too few": ([row()[:-1], sale()], "line 2: 17 columns instead of 18"),
    "a tab in a label": ([row(EcritureLib="FA-1\tCoop"), sale()],
                         "line 2: 19 columns instead of 18"),
    "a break in a label": ([row(EcritureLib="FA-1\nCoop"), sale()], "line 2: 11 columns"),
    "a control sign": ([row(EcritureLib="FA\x0b1"), sale()],
                       "line 2: line break or control sign in EcritureLib"),
    "no label": ([row(EcritureLib=""), sale()], "line 2: EcritureLib is missing"),
    "no piece": ([row(PieceRef=" "), sale()], "line 2: PieceRef is missing"),
    "a client on a product": (
        [row(), sale(CompAuxNum="C0007", CompAuxLib="Coop")],
        "line 3: CompAuxNum on 706000, which is no third party's",
    ),
    "a code without its name": ([row(CompAuxLib=""), sale()],
                                "line 2: CompAuxNum and CompAuxLib go together"),
    "no account": ([row(CompteNum="VENTES"), sale()],
                   "line 2: CompteNum is no account of the chart"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_each_fault_is_named_with_its_line(fault: str, tmp_path: Path, capsys: Any) -> None:
    rows, words = BROKEN[fault]
    status, said = run(tmp_path, content(rows), capsys)
    assert status == 1
    assert words in said


def test_faults_of_the_bytes_are_named_too(tmp_path: Path, capsys: Any) -> None:
    good = content(SOUND)
    for body, words in (
        (good.replace(b"\r\n", b"\n"), "line 1: the line does not end with CR LF"),
        (b"\xef\xbb\xbf" + good, "line 1: a byte order mark stands before the header"),
        (good.removesuffix(b"\r\n"), "line 5: the last line has no end"),
        (good.replace(b"Coop", b"Co\x92p", 1), "line 2: neither UTF-8 nor ISO-8859-15"),
        (content(SOUND, header=COLUMNS[:-1]), "line 1: header is not the eighteen columns"),
        (content([]), "no entry in the file"),
        (b"", "no entry in the file"),
    ):
        status, said = run(tmp_path, body, capsys)
        assert (status, words in said) == (1, True), said
    latin = good.replace(b"Coop", "Cœop".encode("iso-8859-15"))
    assert run(tmp_path, latin, capsys)[0] == 0


def test_the_name_of_the_file_is_judged(tmp_path: Path, capsys: Any) -> None:
    status, said = run(tmp_path, content(SOUND), capsys, name="ventes.txt")
    assert status == 1
    assert "file name is not <SIREN>FEC<AAAAMMJJ>.txt" in said
    call_command("check_fec", str(tmp_path / "ventes.txt"), any_name=True)
    # An exercise that ends in June holds the twelve months before.
    june = "732829320FEC20270630.txt"
    assert run(tmp_path, content(SOUND), capsys, name=june)[0] == 0


def test_a_file_that_is_not_there_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("check_fec", str(tmp_path / "none.txt"))
