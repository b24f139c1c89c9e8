"""Mail: put in the outbox with what it tells, sent once, tried again when it could not leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Model

from essaim.models import OutboxAttachment, OutboxMessage

# Longer than any server lets one mail wait (settings.EMAIL_TIMEOUT): a held message is sent once.
LEASE: Final = timedelta(minutes=15)
# Minutes before the next try, by number of tries; the last one goes on until it is given up.
PATIENCE: Final = (0, 0, 5, 15, 60, 240)
MOST_TRIES: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A file of a mail: its bytes, or a row that never changes and holds them in `content`."""

    name: str
    content_type: str = "application/pdf"
    content: bytes | None = None
    source: Model | None = None

    def row(self, message: OutboxMessage, position: int) -> OutboxAttachment:
        """The row to insert; the fingerprint is that of the bytes as they are now."""
        values: dict[str, Any] = {"content": self.content}
        content = self.content
        if self.source is not None:
            content = bytes(getattr(self.source, "content"))  # noqa: B009
            values = {"source_model": self.source._meta.label, "source_id": self.source.pk}
        if content is None:
            raise ValueError("an attachment has bytes or a source")
        return OutboxAttachment(
            message=message,
            position=position,
            name=self.name[:160],
            content_type=self.content_type,
            sha256=sha256(content).hexdigest(),
            **values,
        )


@transaction.atomic
def put(
    *,
    key: str,
    to: str,
    subject: str,
    body: str,
    at: datetime,
    cc: Sequence[str] = (),
    sender: str = "",
    reply_to: str = "",
    attachments: Sequence[Attached] = (),
) -> OutboxMessage:
    """Write a mail in the caller's transaction; it leaves at the next `send_outbox`.

    `sender` is the name shown before our own address, `reply_to` where answers go. The same
    `key` twice raises IntegrityError: one thing is told once.
    """
    message = OutboxMessage.objects.create(
        key=key,
        to=to,
        cc=list(cc),
        sender=sender[:200],
        reply_to=reply_to,
        subject=" ".join(subject.split())[:200],
        body=body,
        created_at=at,
    )
    attach(message, attachments)
    return message


def attach(message: OutboxMessage, files: Sequence[Attached]) -> None:
    """Add files to a mail of this transaction, before it can leave."""
    first = message.attachments.count() + 1
    rows = [file.row(message, rank) for rank, file in enumerate(files, first)]
    OutboxAttachment.objects.bulk_create(rows)


def claim(pk: int, *, at: datetime) -> OutboxMessage | None:
    """Hold a message for this run, or None when another run has it: one UPDATE decides."""
    lease = uuid4().hex
    taken = (
        OutboxMessage.objects.ready(at=at)
        .filter(pk=pk)
        .update(lease=lease, leased_until=at + LEASE, attempts=F("attempts") + 1)
    )
    return OutboxMessage.objects.get(pk=pk) if taken else None


def mail_of(message: OutboxMessage) -> EmailMessage:
    """The mail as it leaves; the same message always carries the same Message-ID.

    A run that dies after the server took the mail cannot know it left: the next one sends it
    again under the same identity, by which servers and readers recognise a double. Raises
    ValueError when a file is not the one that was attached.
    """
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    domain = address.rpartition("@")[2] or "localhost"
    mail = EmailMessage(
        message.subject,
        message.body,
        formataddr((message.sender, address)) if message.sender else settings.DEFAULT_FROM_EMAIL,
        [message.to],
        cc=list(message.cc),
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={"Message-ID": f"<{sha256(message.key.encode()).hexdigest()[:40]}@{domain}>"},
    )
    for file in message.attachments.all():
        content = file.read()
        if sha256(content).hexdigest() != file.sha256:
            raise ValueError(f"{file.name} is not the file that was attached")
        mail.attach(file.name, content, file.content_type)
    return mail


def sent(message: OutboxMessage, *, at: datetime) -> None:
    """Note that a message left."""
    _release(message, sent_at=at, last_error="", next_try_at=None)


def failed(message: OutboxMessage, error: Exception, *, at: datetime) -> None:
    """Keep why a message did not leave, and when to try again; after many tries, give it up."""
    minutes = PATIENCE[min(message.attempts, len(PATIENCE)) - 1]
    over = message.attempts >= MOST_TRIES
    _release(
        message,
        last_error=f"{type(error).__name__}: {error}"[:300],
        next_try_at=at + timedelta(minutes=minutes) if minutes else None,
        given_up_at=at if over else None,
    )


def _release(message: OutboxMessage, **values: Any) -> None:
    """Only the run that holds the message writes what became of it."""
    held = OutboxMessage.objects.filter(pk=message.pk, lease=message.lease)
    held.update(lease="", leased_until=None, **values)


@transaction.atomic
def try_again(message: OutboxMessage) -> None:
    """Let a message that failed leave at the next run, with all its tries before it."""
    waiting = OutboxMessage.objects.filter(pk=message.pk, sent_at=None)
    waiting.update(attempts=0, next_try_at=None, given_up_at=None)
