"""Printers that misbehave or tell of themselves, for processes to call by name."""

import os
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

from django.apps import apps

from invoicing.rendering import render_invoice


def echo(document: Any) -> bytes:
    return f"printed {document}".encode()


def fails_on_two(document: Any) -> bytes:
    if document == 2:
        raise ValueError("two")
    return echo(document)


def dies_elsewhere(document: Any) -> bytes:
    """The end of any process but the first."""
    if parent_process() is not None:
        os._exit(9)
    return echo(document)


def who(_document: Any) -> bytes:
    return str(os.getpid()).encode()


def weighs(document: Any) -> bytes:
    """Print an invoice, then tell how many tables are known and the peak memory, in kB."""
    render_invoice(document)
    tables = sum(len(models) for models in apps.all_models.values())
    peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
    return f"{tables} {peak}".encode()
