"""Who pays what of a mission day, to the cent: the split of its amount between payers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal

from essaim import money
from essaim.money import ZERO, cents, percent_of
from missions.rules import NO_DAYS, WHOLE, Basis, Code, Nature, four_decimals
from missions.rules_funding import HUNDRED, ShareTerm

NATURE_OF: Final = {
    Basis.ORDER: Nature.BILLED,
    Basis.PRICE_COMPLEMENT: Nature.BILLED,
    Basis.CLIENT_PAYS_FROM_OWN_GRANT: Nature.BILLED,
    Basis.GRANT: Nature.COVERED,  # no invoice: a payment claim and a report
    Basis.OFFERED: Nature.GIVEN,
}

PAID: Final = frozenset({Nature.BILLED, Nature.COVERED})


@dataclass(frozen=True, kw_only=True)
class ShareAmount:
    """One share of a day, as the DayShare that keeps it.

    `quantity` is the days the percent bears on (what a line lists); `days` is the part of them
    that this share covers: `days` sum to the day, so a day counts once in totals and once in
    an envelope's quota. `public_value` is the share at the public price, whoever pays it;
    `amount` is what its payer owes: the same when billed or covered, else 0.00.
    """

    quantity: Decimal
    days: Decimal
    rate: Decimal
    base: Decimal
    percent: Decimal
    amount: Decimal
    nature: Nature
    public_value: Decimal
    term_id: int | None = None
    payer: int | None = None
    basis: Basis | None = None
    envelope: int | None = None
    is_remainder: bool = False
    is_cut: bool = False  # a cap made it smaller than its percent
    is_fee: bool = False  # a fixed fee per coop, whatever the rate
    beneficiary: int | None = None
    fraction: Decimal = WHOLE
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Consumed:
    """What a day takes from the caps of a term and, when it draws on one, of its envelope."""

    term_id: int
    envelope: int | None
    eur: Decimal
    days: Decimal


@dataclass(frozen=True, kw_only=True)
class DaySplit:
    """The shares of a day: their values and what is `unplaced` make `amount` exactly."""

    quantity: Decimal
    amount: Decimal
    shares: tuple[ShareAmount, ...]
    unplaced: Decimal = ZERO
    cut_terms: tuple[int, ...] = ()  # also those whose caps left nothing at all

    @property
    def codes(self) -> list[Code]:
        """Ask who pays the rest, when a rest there is: the day cannot be validated so."""
        return [Code.WHO_PAYS_THE_REST] if self.unplaced else []

    @property
    def consumed(self) -> tuple[Consumed, ...]:
        """Give what the shares take from each term, to check and count under lock."""
        return tuple(
            Consumed(term_id=s.term_id, envelope=s.envelope, eur=s.public_value, days=s.days)
            for s in self.shares
            if s.term_id is not None
        )


class _Split:
    """A split under way: the shares placed so far, and what they leave."""

    def __init__(self, rate: Decimal, quantity: Decimal) -> None:
        self.rate, self.quantity = rate, quantity
        self.amount = cents(rate * quantity)
        self.shares: list[ShareAmount] = []
        self.cut: list[int] = []

    @property
    def left(self) -> Decimal:
        return self.amount - money.add_up(share.public_value for share in self.shares)

    @property
    def days_left(self) -> Decimal:
        return self.quantity - sum((share.days for share in self.shares), NO_DAYS)

    def place(self, term: ShareTerm) -> None:
        """Take the share of one term, cut by its caps and by what is left of the day."""
        base = self._base(term)
        if term.is_remainder:
            wanted, days = self.left, self.days_left
        else:
            wanted = min(percent_of(base, term.percent), self.left)
            days = four_decimals(self.quantity * term.percent / HUNDRED)
        days_room = self._days_room(term)
        by_days = base * days_room / self.quantity  # never more than its base
        value = cents(min(wanted, self._eur_room(term), by_days))
        if value < wanted:
            self.cut.append(term.id)
            days = four_decimals(self.quantity * value / base) if base else NO_DAYS
        self.shares.append(
            ShareAmount(
                quantity=self.quantity,
                days=min(days, self.days_left, days_room),
                rate=self.rate,
                base=base,
                percent=term.percent,
                amount=_owed(value, NATURE_OF[term.basis]),
                nature=NATURE_OF[term.basis],
                public_value=value,
                term_id=term.id,
                payer=term.payer,
                basis=term.basis,
                envelope=term.envelope,
                is_remainder=term.is_remainder,
                is_cut=value < wanted,
            )
        )

    def give_rounding(self, terms: Sequence[ShareTerm]) -> None:
        """Give what rounding alone left to the last share whose caps have room for it."""
        whole = sum((term.percent for term in terms), Decimal(0)) == HUNDRED
        if not whole or self.cut or any(share.base < self.amount for share in self.shares):
            return
        for index in reversed(range(len(terms))):
            rest, days = self.left, self.days_left
            if rest <= self._eur_room(terms[index]) and days <= self._days_room(terms[index]):
                share = self.shares[index]
                value = share.public_value + rest
                self.shares[index] = replace(
                    share,
                    amount=_owed(value, share.nature),
                    public_value=value,
                    days=share.days + days,
                )
                return

    def _base(self, term: ShareTerm) -> Decimal:
        caps = [cap for cap in (term.cap_per_day, term.envelope_value_per_day) if cap is not None]
        return cents(min(self.rate, *caps) * self.quantity) if caps else self.amount

    def _eur_room(self, term: ShareTerm) -> Decimal:
        own, drawn = self._drawn(term, "public_value")
        return min(
            _room(term.cap_eur, term.used_eur + own, self.amount),
            _room(term.envelope_eur_left, drawn, self.amount),
        )

    def _days_room(self, term: ShareTerm) -> Decimal:
        own, drawn = self._drawn(term, "days")
        return min(
            _room(term.cap_days, term.used_days + own, self.quantity),
            _room(term.envelope_days_left, drawn, self.quantity),
        )

    def _drawn(
        self, term: ShareTerm, of: Literal["public_value", "days"]
    ) -> tuple[Decimal, Decimal]:
        """Give what this day's shares took so far from the term, and from its envelope."""
        own = [getattr(s, of) for s in self.shares if s.term_id == term.id]
        if term.envelope is None:
            return sum(own, Decimal(0)), Decimal(0)
        shared = [getattr(s, of) for s in self.shares if s.envelope == term.envelope]
        return sum(own, Decimal(0)), sum(shared, Decimal(0))


