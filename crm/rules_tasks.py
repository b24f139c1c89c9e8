"""When a task is told to its owner: pure dates."""

from datetime import date, timedelta


def armed_on(due_on: date, resumed_on: date | None) -> date:
    """The day a task counts from: its due date, or the day its coop was taken up again."""
    return max(due_on, resumed_on) if resumed_on is not None else due_on


def kind_on(armed: date, on: date, late_after: int) -> str:
    """What there is to tell on a day: "due" from the armed day on, "late" `late_after` days
    later, "" before. A day that was missed is caught up: what is late is told as late, once."""
    if on < armed:
        return ""
    return "late" if on >= armed + timedelta(days=late_after) else "due"
