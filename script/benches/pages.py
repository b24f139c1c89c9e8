"""What each page costs: queries, CPU and bytes, on a base ten times as big, then on an office of
100 coops and one of 10,000.
"""

import argparse
import gzip
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = tempfile.TemporaryDirectory(prefix="essaim-bench-")
sys.path.insert(0, str(ROOT))
# Nobody's database is touched: everything happens in a folder that goes away.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "essaim.settings",
    "DATABASE_URL": f"sqlite:///{FOLDER.name}/small.sqlite3",
    "ESSAIM_VAR": FOLDER.name,
    "ESSAIM_DEBUG": "no",
}
django.setup()

import brotli  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.staticfiles import finders  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402

from crm.models import Accompaniment  # noqa: E402
from essaim.models import User  # noqa: E402
from grants.models import GrantApplication  # noqa: E402
from invoicing.models import Invoice  # noqa: E402
from tests import many  # noqa: E402

# Enough for every list to fill its page already, so that only the tables behind it grow.
SMALL = many.Size(coops=200, days=2_000, invoices=500, applications=200)
FACTOR, GROWTH = 10, 1.5
# A small office and one nobody has: a hundred times the coops and all that hangs on them.
FEW = many.Size(coops=100, days=1_000, invoices=250, applications=100)
OFFICES = 100
PILOTED = ("crm:board", "crm:coop", "grants:applications", "invoicing:dashboard", "crm:analytics")
WHO = {"ada": "consultant", "basile": "coordinator", "chloe": "accountant"}
# Page, and who opens it; "pk" in the arguments is an object this person may see.
PAGES = (
    ("today", "ada basile chloe"),
    ("crm:board", "ada basile"),
    ("crm:table", "ada basile"),
    ("crm:coop", "ada basile chloe"),
    ("crm:organisations", "basile"),
    ("crm:tasks", "ada"),
    ("missions:days", "ada basile"),
    ("missions:log", "ada"),
    ("missions:week", "ada"),
    ("missions:validation", "basile"),
    ("missions:agreements", "basile"),
    ("missions:missions", "basile"),
    ("grants:applications", "basile"),
    ("grants:disbursements", "chloe"),
    ("grants:application", "basile"),
    ("grants:calendar", "basile"),
    ("invoicing:to_bill", "chloe"),
    ("invoicing:invoices", "chloe"),
    ("invoicing:invoice", "chloe"),
    ("invoicing:payments", "chloe"),
    ("invoicing:clauses", "chloe"),
    ("invoicing:reports", "basile"),
    ("invoicing:dashboard", "basile chloe"),
)


@dataclass(frozen=True)
class Cost:
    """What one page cost on one base: queries, CPU milliseconds of each run, its bytes."""

    queries: int
    times: list[float]
    text: bytes

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def least(self) -> float:
        return min(self.times)


def use(name: str) -> None:
    """Work on one of the two databases from now on."""
    connection.close()
    connection.settings_dict["NAME"] = f"{FOLDER.name}/{name}.sqlite3"


