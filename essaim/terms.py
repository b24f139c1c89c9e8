"""The law of payment terms: due dates, their caps, late interest and the recovery fee (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from django.utils.translation import gettext_lazy as _

from essaim.days import month_end
from essaim.money import ZERO, cents

ClientKind: TypeAlias = Literal["professional", "public", "consumer"]
Method: TypeAlias = Literal["net", "days_then_eom", "eom_then_days"]

PROFESSIONAL: Final = "professional"
PUBLIC: Final = "public"
CONSUMER: Final = "consumer"

CLIENT_KINDS: Final = {
    PROFESSIONAL: _("professional"),
    PUBLIC: _("public body"),
    CONSUMER: _("private person"),
}
METHODS: Final = {
    "net": _("from the invoice date"),
    "days_then_eom": _("from the invoice date, then end of month"),
    "eom_then_days": _("from the end of the invoice’s month"),
}

PAST_CAP: Final = "due_past_cap"
PAST_DEFAULT: Final = "due_past_default"
BEFORE_ISSUE: Final = "due_before_issue"
PROBLEMS: Final = {
    PAST_CAP: _("The due date %(due)s is past the legal limit, %(cap)s."),
    PAST_DEFAULT: _(
        "No payment term is agreed: payment is then due by %(cap)s at the latest, "
        "counted from performance, and not on %(due)s."
    ),
    BEFORE_ISSUE: _("The due date %(due)s comes before the invoice date, %(cap)s."),
}

# What gives time lawfully, in the order in which they are proposed.
LAWFUL_WAYS: Final = {
    "phases": _("Invoice phases as each one is accepted."),
    "instalments": _("Ask for instalments before completion."),
    "subscription": _("Spread the price as a subscription, invoiced as it goes."),
    "subsidy_share": _("Bill the subsidy share when its trigger comes."),
    "third_party": _("Have a third party pay: local authority, funder, foundation."),
}
WAYS: Final = tuple(LAWFUL_WAYS)


@dataclass(frozen=True)
class Term:
    """An agreed payment term: days, and how they are counted."""

    days: int
    method: Method = "net"

    def __post_init__(self) -> None:
        if self.days < 0 or self.method not in METHODS:
            raise ValueError(f"not a payment term: {self.days} {self.method}")


@dataclass(frozen=True)
class Caps:
    """Legal limits in days; defaults are those of L441-10 and R2192-10, the table rules.

    `essaim.models.legal.caps(on)` builds them from the dated table.
    """

    professional: int = 60
    end_of_month: int = 45
    recap: int = 45
    public: int = 30
    default: int = 30


@dataclass(frozen=True)
class Problem:
    """Why a due date is refused, its latest lawful date, and the ways that give time."""

    code: str
    due: date
    cap: date
    ways: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """Say it to the person, with dates as they are read in France."""
        dates = {"due": f"{self.due:%d/%m/%Y}", "cap": f"{self.cap:%d/%m/%Y}"}
        return str(PROBLEMS[self.code]) % dates


@dataclass(frozen=True)
class Penalties:
    """What a late payment costs on a given day."""

    days_late: int
    rate: Decimal
    interest: Decimal
    fee: Decimal

    @property
    def total(self) -> Decimal:
        """Interest and recovery fee together."""
        return self.interest + self.fee


@dataclass(frozen=True)
class LateRates:
    """Figures of the half-year behind late interest, in percent and points."""

    ecb: Decimal
    legal: Decimal
    professional_points: Decimal = Decimal(10)
    public_points: Decimal = Decimal(8)
    floor_multiple: Decimal = Decimal(3)

    @property
    def floor(self) -> Decimal:
        """Three times the legal rate: below it a contract's rate is unlawful (L441-10 II)."""
        return self.legal * self.floor_multiple


def due_date(issued: date, term: Term) -> date:
    """Apply an agreed term to an issue date; both end-of-month readings are lawful."""
    days = timedelta(days=term.days)
    if term.method == "days_then_eom":
        return month_end(issued + days)
    if term.method == "eom_then_days":
        return month_end(issued) + days
    return issued + days


def default_due(issued: date, performed: date, caps: Caps = Caps()) -> date:
    """Give the due date when nothing is agreed: 30 days after performance (L441-10 I).

    Never before the issue date itself, when the invoice comes late (a choice of ours).
    """
    return max(issued, performed + timedelta(days=caps.default))


