"""The dated table of legal figures, and what is read from it for a given day."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from essaim.days import half_year_start
from essaim.legal_figures import Kind, vat_kinds_at
from essaim.terms import Caps, LateRates


class NoFigure(LookupError):
    """The table holds no row of this kind for this day."""


class LegalFigureQuerySet(models.QuerySet["LegalFigure"]):
    """Questions to the table; each costs one query."""

    def in_force(self, kinds: Collection[str], on: date) -> dict[str, "LegalFigure"]:
        """Give the row in force of each kind; raise NoFigure (a LookupError) when one lacks."""
        rows = self.filter(kind__in=kinds, effective_from__lte=on).order_by("effective_from")
        found = {row.kind: row for row in rows}
        for kind in kinds:
            if kind not in found:
                raise NoFigure(f"no legal figure “{kind}” in force on {on.isoformat()}")
        return found

    def row(self, kind: str, on: date) -> "LegalFigure":
        """Give the row in force: the latest that started on or before the day."""
        return self.in_force([kind], on)[kind]

    def figure(self, kind: str, on: date) -> Decimal:
        """Give the value in force, in the unit of its kind; raise LookupError when none is."""
        return self.row(kind, on).plain_value

    def source_of(self, kind: str, on: date) -> str:
        """Give the legal reference in force, to be cited on a document."""
        return self.row(kind, on).source

    def aged(self, on: date) -> list["LegalFigure"]:
        """Give the rows in force that have aged and should be looked up again: one query."""
        rows = self.filter(effective_from__lte=on).order_by("effective_from")
        in_force = {row.kind: row for row in rows}
        return [row for row in in_force.values() if row.is_stale(on)]

    def is_stale(self, kind: str, on: date) -> bool:
        """Tell whether the row in force has aged and should be looked up again."""
        return self.row(kind, on).is_stale(on)


class LegalFigure(models.Model):
    """A figure of the law from a day on, with where it was read and when."""

    kind = models.CharField(_("figure"), max_length=40, choices=Kind.choices)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=4)
    effective_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=300)
    noted_on = models.DateField(_("noted on"))

    objects = LegalFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal figure")
        verbose_name_plural = _("legal figures")
        ordering = ["kind", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "effective_from"], name="legal_figure_once_per_kind_and_day"
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="legal_figure_is_not_negative"),
            models.CheckConstraint(condition=~Q(source=""), name="legal_figure_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.plain_value}"

    @property
    def plain_value(self) -> Decimal:
        """The value with two decimals, or the four it has when it needs them."""
        short = self.value.quantize(Decimal("0.01"))
        return short if short == self.value else self.value

    def is_stale(self, on: date) -> bool:
        """Tell whether a newer figure must exist: rates move by half-year, one threshold by year.

        The ECB rate may rightly stay the same, so what ages is the day it was noted.
        """
        if self.kind == Kind.LEGAL_INTEREST:
            return self.effective_from < half_year_start(on)
        if self.kind == Kind.ECB_RATE:
            return self.noted_on < half_year_start(on)
        if self.kind == Kind.ASSOCIATION_RECEIPTS:
            return self.effective_from.year < on.year
        return False


class FiguresRead:
    """The whole table read once: it answers as the queryset does, without another query."""

    def __init__(self) -> None:
        self._rows = list(LegalFigure.objects.order_by("effective_from"))

    def in_force(self, kinds: Collection[str], on: date) -> dict[str, LegalFigure]:
        """Give the row in force of each kind; raise NoFigure (a LookupError) when one lacks."""
        found = {r.kind: r for r in self._rows if r.kind in kinds and r.effective_from <= on}
        for kind in kinds:
            if kind not in found:
                raise NoFigure(f"no legal figure “{kind}” in force on {on.isoformat()}")
        return found


def _in_force(kinds: Collection[str], on: date, read: FiguresRead | None) -> dict[str, LegalFigure]:
    return (read or LegalFigure.objects.all()).in_force(kinds, on)


def figure(kind: str, on: date, *, read: FiguresRead | None = None) -> Decimal:
    """Give the value in force on a day; raise LookupError when the table has none."""
    return _in_force([kind], on, read)[kind].plain_value


def caps(on: date, *, read: FiguresRead | None = None) -> Caps:
    """Give the payment caps in force on a day, for `essaim.terms`."""
    kinds = {
        "professional": Kind.CAP_PROFESSIONAL,
        "end_of_month": Kind.CAP_END_OF_MONTH,
        "recap": Kind.CAP_RECAP,
        "public": Kind.CAP_PUBLIC,
        "default": Kind.DEFAULT_TERM,
    }
    rows = _in_force(list(kinds.values()), on, read)
    return Caps(**{name: int(rows[kind].value) for name, kind in kinds.items()})


def late_rates(on: date, *, read: FiguresRead | None = None) -> LateRates:
    """Give the figures of late interest for the half-year of a day (L441-10 II)."""
    start = half_year_start(on)
    kinds = {
        "ecb": Kind.ECB_RATE,
        "legal": Kind.LEGAL_INTEREST,
        "professional_points": Kind.LATE_POINTS_PROFESSIONAL,
        "public_points": Kind.LATE_POINTS_PUBLIC,
        "floor_multiple": Kind.LATE_FLOOR_MULTIPLE,
    }
    rows = _in_force(list(kinds.values()), start, read)
    return LateRates(**{name: rows[kind].plain_value for name, kind in kinds.items()})


def vat_rates(postcode: str, on: date, *, read: FiguresRead | None = None) -> tuple[Decimal, ...]:
    """Give the VAT rates that may apply at a client's postcode on a day, the usual one first."""
    kinds = vat_kinds_at(postcode)
    rows = _in_force(kinds, on, read)
    return tuple(rows[kind].plain_value for kind in kinds)
