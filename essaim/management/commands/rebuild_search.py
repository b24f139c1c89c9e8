"""Make the index of the search anew from the rows themselves."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from essaim.models import SearchEntry
from essaim.search.index import rebuild_all


class Command(BaseCommand):
    help = "Rebuild the index of the search, batch by batch; the pages may be used meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="Only when nothing is indexed yet"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and SearchEntry.objects.exists():
            return
        counts = rebuild_all()
        for model, told in counts.items():
            self.stdout.write(f"{model}: {told['entries']} ({told['mended']} mended)")
        entries, mended = (sum(told[n] for told in counts.values()) for n in ("entries", "mended"))
        self.stdout.write(f"{entries} entries, {mended} mended")
