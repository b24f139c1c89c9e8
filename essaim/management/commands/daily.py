"""The work of a day that no person sets off: reminders of deadlines, of tasks, of pauses."""

import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from essaim import form_keys, hooks

log = logging.getLogger("essaim.daily")


class Command(BaseCommand):
    help = "Does the work of the day: run twice, it does nothing more; missed, it catches up."

    def handle(self, *args: Any, **options: Any) -> None:
        at, on = timezone.now(), timezone.localdate()
        failed = []
        for work in [*hooks.daily.all(), form_keys.purge]:
            try:
                done = work(on=on, at=at)
            except Exception as error:
                # What one room cannot do must not stop the others; the last line says it failed.
                log.exception("daily work failed")
                failed.append(f"{type(error).__name__}: {error}")
                continue
            for code, count in done.items():
                self.stdout.write(f"{code}: {count}")
        if failed:
            raise CommandError("; ".join(failed))
