"""Honest figures: what was given, covered, billed and paid, per coop and per payer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from crm.models import Coop, Organisation
from essaim.money import ZERO, add_up, cents
from invoicing.models import Invoice
from invoicing.standing import paid_of, with_standing
from missions.codes import Nature
from missions.models import DayShare
from missions.valuing import VALUED, Worth, worth_by

ROWS = 200


@dataclass(slots=True)
class Line:
    """Days and net amounts of one coop or one payer over a period."""

    label: str
    url: str = ""
    days: dict[str, Decimal] = field(default_factory=dict)
    worth: dict[str, Decimal] = field(default_factory=dict)
    billed: Decimal = ZERO
    covered: Decimal = ZERO
    awaited: Decimal = ZERO

    @property
    def total_days(self) -> Decimal:
        return sum(self.days.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Summary:
    """The lines shown, the total of all lines, and how many lines are not shown."""

    lines: list[Line]
    total: Line
    hidden: int


def shares_between(first: date, last: date) -> Any:
    """Last generation of the shares of validated days worked in a period."""
    return DayShare.objects.current().filter(
        day__worked_on__range=(first, last), day__state__in=("validated", "billed")
    )


def awaited(of: str) -> dict[int | None, Decimal]:
    """What is still owed on issued invoices, by coop (None: no coop) or by client, as of now."""
    rows = Invoice.objects.unpaid().order_by().values_list(of, "left")
    out: dict[int | None, Decimal] = {}
    for key, left in rows.iterator():
        out[key] = cents(out.get(key, ZERO) + left)
    return out


def _grouped(groups: Any, key: str, owed: dict[int | None, Decimal]) -> dict[Any, Line]:
    """One line per coop or payer, without its name yet; who owes needs no day in the period."""
    found: dict[Any, Line] = {k: Line("", awaited=left) for k, left in owed.items()}
    for group in groups:
        line = found.setdefault(group[key], Line(""))
        line.days[group["nature"]] = line.days.get(group["nature"], ZERO) + group["quantity"]
        if group["nature"] == Nature.BILLED:
            line.billed = cents(line.billed + group["total"])
        elif group["nature"] == Nature.COVERED:
            line.covered = cents(line.covered + group["total"])
    return found


def _summary(shares: Any, key: str, owners: Any, owed: dict[int | None, Decimal]) -> Summary:
    """The lines with most days, named, and the total of all lines."""
    groups = shares.order_by().values(key, "nature")
    found = _grouped(groups.annotate(quantity=Sum("days"), total=Sum("amount")), key, owed)
    for (owner, nature), worth in worth_by(shares, key).items():
        found[owner].worth[nature] = worth.value
    shown = sorted(found, key=lambda k: (-found[k].total_days, k or 0))[:ROWS]
    named = owners.in_bulk([k for k in shown if k])
    for k in shown:
        owner = named.get(k)
        found[k].label = str(owner or "")
        found[k].url = owner.get_absolute_url() if owner is not None else ""
    return Summary([found[k] for k in shown], total_of(found.values()), len(found) - len(shown))


def by_coop(first: date, last: date) -> Summary:
    """Per coop: days of each nature, amounts billed and covered, what is awaited."""
    coops = Coop.objects.select_related("organisation")
    return _summary(shares_between(first, last), "coop_id", coops, awaited("coop_id"))


def by_payer(first: date, last: date) -> Summary:
    """Per payer: days and amounts billed to it or covered by it."""
    shares = shares_between(first, last).filter(payer__isnull=False)
    return _summary(shares, "payer_id", Organisation.objects.all(), awaited("client_id"))


def total_of(lines: Iterable[Line]) -> Line:
    """The sum of some lines."""
    total = Line("")
    for line in lines:
        for nature, days in line.days.items():
            total.days[nature] = total.days.get(nature, ZERO) + days
        for nature, value in line.worth.items():
            total.worth[nature] = total.worth.get(nature, ZERO) + value
        total.billed += line.billed
        total.covered += line.covered
        total.awaited += line.awaited
    return total


@dataclass(frozen=True, slots=True)
class PayerShare:
    """What one payer bears of a coop's days: a nature, days, a net amount."""

    payer: str
    nature: str
    days: Decimal
    amount: Decimal
    is_own: bool


