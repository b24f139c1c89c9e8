"""Send the mail that waits in the outbox, each message once."""

import logging
from typing import Any

from django.core.mail import send_mail
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from essaim.models import OutboxMessage

log = logging.getLogger("essaim.outbox")


class Command(BaseCommand):
    help = "Send the mail that waits in the outbox, each message once."

    def handle(self, *args: Any, **options: Any) -> None:
        sent = failed = 0
        for pk in OutboxMessage.objects.filter(sent_at=None).values_list("pk", flat=True):
            try:
                sent += self._send(pk)
            except OSError as error:
                failed += 1
                log.warning("mail %s did not leave: %s", pk, type(error).__name__)
        self.stdout.write(f"{sent} sent, {failed} waiting")

    @transaction.atomic
    def _send(self, pk: int) -> bool:
        """The row stays locked while the mail leaves, so that two runs send it once."""
        message = OutboxMessage.objects.select_for_update().get(pk=pk)
        if message.sent_at is not None:
            return False
        send_mail(message.subject, message.body, None, [message.to])
        message.sent_at = timezone.now()
        message.save(update_fields=["sent_at"])
        return True
