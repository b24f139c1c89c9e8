"""Which characters the machine's fonts can draw, asked of fontconfig alone."""

import ctypes
from collections.abc import Iterable
from functools import cache
from typing import Any, Final
from unicodedata import category

# Every letter and sign of printed French, with those of names from our border.
FRENCH: Final = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    "ÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸàâäæçéèêëîïôöœùûüÿßñ"
    "«»“”‘’–—…·×−±½¼¾²³°%€&@#/()[]+=*!?.,;:'\"-_\u00a0\u202f"
)
FAMILIES: Final = ("Open Sans", "DejaVu Sans")  # as essaim/print.css names them

_MATCH_PATTERN: Final = 0


class _FontSet(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_int),
        ("size", ctypes.c_int),
        ("fonts", ctypes.POINTER(ctypes.c_void_p)),
    )


@cache
def _fontconfig() -> Any:
    """Load fontconfig and declare the few functions used; raises OSError where it is absent."""
    lib = ctypes.CDLL("libfontconfig.so.1")
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "FcInitLoadConfigAndFonts": (pointer, []),
        "FcConfigDestroy": (None, [pointer]),
        "FcPatternCreate": (pointer, []),
        "FcPatternDestroy": (None, [pointer]),
        "FcPatternAddString": (ctypes.c_int, [pointer, text, text]),
        "FcConfigSubstitute": (ctypes.c_int, [pointer, pointer, ctypes.c_int]),
        "FcDefaultSubstitute": (None, [pointer]),
        "FcFontSort": (
            ctypes.POINTER(_FontSet),
            [pointer, pointer, ctypes.c_int, pointer, ctypes.POINTER(ctypes.c_int)],
        ),
        "FcFontSetDestroy": (None, [ctypes.POINTER(_FontSet)]),
        "FcPatternGetCharSet": (ctypes.c_int, [pointer, text, ctypes.c_int, pointer]),
        "FcCharSetHasChar": (ctypes.c_int, [pointer, ctypes.c_uint32]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


def missing_glyphs(text: str) -> str:
    """Give the characters of `text` that no installed font can draw, each once, in order.

    A PDF/A with such a character is not valid, and paper shows an empty box. Raises OSError
    where fontconfig is not installed.
    """
    asked = dict.fromkeys(char for char in text if category(char) not in {"Cc", "Cf"})
    lib = _fontconfig()
    config = lib.FcInitLoadConfigAndFonts()
    pattern = lib.FcPatternCreate()
    try:
        for family in FAMILIES:
            lib.FcPatternAddString(pattern, b"family", family.encode())
        lib.FcConfigSubstitute(config, pattern, _MATCH_PATTERN)
        lib.FcDefaultSubstitute(pattern)
        result = ctypes.c_int()
        # trim=1: only fonts that bring a character the ones before do not have.
        fonts = lib.FcFontSort(config, pattern, 1, None, ctypes.byref(result))
        if fonts:
            asked = dict.fromkeys(_undrawn(lib, fonts.contents, asked))
            lib.FcFontSetDestroy(fonts)
    finally:
        lib.FcPatternDestroy(pattern)
        lib.FcConfigDestroy(config)
    return "".join(asked)


def drawable(text: str) -> str:
    """The text without what no font draws, for words that a document takes from elsewhere."""
    try:
        missing = missing_glyphs(text)
    except OSError:
        return text
    return "".join(char for char in text if char not in missing).strip()


def _undrawn(lib: Any, fonts: _FontSet, asked: Iterable[str]) -> list[str]:
    left = list(asked)
    for index in range(fonts.count):
        charset = ctypes.c_void_p()
        found = lib.FcPatternGetCharSet(fonts.fonts[index], b"charset", 0, ctypes.byref(charset))
        if found == 0:
            left = [char for char in left if not lib.FcCharSetHasChar(charset, ord(char))]
    return left
