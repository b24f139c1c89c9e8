"""Which language is spoken: the reader's on screen; French on paper, in mail and in the rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language, override

from essaim.workflow import Missing, Refused

OFFICE: Final = "fr"
COOKIE: Final = "essaim_language"
TONGUES: Final = tuple(code for code, _name in settings.LANGUAGES)

T = TypeVar("T")


@contextmanager
def in_french() -> Iterator[None]:
    """What leaves the office or stays in its rows is French, whoever clicks; decorates too."""
    with override(OFFICE):
        yield


def french(words: Any) -> str:
    """A text in French, for what is proposed on a screen and printed later."""
    with in_french():
        return str(words)


def speaking_to(user: Any) -> override:
    """The language a colleague chose: for the mail that is written to them."""
    return override(known(getattr(user, "language", "")))


def known(code: str) -> str:
    """The code of a language spoken here; French for any other."""
    return code if code in TONGUES else OFFICE


def kept(write: Callable[[], T]) -> T:
    """Call what writes rows, in French; say what it refuses in the reader's language.

    What is refused has written nothing: it is asked once more in the reader's language and taken
    back, for its words alone. Raises what `write` raises.
    """
    if get_language() == OFFICE:
        return write()
    try:
        with in_french():
            return write()
    except Refused as refused:
        raise Refused(_said_again(write, refused.missing)) from refused


def _said_again(write: Callable[[], Any], missing: list[Missing]) -> list[Missing]:
    try:
        with transaction.atomic():
            write()
            transaction.set_rollback(True)
    except Refused as again:
        if [m.code for m in again.missing] == [m.code for m in missing]:
            return again.missing
    except Exception:  # a second try is for the words alone: it must not break the answer
        return missing
    return missing
