"""What a drawing may ask of who draws it: paths that end, a size, few enough shapes."""

import re
from math import isfinite
from typing import Any, Final

DEEPEST: Final = 60  # groups in groups, and copies of copies
HEAVIEST: Final = 20_000  # shapes once every copy is drawn

_COMMAND: Final = re.compile(r"[\s,]*([MmZzLlHhVvCcSsQqTtAa])")
_NUMBER: Final = re.compile(r"[\s,]*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_FLAG: Final = re.compile(r"[\s,]*[01]")
_TAKES: Final = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7}


def is_path(text: str) -> bool:
    """Whether path data reads to its end: a command too short or too long may never be drawn."""
    text, at, command, given = text.rstrip(), 0, "", 0
    while at < len(text):
        found = _COMMAND.match(text, at)
        if found:
            if not _is_whole(command, given) or not (command or found[1] in "Mm"):
                return False
            command, given = found[1].lower(), 0
        else:
            flag = command == "a" and given % 7 in (3, 4)
            found = (_FLAG if flag else _NUMBER).match(text, at)
            if found is None or command in ("", "z"):
                return False
            given += 1
        at = found.end()
    return _is_whole(command, given)


def _is_whole(command: str, given: int) -> bool:
    if command in ("", "z"):
        return given == 0
    return given > 0 and given % _TAKES[command] == 0


def view_box(root: Any) -> str:
    """The frame of a drawing, from its viewBox or else its width and height; "" without one."""
    for words in (
        root.get("viewBox", "").replace(",", " ").split(),
        ["0", "0", *(root.get(name, "").removesuffix("px") for name in ("width", "height"))],
    ):
        try:
            box = [float(word) for word in words]
        except ValueError:
            continue
        if len(box) == 4 and all(map(isfinite, box)) and min(box[2:]) > 0:
            return " ".join(f"{one:g}" for one in box)
    return ""


def is_shallow(root: Any) -> bool:
    """Whether its groups are few enough in each other to be walked."""
    rows, depth = [root], 0
    while rows and depth <= DEEPEST:
        rows, depth = [child for row in rows for child in row], depth + 1
    return not rows


def is_light(root: Any, target: Any) -> bool:
    """Whether its copies end and stay bearable; `target(element)` is the id an element copies."""
    by_id = {e.get("id"): e for e in root.iter() if e.get("id")}
    known: dict[str, int] = {}

    def weight(element: Any, depth: int) -> int:
        if depth > 2 * DEEPEST:  # copies in a circle
            return HEAVIEST + 1
        total, key = 1, target(element)
        if key in by_id:
            if key not in known:
                known[key] = weight(by_id[key], depth + 1)
            total += known[key]
        for child in element:
            total += weight(child, depth + 1)
            if total > HEAVIEST:
                break
        return total

    return weight(root, 0) <= HEAVIEST
