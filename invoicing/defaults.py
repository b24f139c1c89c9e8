"""The French default texts of mails and reminders, never over what the office edited."""

import json
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction

from invoicing.models import MailText, ReminderLevel

DATA = Path(__file__).resolve().parent / "data"


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return found


def install_defaults(using: str = DEFAULT_DB_ALIAS) -> None:
    """Add the texts and levels that are not there yet; safe to run again."""
    with transaction.atomic(using=using):
        kinds = set(MailText.objects.using(using).values_list("kind", flat=True))
        MailText.objects.using(using).bulk_create(
            MailText(**row) for row in _read("mails.json") if row["kind"] not in kinds
        )
        ranks = set(ReminderLevel.objects.using(using).values_list("rank", flat=True))
        ReminderLevel.objects.using(using).bulk_create(
            ReminderLevel(**row) for row in _read("reminders.json") if row["rank"] not in ranks
        )
