"""What a Factur-X costs to make, beside the documented recipe, interleaved in one process.

Then the same by one and by two worker processes: their rate, their memory, and whether it grows.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "essaim.settings")
if __name__ == "__main__":  # the printing processes set themselves up
    django.setup()

from django.template import Context, Engine, Template  # noqa: E402
from django.utils.safestring import mark_safe  # noqa: E402
from django.utils.translation import override  # noqa: E402
from segno.helpers import make_epc_qr  # noqa: E402

from essaim.printers import warm  # noqa: E402
from invoicing import bt, printing  # noqa: E402
from invoicing.document import InvoiceDocument  # noqa: E402
from invoicing.rendering import render_invoice  # noqa: E402
from tests import printed  # noqa: E402

# The page and the styles of a first version, frozen: every cell measured, tables in tables, text
# that may break anywhere, a code drawn stroke by stroke.
NAIVE = Path(__file__).parent / "naive"


def ours(doc: InvoiceDocument) -> bytes:
    """The Factur-X as the product makes it."""
    return render_invoice(doc)


@cache
def naive_page() -> Template:
    engine = Engine(libraries={"i18n": "django.templatetags.i18n"})
    return engine.from_string((NAIVE / "invoice.html").read_text("utf-8"))


def naive_html(doc: InvoiceDocument) -> str:
    with override("fr"):
        context = printing._context(doc) | {"qr": naive_qr(doc)}
        return naive_page().render(Context(context))


def naive_qr(doc: InvoiceDocument) -> str:
    assert doc.bank is not None
    code = make_epc_qr(
        name=doc.bank.holder, iban=doc.bank.iban, amount=doc.due.gross, text=doc.number,
        bic=doc.bank.bic, encoding="utf-8",
    )  # fmt: skip
    return mark_safe(code.svg_inline(border=0, omitsize=True, svgclass=None, lineclass=None))


def naive(doc: InvoiceDocument) -> bytes:
    """The documented recipe: the library's own checks, fonts and stylesheets anew each time."""
    import weasyprint
    from facturx.generate_xml import generate_xml
    from weasyprint.text.fonts import FontConfiguration

    xml = generate_xml(bt.terms(doc), flavor="factur-x", level="en16931", check_schematron=False)
    fonts = FontConfiguration()
    sheets = [weasyprint.CSS(filename=NAIVE / "print.css", font_config=fonts)]
    attached = weasyprint.Attachment(string=xml, name="factur-x.xml", relationship="Alternative")
    made: bytes = weasyprint.HTML(string=naive_html(doc)).write_pdf(
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
    """Peak of this process alone: the peak rusage tells is also that of what started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _some(count: int) -> tuple[float, float, float]:
    """Make some in a worker: CPU seconds, peak memory after the first ones and at the end."""
    doc = printed.doc_days()
    for _ in range(3):
        ours(doc)
    warm, start = _megabytes(), time.process_time()
    for _ in range(count):
        ours(doc)
    return time.process_time() - start, warm, _megabytes()


def rate(workers: int, count: int) -> tuple[float, float, float, float]:
    """Documents of that many warm workers, by second and by CPU second; peak memory, growth."""
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=warm) as pool:
        list(pool.map(_some, [1] * workers))  # start and warm each
        start = time.perf_counter()
        told = list(pool.map(_some, [count] * workers))
        spent = time.perf_counter() - start
    made = (count + 3) * workers
    peaks = [end for _used, _first, end in told]
    slowest = max(used for used, _first, _end in told)
    grown = max(end - first for _used, first, end in told)
    return made / spent, count * workers / slowest, max(peaks), grown


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
    one, one_cpu, alone, _grown = rate(1, asked.documents)
    two, two_cpu, peak, grown = rate(2, asked.documents)
    print(
        f"1 worker {one:.1f}/s, 2 workers {two:.1f}/s: {two / one:.2f}x (by CPU time, which a busy"
        f" machine spoils less: {two_cpu / one_cpu:.2f}x); {max(alone, peak):.0f} MB each,"
        f" {grown:.1f} MB more after {asked.documents}; goals: 1.9x, 100 MB, flat"
    )


if __name__ == "__main__":
    main()