@dataclass(frozen=True, slots=True)
class CoopMoney:
    """The money of one coop: days given and volunteered at the value of the table, with the public
    price of the former for information; days covered (net); invoices (gross)."""

    given: Worth
    covered_days: Decimal
    covered: Decimal
    volunteer: Worth
    unbilled: Decimal
    billed: Decimal
    credited: Decimal
    paid: Decimal
    awaited: Decimal
    late: Decimal
    drafts: int
    payers: Sequence[PayerShare]

    @property
    def borne(self) -> Decimal:
        """The whole cost, net, whoever bears it."""
        return add_up(share.amount for share in self.payers)


def _shares_of(coop: Coop) -> Any:
    return DayShare.objects.current().filter(coop=coop, day__state__in=("validated", "billed"))


def _groups_of(rows: Any) -> list[dict[str, Any]]:
    """Days and amounts of a coop's shares by nature and payer; one query."""
    groups = rows.order_by().values(
        "nature", "payer_id", "payer__legal_name", "payer__usual_name", "basis"
    )
    waiting = Sum("amount", filter=Q(billed=None))
    return list(groups.annotate(quantity=Sum("days"), total=Sum("amount"), waiting=waiting))


def _natures(groups: Iterable[dict[str, Any]]) -> dict[str, dict[str, Decimal]]:
    found: dict[str, dict[str, Decimal]] = {}
    for group in groups:
        sums = found.setdefault(group["nature"], {})
        for name in ("quantity", "total", "waiting"):
            sums[name] = sums.get(name, ZERO) + Decimal(group[name] or ZERO)
    return found


def _payers(coop: Coop, groups: Iterable[dict[str, Any]]) -> list[PayerShare]:
    """Who bears its billed and covered days: others first, the most first."""
    rows = [
        PayerShare(
            payer=g["payer__usual_name"] or g["payer__legal_name"],
            nature=str(Nature(g["nature"]).label),
            days=g["quantity"],
            amount=cents(g["total"]),
            is_own=g["payer_id"] == coop.organisation_id,
        )
        for g in groups
        if g["payer_id"] is not None and g["nature"] in (Nature.BILLED, Nature.COVERED)
    ]
    return sorted(rows, key=lambda row: (row.is_own, -row.amount, row.payer))


def money_of(coop: Coop, *, on: date) -> CoopMoney:
    """What a coop was given, what it owes and who bears it: two queries, four with unpaid work."""
    shares = _shares_of(coop)
    groups = _groups_of(shares)
    natures = _natures(groups)
    worth = worth_by(shares) if any(nature.value in natures for nature in VALUED) else {}

    def of(nature: str, name: str) -> Decimal:
        return Decimal(natures.get(nature, {}).get(name) or ZERO)

    documents = with_standing(Invoice.objects.filter(coop=coop)).with_late(on=on)
    rows: list[Any] = list(
        documents.prefetch_related(None).only("kind", "state", "gross", "deducted", "due_on")
    )
    issued = [row for row in rows if row.is_issued]
    claims = [row for row in issued if not row.is_credit_note]
    owed = [row for row in claims if row.left > 0]
    return CoopMoney(
        given=worth.get((Nature.GIVEN.value,), Worth()),
        covered_days=of(Nature.COVERED, "quantity"),
        covered=cents(of(Nature.COVERED, "total")),
        volunteer=worth.get((Nature.VOLUNTEER.value,), Worth()),
        unbilled=cents(of(Nature.BILLED, "waiting")),
        billed=add_up(row.asked for row in claims),
        credited=add_up(row.asked for row in issued if row.is_credit_note),
        paid=add_up(paid_of(row) for row in claims),
        awaited=add_up(row.left for row in owed),
        late=add_up(row.late for row in owed if row.late > 0),
        drafts=len(rows) - len(issued),
        payers=_payers(coop, groups),
    )
