"""Give numbers and chained hashes to drafts that are ready, in their order."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from essaim import series
from essaim.models import NumberSlot, User
from essaim.workflow import perform_many
from invoicing import rules
from invoicing.assembly import sealed
from invoicing.models import Invoice


def _slots(rows: Sequence[Invoice], held: series.Held, at: datetime) -> list[NumberSlot]:
    """Number documents in their order and chain their hashes, in memory."""
    previous, found = held.series.head, []
    for rank, row in enumerate(rows, start=held.year.counter + 1):
        row.number, row.year, row.rank = held.number(rank), held.on.year, rank
        row.issued_on, row.issued_at, row.series_id_used = held.on, at, held.series.pk
        digest = rules.chain_hash(previous, sealed(row))
        found.append(
            NumberSlot(
                series=held.series,
                year=held.year.year,
                rank=rank,
                number=row.number,
                document=row.pk,
                on=held.on,
                previous=previous,
                digest=digest,
            )
        )
        previous = digest
    return found


def number_rows(
    rows: Sequence[Invoice],
    kind: str,
    reasons: Mapping[str, str],
    *,
    by: User,
    on: date,
    at: datetime,
) -> list[Invoice]:
    """Give the next numbers of a series to drafts that are ready, through the door."""
    # The counter is taken last: its lock is what the others wait for.
    held = series.hold(kind, on=on)
    slots = _slots(rows, held, at)
    series.put_slots(held, slots)
    each = {
        slot.document: {
            "number": slot.number,
            "year": on.year,
            "rank": slot.rank,
            "series_id": held.series.pk,
            "previous": slot.previous,
            "digest": slot.digest,
            "reasons": reasons,
        }
        for slot in slots
    }
    drafts = Invoice.objects.filter(pk__in=each)
    issued = {i.pk: i for i in perform_many(drafts, "issue", by=by, on=on, at=at, each=each)}
    series.give(held, slots)
    return [issued[row.pk] for row in rows]
