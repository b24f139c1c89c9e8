"""Eight processes that issue at once, then again under kill -9: rate, waits, gaps, doubles."""

import argparse
import logging
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = tempfile.TemporaryDirectory(prefix="essaim-bench-")
PLACE = Path(FOLDER.name)
sys.path.insert(0, str(ROOT))
# Nobody's database is touched; script/postgresql gives a throwaway one.
os.environ.setdefault("DATABASE_URL", f"sqlite:///{PLACE}/bench.sqlite3")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "essaim.settings",
    "ESSAIM_VAR": FOLDER.name,
    "ESSAIM_ANCHORS": f"{PLACE}/anchors.log",
    "ESSAIM_DEBUG": "no",
}
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import OperationalError, connection, connections  # noqa: E402

from essaim.models import NumberSlot, SeriesYear, User  # noqa: E402
from essaim.workflow import Refused  # noqa: E402
from invoicing.actions.issuing import post  # noqa: E402
from invoicing.models import Instalment, Invoice  # noqa: E402
from invoicing.verification import verify  # noqa: E402
from tests.conftest import acting  # noqa: E402
from tests.given_invoicing import TODAY, given_bookkeeper, given_issuer  # noqa: E402
from tests.many_billing import drafts  # noqa: E402


def write(keys: list[int], waits: Path) -> None:
    """Issue these drafts one after the other, noting how long each took."""
    act = acting(User.objects.with_role("accountant").get(), TODAY)
    with waits.open("a", buffering=1) as told:
        for key in keys:
            start = time.perf_counter()
            try:
                post([Invoice(pk=key)], **act)
            except Refused:
                continue  # issued before the kill, by a process whose place this one took
            except OperationalError:
                connections.close_all()
                continue
            told.write(f"{time.perf_counter() - start:.6f}\n")


def start(keys: list[int], waits: Path) -> int:
    """A writer in a process of its own."""
    connections.close_all()
    if pid := os.fork():
        return pid
    try:
        write(keys, waits)
    finally:
        os._exit(0)


def left(keys: list[int]) -> list[int]:
    done = set(Invoice.objects.filter(pk__in=keys, state="issued").values_list("pk", flat=True))
    return [key for key in keys if key not in done]


def run(hands: list[list[int]], *, kills: int) -> tuple[float, list[float], int]:
    """Seconds, waits of each document, and how many processes were killed."""
    began, dead = time.perf_counter(), 0
    files = [PLACE / f"waits-{kills}-{n}" for n in range(len(hands))]
    living = {start(keys, files[n]): n for n, keys in enumerate(hands)}
    while living:
        if dead < kills:
            time.sleep(random.uniform(0.005, 0.05))
            os.kill(random.choice(list(living)), signal.SIGKILL)
        pid, status = os.wait()
        n = living.pop(pid)
        if os.WIFSIGNALED(status):
            dead += 1
        if rest := left(hands[n]):
            random.shuffle(rest)
            living[start(rest, files[n])] = n
    waits = [float(x) for file in files if file.exists() for x in file.read_text().split()]
    return time.perf_counter() - began, waits, dead


def faults() -> dict[str, int]:
    """What must never happen, counted."""
    rows = Invoice.objects.filter(state="issued").values_list("rank", "number")
    ranks, numbers = [r for r, _n in rows], [n for _r, n in rows]
    counter = sum(SeriesYear.objects.values_list("counter", flat=True))
    half = Invoice.objects.filter(state="draft", instalments__isnull=False).count()
    half += Invoice.objects.filter(state="issued").exclude(
        pk__in=Instalment.objects.values("invoice")
    ).count()  # fmt: skip
    found = [f for f in verify(at=acting(given_bookkeeper(), TODAY)["at"])[1] if f.is_error]
    return {
        "gaps": len(set(range(1, counter + 1)) - set(ranks)),
        "duplicates": len(ranks) - len(set(ranks)) + len(numbers) - len(set(numbers)),
        "half-issued": half + NumberSlot.objects.count(),
        "counter astray": abs(counter - len(ranks)),
        "verify": len(found),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=800, help="of each of the two runs")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=100)
    given = parser.parse_args()
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    given_issuer()
    by: Any = given_bookkeeper()
    print(f"{connection.vendor}, {given.writers} writers, {given.documents} documents a run")
    for kills in (0, given.kills):
        keys = drafts(given.documents, by, since=kills * 1000)
        hands = [keys[n :: given.writers] for n in range(given.writers)]
        took, waits, dead = run(hands, kills=kills)
        middle, worst = statistics.median(waits), max(waits)
        print(
            f"{dead:>4} killed: {len(keys) / took:.0f} documents/s, wait {middle * 1000:.1f} ms"
            f" median, {worst * 1000:.1f} worst ({worst / middle:.1f}x; goal 10x, 150/s)"
        )
        print("     " + ", ".join(f"{count} {name}" for name, count in faults().items()))


if __name__ == "__main__":
    main()
