"""Check a file in FEC format for what the tax authority's own tool does not see."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from invoicing.rules_fec_check import check_bytes, check_lines, decoded

SHOWN = 50


class Command(BaseCommand):
    help = "Check a file in FEC format: 0 when it is sound, 1 with each line and reason."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--any-name", action="store_true", help="Do not judge the file's name")

    def handle(self, *args: Any, file: Path, any_name: bool = False, **options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        text, findings = decoded(content)
        findings += check_bytes(content)
        lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
        findings += check_lines(lines, name="" if any_name else file.name)
        for finding in sorted(findings)[:SHOWN]:
            where = f"line {finding.line}" if finding.line else "file"
            self.stdout.write(f"{where}: {finding.reason}")
        if len(findings) > SHOWN:
            self.stdout.write(f"and {len(findings) - SHOWN} more")
        if findings:
            sys.exit(1)
        self.stdout.write(f"{len(lines) - 1} lines, no fault found")
