"""Warm processes that print: libraries loaded once in each, one document at a time."""

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib import import_module
from multiprocessing import get_context, parent_process
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.log import configure_logging

log = logging.getLogger("essaim.pdf")
K = TypeVar("K")
IN_HAND = 2  # documents sent ahead to each process: enough to keep it busy, few to keep in memory


# Libraries that ours load for what a printing process never does (cutting fonts in Python, asking
# a server): 17 MB in each process.
PUT_OFF = ("fontTools.subset", "requests")


class _PutOff(ModuleType):
    """A library that is loaded when something is asked of it, and not before."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # how imports look at any module
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


class _Shelf(AppConfig):
    """An app of which only the files are wanted: its style sheets, its translations."""

    def import_models(self) -> None:
        self.models = {}


def warm() -> None:
    """Start a process: what prints is loaded before the first document asks, and only that.

    It has the settings, the templates and the style sheets, and no table: a printing function
    is given all it prints.
    """
    for name in PUT_OFF:
        sys.modules.setdefault(name, _PutOff(name))
    # Nothing here is deciphered: pypdf, loaded by the way, does without these 6 MB.
    sys.modules.setdefault("cryptography", None)  # type: ignore[arg-type]
    import weasyprint  # noqa: F401

    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    ours = [name for name in settings.INSTALLED_APPS if (settings.BASE_DIR / name).is_dir()]
    # The name keeps Django from loading the template tags, and with them the tables.
    apps.populate([_Shelf(f"printing.{name}", import_module(name)) for name in ours])
    # A killed parent can't say so: whoever waits for its documents leaves with it.
    threading.Thread(target=_leave_with_the_parent, daemon=True).start()


def _leave_with_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def call(path: str, document: Any) -> bytes:
    """Print one document by the function at a dotted path."""
    from django.utils.module_loading import import_string

    made: bytes = import_string(path)(document)
    return made


class Printers:
    """A pool of such processes; `path` names the function that prints a document.

    The date of a file belongs to its whole process, so that each prints one at a time. Where a
    process dies or none can start, the documents left are printed here.
    """

    def __init__(self, path: str, workers: int) -> None:
        self.path, self.workers = path, workers
        self.pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "Printers":
        context = get_context("spawn")
        self.pool = ProcessPoolExecutor(self.workers, mp_context=context, initializer=warm)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)

    def each(self, documents: Iterable[tuple[K, Any]]) -> Iterator[tuple[K, bytes | None]]:
        """Give each key with its bytes, in order; None for a document that can't be printed."""
        sent: deque[tuple[K, Any, Future[bytes] | None]] = deque()
        for key, document in documents:
            sent.append((key, document, self._send(document)))
            if len(sent) >= self.workers * IN_HAND:
                yield self._receive(*sent.popleft())
        while sent:
            yield self._receive(*sent.popleft())

    def _send(self, document: Any) -> "Future[bytes] | None":
        if self.pool is None:
            return None
        try:
            return self.pool.submit(call, self.path, document)
        except (BrokenProcessPool, OSError, RuntimeError):
            self.pool = None
            return None

    def _receive(
        self, key: K, document: Any, future: "Future[bytes] | None"
    ) -> tuple[K, bytes | None]:
        try:
            if future is not None:
                return key, future.result()
        except BrokenProcessPool:
            log.warning("a printing process died: the rest is printed here")
            self.pool = None
        except Exception:
            log.exception("a document could not be printed")
            return key, None
        try:
            return key, call(self.path, document)
        except Exception:
            log.exception("a document could not be printed")
            return key, None
