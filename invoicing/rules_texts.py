"""Editable texts with named words: which may stand in which text, how they are filled (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final

# Words a text may name; what each stands for is said beside the form.
DOCUMENT: Final = (
    "client", "numero", "titre", "date", "echeance", "montant", "reste", "structure", "contact",
    "iban",
)  # fmt: skip
STATEMENT: Final = ("client", "date", "montant", "structure", "contact", "iban")
REMINDER: Final = (*DOCUMENT, "retard")
PENALTIES: Final = "penalites"
LAST_REMINDER: Final = (*REMINDER, PENALTIES)


@dataclass(frozen=True, slots=True)
class TextProblem:
    """What is wrong in a text: `code` is braces, unknown or penalties; `word` is the culprit."""

    code: str
    word: str = ""


def problems(text: str, allowed: tuple[str, ...]) -> list[TextProblem]:
    """Say what of a text cannot be filled; an empty list means it can, whatever the document."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return [TextProblem("braces")]
    found = []
    for _literal, name, spec, conversion in parts:
        if name is None:
            continue
        if name == PENALTIES and name not in allowed:
            found.append(TextProblem("penalties", name))
        elif name not in allowed or spec or conversion:
            found.append(TextProblem("unknown", name))
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in a text; a paragraph left empty goes with its blank line."""
    out = []
    for literal, name, _spec, _conversion in Formatter().parse(text):
        out.append(literal)
        if name is not None:
            out.append(values[name])
    lines: list[str] = []
    for line in "".join(out).splitlines():
        if line.strip() or (lines and lines[-1].strip()):
            lines.append(line.rstrip())
    return "\n".join(lines).strip()
