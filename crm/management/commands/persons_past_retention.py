"""List the persons we have not heard of for longer than the office keeps them."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from crm.retention import limit, past_retention


class Command(BaseCommand):
    help = "List persons past the months set in the structure, without their names."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=date.fromisoformat, help="another day than today")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or timezone.localdate()
        count = 0
        for row in past_retention(on=on).iterator():
            count += 1
            self.stdout.write(f"{row.last_sign:%Y-%m-%d} {row.get_absolute_url()}")
        self.stdout.write(f"{count} persons without a sign since {limit(on):%Y-%m-%d}")
