"""Verify everything issued: numbers, chain, amounts, stored files, triggers."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from invoicing.verification import verify


class Command(BaseCommand):
    help = "Verify everything issued: numbers, chain, amounts, stored files, triggers."
    # A missing trigger is this command's own finding, not a reason not to run.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", type=Path, help="Anchors kept elsewhere")

    def handle(self, *args: Any, anchors: Path | None = None, **options: Any) -> None:
        count, findings = verify(at=timezone.now(), anchors=anchors)
        for finding in findings:
            mark = "ERROR" if finding.is_error else "pending"
            self.stdout.write(f"{mark} {finding.document}: {finding.words}")
        errors = sum(f.is_error for f in findings)
        self.stdout.write(f"{count} documents verified, {errors} errors")
        if errors:
            sys.exit(1)
