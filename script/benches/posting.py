"""What it costs to bill days: drafts, numbers, chain and lines in bulk, beside the naive way."""

import argparse
import hashlib
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = tempfile.TemporaryDirectory(prefix="essaim-bench-")
sys.path.insert(0, str(ROOT))
# Nobody's database is touched; script/postgresql gives a throwaway one.
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER.name}/bench.sqlite3")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "essaim.settings",
    "ESSAIM_VAR": FOLDER.name,
    "ESSAIM_ANCHORS": f"{FOLDER.name}/anchors.log",
    "ESSAIM_DEBUG": "no",
}
django.setup()

import logging  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models import Max  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from essaim import immutability  # noqa: E402
from essaim.models import Event, User  # noqa: E402
from essaim.printers import Printers  # noqa: E402
from essaim.stateful import door  # noqa: E402
from invoicing import facturx  # noqa: E402
from invoicing.actions.drafting_days import draft_days_of  # noqa: E402
from invoicing.actions.issuing import PRINT, post  # noqa: E402
from invoicing.assembly import document_of  # noqa: E402
from invoicing.models import BilledShare, Instalment, Invoice, InvoiceLine  # noqa: E402
from invoicing.rendering import render_invoice  # noqa: E402
from missions.models import DayShare  # noqa: E402
from tests.conftest import acting  # noqa: E402
from tests.given_invoicing import TODAY, given_bookkeeper, given_issuer  # noqa: E402
from tests.many_billing import worked  # noqa: E402

TRYTON = 440.0  # CPU ms of its bulk post, per invoice of 10 timesheet lines, as measured elsewhere
DAYS = 10


