"""The words of the door: what is missing, what is refused, what a move carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypedDict

from essaim.models import User
from essaim.move_data import MoveData

__all__ = ["Act", "Edge", "Missing", "MoveData", "NotAtomic", "Refused", "UnknownEdge"]


class Act(TypedDict):
    """Who acts, on which day, at which instant: what every action takes."""

    by: User
    on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that stops a step: a code, words for the person, where to mend it."""

    code: str
    text: str
    url: str = ""
    level: Literal["bar", "warn"] = "bar"


class Refused(Exception):
    """A step was refused; `missing` lists all that is in its way."""

    def __init__(self, missing: Iterable[Missing]) -> None:
        self.missing = list(missing)
        super().__init__("; ".join(str(m.text) for m in self.missing))


class UnknownEdge(Exception):
    """No such move exists on this model, or it does not take these data."""


class NotAtomic(Exception):
    """The door was used outside a transaction."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One possible move of an object, as a button shows it."""

    name: str
    label: str
    permission: str
    allowed: bool
