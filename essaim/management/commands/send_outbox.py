"""Send the mail that waits in the outbox, each message once."""

import logging
from typing import Any

from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.utils import timezone

from essaim import outbox
from essaim.models import OutboxMessage

log = logging.getLogger("essaim.outbox")


class Command(BaseCommand):
    help = "Send the mail that waits in the outbox, each message once."

    def handle(self, *args: Any, **options: Any) -> None:
        found = {True: 0, False: 0, None: 0}
        rows = OutboxMessage.objects.ready(at=timezone.now()).order_by("created_at", "pk")
        for pk in list(rows.values_list("pk", flat=True)):
            found[self._send(pk)] += 1
        self.stdout.write(f"{found[True]} sent, {found[False]} waiting")

    def _send(self, pk: int) -> bool | None:
        """Whether it left; None when another run had it. No lock is held while it leaves."""
        message = outbox.claim(pk, at=timezone.now())
        if message is None:
            return None
        try:
            get_connection().send_messages([outbox.mail_of(message)])
        except Exception as error:
            # Whatever stops one message is kept with it and must not stop the others.
            outbox.failed(message, error, at=timezone.now())
            log.warning("mail %s did not leave: %s", pk, type(error).__name__)
            return False
        outbox.sent(message, at=timezone.now())
        return True
