"""Thresholds of the year: VAT franchise (CGI 293 B), accessory receipts of an association."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from essaim.money import cents
from invoicing.rules_problem import WARN, Problem

ALARM: Final = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class Franchise:
    """The two figures of CGI 293 B in force, in euros a year."""

    base: Decimal
    ceiling: Decimal


def franchise_doubts(
    before: Decimal, amount: Decimal, marks: Franchise, *, last_year: Decimal = Decimal(0)
) -> tuple[Problem, ...]:
    """What an invoice of `amount` does to a year that made `before`; the gravest comes alone.

    Past the ceiling VAT is due from that very day; past the base, from 1 January of next year;
    a last year past the base means that VAT is due already. Each mark is told when the invoice
    crosses it, a ceiling already passed each time.
    """
    after = cents(before + amount)
    values = {"before": before, "after": after}
    if after > marks.ceiling:
        return (Problem("franchise_ceiling", {**values, "mark": marks.ceiling}, WARN),)
    if last_year > marks.base:
        told = {"last_year": last_year, "mark": marks.base}
        return (Problem("franchise_lost", told, WARN),)
    if before <= marks.base < after:
        return (Problem("franchise_base", {**values, "mark": marks.base}, WARN),)
    return _near(before, after, marks.base, "franchise_near")


def association_doubts(before: Decimal, amount: Decimal, mark: Decimal) -> tuple[Problem, ...]:
    """The same for the accessory receipts of an association (CGI 206-1 bis, 261-7-1° b)."""
    after = cents(before + amount)
    values = {"before": before, "after": after, "mark": mark}
    if after > mark:
        return (Problem("association_mark", values, WARN),)
    return _near(before, after, mark, "association_near")


def _near(before: Decimal, after: Decimal, mark: Decimal, code: str) -> tuple[Problem, ...]:
    alarm = cents(mark * ALARM)
    if before < alarm <= after:
        return (Problem(code, {"before": before, "after": after, "mark": mark}, WARN),)
    return ()
