"""What makes an issued document checkable: its canonical bytes and its place in the chain."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

CANONICAL_VERSION: Final = 1
GENESIS: Final = "0" * 64  # what the first document of a chain follows

_HASH = re.compile(r"[0-9a-f]{64}")


def canonical(doc: Mapping[str, object]) -> bytes:
    """Write a document as the one JSON its hash is taken from.

    Sorted keys, no spaces, UTF-8; decimals as fixed strings with two decimals at least (20 and
    20.00 are one figure), dates ISO, instants in UTC; the version under "v". Raises TypeError on
    what has no single form (float, set, naive instant).
    """
    if "v" in doc:
        raise ValueError('"v" is the version of the canonical form')
    plain = {**_plain_mapping(doc), "v": CANONICAL_VERSION}
    text = json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def _plain_mapping(value: Mapping[str, object]) -> dict[str, object]:
    if not all(isinstance(key, str) for key in value):
        raise TypeError("keys of a canonical document are str")
    return {key: _plain(item) for key, item in value.items()}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return _plain_scalar(value)


def _plain_scalar(value: object) -> object:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Decimal):
        return fixed(value)
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


def fixed(value: Decimal) -> str:
    """Write a decimal without exponent: two decimals at least, no zero after the second."""
    if not value.is_finite():
        raise TypeError("no canonical form for a decimal that is not finite")
    whole, _, fraction = format(value, "f").partition(".")
    text = f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
    return text.removeprefix("-") if value == 0 else text


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("no canonical form for an instant without a time zone")
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def chain_hash(previous: str, payload: bytes) -> str:
    """Give the SHA-256, in hexadecimal, of a document and of the hash before it."""
    if not _HASH.fullmatch(previous):
        raise ValueError("the previous hash is 64 hexadecimal digits")
    return hashlib.sha256(previous.encode("ascii") + b"\n" + payload).hexdigest()
