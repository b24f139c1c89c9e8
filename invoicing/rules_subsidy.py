"""The share of a grant owed as a fee: what is due, what to invoice, what a clause must say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from essaim.money import ZERO, add_up, cents, percent_of
from invoicing.rules_problem import WARN, Problem, RuleBroken, Value

BASE_PAID: Final = "paid"
BASE_AWARDED: Final = "awarded"
ON_PAYMENT: Final = "payment"
ON_NOTIFICATION: Final = "notification"
DEDUCTIBLE: Final = "deductible"
ADDED: Final = "added"

# A percentage of these has led to disputes: only with a reason kept.
DELICATE_KINDS: Final = frozenset({"donation", "crowdfunding", "tax_credit"})


@dataclass(frozen=True, slots=True)
class ClauseTerms:
    """What a subsidy-share clause says about money: `rate` in percent, amounts in euros net.

    The cap and the floor bound the fee itself. A `deductible` fixed part is taken off the fee;
    an `added` one is invoiced apart and changes nothing here.
    """

    rate: Decimal
    base: str = BASE_PAID
    cap: Decimal | None = None
    floor: Decimal | None = None
    fixed_part: Decimal = ZERO
    fixed_part_mode: str = ADDED


@dataclass(frozen=True, slots=True)
class NextFee:
    """What to do now: `due` so far, `invoiced` so far, and the difference on its side."""

    due: Decimal
    invoiced: Decimal
    to_invoice: Decimal
    to_credit: Decimal


def fee_base(
    terms: ClauseTerms,
    *,
    received: Iterable[Decimal],
    awarded: Decimal | None = None,
    final: Decimal | None = None,
) -> Decimal:
    """Give the euros of aid that the fee is taken from.

    On `paid`, what was received (a clawback counts as negative); on `awarded`, the final grant
    once it is settled, the award before, nothing before the notification.
    """
    if terms.base == BASE_PAID:
        return add_up(received)
    if terms.base != BASE_AWARDED:
        raise RuleBroken("clause_base_unknown", base=terms.base)
    return cents(final if final is not None else awarded or ZERO)


def subsidy_due(terms: ClauseTerms, bases: Iterable[Decimal]) -> Decimal:
    """Give the fee due, net, on all the bases together: one rounding on the sum, never per payment.

    Nothing is owed when nothing was paid; the floor counts from the first euro (choice), and the
    cap wins over the floor.
    """
    base = sum(bases, ZERO)
    if base <= 0:
        return ZERO
    fee = percent_of(base, terms.rate)
    if terms.floor is not None:
        fee = max(fee, cents(terms.floor))
    if terms.cap is not None:
        fee = min(fee, cents(terms.cap))
    if terms.fixed_part_mode == DEDUCTIBLE:
        fee = max(fee - cents(terms.fixed_part), ZERO)
    return fee


def next_fee(terms: ClauseTerms, bases: Iterable[Decimal], *, invoiced: Decimal) -> NextFee:
    """Compare what is due with what was invoiced (credits taken off): invoice it, or credit it."""
    due = subsidy_due(terms, bases)
    gap = due - cents(invoiced)
    return NextFee(due, cents(invoiced), max(gap, ZERO), max(-gap, ZERO))


def fee_per_payment(terms: ClauseTerms, bases: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Give the fee each payment brings, by cumulative rounding; negative after a clawback."""
    reached = [subsidy_due(terms, bases[: end + 1]) for end in range(len(bases))]
    before = [ZERO, *reached]
    return tuple(after - earlier for earlier, after in zip(before, reached, strict=False))


def gross_rate(rate: Decimal, vat_rate: Decimal) -> Decimal:
    """Give the same share with VAT in it: 5 % net is 6 % gross at 20 %."""
    return rate * (100 + vat_rate) / 100


@dataclass(frozen=True, slots=True)
class CoveredGrant:
    """What the rule must know of a grant the clause covers."""

    name: str
    kind: str = "grant"
    success_fee_allowed: str = "unknown"  # yes | no | unknown, from the programme
    applicant_is_issuer: bool = False


@dataclass(frozen=True, slots=True)
class ClauseDraft:
    """A clause as it stands before activation; None or "" is what nobody has said yet."""

    grants: tuple[CoveredGrant, ...] = ()
    rate: Decimal | None = None
    base: str = ""
    trigger: str = ""
    cap: Decimal | None = None
    floor: Decimal | None = None
    fixed_part: Decimal | None = None
    fixed_part_mode: str = ""
    tail_months: int | None = None
    reduction: str = ""
    withdrawal: str = ""
    payment_term_days: int | None = None
    drafting_paid_by_funder: bool = False
    due_after_claim_date: bool = False


_DEMANDED: Final = (
    "rate", "base", "trigger", "cap", "floor", "fixed_part", "fixed_part_mode", "tail_months",
    "reduction", "withdrawal", "payment_term_days",
)  # fmt: skip


def check_clause(draft: ClauseDraft) -> tuple[Problem, ...]:
    """List what keeps a clause from being activated: what is unsaid, barred, or wants a reason."""
    found = [] if draft.grants else [Problem("clause_grants_missing")]
    for name in _DEMANDED:
        said = getattr(draft, name)
        if said is None or (isinstance(said, str) and not said.strip()):
            found.append(Problem(f"clause_{name}_missing"))
    found += _check_figures(draft)
    for grant in draft.grants:
        found += _check_grant(grant)
    if draft.drafting_paid_by_funder:
        found.append(Problem("clause_double_financing", level=WARN))
    if draft.due_after_claim_date:
        found.append(Problem("clause_due_after_claim_date", level=WARN))
    return tuple(found)


def _check_figures(draft: ClauseDraft) -> list[Problem]:
    found = []
    if draft.rate is not None and not 0 < draft.rate <= 100:
        found.append(Problem("clause_rate_impossible", {"rate": draft.rate}))
    for name in ("cap", "floor", "fixed_part"):
        amount: Decimal | None = getattr(draft, name)
        if amount is not None and amount < 0:
            found.append(Problem(f"clause_{name}_negative", {"amount": amount}))
    if draft.cap is not None and draft.floor is not None and draft.cap < draft.floor:
        values: dict[str, Value] = {"cap": draft.cap, "floor": draft.floor}
        found.append(Problem("clause_cap_below_floor", values))
    found += _check_choices(draft)
    return found


def _check_choices(draft: ClauseDraft) -> list[Problem]:
    found = []
    choices = {
        "base": {BASE_PAID, BASE_AWARDED},
        "trigger": {ON_PAYMENT, ON_NOTIFICATION},
        "fixed_part_mode": {DEDUCTIBLE, ADDED},
    }
    for name, allowed in choices.items():
        said: str = getattr(draft, name)
        if said.strip() and said not in allowed:
            found.append(Problem(f"clause_{name}_unknown", {"said": said}))
    if draft.base == BASE_PAID and draft.trigger == ON_NOTIFICATION:
        found.append(Problem("clause_trigger_before_payment"))
    return found


def _check_grant(grant: CoveredGrant) -> list[Problem]:
    values: dict[str, Value] = {"grant": grant.name}
    found = []
    if grant.applicant_is_issuer:
        found.append(Problem("clause_own_structure", values))
    if grant.success_fee_allowed == "no":
        found.append(Problem("clause_success_fee_forbidden", values))
    if grant.kind in DELICATE_KINDS:
        found.append(Problem("clause_delicate_grant", {**values, "kind": grant.kind}, WARN))
    return found
