"""Keys that were used: what is sent twice is recorded once, whatever was clicked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpResponseBase, HttpResponseRedirect

from essaim.form_tokens import Sent
from essaim.models import FormKey, User

# How long a key stays known: a day logged without network may wait this long.
KEPT: Final = timedelta(weeks=8)


class AlreadySent(Exception):
    """Somebody else's transaction used this key first."""


def find(uuid: UUID, user: User) -> FormKey | None:
    """The form this person already sent with this key."""
    return FormKey.objects.filter(uuid=uuid, user=user).first()


@contextmanager
def _claimed(sent: Sent, uuid: UUID, *, by: User, at: datetime) -> Iterator[FormKey]:
    """Take the key inside the transaction of what it records; raises AlreadySent."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = FormKey.objects.create(
                    uuid=uuid, user=by, path=sent.request.path[:300], sent_at=at, digest=sent.digest
                )
        except IntegrityError as error:
            raise AlreadySent from error
        yield row


class Step(HttpResponseRedirect):
    """Leads to the next question of the same page: nothing is recorded yet."""


def _lead(row: FormKey, answer: HttpResponseBase) -> None:
    """Note where the answer leads; an answer that leads nowhere recorded nothing for good."""
    target = getattr(answer, "url", "")
    recorded = 300 <= answer.status_code < 400 and not isinstance(answer, Step)
    if recorded and target:
        row.led_to = target[:1000]
        row.save(update_fields=["led_to"])
    else:
        row.delete()


def once(
    sent: Sent | None,
    uuid: UUID | None,
    do: Callable[[], HttpResponseBase],
    *,
    by: User,
    at: datetime,
    in_one_go: bool = True,
) -> HttpResponseBase:
    """`do` and the use of the key, both or neither; raises AlreadySent when it was used.

    `in_one_go=False` is for what has transactions of its own and refuses a second time by itself:
    the key is then noted after it.
    """
    if sent is None or uuid is None:
        return do()
    if in_one_go:
        with _claimed(sent, uuid, by=by, at=at) as row:
            answer = do()
            _lead(row, answer)
        return answer
    answer = do()
    with _claimed(sent, uuid, by=by, at=at) as row:
        _lead(row, answer)
    return answer


def purge(*, on: Any, at: datetime) -> dict[str, int]:
    """Forget the keys of forms sent long ago."""
    count, _by_model = FormKey.objects.filter(sent_at__lt=at - KEPT).delete()
    return {"form_keys": count} if count else {}
