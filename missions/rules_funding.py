"""What an agreement promises, checked: funding shares, envelopes and amendments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from essaim.money import CENT, cents
from missions.rules import Basis, Code

HUNDRED: Final = Decimal(100)
NEAR: Final = Decimal("0.9")


@dataclass(frozen=True, kw_only=True)
class ShareTerm:
    """A payer's share of an agreement, with what was already used of its caps.

    Caps and values are net euros (`net_cap` turns a gross one into net). An envelope's
    `envelope_days_left` and `envelope_eur_left` are what remains of its quota before this day;
    where it has a cap per coop too, pass the smaller of both.
    """

    id: int
    payer: int
    percent: Decimal
    basis: Basis = Basis.ORDER
    priority: int = 0
    is_remainder: bool = False
    cap_eur: Decimal | None = None
    cap_days: Decimal | None = None
    cap_per_day: Decimal | None = None
    used_eur: Decimal = Decimal(0)
    used_days: Decimal = Decimal(0)
    envelope: int | None = None
    envelope_days_left: Decimal | None = None
    envelope_eur_left: Decimal | None = None
    envelope_value_per_day: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class EnvelopeState:
    """A payer's yearly quota across coops and what is used of it; None where there is no limit."""

    quota_days: Decimal | None = None
    used_days: Decimal = Decimal(0)
    quota_coops: int | None = None
    coops: int = 0
    cap_days_per_coop: Decimal | None = None
    coop_used_days: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """What an envelope pays for; an empty set admits everything."""

    departments: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    works: frozenset[str] = frozenset()
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of an agreement that an amendment may change."""

    effective_on: date
    daily_rate: Decimal
    budget_days: Decimal | None = None
    ends_on: date | None = None
    shares: tuple[ShareTerm, ...] = ()


def net_cap(cap: Decimal, vat_percent: Decimal) -> Decimal:
    """Give the largest net amount whose gross, VAT included, stays within a gross cap."""
    net = cents(cap / (1 + vat_percent / HUNDRED))
    over = cents(net * (1 + vat_percent / HUNDRED)) > cap
    return net - CENT if over else net


def check_funding(terms: Sequence[ShareTerm]) -> list[Code]:
    """List what is wrong with the funding shares of an agreement, as a whole."""
    found = [] if terms else [Code.NO_SHARE]
    if terms and sum((term.percent for term in terms), Decimal(0)) != HUNDRED:
        found.append(Code.PERCENTS_NOT_100)
    if any(_is_negative(term) for term in terms):
        found.append(Code.NEGATIVE)
    remainders = [term for term in terms if term.is_remainder]
    if len(remainders) > 1:
        found.append(Code.SEVERAL_REMAINDERS)
    # A share that stops at a cap of its own cannot take "the rest".
    if any(_has_own_cap(term) for term in remainders):
        found.append(Code.REMAINDER_HAS_CAP)
    if any(term.envelope is not None and not _may_draw(term) for term in terms):
        found.append(Code.ENVELOPE_BASIS)
    return found


def _is_negative(term: ShareTerm) -> bool:
    figures = (term.percent, term.cap_eur, term.cap_days, term.cap_per_day)
    return any(figure is not None and figure < 0 for figure in figures)


def _has_own_cap(term: ShareTerm) -> bool:
    return any(cap is not None for cap in (term.cap_eur, term.cap_days, term.cap_per_day))


def _may_draw(term: ShareTerm) -> bool:
    return term.basis in (Basis.GRANT, Basis.ORDER)


def check_envelope(
    state: EnvelopeState, new_days: Decimal = Decimal(0), *, is_new_coop: bool = False
) -> list[Code]:
    """Tell what the envelope comes near to (90 % and over) or passes once the days are added."""
    used, coops = state.used_days + new_days, state.coops + int(is_new_coop)
    found = _level(used, state.quota_days, Code.NEAR_QUOTA, Code.PAST_QUOTA)
    quota_coops = None if state.quota_coops is None else Decimal(state.quota_coops)
    found += _level(Decimal(coops), quota_coops, Code.NEAR_COOP_QUOTA, Code.PAST_COOP_QUOTA)
    cap = state.cap_days_per_coop
    if cap is not None and state.coop_used_days + new_days > cap:
        found.append(Code.PAST_COOP_CAP)
    return found


def _level(used: Decimal, quota: Decimal | None, near: Code, past: Code) -> list[Code]:
    if quota is None:
        return []
    if used > quota:
        return [past]
    return [near] if used >= NEAR * quota else []


def check_eligibility(
    rule: Eligibility, *, department: str, stage: str, work: str, worked_on: date
) -> list[Code]:
    """List why an envelope does not pay for a day: its territory, stage, work or date."""
    found = []
    if rule.departments and department not in rule.departments:
        found.append(Code.TERRITORY_NOT_ELIGIBLE)
    if rule.stages and stage not in rule.stages:
        found.append(Code.STAGE_NOT_ELIGIBLE)
    if rule.works and work not in rule.works:
        found.append(Code.WORK_NOT_ELIGIBLE)
    too_early = rule.starts_on is not None and worked_on < rule.starts_on
    if too_early or (rule.ends_on is not None and worked_on > rule.ends_on):
        found.append(Code.OUTSIDE_PERIOD)
    return found


def check_amendment(old: Terms, new: Terms, used: Decimal) -> list[Code]:
    """List what refuses new terms, `used` being the days already worked under the old ones.

    An amendment takes effect no earlier than the agreement, changes something besides its own
    date, and never lowers the budget below the days used; it may raise one already passed.
    """
    found = []
    if _substance(old, old.shares) == _substance(new, new.shares or old.shares):
        found.append(Code.NOTHING_CHANGED)
    if new.effective_on < old.effective_on:
        found.append(Code.EFFECTIVE_TOO_EARLY)
    if new.ends_on is not None and new.ends_on < new.effective_on:
        found.append(Code.ENDS_BEFORE_EFFECTIVE)
    if _cuts_into(used, old.budget_days, new.budget_days):
        found.append(Code.BUDGET_BELOW_USED)
    if new.daily_rate < 0 or (new.budget_days or 0) < 0:
        found.append(Code.NEGATIVE)
    # Terms without shares leave the funding as it was.
    funding = check_funding(new.shares) if new.shares else []
    return found + [code for code in funding if code not in found]


def _cuts_into(used: Decimal, old: Decimal | None, new: Decimal | None) -> bool:
    return new is not None and new < used and (old is None or new < old)


def _substance(terms: Terms, shares: Sequence[ShareTerm]) -> tuple[object, ...]:
    """Give what was agreed, whatever was used of it since."""
    promises = tuple(
        replace(
            term,
            used_eur=Decimal(0),
            used_days=Decimal(0),
            envelope_days_left=None,
            envelope_eur_left=None,
        )
        for term in shares
    )
    return (terms.daily_rate, terms.budget_days, terms.ends_on, promises)
