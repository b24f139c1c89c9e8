"""Entries of double-entry books, computed once: what is debited, what is credited, always equal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from essaim.money import ZERO, add_up
from invoicing.rules_problem import RuleBroken
from invoicing.rules_totals import RECEIPTS

CLIENTS: Final = "clients"
DEPOSITS: Final = "deposits"
UNBILLED: Final = "unbilled"
VAT_DUE: Final = "vat_due"
VAT_PENDING: Final = "vat_pending"
VAT_UNBILLED: Final = "vat_unbilled"
GRANTS_DUE: Final = "grants_due"
DEFERRED: Final = "deferred"
BANK: Final = "bank"
BAD_DEBTS: Final = "bad_debts"
LATE_INCOME: Final = "late_income"
GRANTS: Final = "grants"
ADVANCED: Final = "advanced"


class Account(NamedTuple):
    """Where a posting goes: its number and its name."""

    number: str
    label: str


class Posting(NamedTuple):
    """One line of an entry, in euros: a debit or a credit, never both, never negative.

    `third` says that it is a client's (it bears the client's code); `letter` names the invoice
    this line settles or is settled by.
    """

    account: Account
    debit: Decimal
    credit: Decimal
    analytic: str = ""
    third: bool = False
    letter: int = 0


class Sold(NamedTuple):
    """What a document sells on one account."""

    account: Account
    analytic: str
    net: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts in use: by role, and by role and analytic code where one has its own."""

    by_role: Mapping[str, Account]
    by_code: Mapping[tuple[str, str], Account]

    def of(self, role: str, analytic: str = "") -> Account:
        """The account of a role; raises RuleBroken when the table has none."""
        found = self.by_code.get((role, analytic)) if analytic else None
        found = found or self.by_role.get(role)
        if found is None:
            raise RuleBroken("account_missing", role=role)
        return found

    def vat(self, regime: str) -> Account:
        """Where the VAT of a document waits: until it is received, unless it is due at once."""
        return self.of(VAT_PENDING if regime == RECEIPTS else VAT_DUE)


