"""What a report may tell and what it tells: fractions of days, never whole days."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import Organisation
from essaim.money import ZERO, add_up
from grants.models import GrantApplication, Programme
from invoicing import rules_report as rules
from invoicing.beneficiaries import facts_of
from invoicing.models import FunderReport, FundingLink, ReportedShare
from invoicing.rules_report import CoopFacts, DayLine, GivenLine
from missions.codes import Nature
from missions.models import DayShare, Envelope, FundingShare
from missions.valuing import worth_by

LANGUAGE: Final = "fr"
Subject = Envelope | GrantApplication | Programme
OFFERED: Final = (Nature.GIVEN, Nature.VOLUNTEER)


def funder_of(of: Subject) -> Organisation:
    """Who is told: the payer of an envelope, else the funder of the programme."""
    if isinstance(of, Envelope):
        return of.payer
    programme = of if isinstance(of, Programme) else of.programme
    return programme.funder


def links_of(of: Subject) -> Any:
    """The funding links that lead to a programme (its applications' too) or an application."""
    if isinstance(of, GrantApplication):
        return FundingLink.objects.filter(application=of)
    return FundingLink.objects.filter(Q(programme=of) | Q(application__programme=of))


def _tied(links: Any, name: str) -> Any:
    return links.filter(**{f"{name}__isnull": False}).values(name)


def financed_by(of: Subject) -> Q:
    """The shares that lead to what a report is of.

    An envelope has its own. Otherwise a link of the share or of its envelope decides; a link of
    the agreement leads to what the funder pays there, or to what the coop pays when the funder
    pays none of it; without any link, the payer leads to its programmes.
    """
    if isinstance(of, Envelope):
        return Q(envelope=of)
    links, funder = links_of(of), funder_of(of)
    shared = FundingShare.objects.filter(payer=funder).values("agreement")
    paid_there = Q(payer=funder) | (
        Q(payer=F("coop__organisation")) & ~Q(day__mission__agreement__in=shared)
    )
    unpaid_there = Q(nature__in=OFFERED)
    of_agreement = Q(envelope=None, day__mission__agreement__in=_tied(links, "agreement"))
    found = Q(envelope__in=_tied(links, "envelope"))
    found |= Q(funding_share__in=_tied(links, "funding_share"))
    found |= of_agreement & (paid_there | unpaid_there)
    if isinstance(of, Programme):
        every = FundingLink.objects.all()
        found |= (
            Q(payer=funder)
            & ~Q(envelope__in=_tied(every, "envelope"))
            & ~Q(funding_share__in=_tied(every, "funding_share"))
            & ~Q(day__mission__agreement__in=_tied(every, "agreement"))
        )
    return found


def _natures(kind: str, funder: Organisation) -> Q:
    """Days at a price are billed or covered; costs pay time nobody else pays."""
    if kind == FunderReport.Kind.COSTS:
        covered = Q(nature=Nature.COVERED, payer=funder)
        return (covered | Q(nature=Nature.GIVEN)) & Q(day__is_volunteer=False)
    return Q(nature__in=(Nature.BILLED, Nature.COVERED))


def settled_between(first: date, last: date) -> Any:
    """The last generation of the shares of validated days worked in a period."""
    return DayShare.objects.current().filter(
        day__worked_on__range=(first, last), day__state__in=("validated", "billed"), days__gt=0
    )


def candidates(of: Subject, kind: str, first: date, last: date) -> Any:
    """Shares that a report of this kind may tell, reported already or not."""
    rows = settled_between(first, last).filter(financed_by(of), _natures(kind, funder_of(of)))
    return rows.order_by("day__worked_on", "day_id", "pk")


def fractions_of(shares: Iterable[DayShare]) -> dict[int, int]:
    """The first generation of each share, by key: it names the fraction for ever."""
    root = {share.pk: share.pk for share in shares}
    above = {share.pk: share.replaces_id for share in shares if share.replaces_id}
    while above:
        parents = dict(
            DayShare.objects.filter(pk__in=above.values()).values_list("pk", "replaces_id")
        )
        root |= above
        above = {key: parents[up] for key, up in above.items() if parents.get(up)}
    return {key: int(found or key) for key, found in root.items()}


def taken_by(fractions: Iterable[int]) -> dict[int, ReportedShare]:
    """The standing reports that tell these fractions already."""
    rows = ReportedShare.objects.filter(fraction__in=list(fractions))
    return {row.fraction_id: row for row in rows.select_related("report__funder", "share__day")}


# -- what a report tells ----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Told:
    """All that a report tells, live while it is a draft and as it was sent afterwards."""

    lines: list[DayLine]
    facts: dict[int | None, CoopFacts]
    given: list[GivenLine] = field(default_factory=list)
    proofs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def totals(self) -> rules.Totals:
        return rules.sum_up(self.lines, self.facts.values())


def _siblings(days: Iterable[int]) -> Any:
    return (
        DayShare.objects.current()
        .filter(day__in=list(days))
        .select_related("payer", "coop")
        .order_by("pk")
    )


def reserved(report: FunderReport) -> list[ReportedShare]:
    """Its fractions in the order of days, with what their lines read; two queries."""
    days = ReportedShare.objects.filter(report=report).annotate(
        coops=Count("share__day__beneficiaries")
    )
    return list(
        days.select_related("share__day__consultant", "share__coop__organisation", "share__payer")
        .prefetch_related("share__day__attendances__document")
        .order_by("share__day__worked_on", "share__day_id", "pk")
    )


def _line(own: list[Any], others: list[DayShare]) -> DayLine:
    """One day for one coop: what is told, and who pays the rest of it."""
    share = own[0].share
    day, coop = share.day, share.coop
    seat = coop.organisation_id if coop is not None else None

    def worth(rows: Iterable[DayShare]) -> Decimal:
        return add_up(row.public_value for row in rows)

    offered = [s for s in others if s.nature in OFFERED]
    paid = [s for s in others if s.nature not in OFFERED]
    own_part = [s for s in paid if s.payer_id == seat or s.nature == Nature.PRICED]
    elsewhere = [s for s in paid if s not in own_part]
    part = add_up(row.amount for row in own)
    # A given fraction told by its cost has a public price and no amount.
    free = worth(row.share for row in own if row.share.nature in OFFERED)
    met = next((a.participants for a in day.attendances.all()), day.participants)
    return DayLine(
        day=day.pk,
        coop=coop.pk if coop is not None else None,
        worked_on=day.worked_on,
        person=day.consultant.name,
        work=day.work,
        theme=str(day.get_work_display()),
        subject=day.subject,
        is_collective=own[0].coops > 1 or day.work == "collective",
        participants=met,
        days=sum((row.days for row in own), Decimal(0)),
        all_days=sum((row.days for row in own), Decimal(0)) + sum(s.days for s in others),
        total=part + free + worth(others),
        part=part,
        others=worth(elsewhere),
        remainder=worth(own_part),
        offered=free + worth(offered),
        payers=", ".join(sorted({str(s.payer) for s in elsewhere if s.payer})),
    )


def lines_of(rows: list[ReportedShare]) -> list[DayLine]:
    """A line for each day and coop of the fractions given; one query more."""
    told = {row.fraction_id for row in rows}
    siblings = list(_siblings({row.share.day_id for row in rows}))
    root = fractions_of(siblings)
    others: defaultdict[tuple[int, int | None], list[DayShare]] = defaultdict(list)
    for share in siblings:
        if root[share.pk] not in told:
            others[share.day_id, share.coop_id].append(share)
    own: defaultdict[tuple[int, int | None], list[ReportedShare]] = defaultdict(list)
    for row in rows:
        own[row.share.day_id, row.share.coop_id].append(row)
    return [_line(held, others[key]) for key, held in own.items()]


def _given(report: FunderReport, facts: dict[int | None, CoopFacts]) -> list[GivenLine]:
    """Time given to the beneficiaries in the period and told by nobody, at the table's value."""
    if not report.with_given:
        return []
    shares = settled_between(report.first, report.last).filter(
        coop__in=[key for key in facts if key is not None]
    )
    found = worth_by(shares.filter(reported=None), "coop")
    ordered = sorted(found.items(), key=lambda item: (facts[item[0][0]].name, item[0][1]))
    return [
        GivenLine(
            name=facts[coop].name,
            nature=str(Nature(nature).label),
            days=worth.days,
            value=worth.value,
            unvalued=worth.unvalued,
        )
        for (coop, nature), worth in ordered
        if worth.days
    ]


def _proofs(rows: list[ReportedShare]) -> list[dict[str, Any]]:
    """The collective days told, and whether a signed sheet was kept; each day once."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        day = row.share.day
        if row.coops < 2 and day.work != "collective":  # type: ignore[attr-defined]
            continue
        held = list(day.attendances.all())
        found[day.pk] = {
            "day": day.pk,
            "on": day.worked_on.isoformat(),
            "subject": day.subject,
            "participants": held[0].participants if held else day.participants,
            "is_signed": any(one.document_id for one in held),
        }
    return list(found.values())


def tell(report: FunderReport) -> Told:
    """What a report tells: from its rows while it is a draft, else from what was sent."""
    if report.snapshot:
        return _from_json(report.snapshot)
    with override(LANGUAGE):
        rows = reserved(report)
        lines = lines_of(rows)
        facts = facts_of({line.coop for line in lines}, report.first, report.last)
        return Told(lines, facts, _given(report, facts), _proofs(rows))


# -- kept as it was sent ----------------------------------------------------------------------
def _plain(row: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in row.__dataclass_fields__:
        value = getattr(row, name)
        if isinstance(value, date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = str(value)
        out[name] = value
    return out


def to_json(told: Told) -> dict[str, Any]:
    """Plain values of all a report tells, to be kept and hashed."""
    return {
        "lines": [_plain(line) for line in told.lines],
        "facts": [_plain(one) for one in told.facts.values()],
        "given": [_plain(one) for one in told.given],
        "proofs": told.proofs,
    }


_DECIMALS: Final = {
    DayLine: ("days", "all_days", "total", "part", "others", "remainder", "offered"),
    CoopFacts: ("jobs",),
    GivenLine: ("days", "value", "unvalued"),
}


def _read(cls: Any, given: dict[str, Any]) -> Any:
    values = dict(given)
    for name in _DECIMALS[cls]:
        if values[name] is not None:
            values[name] = Decimal(values[name])
    if "worked_on" in values:
        values["worked_on"] = date.fromisoformat(values["worked_on"])
    return cls(**values)


def _from_json(kept: dict[str, Any]) -> Told:
    facts = [_read(CoopFacts, one) for one in kept["facts"]]
    return Told(
        [_read(DayLine, one) for one in kept["lines"]],
        {one.coop: one for one in facts},
        [_read(GivenLine, one) for one in kept["given"]],
        kept["proofs"],
    )


def sums_of(report: FunderReport) -> tuple[Decimal, Decimal]:
    """Days and amount its fractions hold, as reserved."""
    rows = ReportedShare.objects.filter(report=report).values_list("days", "amount")
    days = sum((d for d, _amount in rows), Decimal(0))
    return days, add_up(amount for _days, amount in rows) if rows else ZERO


def what_is_off(report: FunderReport, told: Told) -> list[str]:
    """The check lines that do not hold, in words; none when everything adds up."""
    words = {
        "parts": _("The parts of the payers do not make the total."),
        "works": _("The days by kind of work do not make the days told."),
        "fractions": _("The rows do not add up to the fractions reserved: bring it up to date."),
    }
    return [words[code] for code in rules.checks(told.lines, *sums_of(report))]
