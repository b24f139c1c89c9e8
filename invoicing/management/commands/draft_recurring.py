"""Draft the invoices of subscriptions that are due; run each night, it catches up."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from invoicing.actions import draft_recurring


class Command(BaseCommand):
    help = "Drafts every due period of every running subscription; never issues anything."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        with translation.override("fr"):
            done = draft_recurring(on=timezone.localdate(now), at=now)
        for invoice in done.invoices:
            self.stdout.write(f"{invoice.client} · {invoice.title} · {invoice.period_from}")
        for row, period, why in done.skipped:
            self.stdout.write(f"{row} · {period.first} : {why}")
        self.stdout.write(f"{len(done.invoices)} brouillon(s), {len(done.skipped)} en attente")
