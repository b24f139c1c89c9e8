"""Carry on every billing run that is not ended, and print what waits."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from invoicing.models import BillingRun
from invoicing.tasks import carry_run


class Command(BaseCommand):
    help = "Carry on every billing run that is not ended, as a background worker would."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--run", type=int, help="this run only")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = BillingRun.objects.filter(state=BillingRun.State.RUNNING)
        if options["run"] is not None:
            runs = runs.filter(pk=options["run"])
        for run in runs.order_by("pk"):
            carry_run.call(run.pk)
            run.refresh_from_db()
            self.stdout.write(f"{run.pk} {run.state}")
