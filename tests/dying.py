"""Printers that misbehave, for processes to call by name."""

import os
from multiprocessing import parent_process
from typing import Any


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
