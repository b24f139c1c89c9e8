"""What a page writes is written in French: every action is called through `kept`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import get_language, gettext, override

from essaim.tongue import kept
from essaim.workflow import Missing, Refused

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("essaim", "crm", "missions", "grants", "invoicing")
# Methods that the generic pages already call through `kept`, and those that only look or rehearse.
CALLED = {"perform", "save", "get_missing", "get_context", "attempt"}
# These actions write no words: a tick, a switch, a code.
WORDLESS = {
    "set_shortcuts",
    "speak",
    "end_session",
    "reset_reason",
    "choose",
    "preview_call_list",
    "in_the_way",
    "skip",
    "mark",
}


def writers() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions of views that give an action who acts and when."""
    for room in ROOMS:
        for path in sorted((ROOT / room).glob("views/**/*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef) and "**self.act()" in ast.unparse(node):
                    yield f"{room}/{path.name}:{node.name}", node


def test_every_view_that_calls_an_action_does_so_in_french() -> None:
    found = list(writers())
    assert len(found) > 100
    loose = [
        name
        for name, node in found
        if node.name not in CALLED
        and not any(word in ast.unparse(node) for word in ("kept(", "in_french(", ".rehearse"))
        and not any(f"{verb}(" in ast.unparse(node) for verb in WORDLESS)
    ]
    assert loose == []


def test_what_is_written_is_french_and_the_reader_keeps_their_language() -> None:
    with override("en"):
        assert kept(lambda: gettext("Today")) == "Aujourd’hui"
        assert get_language() == "en"


@pytest.mark.django_db
def test_what_is_refused_is_said_in_the_readers_language() -> None:
    asked: list[str] = []

    def write() -> None:
        asked.append(get_language() or "")
        raise Refused([Missing("user", gettext("This person has no second factor."))])

    for language, words, times in (("en", "no second factor", 2), ("fr", "aucun second", 1)):
        with override(language), pytest.raises(Refused) as refused:
            kept(write)
        assert words in str(refused.value).replace("pas de second", "aucun second")
        assert len(asked) == times
        asked.clear()


@pytest.mark.django_db
@pytest.mark.parametrize("second", ["another", "passes", "breaks"])
def test_a_second_try_that_goes_otherwise_changes_nothing(second: str) -> None:
    tries: list[int] = []

    def write() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Refused([Missing("one", "le premier")])
        if second == "another":
            raise Refused([Missing("two", "the second")])
        if second == "breaks":
            raise ValueError("read already")

    with override("en"), pytest.raises(Refused) as refused:
        kept(write)
    assert [m.text for m in refused.value.missing] == ["le premier"]