def cpu_and_wall(work: Callable[[], Any]) -> tuple[float, float]:
    """CPU of this process, and wall clock, in milliseconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000


def ours(pairs: list[Any], act: dict[str, Any]) -> list[Invoice]:
    """Days to issued invoices, in one transaction."""
    with transaction.atomic():
        return post(draft_days_of(pairs, **act), **act)


def naive(pairs: list[Any], act: dict[str, Any]) -> None:
    """The first version everybody writes: a row at a time, the last number plus one."""
    for payer, agreement in pairs:
        with transaction.atomic(), door():
            _naive_one(payer, agreement, act)


def _naive_one(payer: Any, agreement: Any, act: dict[str, Any]) -> None:
    by, on, at = act["by"], act["on"], act["at"]
    invoice = Invoice.objects.create(
        client=payer, agreement=agreement, title=agreement.title, created_by=by, created_at=at
    )
    event = {"by": by, "on": on, "at": at, "model": "invoicing.Invoice"}
    Event.objects.create(**event, verb="draft", object_id=invoice.pk)
    shares = DayShare.objects.filter(
        payer=payer, day__mission__agreement=agreement, nature="billed", billed=None
    ).order_by("day__worked_on")
    for position, share in enumerate(shares, start=1):
        line = InvoiceLine.objects.create(
            invoice=invoice,
            position=position,
            label=f"{share.day.mission.title} {share.day.worked_on}",
            quantity=share.quantity,
            unit_price=share.rate,
            net=share.amount,
            vat_rate=20,
        )
        BilledShare.objects.create(line=line, share=share)
        share.day.__dict__["state"] = "billed"
        share.day.save()
        Event.objects.create(**event, verb="bill", object_id=share.day_id)
    invoice.net = sum(line.net for line in invoice.lines.all())
    invoice.vat = invoice.net / 5
    invoice.gross = invoice.net + invoice.vat
    invoice.issuer = NAIVE_ISSUER
    last = Invoice.objects.filter(year=on.year).aggregate(last=Max("rank"))["last"] or 0
    invoice.rank, invoice.year = last + 1, on.year
    invoice.number = f"N-{invoice.year}-{invoice.rank:05d}"
    invoice.issued_on, invoice.issued_at, invoice.due_on = on, at, on
    Instalment.objects.create(invoice=invoice, due_on=on, amount=invoice.gross)
    facts = {"number": invoice.number, "lines": [str(x.net) for x in invoice.lines.all()]}
    invoice.digest = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
    invoice.__dict__["state"] = "issued"
    invoice.save()
    Event.objects.create(**event, verb="issue", object_id=invoice.pk)


NAIVE_ISSUER: Any = None


def workers_bench(documents: list[Any]) -> None:
    """The same documents by one warm process and by two (wall clock), and what each weighs."""
    walls = {}
    for workers in (1, 2):
        with Printers(PRINT, workers) as printers:
            list(printers.each(enumerate(documents[: workers * 2])))  # warm
            _cpu, walls[workers] = cpu_and_wall(
                lambda p=printers: list(p.each(enumerate(documents)))
            )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    ratio = walls[1] / walls[2]
    print(f"2 warm processes: {ratio:.2f}x one (goal 1.9), {peak:.0f} MB each at most (goal 100)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=200, help="per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pdf", type=int, default=20, help="documents printed, 0 for none")
    given = parser.parse_args()
    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    global NAIVE_ISSUER
    NAIVE_ISSUER = given_issuer()
    who = User.objects.create_user("bench@essaim.test", name="Banc", is_consultant=True)
    act = acting(given_bookkeeper(), TODAY)
    bulk, one_by_one, alone, issued, queries = [], [], [], [], []
    for round_ in range(given.rounds):
        since = round_ * given.invoices * 2
        pairs = worked(given.invoices, DAYS, who, since=since)
        bulk.append(cpu_and_wall(lambda p=pairs: issued.extend(ours(p, act))))
        few = worked(max(given.invoices // 10, 5), DAYS, who, since=since + given.invoices)
        again = worked(len(few), DAYS, who, since=since + given.invoices * 3 // 2)
        cost = cpu_and_wall(lambda p=again: [ours([pair], act) for pair in p])
        alone.append(tuple(x / len(few) for x in cost))
        # It would be refused: what it writes is only good for a figure.
        immutability.drop(connection)
        cost = cpu_and_wall(lambda p=few: naive(p, act))
        immutability.install(connection)
        one_by_one.append(tuple(x / len(few) for x in cost))
    # Counted apart: the counter itself costs more than what it counts.
    for count in (5, 50):
        pairs = worked(count, DAYS, who, since=10**6 + count * 100)
        with CaptureQueriesContext(connection) as seen:
            ours(pairs, act)
        queries.append(len(seen))
    report(given, bulk, one_by_one, alone, queries)
    if given.pdf:
        with_pdf(given, issued, statistics.median(c for c, _w in bulk) / given.invoices)


def report(given: Any, bulk: Any, one_by_one: Any, alone: Any, queries: list[int]) -> None:
    each = [(c / given.invoices, w / given.invoices) for c, w in bulk]
    mine, theirs = (statistics.median(c for c, _w in x) for x in (each, one_by_one))
    wall, slow = (statistics.median(w for _c, w in x) for x in (each, one_by_one))
    print(f"{connection.vendor}, {given.invoices} invoices of {DAYS} days, {given.rounds} rounds")
    print(f"queries for 5 and for 50 invoices: {queries}")
    print("ms per invoice                 CPU median     min    wall")
    print(f"days to issued, in bulk   {mine:>15.2f}{min(c for c, _w in each):>8.2f}{wall:>8.2f}")
    least = min(c for c, _w in one_by_one)
    print(f"a row at a time, naive    {theirs:>15.2f}{least:>8.2f}{slow:>8.2f}")
    single, lone = (statistics.median(x) for x in zip(*alone, strict=True))
    print(f"the same, one by one      {single:>15.2f}{min(c for c, _w in alone):>8.2f}{lone:>8.2f}")
    print(f"one by one / bulk: {single / mine:.1f}x CPU, {lone / wall:.1f}x wall")
    print(f"naive / bulk: {theirs / mine:.1f}x CPU, {slow / wall:.1f}x wall (goal 20)")
    print(f"Tryton's {TRYTON:.0f} ms / bulk: {TRYTON / mine:.0f}x (goal 100)")


def with_pdf(given: Any, issued: list[Invoice], posting: float) -> None:
    """The XML alone, then the whole Factur-X, and what they bring the posting to."""
    documents = [document_of(i, on=TODAY) for i in issued[: given.pdf]]
    facturx.xml_of(documents[0])
    render_invoice(documents[0])
    xml = statistics.median(cpu_and_wall(lambda d=d: facturx.xml_of(d))[0] for d in documents)
    pdf = statistics.median(cpu_and_wall(lambda d=d: render_invoice(d))[0] for d in documents)
    print(f"with its XML: {posting + xml:.2f} ms, Tryton / that: {TRYTON / (posting + xml):.0f}x")
    ratio = (posting + pdf) / TRYTON
    print(f"with its PDF: {posting + pdf:.0f} ms, {ratio:.2f}x Tryton's posting without (goal 1)")
    workers_bench(documents)


if __name__ == "__main__":
    main()