def cap(
    issued: date,
    client_kind: str,
    term: Term | None,
    *,
    recap: bool = False,
    caps: Caps = Caps(),
) -> date | None:
    """Give the latest lawful due date, or None when any agreed date is lawful.

    Professionals: 60 days from issue, or 45 days end of month by the contract's own method,
    45 days for a recap invoice. Public bodies: 30 days. Others: no cap.
    """
    if client_kind == PUBLIC:
        return issued + timedelta(days=caps.public)
    if client_kind != PROFESSIONAL:
        return None
    if recap:
        return issued + timedelta(days=caps.recap)
    if term is not None and term.method != "net":
        return due_date(issued, Term(caps.end_of_month, term.method))
    return issued + timedelta(days=caps.professional)


def check_due(
    issued: date,
    due: date,
    client_kind: str,
    term: Term | None,
    performed: date | None = None,
    *,
    recap: bool = False,
    caps: Caps = Caps(),
) -> list[Problem]:
    """List what is unlawful in a due date; an empty list means it may be issued.

    Without a term nothing is agreed, and 30 days after performance is the limit for a
    professional or a public body.
    """
    if due < issued:
        return [Problem(BEFORE_ISSUE, due, issued)]
    limit = cap(issued, client_kind, term, recap=recap, caps=caps)
    if limit is not None and due > limit:
        return [Problem(PAST_CAP, due, limit, WAYS)]
    if limit is not None and term is None and performed is not None:
        limit = default_due(issued, performed, caps)
        if due > limit:
            return [Problem(PAST_DEFAULT, due, limit, WAYS)]
    return []


def check_term(client_kind: str, term: Term, caps: Caps = Caps()) -> bool:
    """Tell whether a contract's term stays under the cap, whatever the day of issue."""
    if client_kind == PUBLIC:
        return term.method == "net" and term.days <= caps.public
    if client_kind != PROFESSIONAL:
        return True
    return term.days <= (caps.professional if term.method == "net" else caps.end_of_month)


def late_to_bill(rhythm_date: date, *, on: date, grace_days: int = 10) -> bool:
    """Tell whether validated work waits unbilled past its rhythm's date (L441-16)."""
    return on > rhythm_date + timedelta(days=grace_days)


def late_rate(client_kind: str, rates: LateRates, contract: Decimal | None = None) -> Decimal:
    """Give the yearly rate of late interest, in percent; 0 outside L441-10.

    Professionals: the contract's, else ECB + 10 points, never below the floor. Public
    bodies: ECB + 8 points, whatever the contract says.
    """
    if client_kind == PUBLIC:
        return rates.ecb + rates.public_points
    if client_kind != PROFESSIONAL:
        return ZERO
    agreed = rates.ecb + rates.professional_points if contract is None else contract
    return max(agreed, rates.floor)


def rate_below_floor(contract: Decimal, rates: LateRates) -> bool:
    """Tell whether a contract's penalty rate must be refused at signature."""
    return contract < rates.floor


def days_late(due: date, paid_on: date) -> int:
    """Count days from the day after the due date to the payment, both included."""
    return max(0, (paid_on - due).days)


def late_interest(owed: Decimal, rate: Decimal, days: int) -> Decimal:
    """Compute simple interest on a gross amount over a year of 365 days (a choice of ours)."""
    return cents(owed * rate * days / 36500)


def penalties(
    owed: Decimal,
    due: date,
    paid_on: date,
    *,
    client_kind: str,
    rate: Decimal,
    fee: Decimal = Decimal(40),
) -> Penalties:
    """Compute what a late payment owes: interest, and the recovery fee (D441-5).

    The fee is per late invoice, from professionals and public bodies only: pass `fee=0` for
    further payments of the same invoice. Computed and shown; claiming it is a logged choice.
    """
    days = days_late(due, paid_on)
    if not days or client_kind not in (PROFESSIONAL, PUBLIC):
        return Penalties(days, ZERO, ZERO, ZERO)
    return Penalties(days, rate, late_interest(owed, rate, days), cents(fee))


def ways_text(ways: tuple[str, ...]) -> Mapping[str, str]:
    """Translate the codes of lawful ways, kept in their order."""
    return {code: str(LAWFUL_WAYS[code]) for code in ways}
