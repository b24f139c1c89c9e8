"""What a Factur-X costs to make, beside the documented recipe, interleaved in one process.

Then the same by one and by two worker processes: their rate, their memory, and whether it grows.
"""

import argparse
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "essaim.settings")
django.setup()

from essaim import pdf  # noqa: E402
from invoicing import bt, facturx, printing  # noqa: E402
from invoicing.document import InvoiceDocument  # noqa: E402
from tests import printed  # noqa: E402

# What a first version does: tables that measure every cell, text that may break anywhere.
NAIVE_CSS = "table { table-layout: auto } td, th, .num { white-space: normal }"


def ours(doc: InvoiceDocument) -> bytes:
    """The Factur-X as the product makes it."""
    return printing.render_facturx(doc, facturx.xml_of(doc))


def naive(doc: InvoiceDocument) -> bytes:
    """The documented recipe: the library's own checks, fonts and stylesheets anew each time."""
    import weasyprint
    from facturx.generate_xml import generate_xml
    from weasyprint.text.fonts import FontConfiguration

    xml = generate_xml(bt.terms(doc), flavor="factur-x", level="en16931", check_schematron=False)
    fonts = FontConfiguration()
    texts = [pdf._static(name).read_text("utf-8") for name in printing.CSS]
    texts = [text.replace("table-layout: fixed", "").replace("white-space: nowrap", "")
             for text in texts]  # fmt: skip
    sheets = [weasyprint.CSS(string=text, font_config=fonts) for text in [*texts, NAIVE_CSS]]
    attached = weasyprint.Attachment(string=xml, name="factur-x.xml", relationship="Alternative")
    made: bytes = weasyprint.HTML(string=printing.invoice_html(doc)).write_pdf(
        font_config=fonts, stylesheets=sheets, pdf_variant="pdf/a-3a", attachments=[attached]
    )
    return made


def cpu(work: Callable[[], bytes]) -> float:
    """CPU milliseconds of one run."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def measure(doc: InvoiceDocument, rounds: int) -> tuple[list[float], list[float], int]:
    """Times of ours and of the naive way, one after the other, and the size of ours."""
    size = len(ours(doc))
    naive(doc)
    mine, theirs = [], []
    for _ in range(rounds):
        mine.append(cpu(lambda: ours(doc)))
        theirs.append(cpu(lambda: naive(doc)))
    return mine, theirs, size


# -- workers -----------------------------------------------------------------------------------
def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _some(count: int) -> tuple[float, float, float]:
    """Make some in a worker: CPU seconds, peak memory after the first ones and at the end."""
    doc = printed.doc_days()
    for _ in range(3):
        ours(doc)
    warm, start = _megabytes(), time.process_time()
    for _ in range(count):
        ours(doc)
    return time.process_time() - start, warm, _megabytes()


def rate(workers: int, count: int) -> tuple[float, float, float]:
    """Documents a second of that many warm workers, their peak memory and its growth."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(_some, [1] * workers))  # start and warm each
        start = time.perf_counter()
        told = list(pool.map(_some, [count] * workers))
        spent = time.perf_counter() - start
    made = (count + 3) * workers
    peaks = [end for _cpu, _warm, end in told]
    return made / spent, max(peaks), max(end - warm for _cpu, warm, end in told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--documents", type=int, default=40, help="made by each worker")
    asked = parser.parse_args()
    print(f"CPU ms of {asked.rounds} interleaved runs      median     min   naive  ratio   bytes")
    medians = {}
    for name, lines in [("one page, 2 lines", 0), ("60 lines", 60)]:
        mine, theirs, size = measure(printed.doc_days(lines), asked.rounds)
        medians[name] = statistics.median(mine)
        reference = statistics.median(theirs)
        ratio = medians[name] / reference
        print(
            f"{name:<34}{medians[name]:>9.1f}{min(mine):>8.1f}{reference:>8.1f}{ratio:>7.2f}"
            f"{size:>8}"
        )
    slope = (medians["60 lines"] - medians["one page, 2 lines"]) / 58
    print(
        f"slope {slope:.2f} ms a line; goals: ratio <= 0.65 and <= 0.60, slope <= 6, 25,000 bytes"
    )
    one, alone, _grown = rate(1, asked.documents)
    two, peak, grown = rate(2, asked.documents)
    print(
        f"1 worker {one:.1f}/s, 2 workers {two:.1f}/s: {two / one:.2f}x; {max(alone, peak):.0f} MB"
        f" each, {grown:.1f} MB more after {asked.documents}; goals: 1.9x, 100 MB, flat"
    )


if __name__ == "__main__":
    main()
