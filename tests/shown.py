"""Which addresses show a page that somebody reads."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from essaim.views import BulkPage, Page

# A page that shows something names a template of its own: these two are only extended.
BARE = {"essaim/page.html", "essaim/detail.html"}


def views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The name of every address, and its page class; those of other makers have none."""
    for part in (resolver or get_resolver()).url_patterns:
        if isinstance(part, URLResolver):
            namespace = f"{part.namespace}:" if part.namespace else ""
            yield from views(part, prefix + namespace)
        elif isinstance(part, URLPattern):
            view = getattr(part.callback, "view_class", None)
            yield f"{prefix}{part.name}", view if view and issubclass(view, Page) else None


def shows_a_page(view: type[Page]) -> bool:
    """Whether somebody reads it: no file, no fragment, no address that only receives ticks."""
    fragment = PurePath(view.template_name).name.startswith("_")
    return not fragment and view.template_name not in BARE and not issubclass(view, BulkPage)
