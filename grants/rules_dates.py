"""The order of the dates of a file: pure, one table for its moves and for its corrections."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

# (earlier, later): the second never comes before the first.
ORDER: Final = (
    ("spotted_on", "submitted_on"),
    ("submitted_on", "acknowledged_on"),
    ("submitted_on", "complete_on"),
    ("submitted_on", "committee_on"),
    ("submitted_on", "decided_on"),
    ("committee_on", "decided_on"),
    ("decided_on", "notified_on"),
    ("decided_on", "agreed_on"),
    ("decided_on", "report_due_on"),
    ("decided_on", "report_sent_on"),
    ("decided_on", "lapses_on"),
    ("agreed_on", "report_sent_on"),
    ("report_sent_on", "report_accepted_on"),
    ("expenses_from", "expenses_until"),
    ("project_from", "project_until"),
)
# A refusal may come before the committee that was announced.
ONLY_GRANTED: Final = frozenset({("committee_on", "decided_on")})


def out_of_order(
    dates: Mapping[str, date | None], moved: Collection[str], *, is_granted: bool
) -> list[tuple[str, str]]:
    """The pairs that stand the wrong way round, among those that a moved date belongs to."""
    found = []
    for pair in ORDER:
        earlier, later = pair
        if not {earlier, later} & set(moved) or (pair in ONLY_GRANTED and not is_granted):
            continue
        first, second = dates.get(earlier), dates.get(later)
        if first is not None and second is not None and second < first:
            found.append(pair)
    return found
