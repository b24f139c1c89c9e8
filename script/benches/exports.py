"""What exports cost in time and memory, beside the naive way, interleaved in one process."""

import argparse
import csv
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = tempfile.TemporaryDirectory(prefix="essaim-bench-")
sys.path.insert(0, str(ROOT))
# Nobody's database is touched: everything happens in a folder that goes away.
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "essaim.settings",
    "ESSAIM_VAR": FOLDER.name,
    "ESSAIM_DEBUG": "no",
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{FOLDER.name}/exports.sqlite3")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.db.models import Sum  # noqa: E402
from import_export import fields, resources  # noqa: E402
from import_export.formats.base_formats import CSV, XLSX  # noqa: E402

from essaim.exports import csv_stream  # noqa: E402
from essaim.models import User  # noqa: E402
from essaim.sheets import write_xlsx  # noqa: E402
from invoicing.files import ENTRIES, Wanted, build  # noqa: E402
from invoicing.journals import SALES, table  # noqa: E402
from invoicing.models import Invoice  # noqa: E402
from tests.many_books import FIRST, LAST, fill, plain_rows  # noqa: E402

MB = 1024 * 1024
HEADINGS = ("date", "journal", "number", "kind", "client", "siren", "net", "vat", "gross", "due")


class Naive(resources.ModelResource):
    """The columns of our journal through a resource, as the manual of django-import-export says."""

    client = fields.Field(attribute="client__legal_name")
    siren = fields.Field(attribute="client__siren")
    analytic = fields.Field()
    base = fields.Field()
    tax = fields.Field()
    received = fields.Field()
    left = fields.Field()

    class Meta:
        model = Invoice
        fields = (
            "issued_on", "number", "kind", "net", "vat", "gross", "due_on", "client", "siren",
            "analytic", "base", "tax", "received", "left",
        )  # fmt: skip

    def dehydrate_analytic(self, row: Any) -> str:
        return str(row.lines.all()[0].analytic_code)

    def dehydrate_base(self, row: Any) -> str:
        return str(row.vat_copy[0]["base"])

    def dehydrate_tax(self, row: Any) -> str:
        return str(row.vat_copy[0]["vat"])

    def dehydrate_received(self, row: Any) -> Decimal:
        paid = row.allocations.filter(payment__isnull=False)
        return paid.aggregate(total=Sum("amount"))["total"] or Decimal(0)

    def dehydrate_left(self, row: Any) -> Decimal:
        used = row.allocations.aggregate(total=Sum("amount"))["total"] or Decimal(0)
        return Decimal(row.gross - used)


def naive(file_format: Any, count: int) -> bytes:
    rows = Invoice.objects.issued().order_by("rank").select_related("client")[:count]
    content = file_format().export_data(Naive().export(rows))
    return content if isinstance(content, bytes) else content.encode()


