"""Render the PDF of every issued document that has none yet."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from invoicing.actions import render_pending


class Command(BaseCommand):
    help = "Render the PDF of every issued document that has none yet."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{render_pending(at=timezone.now())} rendered")
