"""How long an invoice takes to print, beside the naive way, interleaved in one process."""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "essaim.settings")
django.setup()

from essaim import pdf  # noqa: E402
from invoicing import printing  # noqa: E402
from invoicing.document import InvoiceDocument  # noqa: E402
from tests import printed  # noqa: E402

# What a first version does: tables that measure every cell, text that may break anywhere.
NAIVE_CSS = "table { table-layout: auto } td, th, .num { white-space: normal }"


def naive(html: str) -> bytes:
    """Print as the manual's first example does: fonts and stylesheets anew each time."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    texts = [pdf._static(name).read_text("utf-8") for name in printing.CSS]
    texts = [text.replace("table-layout: fixed", "").replace("white-space: nowrap", "")
             for text in texts]  # fmt: skip
    sheets = [weasyprint.CSS(string=text, font_config=fonts) for text in [*texts, NAIVE_CSS]]
    made: bytes = weasyprint.HTML(string=html).write_pdf(font_config=fonts, stylesheets=sheets)
    return made


def cpu(work: Callable[[], bytes]) -> float:
    """CPU milliseconds of one run."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def measure(doc: InvoiceDocument, rounds: int) -> tuple[list[float], list[float], int]:
    """Times of ours and of the naive way, one after the other, and the size of ours."""
    html = printing.invoice_html(doc)
    size = len(printing.render_invoice(doc))
    naive(html)
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(cpu(lambda: printing.render_invoice(doc)))
        theirs.append(cpu(lambda: naive(html)))
    return ours, theirs, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    print(f"CPU ms of {rounds} interleaved runs      median     min   naive  ratio   bytes")
    medians = {}
    for name, lines in [("one page, 2 lines", 0), ("60 lines", 60)]:
        ours, theirs, size = measure(printed.doc_days(lines), rounds)
        medians[name] = statistics.median(ours)
        reference = statistics.median(theirs)
        ratio = medians[name] / reference
        print(
            f"{name:<34}{medians[name]:>9.1f}{min(ours):>8.1f}{reference:>8.1f}{ratio:>7.2f}"
            f"{size:>8}"
        )
    slope = (medians["60 lines"] - medians["one page, 2 lines"]) / 58
    print(
        f"slope {slope:.2f} ms a line; goals: ratio <= 0.65 and <= 0.60, slope <= 6, 25,000 bytes"
    )


if __name__ == "__main__":
    main()
