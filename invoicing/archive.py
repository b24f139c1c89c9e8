"""The frozen PDFs of a period in one zip, with a manifest of their hashes."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from datetime import date
from hashlib import sha256
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile

from django.utils.translation import gettext as _

from essaim.exports import guarded
from essaim.sheets import still
from essaim.workflow import Missing, Refused
from invoicing.entries import batches, issued_between
from invoicing.models import FrozenFile

ARCHIVE_TYPE: Final = "application/zip"
_ODD = re.compile(r"[^0-9A-Za-z._-]+")
_AT_ONCE: Final = 20


def plain_name(text: str, limit: int = 60) -> str:
    """A text that every system takes as a part of a file's name."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").replace("œ", "oe"))
    ascii_only = bare.encode("ascii", "ignore").decode()
    return _ODD.sub("-", ascii_only).strip("-.")[:limit] or "client"


def _documents(
    first: date, last: date, keys: Collection[int]
) -> Iterator[tuple[str, str, date, str, bytes]]:
    """Number, client, date, hash and bytes of each PDF of the period, a few at a time."""
    found = issued_between(first, last)
    if keys:
        found = found.filter(pk__in=keys)
    rows = found.values_list("pk", "number", "issued_on", "client_copy__name")
    for batch in batches(rows.iterator(chunk_size=500), _AT_ONCE):
        keys = [row[0] for row in batch]
        files = {
            pk: (sha, bytes(content))
            for pk, sha, content in FrozenFile.objects.filter(
                invoice__in=keys, kind=FrozenFile.Kind.PDF
            ).values_list("invoice_id", "sha256", "content")
        }
        for pk, number, issued_on, client in batch:
            if pk in files:
                assert issued_on is not None
                sha, content = files[pk]
                yield str(number), client or "", issued_on, sha, content


def write_archive(target: IO[bytes], first: date, last: date, *, keys: Collection[int] = ()) -> int:
    """Write the zip of a period, or of these documents in it; the same PDFs give the same bytes.

    Returns how many it holds. Raises Refused when a file is not what was frozen.
    """
    text = io.StringIO()
    manifest = csv.writer(text, delimiter=";", lineterminator="\r\n")
    manifest.writerow([_("File"), _("Number"), _("Date"), _("Client"), "SHA-256", _("Bytes")])
    count = 0
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for number, client, issued_on, sha, content in _documents(first, last, keys):
            if sha256(content).hexdigest() != sha:
                words = _("The PDF of %(number)s is not the one that was frozen: run verify.")
                raise Refused([Missing("file", words % {"number": number})])
            name = f"{plain_name(number, 40)}_{plain_name(client)}.pdf"
            archive.writestr(still(name), content)
            row = [name, number, f"{issued_on:%d/%m/%Y}", guarded(client), sha, len(content)]
            manifest.writerow(row)
            count += 1
        archive.writestr(still("manifest.csv"), ("\ufeff" + text.getvalue()).encode())
    return count
