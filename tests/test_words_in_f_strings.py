"""A word to translate inside an f-string is not seen by the extractor: it stays English."""

import ast
from pathlib import Path

ROOMS = ("essaim", "crm", "missions", "grants", "invoicing")
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy", "npgettext"}


def test_no_text_is_translated_inside_an_f_string() -> None:
    found = [
        f"{file}:{call.lineno}"
        for room in ROOMS
        for file in Path(room).rglob("*.py")
        for string in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in CALLS
    ]
    assert found == []
