"""The PDF engine: HTML in, the same bytes out every time, and nothing fetched from anywhere."""

import atexit
import ctypes
import gc
import logging
import mimetypes
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.utils.translation import gettext as _

from essaim.fonts import FRENCH, missing_glyphs

log = logging.getLogger("essaim.pdf")

PRINT_CSS: Final = "essaim/print.css"
MAX_HTML: Final = 1_000_000  # characters; 200 lines with their days stay under 300,000
FREE_BYTES: Final = 50_000_000
DEBIAN: Final = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-open-sans"

# Without the third, fonts are cut by Python and an invoice takes three times as long.
_NEEDED: Final = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0")
_FASTER: Final = "libharfbuzz-subset.so.0"

# SOURCE_DATE_EPOCH and the shared font configuration belong to the process: one at a time.
_one_at_a_time = threading.Lock()


class TooLarge(ValueError):
    """The document is longer than anything we print."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to embed; `relationship` as in PDF 2.0 (Alternative, Source, Data...)."""

    name: str
    content: bytes
    description: str = ""
    relationship: str = "Alternative"


def render(
    html: str,
    *,
    css: Sequence[str] = (PRINT_CSS,),
    attachments: Sequence[Attachment] = (),
    variant: str | None = None,
    epoch: int,
    images: Sequence[str] = (),
) -> bytes:
    """Print HTML to PDF.

    `css` and `images` are names of static files; the HTML reaches an image as `static:NAME`.
    `epoch` (seconds) dates the file: the same input gives the same bytes on the same machine.
    Raises TooLarge past MAX_HTML characters, OSError where Pango is absent.
    """
    if len(html) > MAX_HTML:
        raise TooLarge(f"{len(html)} characters of HTML, at most {MAX_HTML}")
    with _one_at_a_time, _source_date(epoch), _nothing_swept():
        return _write(html, css, attachments, variant, epoch, images)


def _write(
    html: str,
    css: Sequence[str],
    attachments: Sequence[Attachment],
    variant: str | None,
    epoch: int,
    images: Sequence[str],
) -> bytes:
    import weasyprint  # seconds to load, and OSError without Pango

    fetcher = _fetcher_class()(images)
    source = weasyprint.HTML(string=html, url_fetcher=fetcher)
    document = source.render(
        font_config=_font_configuration(),
        stylesheets=[_parsed(*_stamped(name)) for name in css],
        pdf_variant=variant,
    )
    at = datetime.fromtimestamp(epoch, UTC)
    document.metadata.created = document.metadata.modified = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    document.metadata.attachments = []  # what the markup asked for; ours come as arguments
    embedded = [
        weasyprint.Attachment(
            string=item.content,
            name=item.name,
            description=item.description,
            relationship=item.relationship,
            created=at,
            modified=at,
        )
        for item in attachments
    ]
    written: bytes = document.write_pdf(pdf_variant=variant, attachments=embedded)
    return written


@contextmanager
def _source_date(epoch: int) -> Iterator[None]:
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


@contextmanager
def _nothing_swept() -> Iterator[None]:
    """Keep the cycle collector away while a page is made, and let it take the page afterwards.

    A page is 100,000 small objects, all in use until it is written: looking for garbage among
    them again and again took a third of the time.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect(1)  # the young ones: what lives as long as the process is left in peace


@cache
def _font_configuration() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    # Let go of before the interpreter takes WeasyPrint apart, or its destructor complains.
    atexit.register(_font_configuration.cache_clear)
    return FontConfiguration()


def _stamped(name: str) -> tuple[str, int]:
    path = _static(name)
    return str(path), path.stat().st_mtime_ns


def _static(name: str) -> Path:
    found = finders.find(name)
    if not isinstance(found, str):
        raise FileNotFoundError(f"no static file {name}")
    return Path(found)


@cache
def _parsed(path: str, _stamp: int) -> Any:
    """Parse a stylesheet once; an edited file has another stamp."""
    import weasyprint

    return weasyprint.CSS(
        string=Path(path).read_text("utf-8"),
        url_fetcher=_fetcher_class()(()),
        font_config=_font_configuration(),
    )


@cache
def _fetcher_class() -> Any:
    """Make the closed fetcher: images inside the HTML, images we name, nothing else at all."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class ClosedFetcher(URLFetcher):  # type: ignore[misc]
        def __init__(self, images: Sequence[str]) -> None:
            super().__init__(allowed_protocols=("data",), allow_redirects=False)
            self._named = frozenset(images)

        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix("static:")
            if name != url and name in self._named:
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                content = _static(name).read_bytes()
                return URLFetcherResponse(url, content, {"Content-Type": kind})
            if not url.startswith("data:image/"):
                log.warning("refused to fetch %.200r while printing", url)
                raise ValueError("nothing is fetched while printing")
            return super().fetch(url, headers)

    return ClosedFetcher


def preflight() -> list[str]:
    """List, in words, what would keep a document from being printed; ask before numbering it."""
    return [*_engine_trouble(), *_font_trouble(), *_disk_trouble()]


def _engine_trouble() -> list[str]:
    try:
        import_module("weasyprint")
    except (ImportError, OSError):
        return [
            _("The PDF engine does not start: install the Debian packages %(packages)s.")
            % {"packages": DEBIAN}
        ]
    return []


def _font_trouble() -> list[str]:
    try:
        absent = missing_glyphs(FRENCH)
    except OSError:
        absent = FRENCH
    if not absent:
        return []
    return [
        _("No font has these characters: %(characters)s. Install Debian’s fonts-open-sans.")
        % {"characters": absent[:40]}
    ]


def _disk_trouble() -> list[str]:
    found = []
    folders = {tempfile.gettempdir(), str(getattr(settings, "VAR_DIR", tempfile.gettempdir()))}
    for folder in sorted(folders):
        if not os.access(folder, os.W_OK):
            found.append(_("The folder %(folder)s cannot be written.") % {"folder": folder})
        elif shutil.disk_usage(folder).free < FREE_BYTES:
            found.append(_("The disk of %(folder)s is full.") % {"folder": folder})
    return found


def check_libraries(**_kwargs: Any) -> list[checks.CheckMessage]:
    """System check: the libraries of the PDF engine are there (found without loading it)."""
    absent = [name for name in _NEEDED if not _loads(name)]
    if absent:
        text = f"PDF files cannot be made: {', '.join(absent)} not found."
        hint = f"On Debian: apt-get install {DEBIAN}"
        return [checks.Warning(text, hint=hint, id="essaim.W101")]
    found: list[checks.CheckMessage] = []
    if not _loads(_FASTER):
        text = f"PDF files take three times as long: {_FASTER} not found."
        hint = "On Debian: apt-get install libharfbuzz-subset0"
        found.append(checks.Warning(text, hint=hint, id="essaim.W102"))
    found.extend(
        checks.Warning(trouble, hint="On Debian: apt-get install fonts-open-sans", id="essaim.W103")
        for trouble in _font_trouble()
    )
    return found


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
