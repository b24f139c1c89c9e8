"""How the coops of a report stood over its period: place, form, stages, members, outcome."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from crm.models import Accompaniment, Coop, LegalFormPeriod, MemberCount, Move
from crm.stages import Activity, Stage
from invoicing.rules_report import CoopFacts


def _by_coop(rows: Iterable[Any], name: str = "coop_id") -> dict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name)].append(row)
    return found


def facts_of(keys: Iterable[int | None], first: date, last: date) -> dict[int | None, CoopFacts]:
    """The facts of coops over a period; six queries whatever their number."""
    wanted = [key for key in keys if key is not None]
    coops = Coop.objects.select_related("organisation").in_bulk(wanted)
    held = Accompaniment.objects.filter(coop__in=wanted, started_on__lte=last)
    accompanied = _by_coop(held.order_by("started_on", "pk"))
    moves: defaultdict[int, list[Move]] = defaultdict(list)
    for move in Move.objects.filter(accompaniment__coop__in=wanted).order_by("effective_on", "pk"):
        moves[move.accompaniment_id].append(move)
    forms = LegalFormPeriod.objects.filter(organisation__coop__in=wanted, since__lte=last).filter(
        Q(until=None) | Q(until__gte=last)
    )
    by_seat = _by_coop(forms.order_by("since", "pk"), "organisation_id")
    counts = _by_coop(
        MemberCount.objects.filter(coop__in=wanted, as_of__lte=last).order_by("as_of", "pk")
    )
    found: dict[int | None, CoopFacts] = {}
    for key in sorted(wanted):
        coop = coops[key]
        mine = (accompanied.get(key) or [None])[-1]
        form = (by_seat.get(coop.organisation_id) or [None])[-1]
        told = moves[mine.pk] if mine is not None else []
        found[key] = _facts(coop, mine, told, form, counts.get(key, []), (first, last))
    if None in keys:
        found[None] = CoopFacts(coop=None, name="—")
    return found


def _facts(
    coop: Coop,
    mine: Accompaniment | None,
    moves: list[Move],
    form: LegalFormPeriod | None,
    counts: list[MemberCount],
    period: tuple[date, date],
) -> CoopFacts:
    first, last = period
    before = [count for count in counts if count.as_of <= first] or counts[:1]
    outcome, reason = _outcome(mine, last)
    return CoopFacts(
        coop=coop.pk,
        name=str(coop),
        commune=coop.commune or coop.organisation.city,
        insee=coop.insee,
        epci=coop.epci,
        department=coop.department,
        is_qpv=coop.is_qpv,
        is_frr=coop.is_frr,
        legal_form=str(form.get_form_display()) if form is not None else "",
        stage_in=_stage(mine, moves, first),
        stage_out=_stage(mine, moves, last),
        outcome=outcome,
        reason=reason,
        jobs=coop.jobs_created,
        members_start=before[-1].registered if before else None,
        members_end=counts[-1].registered if counts else None,
        is_welcomed=mine is not None and first <= mine.started_on <= last,
        is_left=_ended(mine, last) and mine is not None and (mine.ended_on or last) >= first,
    )


def _ended(mine: Accompaniment | None, last: date) -> bool:
    return mine is not None and mine.ended_on is not None and mine.ended_on <= last


def _stage(mine: Accompaniment | None, moves: list[Move], on: date) -> str:
    """The stage on a day; the first one when the accompaniment began later."""
    if mine is None:
        return ""
    known = [move.to_stage for move in moves if move.effective_on <= on]
    later = [move.from_stage for move in moves if move.effective_on > on]
    code = known[-1] if known else later[0] if later else mine.stage
    return str(Stage(code).label) if code else ""


def _outcome(mine: Accompaniment | None, last: date) -> tuple[str, str]:
    """How it ended by the end of the period, and why; nothing while it goes on."""
    if mine is None or not _ended(mine, last):
        return "", ""
    if mine.activity == Activity.CLOSED:
        return str(mine.get_outcome_display()), ""
    return str(mine.get_activity_display()), str(mine.get_abandon_reason_display())
