"""The summary sheet of a coop: what may stand on paper, as far as its reader may see.

No word of a note, a move, a tick, a block or a pause ever comes on it: paper travels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crm import board, coop_page
from crm.models import Accompaniment, Contact, ContactRole, Coop, IssuerProfile, MemberCount, Task
from crm.stages import RANK, Activity
from essaim.models import User
from grants.models import Certainty
from grants.plans import plan_for
from grants.rules_plan import AWAITED, CERTAIN, CONDITIONAL, Plan, PlanLine
from invoicing.figures import CoopMoney, money_of
from invoicing.standing import word_of, word_of_coop
from missions.codes import Nature
from missions.coop_missions import MissionLine, missions_of, natures_of

MOST_TASKS: Final = 8
MOST_PEOPLE: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the path: done, current or to do; when it was reached; its kit."""

    label: str
    state: str
    since: date | None
    kit: str


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to be done next."""

    what: str
    on: date | None
    who: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the sheet of a coop says on a day to one reader."""

    coop: Coop
    accompaniment: Accompaniment
    structure: str
    on: date
    age: int
    limit: int | None
    steps: Sequence[Step]
    milestones: Sequence[tuple[str, date]]
    kit_left: Sequence[tuple[str, bool]]
    members: MemberCount | None
    members_target: int | None
    people: Sequence[ContactRole]
    missions: Sequence[MissionLine]
    waiting: Decimal
    natures: Sequence[tuple[str, Any, Any]]
    sees_amounts: bool
    money: CoopMoney | None
    word: str
    plan: Plan | None
    resources: Sequence[tuple[str, Decimal, Sequence[PlanLine]]]
    todo: Sequence[Todo]

    @property
    def over(self) -> Decimal:
        """What the plan holds above its needs."""
        return -self.plan.gap if self.plan is not None else Decimal(0)


def sheet_of(accompaniment: Accompaniment, *, user: User, on: date) -> Sheet:
    """Gather the sheet; a fixed number of queries."""
    row, coop = accompaniment, accompaniment.coop
    stages = list(row.path.stages.all())
    blocks = coop_page.kit_of(row, stages, on)
    profile = IssuerProfile.objects.at(on)
    lines, waiting = missions_of(coop, user)
    sees_amounts = user.has_perm("missions.view_agreement")
    money, word = _money(coop, user, on)
    plan = plan_for(coop) if user.has_perm("grants.view_application") else None
    return Sheet(
        coop=coop,
        accompaniment=row,
        structure=profile.legal_name if profile is not None else "",
        on=on,
        age=row.age_days(on),
        limit=board.limit_of(row, stages),
        steps=_steps(row, stages, blocks),
        milestones=[(str(m.get_kind_display()), m.on) for m in row.milestones.all()],
        kit_left=_kit_left(blocks),
        members=coop.member_counts.order_by("-as_of", "-pk").first(),
        members_target=coop.members_target or row.path.members_target,
        people=_people(coop, user),
        missions=lines,
        waiting=waiting,
        natures=_natures(coop, amounts=sees_amounts),
        sees_amounts=sees_amounts,
        money=money,
        word=word,
        plan=plan if plan is not None and (plan.needs or plan.resources) else None,
        resources=_resources(plan),
        todo=_todo(row, user),
    )


def reached_on(accompaniment: Accompaniment) -> dict[str, date]:
    """When each stage was entered the last time; the first one on the day it all began."""
    moves = list(accompaniment.moves.order_by("effective_on", "pk"))
    first = moves[0].from_stage if moves else accompaniment.stage
    found = {first: accompaniment.started_on}
    for move in moves:
        if move.to_stage != move.from_stage or move.edge == "place":
            found[move.to_stage] = move.effective_on
    return found


def _steps(row: Accompaniment, stages: Sequence[Any], blocks: Sequence[Any]) -> list[Step]:
    reached, here = reached_on(row), RANK[row.stage]
    steps = []
    for label, state, kit in coop_page.steps_of(row, stages, blocks):
        stage = next((s.stage for s in stages if str(s.get_stage_display()) == label), "done")
        since = reached.get(stage) if RANK[stage] <= here else None
        steps.append(Step(label, state, since, kit))
    return steps


def _kit_left(blocks: Sequence[Any]) -> list[tuple[str, bool]]:
    """What the present stage still asks, and whether it is required."""
    return [
        (item.title, item.level == "required")
        for block in blocks
        if block.is_current
        for item in block.items
        if not item.is_settled
    ]


def _people(coop: Coop, user: User) -> list[ContactRole]:
    if not user.has_perm("crm.view_contact"):
        return []
    rows = ContactRole.objects.filter(organisation=coop.organisation_id, until=None)
    rows = rows.filter(contact__in=Contact.objects.visible_to(user).current())
    return list(rows.select_related("contact").order_by("contact__sort_key")[:MOST_PEOPLE])


def _natures(coop: Coop, *, amounts: bool) -> list[tuple[str, Any, Any]]:
    sums = natures_of(coop)
    return [
        (str(nature.label), sums[nature.value][0], sums[nature.value][1] if amounts else None)
        for nature in Nature
        if nature.value in sums and sums[nature.value][0]
    ]


def _money(coop: Coop, user: User, on: date) -> tuple[CoopMoney | None, str]:
    """The figures, or the one word that whoever reads no invoice may know."""
    if not user.has_perm("invoicing.view_invoice"):
        return None, word_of_coop(coop, on=on)[0]
    money = money_of(coop, on=on)
    return money, word_of(is_owed=money.awaited > 0, is_late=money.late > 0)[0]


def _resources(plan: Plan | None) -> list[tuple[str, Decimal, Sequence[PlanLine]]]:
    """(how sure, sum, lines) of what finances the project."""
    if plan is None:
        return []
    words = dict(Certainty.choices)
    return [
        (str(words[code]), plan.sure(code), lines)
        for code in (CERTAIN, AWAITED, CONDITIONAL)
        if (lines := [line for line in plan.resources if line.certainty == code])
    ]


def _todo(row: Accompaniment, user: User) -> list[Todo]:
    """The next action, then open tasks; what comes from an internal note stays inside."""
    found = []
    if row.next_action and row.activity in (Activity.ACTIVE, Activity.PAUSED):
        found.append(Todo(row.next_action, row.next_action_on, str(row.owner)))
    tasks = Task.objects.visible_to(user).open().filter(coop=row.coop)
    tasks = tasks.exclude(note__is_shared=False).select_related("owner")
    rows = tasks.order_by("due_on", "pk")[:MOST_TASKS]
    return [*found, *(Todo(t.what, t.due_on, str(t.owner)) for t in rows)]
