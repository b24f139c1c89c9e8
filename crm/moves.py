"""What each move of an accompaniment carries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from essaim.workflow import MoveData


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMove(MoveData):
    to: str
    effective_on: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChange(MoveData):
    path: Any
    to: str
    effective_on: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(MoveData):
    review_on: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopening(MoveData):
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandonment(MoveData):
    reason_code: str
    effective_on: date
    decided_by: str = field(default="", metadata={"words": True})
    decisions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(MoveData):
    effective_on: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger(MoveData):
    into: Any
    effective_on: date
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing(MoveData):
    outcome: str
    effective_on: date
    why: str = field(default="", metadata={"words": True})