def _owed(value: Decimal, nature: Nature) -> Decimal:
    return value if nature in PAID else ZERO


def _room(cap: Decimal | None, used: Decimal, ceiling: Decimal) -> Decimal:
    """Give what is left under a cap, between 0 and a ceiling that stands for no limit."""
    return ceiling if cap is None else max(min(cap - used, ceiling), Decimal(0))


def split_day(rate: Decimal, quantity: Decimal, terms: Iterable[ShareTerm]) -> DaySplit:
    """Share a day's amount, cents(rate x quantity), between the payers of its agreement.

    In (priority, id) order each term takes cents(base x percent), base being
    cents(min(rate, its cap per day) x quantity), cut by what is left of its caps in EUR and
    days, own and envelope's, and of the day. The remainder share takes the rest. Without one,
    a rest of rounding goes to the last share; any other rest is `unplaced`, and `codes` asks.

    Days consumed of a quota: quantity x percent, whatever the cap per day (a share of 100 %
    takes the full quantity, and T22 takes 2 of 4 days); a share cut by its caps takes quantity
    x amount / base. 4 decimals; the remainder share takes the rest of the quantity.
    Raises ValueError on a negative rate or a quantity that is not positive.
    """
    if rate < 0 or quantity <= 0:
        raise ValueError("a rate is not negative, a quantity is positive")
    ordered = sorted(terms, key=lambda term: (term.is_remainder, term.priority, term.id))
    work = _Split(rate, quantity)
    for term in ordered:
        work.place(term)
    work.give_rounding(ordered)
    return DaySplit(
        quantity=quantity,
        amount=work.amount,
        shares=tuple(share for share in work.shares if share.public_value or share.days),
        unplaced=work.left,
        cut_terms=tuple(work.cut),
    )
