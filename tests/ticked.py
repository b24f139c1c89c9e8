"""Ticked lines: the preview read, then confirmed, as the pages do."""

from collections.abc import Iterable
from typing import Any


def previewed(browser: Any, url: str, keys: Iterable[int]) -> Any:
    """The preview a list leads to."""
    return browser.post(url, {"pk": list(keys)}, follow=True)


def accepted(shown: Any, **typed: Any) -> dict[str, Any]:
    """What the form of a preview posts."""
    lines = [line for line, _figure in shown.context["ready"]]
    seen = [f"{line.row.pk}:{line.stamp}" for line in lines]
    return {"pk": [line.row.pk for line in lines], "seen": seen, "confirm": "1", **typed}


def confirmed(browser: Any, url: str, keys: Iterable[int], **typed: Any) -> Any:
    """The answer to a preview that is confirmed."""
    return browser.post(url, accepted(previewed(browser, url, keys), **typed))
