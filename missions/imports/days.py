"""Past days, one a row: never billable here, kept for what they tell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import date_fr
from essaim.formats import days as written_days
from essaim.identifiers import search_key
from essaim.imports.plan import FAULT, SAME, Column, Judged, Line, Made
from essaim.imports.values import Cells
from essaim.models import User
from missions.actions.bringing import PastDay, bring_days
from missions.codes import Moment, Nature, Work
from missions.imports.past import ONE, Past, Refusal, moment_for

CONSULTANT = Column(
    "consultant",
    gettext_lazy("Consultant (e-mail)"),
    ("accompagnateur", "accompagnatrice", "intervenant", "consultant", "qui", "courriel"),
    required=True,
    same_for_all=True,
    example="ada@essaim.example",
)
NATURE = Column(
    "nature",
    gettext_lazy("What became of it"),
    ("nature", "devenir", "facturation"),
    same_for_all=True,
    choices=(Nature.ELSEWHERE.label, Nature.GIVEN.label, Nature.VOLUNTEER.label),
    help=gettext_lazy("Billed elsewhere when nothing is said: never billable here."),
)
WORK = Column(
    "work",
    gettext_lazy("Work"),
    ("travail", "type de travail", "type"),
    same_for_all=True,
    choices=[label for _code, label in Work.choices],
)
COLUMNS = (
    CONSULTANT,
    Column(
        "worked_on",
        gettext_lazy("Date"),
        ("jour", "date", "le"),
        required=True,
        example="17/03/2025",
    ),
    Column(
        "coop",
        gettext_lazy("Coop"),
        ("coop", "structure", "bénéficiaire", "client", "association"),
        help=gettext_lazy("Its name, SIRET or reference; empty for an internal mission."),
        example="Le Grenier de la Lauter",
    ),
    Column("mission", gettext_lazy("Internal mission"), ("mission interne", "mission")),
    Column(
        "quantity",
        gettext_lazy("Quantity (days)"),
        ("quantité", "jours", "durée", "nombre de jours"),
        help=gettext_lazy("1 when nothing is said."),
        example="0,5",
    ),
    Column(
        "moment",
        gettext_lazy("Moment"),
        ("moment",),
        choices=[label for _code, label in Moment.choices],
    ),
    WORK,
    Column("subject", gettext_lazy("Subject"), ("objet", "sujet", "motif", "intitulé")),
    NATURE,
    Column("internal_note", gettext_lazy("Internal note"), ("note", "remarque", "commentaire")),
    Column("km", "km", ("km", "kilomètres")),
    Column("participants", gettext_lazy("Participants"), ("participants",)),
)


class DayImporter:
    kind = "days"
    # Bringing days in validates them.
    permission = "missions.validate_day"
    order = 50

    def label(self) -> str:
        return _("Past days")

    def help(self) -> str:
        return _(
            "Days worked before Essaim, one a row. They count in reports and are never billable"
            " here; those of a running agreement are said with it, as days already used."
        )

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        past, ranks = Past(by, on), Counter[tuple[int, date]]()
        return [self._judge(Judged(line), past, ranks) for line in lines]

    def _judge(self, one: Judged, past: Past, ranks: "Counter[tuple[int, date]]") -> Judged:
        said, worked_on, facts = _facts(one, past)
        if one.faults or worked_on is None or one.line.read:
            one.verdict = FAULT
            return one
        try:
            who = past.person(said)
            mission = past.mission(one.line.get("coop"), one.line.get("mission"))
            one.data = PastDay(consultant=who, mission=mission, worked_on=worked_on, **facts)
            _place(one, past)
        except Refusal as refusal:
            one.fault(refusal.column, refusal.words)
            return one
        rank = ranks[who.pk, worked_on]
        if one.verdict != SAME:
            ranks[who.pk, worked_on] += 1
        if not one.line.get("moment"):
            one.data = replace(one.data, moment=moment_for(one.data.quantity, rank))
        return one

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        rows = bring_days([one.data for one in judged], by=by, on=on, at=at)
        return [Made(one.number, row) for one, row in zip(judged, rows, strict=True)]


def _facts(one: Judged, past: Past) -> tuple[str, date | None, dict[str, Any]]:
    """What the cells say, their faults noted."""
    cells = Cells(one)
    said = cells.needed("consultant")
    worked_on = cells.day("worked_on", latest=past.on)
    if not one.line.get("worked_on"):
        cells.needed("worked_on")
    if not one.line.get("coop") and not one.line.get("mission"):
        one.fault("coop", _("say which coop, or which internal mission."))
    quantity = cells.quantity("quantity")
    facts = {
        "quantity": ONE if quantity is None else quantity,
        "nature": cells.pick("nature", past.natures) or Nature.ELSEWHERE,
        "work": cells.pick("work", past.works) or Work.ON_SITE,
        "moment": cells.pick("moment", past.moments),
        "km": cells.whole("km"),
        "participants": cells.whole("participants"),
        "subject": cells.text("subject", 200),
        "internal_note": cells.text("internal_note", 1000),
    }
    return said, worked_on, facts


def _place(one: Judged, past: Past) -> None:
    """There already, or counted on its date. Raises Refusal."""
    day: PastDay = one.data
    subject = search_key(day.subject)
    quantity = day.quantity.normalize()
    key = (day.consultant.pk, day.worked_on, day.mission.pk, quantity, day.work, subject)
    one.title = f"{date_fr(day.worked_on)} · {day.mission.short_name}"
    one.detail = f"{day.consultant} · {written_days(day.quantity)} · {Nature(day.nature).label}"
    if past.there[key] > 0:
        past.there[key] -= 1
        one.verdict = SAME
        return
    first = past.here.setdefault((key, day.moment), one.number)
    if first != one.number:
        words = _("row %(row)s already says the same: if it is another moment, say which.")
        raise Refusal("worked_on", words % {"row": first})
    past.open_month(day.worked_on, "worked_on")
    past.take(day.consultant, day.worked_on, day.quantity, "quantity")