def balanced(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """The postings of one entry; raises RuleBroken unless debits equal credits."""
    rows = tuple(postings)
    debit, credit = sum((r.debit for r in rows), ZERO), sum((r.credit for r in rows), ZERO)
    if debit != credit:
        raise RuleBroken("entry_unbalanced", debit=debit, credit=credit)
    return rows


def _side(account: Account, amount: Decimal, *, analytic: str = "") -> Posting:
    """A credit of `amount`, or a debit when it is negative."""
    if amount < 0:
        return Posting(account, -amount, ZERO, analytic)
    return Posting(account, ZERO, amount, analytic)


def turned(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """The same entry the other way round: what was debited is credited."""
    return tuple(p._replace(debit=p.credit, credit=p.debit) for p in postings)


def gathered(sold: Iterable[Sold]) -> list[Sold]:
    """What is sold, once per account and analytic code, in the order of first appearance."""
    totals: dict[tuple[Account, str], Decimal] = {}
    for account, analytic, net in sold:
        key = (account, analytic)
        totals[key] = totals.get(key, ZERO) + net
    return [Sold(account, analytic, net) for (account, analytic), net in totals.items() if net]


def sale(
    chart: Chart,
    *,
    regime: str,
    sold: Sequence[Sold],
    vat: Decimal,
    deposit_net: Decimal = ZERO,
    deposit_vat: Decimal = ZERO,
    letter: int = 0,
) -> tuple[Posting, ...]:
    """An invoice: the client owes what is sold and its VAT, less deposits already invoiced.

    The VAT of the deposits was booked with them: only what is left of it is (BOI-TVA-DECLA-30).
    """
    rest = vat - deposit_vat
    net = add_up(s.net for s in sold)
    rows = []
    if asked := net + rest - deposit_net:
        rows.append(Posting(chart.of(CLIENTS), asked, ZERO, "", True, letter))  # noqa: FBT003
    if deposit_net:
        rows.append(Posting(chart.of(DEPOSITS), deposit_net, ZERO))
    rows += [_side(s.account, s.net, analytic=s.analytic) for s in gathered(sold)]
    if rest:
        rows.append(_side(chart.vat(regime), rest))
    return balanced(rows)


def credit(
    chart: Chart,
    *,
    regime: str,
    sold: Sequence[Sold],
    vat: Decimal,
    deposit_net: Decimal = ZERO,
    deposit_vat: Decimal = ZERO,
    letter: int = 0,
) -> tuple[Posting, ...]:
    """A credit note: the sale turned round, the client's line last.

    The one that closes a final invoice puts its deposits back among the debts to the client.
    """
    deposits = {"deposit_net": deposit_net, "deposit_vat": deposit_vat}
    rows = turned(sale(chart, regime=regime, sold=sold, vat=vat, letter=letter, **deposits))
    return (*rows[1:], rows[0])


class Part(NamedTuple):
    """What a receipt settles of one invoice; `letter` when the invoice is settled in full."""

    amount: Decimal
    letter: int = 0


def transfer(chart: Chart, vat: Decimal) -> tuple[Posting, ...]:
    """VAT that becomes due leaves the account where it waited; negative, it goes back."""
    if not vat:
        return ()
    rows = (
        Posting(chart.of(VAT_PENDING), abs(vat), ZERO),
        Posting(chart.of(VAT_DUE), ZERO, abs(vat)),
    )
    return rows if vat > 0 else turned(rows)


def receipt(
    chart: Chart, *, amount: Decimal, parts: Sequence[Part] = (), vat: Decimal = ZERO
) -> tuple[Posting, ...]:
    """Money credited: the bank, each invoice it settles, the rest as balance, VAT now due.

    A reversal has negative amounts throughout and gives the entry turned round.
    """
    clients = chart.of(CLIENTS)
    whole, sign = abs(amount), 1 if amount >= 0 else -1
    rows = [Posting(chart.of(BANK), whole, ZERO)]
    rest = whole
    for part in parts:
        rows.append(Posting(clients, ZERO, sign * part.amount, "", True, part.letter))  # noqa: FBT003
        rest -= sign * part.amount
    if rest:
        rows.append(Posting(clients, ZERO, rest, "", True))  # noqa: FBT003
    found = tuple(rows) if sign > 0 else turned(rows)
    return balanced((*found, *transfer(chart, vat)))


def set_off(
    chart: Chart, *, amount: Decimal, vat: Decimal = ZERO, letter: int = 0
) -> tuple[Posting, ...]:
    """A balance of the client set against an invoice: within the client's account, and its VAT."""
    clients = chart.of(CLIENTS)
    rows = (
        Posting(clients, amount, ZERO, "", True),  # noqa: FBT003
        Posting(clients, ZERO, amount, "", True, letter),  # noqa: FBT003
    )
    return balanced((*(rows if amount else ()), *transfer(chart, vat)))


def refund(chart: Chart, *, amount: Decimal, vat: Decimal = ZERO) -> tuple[Posting, ...]:
    """A client's balance paid back; `vat` of the credit note it comes from is no longer due."""
    rows = (
        Posting(chart.of(CLIENTS), amount, ZERO, "", True),  # noqa: FBT003
        Posting(chart.of(BANK), ZERO, amount),
    )
    return balanced((*rows, *transfer(chart, -vat)))


def write_off(
    chart: Chart, *, regime: str, amount: Decimal, vat: Decimal, letter: int = 0
) -> tuple[Posting, ...]:
    """A bad debt: the loss is net of the VAT that will never be received."""
    rows = [Posting(chart.of(BAD_DEBTS), amount - vat, ZERO)]
    if vat:
        rows.append(Posting(chart.vat(regime), vat, ZERO))
    rows.append(Posting(chart.of(CLIENTS), ZERO, amount, "", True, letter))  # noqa: FBT003
    return balanced(rows)


def claim(chart: Chart, *, amount: Decimal) -> tuple[Posting, ...]:
    """Late interest and recovery fees that are claimed: outside VAT (BOI-TVA-BASE-10-10-10)."""
    return balanced(
        (
            Posting(chart.of(CLIENTS), amount, ZERO, "", True),  # noqa: FBT003
            Posting(chart.of(LATE_INCOME), ZERO, amount),
        )
    )


def grant_notified(chart: Chart, *, amount: Decimal) -> tuple[Posting, ...]:
    """A grant of our own that its funder notified."""
    return _pair(chart.of(GRANTS_DUE), chart.of(GRANTS), amount)


def grant_received(chart: Chart, *, amount: Decimal) -> tuple[Posting, ...]:
    """Money of our own grant; a clawback is negative."""
    return _pair(chart.of(BANK), chart.of(GRANTS_DUE), amount)


def _pair(debit: Account, credit: Account, amount: Decimal) -> tuple[Posting, ...]:
    rows = (Posting(debit, abs(amount), ZERO), Posting(credit, ZERO, abs(amount)))
    return balanced(rows if amount >= 0 else turned(rows))


def unbilled_work(chart: Chart, *, sold: Sequence[Sold], vat: Decimal) -> tuple[Posting, ...]:
    """Work done and not invoiced when the books are closed (FAE): gross on 4181."""
    net = add_up(s.net for s in sold)
    rows = [Posting(chart.of(UNBILLED), net + vat, ZERO)]
    rows += [_side(s.account, s.net, analytic=s.analytic) for s in gathered(sold)]
    if vat:
        rows.append(Posting(chart.of(VAT_UNBILLED), ZERO, vat))
    return balanced(rows)


def deferred_income(chart: Chart, *, sold: Sequence[Sold]) -> tuple[Posting, ...]:
    """Income invoiced before it is earned (PCA): taken off the product, net of VAT."""
    rows = [_side(s.account, -s.net, analytic=s.analytic) for s in gathered(sold)]
    rows.append(Posting(chart.of(DEFERRED), ZERO, add_up(s.net for s in sold)))
    return balanced(rows)
