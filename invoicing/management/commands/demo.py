"""Play the demonstration into a fresh embedded database and leave its documents beside it."""

import logging
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone, translation

from invoicing.bt import TYPES
from invoicing.demo import expenses, reports
from invoicing.demo.contracts import leave_papers
from invoicing.demo.deadlines import leave_agenda
from invoicing.demo.reminders import leave_letters
from invoicing.demo.story import play, tell
from invoicing.exports import write_exports
from invoicing.models import FrozenFile


def _place(file: FrozenFile) -> str:
    """Where a frozen file is left: invoices as issued, and the documents that hold no XML."""
    names = {FrozenFile.Kind.PLAIN: "-simple", FrozenFile.Kind.ACQUITTED: "-acquittee"}
    if file.kind == FrozenFile.Kind.XML:
        return ""  # inside its PDF
    if file.kind == FrozenFile.Kind.PDF and file.invoice.kind in TYPES:
        return f"invoices/{file.invoice.number}.pdf"
    return f"documents/{file.invoice.number}{names.get(FrozenFile.Kind(file.kind), '')}.pdf"


class Command(BaseCommand):
    help = "Play the demonstration into a fresh embedded database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, help="Folder of the demonstration")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        logging.getLogger("essaim").setLevel(logging.WARNING)
        self._start_afresh(out)
        today = timezone.localdate()
        with translation.override("fr"):
            stage = play(today)
            expenses.leave(stage, out / "documents")
            reports.leave(stage, out / "exports")
            leave_agenda(stage, out / "exports")
            self._leave_files(out, stage.on(-330), today, by=stage.users["chloe"])
            for line in tell(stage):
                self.stdout.write(line)

    def _start_afresh(self, out: Path) -> None:
        """Only ever the demonstration's own file: nothing else is emptied."""
        database = Path(str(connection.settings_dict["NAME"]))
        if connection.vendor != "sqlite" or database.resolve().parent != out.resolve():
            raise CommandError("The demonstration wants DATABASE_URL=sqlite:///<out>/db.sqlite3.")
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{database}{suffix}").unlink(missing_ok=True)
        for folder in ("invoices", "documents", "exports"):
            shutil.rmtree(out / folder, ignore_errors=True)
            (out / folder).mkdir(parents=True)
        anchors = Path(settings.ANCHORS_LOG)
        if anchors.resolve().parent == out.resolve():
            anchors.unlink(missing_ok=True)
        call_command("migrate", verbosity=0)

    def _leave_files(self, out: Path, first: Any, last: Any, *, by: Any) -> None:
        for row in FrozenFile.objects.select_related("invoice").iterator():
            if place := _place(row):
                (out / place).write_bytes(bytes(row.content))
        leave_papers(out / "documents", at=timezone.now())
        leave_letters(out / "documents", on=last)
        write_exports(out / "exports", first=first, last=last, by=by, on=last, at=timezone.now())
