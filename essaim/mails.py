"""Mails to colleagues that each may switch off: which there are, and when they come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MONDAY: Final = 0


class Pace(models.TextChoices):
    DAILY = "daily", gettext_lazy("Every day")
    WEEKLY = "weekly", gettext_lazy("On Mondays")
    NEVER = "never", gettext_lazy("Never")


@dataclass(frozen=True, slots=True)
class MailKind:
    """A mail the office sends by itself to those who hold `permission`."""

    code: str
    label: Any
    says: Any
    permission: str
    # A mail that cannot wait for Monday offers two choices only.
    paces: tuple[Pace, ...] = tuple(Pace)

    @property
    def choices(self) -> list[tuple[str, Any]]:
        if Pace.WEEKLY in self.paces:
            return [(pace.value, pace.label) for pace in self.paces]
        as_they_come = gettext_lazy("As they come")
        return [(Pace.DAILY.value, as_they_come), (Pace.NEVER.value, Pace.NEVER.label)]


TASKS: Final = "tasks"
DEADLINES: Final = "deadlines"
COMING_REMINDERS: Final = "coming_reminders"
KINDS: Final = (
    MailKind(
        TASKS,
        gettext_lazy("My tasks"),
        gettext_lazy("What is due and what is late, in one mail at most a day."),
        "crm.change_task",
    ),
    MailKind(
        DEADLINES,
        gettext_lazy("Deadlines of funding"),
        gettext_lazy("Files to submit and reports to hand in, some days ahead, then once late."),
        "grants.view_application",
    ),
    MailKind(
        COMING_REMINDERS,
        gettext_lazy("Reminders about to leave"),
        gettext_lazy("Which clients of my coops are about to be reminded of an invoice."),
        "crm.change_coop",
        (Pace.DAILY, Pace.NEVER),
    ),
)


def kinds_for(user: Any) -> list[MailKind]:
    """The mails this person may receive."""
    return [kind for kind in KINDS if user.has_perm(kind.permission)]


def pace_of(user: Any, kind: str) -> Pace:
    """When a kind of mail comes to this person: every day, unless they chose otherwise."""
    chosen = user.mails.get(kind, "") if isinstance(user.mails, Mapping) else ""
    return Pace(chosen) if chosen in Pace.values else Pace.DAILY


def comes(user: Any, kind: str, *, on: date) -> bool:
    """Whether this kind of mail may leave for this person on this day: asked by every sender."""
    pace = pace_of(user, kind)
    return pace == Pace.DAILY or (pace == Pace.WEEKLY and on.weekday() == MONDAY)


def days_ahead(user: Any, kind: str) -> int:
    """How far beyond its day a mail looks: one of Monday tells what falls before the next."""
    return 6 if pace_of(user, kind) == Pace.WEEKLY else 0


def choices_line() -> str:
    """The last line of each of these mails: where to choose, in the language that is active."""
    words = _("Choose which mails you receive, and when: %(link)s")
    return words % {"link": f"{settings.PUBLIC_URL}{reverse('my_mails')}"}
