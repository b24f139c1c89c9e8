"""Render the PDF of every issued document that has none yet."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from invoicing.actions import render_pending


class Command(BaseCommand):
    help = "Render the PDF of every issued document that has none yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workers", type=int, default=0, help="warm processes that print")

    def handle(self, *args: Any, **options: Any) -> None:
        made = render_pending(at=timezone.now(), workers=options["workers"])
        self.stdout.write(f"{made} rendered")
