"""The hidden key of each form: given with the page, read when the form comes back.

No table is read here: the processes that print load this file too.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid5

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils import timezone

FIELD: Final = "form_key"
SHOWN: Final = "form_shown"
# Neither the key itself nor the token against forgery is something that was typed.
NOT_TYPED: Final = frozenset({FIELD, SHOWN, "csrfmiddlewaretoken"})
SPACE: Final = UUID("6f1a3f4e-2d1b-4c55-9a51-3b6f0f1d8a10")
# The rank tells apart the forms of one page; a browser without network draws its own.
RANK: Final = re.compile(r"[0-9a-z-]{1,40}")
_signer = Signer(salt="essaim.form_key")


# -- a key is given -----------------------------------------------------------


def page_token(user: Any, at: datetime) -> str:
    """What the forms of one page share: whose they are, when they were opened, a random part."""
    return _signer.sign(f"{user.pk}.{int(at.timestamp())}.{secrets.token_urlsafe(9)}")


def new_key(request: HttpRequest, *, at: datetime) -> str:
    """A fresh key for one form of this page; empty for somebody who has not signed in."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    held: Any = request
    if not hasattr(held, "form_page"):
        held.form_page, held.form_rank = page_token(user, at), 0
    held.form_rank += 1
    return f"{held.form_rank}~{held.form_page}"


# -- a key comes back ---------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """A form that comes back with its key."""

    request: HttpRequest
    value: str
    user_pk: int
    opened_at: datetime

    @property
    def opened_on(self) -> date:
        return timezone.localdate(self.opened_at)

    @cached_property
    def uuid(self) -> UUID:
        """Of the key and of where it was posted: a page may post one form to two places."""
        return uuid5(SPACE, f"{self.value} {self.request.path}")

    @cached_property
    def digest(self) -> str:
        """Of the address and of every value and file that was posted."""
        found = sha256(self.request.get_full_path().encode())
        for name in sorted(set(self.request.POST) - NOT_TYPED):
            for value in self.request.POST.getlist(name):
                found.update(f"\0{name}\0{value}".encode("utf-8", "replace"))
        for name in sorted(self.request.FILES):
            for file in self.request.FILES.getlist(name):
                found.update(f"\0{name}\0{file.name}".encode("utf-8", "replace"))
                for chunk in file.chunks():
                    found.update(chunk)
                file.seek(0)
        return found.hexdigest()

    def of_its_content(self) -> UUID:
        """For pages where another choice is another sending: the key and what it carries."""
        return uuid5(self.uuid, self.digest)


def read(request: HttpRequest) -> Sent | None:
    """The key of the form that was posted; None when it carries none of ours."""
    if request.method != "POST":
        return None
    value = request.POST.get(FIELD, "")
    rank, _sep, signed = value.partition("~")
    if not RANK.fullmatch(rank):
        return None
    try:
        pk, opened, _nonce = _signer.unsign(signed).split(".", 2)
        return Sent(request, value, int(pk), datetime.fromtimestamp(int(opened), tz=UTC))
    except (BadSignature, ValueError, OverflowError):
        return None
