"""« Envoyer au cabinet »: a file made, logged, and put in the outbox in one transaction."""

from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from essaim import outbox
from essaim.models import User
from essaim.writing import refuse
from invoicing.files import Wanted, take
from invoicing.models import ExportLog

# What most mail servers take, once written in base 64.
HEAVIEST: Final = 15 * 1024 * 1024


@transaction.atomic
def send_to_firm(
    *, wanted: Wanted, to: str, subject: str, body: str, by: User, on: date, at: datetime
) -> ExportLog:
    """Make a file, log it with its fingerprint and address, and put it in the outbox."""
    built, log = take(wanted, by=by, on=on, at=at, sent_to=to)
    content = b"".join(built.chunks())
    if len(content) > HEAVIEST:
        words = _("This file weighs %(size)s MB, too much for a mail: choose a shorter period.")
        refuse("to", words % {"size": len(content) // (1024 * 1024)})
    told = _("Fingerprint (SHA-256) of %(name)s: %(fingerprint)s")
    mark = told % {"name": built.name, "fingerprint": built.fingerprint}
    outbox.put(
        key=f"export:{log.pk}",
        to=to,
        subject=subject,
        body=f"{body.strip()}\n\n{mark}\n",
        at=at,
        reply_to=by.email,
        attachments=[
            outbox.Attached(
                name=built.name,
                content_type=built.content_type.partition(";")[0],
                content=content,
            )
        ],
    )
    return log
