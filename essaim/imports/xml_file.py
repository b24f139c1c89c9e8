"""The two zipped kinds of workbook, read as a stream of XML events: no tree, no entity, no DTD."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from defusedxml import expatreader
from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _

from essaim.imports.table import Unreadable

MEGABYTE: Final = 1024 * 1024
MOST_UNPACKED: Final = 100 * MEGABYTE
BLOCK: Final = 64 * 1024
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError)


class Enough(Exception):
    """The handler has what it came for."""


class Local(ContentHandler):
    """A handler that gets names without their prefix."""

    def startElement(self, name: str, attrs: Any) -> None:
        self.opened(name.rpartition(":")[2], {k.rpartition(":")[2]: v for k, v in attrs.items()})

    def endElement(self, name: str) -> None:
        self.closed(name.rpartition(":")[2])

    def opened(self, name: str, attrs: dict[str, str]) -> None: ...

    def closed(self, name: str) -> None: ...


def broken() -> Unreadable:
    return Unreadable(_("This workbook is damaged and can't be read."), code="broken")


@contextmanager
def opened(file: IO[bytes] | Any) -> Iterator[zipfile.ZipFile]:
    """The archive, once what it says it unpacks to is known to be bearable.

    A member never unpacks to more than the directory says: the library stops there.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(info.file_size for info in archive.infolist()) > MOST_UNPACKED:
                raise Unreadable(
                    _("This workbook unpacks to too much to be opened safely."), code="bomb"
                )
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise broken() from error


def parse(archive: zipfile.ZipFile, member: str, handler: ContentHandler) -> None:
    """Send the events of one member to a handler; raises Unreadable on what is no plain XML."""
    try:
        stream = archive.open(member)
    except KeyError as error:
        raise broken() from error
    parser = expatreader.create_parser(forbid_dtd=True)
    parser.setContentHandler(handler)
    try:
        with stream:
            while block := stream.read(BLOCK):
                parser.feed(block)
            parser.close()
    except Enough:
        return
    except (SAXException, DefusedXmlException, ValueError, *_BROKEN) as error:
        raise broken() from error
