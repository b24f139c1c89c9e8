"""A run whose processes are killed while they issue: it ends, and each payer is billed once."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections

from essaim.models import NumberSlot, User
from invoicing.models import Invoice
from tests.conftest import acting
from tests.given_invoicing import given_issuer
from tests.test_billing_runs import State, all_is_well, launched, states, until_the_end, worked

pytestmark = pytest.mark.django_db(transaction=True)


def url() -> str:
    """The address of the test's own database."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    before, _slash, after = os.environ["DATABASE_URL"].rpartition("/")
    _old, question, options = after.partition("?")
    return f"{before}/{name}{question}{options}"


def killed_while_issuing(run: int, by: int, folder: Any) -> None:
    """Start a process on this run, and kill it a moment after it begins to issue."""
    env = os.environ | {
        "DATABASE_URL": url(),
        "DJANGO_SETTINGS_MODULE": "essaim.settings",
        "ESSAIM_ANCHORS": str(folder / "anchors.log"),
    }
    command = [sys.executable, "-m", "tests.dying_run", str(run), str(by)]
    with subprocess.Popen(
        command, env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.uniform(0, 0.08))
        process.send_signal(signal.SIGKILL)


def test_a_run_killed_three_times_ends_and_bills_each_payer_once(
    chloe: User, today: Any, tmp_path: Any
) -> None:
    given_issuer()
    act = acting(chloe, today)
    run = launched([worked(rank, days=1) for rank in range(6)], act)
    connections.close_all()
    for _kill in range(3):
        killed_while_issuing(run.pk, chloe.pk, tmp_path)
    assert set(states(run)) <= {State.WAITING, State.LEASED, State.ISSUED}
    # Nobody waits for the lease of the dead longer than it lasts.
    until_the_end(run, {**act, "at": act["at"] + timedelta(minutes=3)}, batch=2)
    assert states(run) == [State.ISSUED] * 6
    assert Invoice.objects.count() == 6
    assert not NumberSlot.objects.exists()
    all_is_well(act, 6)
