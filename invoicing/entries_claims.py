"""Entries of late interest and recovery fees: owed from the day they are claimed (7581)."""

from collections.abc import Iterator
from datetime import date

from invoicing import rules_entries as book
from invoicing.entries import Books, Entry
from invoicing.models import LateClaim


def late_claims(first: date, last: date, books: Books) -> Iterator[Entry]:
    """One entry per claim made in the period, and the opposite one for a claim given up."""
    rows = (
        LateClaim.objects.filter(on__range=(first, last))
        .exclude(kind=LateClaim.Kind.WAIVED, cancels=None)
        .order_by("on", "pk")
        .values_list(
            "pk",
            "on",
            "rank",
            "cancels__rank",
            "interest",
            "fee",
            "invoice__number",
            "invoice__client__auxiliary__code",
            "invoice__client__auxiliary__name",
        )
    )
    for pk, on, rank, cancelled, interest, fee, number, code, name in rows.iterator():
        postings = book.claim(books.chart, amount=interest + fee)
        if cancelled is not None:
            postings = book.turned(postings)
        piece = f"{number}-P{cancelled or rank}"
        words = "Abandon de pénalités" if cancelled is not None else "Pénalités de retard"
        label = f"{words} {piece} {name or ''}".strip()
        yield Entry(books.misc, on, piece, label, code or "", name or "", postings, place=(2, pk))
