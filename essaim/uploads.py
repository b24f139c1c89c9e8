"""What a file sent by a person really is, told from its bytes and never from its name."""

import hashlib
import secrets
import zipfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

MEGABYTE: Final = 1024 * 1024
DOCUMENTS: Final = ("pdf", "png", "jpeg", "docx", "xlsx", "odt", "ods", "csv", "txt")
TABLES: Final = ("csv", "xlsx", "ods")
CONTENT_TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv",
    "txt": "text/plain",
    "ics": "text/calendar",
}
_KIND_OF_SUFFIX: Final = {kind: kind for kind in CONTENT_TYPES} | {"jpg": "jpeg"}
_MAGIC: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"PK\x03\x04", "zip"),
)
_OFFICE_MEMBERS: Final = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
# What a bomb looks like before it is opened: too many members, or too much once unpacked.
_MOST_MEMBERS: Final = 5_000
_MOST_UNPACKED: Final = 200 * MEGABYTE
_HIGHEST_RATIO: Final = 200
# Control characters that no text of ours holds; tab, newlines and form feed are left out.
_CONTROLS: Final = frozenset(range(32)) - {9, 10, 12, 13} | {127}


@dataclass(frozen=True)
class Upload:
    """A file that was looked at: its true kind, its type to serve, its fingerprint and size."""

    kind: str
    content_type: str
    sha256: str
    size: int


def check_upload(
    file: "File[Any]", kinds: Collection[str] = DOCUMENTS, max_bytes: int = 10 * MEGABYTE
) -> Upload:
    """Tell what an uploaded file is, or raise ValidationError with what is wrong in it.

    The file must be one of `kinds` both by its name and by its bytes, weigh at most
    `max_bytes`, and is left rewound.
    """
    named = _kind_of_name(file.name or "", kinds)
    fingerprint, size = _fingerprint(file, max_bytes)
    if not size:
        raise ValidationError(_("This file is empty."), code="empty")
    found = _kind_of_bytes(file, named)
    file.seek(0)
    if found != named:
        raise ValidationError(
            _("This file is not what its name says: it is no %(kind)s file."),
            code="not_what_it_says",
            params={"kind": named.upper()},
        )
    return Upload(named, CONTENT_TYPES[named], fingerprint, size)


def storage_name(kind: str, folder: str = "") -> str:
    """Give a random name to keep a file under: nothing of what the person called it."""
    if kind not in CONTENT_TYPES:
        raise ValueError(f"unknown kind of file: {kind}")
    token = secrets.token_hex(16)
    return "/".join(part for part in (folder.strip("/"), token[:2], f"{token}.{kind}") if part)


def shown_name(name: str) -> str:
    """Keep of a person's file name what may be shown and put in a header, 120 characters."""
    last = PurePath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if c.isprintable() and c not in '"<>|:*?').strip(" .")
    return kept[-120:] or "document"


def _kind_of_name(name: str, kinds: Collection[str]) -> str:
    suffix = PurePath(name).suffix.lower().removeprefix(".")
    kind = _KIND_OF_SUFFIX.get(suffix, "")
    if kind not in kinds:
        raise ValidationError(
            _("This kind of file is not accepted. Accepted: %(kinds)s."),
            code="kind_not_accepted",
            params={"kinds": ", ".join(kinds)},
        )
    return kind


def _fingerprint(file: "File[Any]", max_bytes: int) -> tuple[str, int]:
    """Hash the bytes that are there, whatever size was announced; stop past the cap."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(64 * 1024):
        size += len(block)
        if size > max_bytes:
            raise ValidationError(
                _("This file is too large: %(limit)s MB at most."),
                code="too_large",
                params={"limit": max(1, max_bytes // MEGABYTE)},
            )
        digest.update(block)
    return digest.hexdigest(), size


def _kind_of_bytes(file: "File[Any]", named: str) -> str:
    file.seek(0)
    start = file.read(32)
    magic = next((kind for mark, kind in _MAGIC if start.startswith(mark)), "text")
    if magic == "zip":
        file.seek(0)
        return _kind_of_zip(file)
    if magic == "text":
        told = named in ("csv", "txt") or (named == "ics" and _is_calendar(start))
        return named if told and _is_text(file) else ""
    return magic


def _kind_of_zip(file: "IO[bytes] | File[Any]") -> str:
    """Recognise an office document by its members; one with macros is none of ours."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if _is_bomb(list(members.values())):
                raise ValidationError(
                    _("This file unpacks to too much to be opened safely."), code="bomb"
                )
            if any(name.lower().endswith("vbaproject.bin") for name in members):
                raise ValidationError(_("Files with macros are not accepted."), code="macros")
            if "mimetype" in members and members["mimetype"].file_size < 200:
                said = archive.read("mimetype").decode("ascii", "replace").strip()
                return next((k for k in ("odt", "ods") if CONTENT_TYPES[k] == said), "")
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError):
        return ""
    if "[Content_Types].xml" not in members:
        return ""
    return next((kind for kind, part in _OFFICE_MEMBERS.items() if part in members), "")


def _is_bomb(members: list[zipfile.ZipInfo]) -> bool:
    unpacked = sum(info.file_size for info in members)
    packed = sum(info.compress_size for info in members)
    too_dense = unpacked > 20 * MEGABYTE and unpacked > _HIGHEST_RATIO * max(packed, 1)
    return len(members) > _MOST_MEMBERS or unpacked > _MOST_UNPACKED or too_dense


def _is_calendar(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALEN")


def _is_text(file: "File[Any]") -> bool:
    """Accept UTF-8, or the Windows encoding of French spreadsheets, without control characters."""
    file.seek(0)
    content = file.read()
    if not _CONTROLS.isdisjoint(content):
        return False
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            content.decode("cp1252")
        except UnicodeDecodeError:
            return False
    return True
