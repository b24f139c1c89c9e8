"""What a room says of one model that may be found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class Found:
    """What the search keeps of one row: its title, a line beside it, and the other words it is
    found by. Nothing here may be more than everybody who may see the row may read of it. `place` is
    the key its address takes, when it is not its own."""

    key: int
    title: str
    detail: str = ""
    words: str = ""
    is_last: bool = False
    place: int | None = None


Keys = Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """One model that the search knows.

    `rows` gives every row that may be found, whoever asks, with what `tell` reads; a person finds
    those of `visible_to(user)` alone, and none without the permission. `follows` names other
    models, or verbs, whose writes change what is told here, and gives the keys to read again.
    """

    model: str
    label: Any
    icon: str
    order: int
    permission: str
    rows: Callable[[], QuerySet[Any]]
    tell: Callable[[Any], Found]
    url: Callable[[int], str]
    follows: Mapping[str, Callable[[Keys], Iterable[int]]] = field(default_factory=dict)


def page(name: str) -> Callable[[int], str]:
    """The address of a row on the page of this name."""
    return lambda key: reverse(name, args=(key,))


def line(*parts: Any) -> str:
    """What stands beside a title: the parts that say something, each once."""
    return " · ".join(dict.fromkeys(str(part) for part in parts if part))


def naming(model: Any, column: str) -> Callable[[Keys], Iterable[int]]:
    """The rows of a model whose `column` is one of these keys."""
    return lambda keys: model.objects.filter(**{f"{column}__in": keys}).values_list("pk", flat=True)