def address(page: str, user: User) -> str:
    """The address of a page, about an object in the middle of what this person sees."""
    rows = {
        "crm:coop": Accompaniment.objects.live(),
        "grants:application": GrantApplication.objects.filter(state="running"),
        "invoicing:invoice": Invoice.objects.issued(),
    }.get(page)
    if rows is None:
        return reverse(page)
    seen = rows.visible_to(user).order_by("pk")
    found = seen[seen.count() // 2]
    return reverse(page, args=(found.coop_id if page == "crm:coop" else found.pk,))


def opened(name: str, who: str) -> tuple[Client, User]:
    use(name)
    user = User.objects.get(email=f"{who}@bench.example")
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return browser, user


def cost(name: str, who: str, page: str, rounds: int) -> Cost:
    """Open a page once to warm it, once to count its queries, then `rounds` times."""
    browser, user = opened(name, who)
    url = address(page, user)
    answer = browser.get(url)
    if answer.status_code != 200:
        raise SystemExit(f"{page} answers {answer.status_code} to {who}: {url}")
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    count = len(queries)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        browser.get(url)
        times.append((time.process_time() - start) * 1000)
    return Cost(count, times, answer.content)


def assets(text: bytes) -> dict[str, bytes]:
    """The stylesheets and scripts a page asks for, by their address."""
    found = re.findall(rb'(?:href|src)="/static/([^"]+\.(?:css|js|svg))"', text)
    paths = {name.decode(): finders.find(name.decode()) for name in found}
    return {name: Path(path).read_bytes() for name, path in paths.items() if path}


def wire(text: bytes) -> tuple[int, int, int]:
    """Bytes of a cold page and all it loads: as they are, gzip, brotli."""
    parts = [text, *assets(text).values()]
    return (
        sum(map(len, parts)),
        sum(len(gzip.compress(part, 9)) for part in parts),
        sum(len(brotli.compress(part)) for part in parts),
    )


Pages = Sequence[tuple[str, str]]


def measured(
    rounds: int, pages: Pages, names: tuple[str, str]
) -> Iterator[tuple[str, str, Cost, Cost]]:
    for page, people in pages:
        for who in people.split():
            small = cost(names[0], who, page, rounds)
            yield page, who, small, cost(names[1], who, page, rounds)


def report(
    rounds: int, pages: Pages = PAGES, names: tuple[str, str] = ("small", "large")
) -> list[str]:
    """Print the table; return what grew."""
    head = f"{'page':<22}{'role':<13}{'queries':>10}{'median':>9}{'min':>8}"
    print(f"{head}{names[1]:>9}{'min':>8}{'ratio':>7}{'kB brotli':>11}")
    grown, heaviest = [], (0, "")
    for page, who, small, large in measured(rounds, pages, names):
        ratio = large.least / small.least
        sent = wire(large.text)[2]
        heaviest = max(heaviest, (sent, page))
        queries = f"{small.queries}" + (
            f"/{large.queries}" if large.queries != small.queries else ""
        )
        print(
            f"{page:<22}{WHO[who]:<13}{queries:>10}{small.median:>9.1f}{small.least:>8.1f}"
            f"{large.median:>9.1f}{large.least:>8.1f}{ratio:>7.2f}{sent / 1000:>11.1f}"
        )
        if ratio > GROWTH or large.queries != small.queries:
            grown.append(f"{page} ({WHO[who]}): {queries} queries, {ratio:.2f} times the time")
    print(f"heaviest cold page: {heaviest[1]}, {heaviest[0] / 1000:.1f} kB brotli")
    return grown


def shell() -> None:
    """What the empty shell weighs, file by file."""
    browser, _user = opened("small", "basile")
    text = browser.get(reverse("crm:board")).content
    files = {"crm:board, the page": text} | assets(text)
    for name, content in files.items():
        print(
            f"{name:<44}{len(content):>9}{len(gzip.compress(content, 9)):>9}"
            f"{len(brotli.compress(content)):>9}"
        )
    total = wire(text)
    print(f"{'cold, ' + str(len(files)) + ' requests':<44}{total[0]:>9}{total[1]:>9}{total[2]:>9}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--offices", action="store_true", help="100 and 10,000 coops alone")
    asked = parser.parse_args()
    rounds = asked.rounds
    if not asked.offices:
        at_ten_times(rounds)
    offices(rounds)
    connection.close()


def filled(*sizes: tuple[str, many.Size]) -> None:
    for name, size in sizes:
        start = time.monotonic()
        use(name)
        many.fill(size)
        print(f"{name}: {size} ({time.monotonic() - start:.0f} s to fill)", flush=True)


def offices(rounds: int) -> None:
    """What a coordinator opens all day, in an office of 100 coops and in one of 10,000."""
    filled(("few", FEW), ("many", FEW.times(OFFICES)))
    people = dict(PAGES) | {"crm:analytics": "basile"}
    pages = [(page, people[page]) for page in PILOTED]
    print(f"\nCPU ms of {rounds} requests, 100 coops then 10,000 ({OFFICES} times the rows)")
    report(rounds, pages, ("few", "many"))


def at_ten_times(rounds: int) -> None:
    """Every page on a base and on one ten times as big, and the weight of the shell."""
    filled(("small", SMALL), ("large", SMALL.times(FACTOR)))
    goals = f"goals: ratio of min <= {GROWTH}, same queries, 40 kB"
    print(f"\nCPU ms of {rounds} requests, SQLite; {goals}")
    grown = report(rounds)
    print(f"\n{'bytes':<44}{'plain':>9}{'gzip':>9}{'brotli':>9}")
    shell()
    print("\nNo page grows with the rows." if not grown else "\nGrew:\n  " + "\n  ".join(grown))


if __name__ == "__main__":
    main()