def naive_fec(count: int) -> bytes:
    """Objects, their lines one query each, a writer: what a first version does."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\r\n")
    rows = Invoice.objects.issued().order_by("rank").select_related("client__auxiliary")[:count]
    for number, row in enumerate(rows, 1):
        day = row.issued_on.strftime("%Y%m%d") if row.issued_on else ""
        postings = [("411000", row.gross, 0)]
        postings += [("706000", 0, line.net) for line in row.lines.all()]
        postings.append(("445740", 0, row.vat))
        for account, debit, credit in postings:
            sides = [str(side).replace(".", ",") for side in (debit, credit)]
            code = row.client.auxiliary.code
            names = [account, account, code, row.client.legal_name, row.number, day]
            writer.writerow(["VE", "Ventes", number, day, *names, row.number, *sides, "", "", day])
    return text.getvalue().encode()


def ours_xlsx(_count: int) -> int:
    header, rows, amounts = table(SALES, FIRST, LAST)
    with tempfile.TemporaryFile() as target:
        return write_xlsx(target, header, rows, money_columns=amounts)


def ours_csv(_count: int) -> int:
    header, rows, _amounts = table(SALES, FIRST, LAST)
    return sum(len(block) for block in csv_stream(header, rows, dates="french"))


def ours_fec(_count: int) -> int:
    built = build(Wanted(ENTRIES, "fec", FIRST, LAST, scope="sales"))
    built.content.close()
    return built.rows


def seconds(work: Callable[[], Any]) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def first_byte() -> float:
    """Milliseconds until the first block of a CSV is there."""
    start = time.perf_counter()
    header, rows, _amounts = table(SALES, FIRST, LAST)
    next(csv_stream(header, rows, dates="french"))
    return (time.perf_counter() - start) * 1000


def held(work: Callable[[], Any]) -> float:
    """Megabytes that Python holds at most meanwhile."""
    tracemalloc.start()
    work()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / MB


def compare(
    name: str, ours: Callable[[int], Any], theirs: Callable[[int], Any], size: int, sample: int,
    rounds: int,
) -> None:  # fmt: skip
    """Ours on every row, the naive way on a sample, one after the other."""
    mine, naive_times = [], []
    for _ in range(rounds):
        mine.append(seconds(lambda: ours(size)))
        naive_times.append(seconds(lambda: theirs(sample)))
    scale = size / sample
    best, told = min(mine), min(naive_times) * scale
    how = "measured" if sample == size else f"{sample:,} rows measured, times {scale:g}"
    print(
        f"{name}: ours {statistics.median(mine):.2f} s (min {best:.2f}), naive {told:.2f} s"
        f" ({how}), ratio {told / best:.1f}x"
    )


def memory(size: int) -> None:
    """Memory of ours as rows grow, in processes of their own."""
    for name in ("xlsx", "csv", "fec"):
        out = subprocess.run(
            [sys.executable, __file__, "--hold", name, "--rows", str(size)],
            capture_output=True, text=True, check=True, env=os.environ,
        )  # fmt: skip
        print(f"{name}: {out.stdout.strip()}")


def resident(name: str) -> float:
    """Megabytes of this process: `VmRSS` now, `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = next(line for line in lines if line.startswith(name))
    return int(found.split()[1]) / 1024


def hold(name: str, rows: int) -> None:
    """What one export adds to a process that has only imported."""
    work = {"xlsx": ours_xlsx, "csv": ours_csv, "fec": ours_fec}[name]
    before = resident("VmRSS")
    work(rows)
    most = resident("VmHWM")
    print(f"{most:.0f} MB at most, {most - before:+.0f} MB for {rows:,} documents")


def million() -> None:
    """A sheet of a million rows, from nowhere: the writer alone."""

    def work() -> int:
        with tempfile.TemporaryFile() as target:
            return write_xlsx(target, HEADINGS, plain_rows(1_000_000), money_columns={6, 7, 8})

    print(f"xlsx, 1,000,000 rows from nowhere: {seconds(work):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=5_000, help="rows of the naive references")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--hold", choices=["xlsx", "csv", "fec"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.hold:
        return hold(asked.hold, asked.rows)
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        by = User.objects.create_user("chloe@bench.example", name="Chloé", is_accountant=True)
        fill(asked.rows, by, paid=False)
    size, sample = asked.rows, min(asked.sample, asked.rows)
    print(f"{size:,} invoices, {3 * size:,} lines of entries; CPU seconds")
    compare("G7 xlsx", ours_xlsx, lambda n: naive(XLSX, n), size, sample, asked.rounds)
    compare("G8 csv", ours_csv, lambda n: naive(CSV, n), size, sample, asked.rounds)
    compare("G9 fec", ours_fec, naive_fec, size, sample, asked.rounds)
    print(f"csv, first byte after {first_byte():.0f} ms")
    memory(size)
    print(f"fec, held by Python: {held(lambda: ours_fec(size)):.1f} MB")
    if asked.million:
        million()
    return None


if __name__ == "__main__":
    main()
