"""Announce and send the reminders that are due; safe to run twice, and after a stop."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from invoicing.actions.holding import run_reminders


class Command(BaseCommand):
    help = "Announce and send the reminders that are due to clients ticked for it."

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override("fr"):
            done = run_reminders(on=timezone.localdate(), at=timezone.now())
            for one, why in done.left_out:
                self.stderr.write(f"{one.invoice}: {why}")
        self.stdout.write(f"{len(done.reminders)} sent, {len(done.left_out)} left out")
