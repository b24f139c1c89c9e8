"""What each move of a quote asks for."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.models.legal import NoFigure, caps
from essaim.money import ZERO
from essaim.terms import LAWFUL_WAYS, Term, check_term, ways_text
from essaim.workflow import Missing

PRICED = ("phase", "pack")


def quote_can_be_sent(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Lines that can become an agreement, payers of 100 %, a validity ahead, a lawful term."""
    edit = reverse("missions:quote_edit", args=(obj.pk,))
    lines = list(obj.lines.all())
    found = _lines(lines, edit)
    if lines and not obj.net:
        found.append(Missing("lines", _("The quote comes to nothing: price a line."), edit))
    if obj.valid_until < on:
        words = _("The validity is past: choose a day from today on.")
        found.append(Missing("valid_until", words, edit))
    shares = list(obj.shares.all())
    if shares and sum((s.percent for s in shares), ZERO) != 100:
        found.append(Missing("shares", _("The shares of the payers must make 100 %."), edit))
    return found + _term(obj, on, edit)


def _lines(lines: list[Any], url: str) -> list[Missing]:
    if not lines:
        return [Missing("lines", _("Write at least one line."), url)]
    kinds = {line.kind for line in lines}
    found = []
    if "days" in kinds and kinds.intersection(PRICED):
        words = _(
            "Days are billed as they are worked, phases and packs for their price: send two quotes."
        )
        found.append(Missing("lines", words, url))
    if {"phase", "pack"} <= kinds:
        found.append(Missing("lines", _("A quote is by phases or a pack, not both."), url))
    if len([line for line in lines if line.kind == "pack"]) > 1:
        found.append(Missing("lines", _("A quote holds one pack of days."), url))
    if len({line.unit_price for line in lines if line.kind == "days"}) > 1:
        words = _("The days of an agreement have one rate: send two quotes, or one rate.")
        found.append(Missing("lines", words, url))
    if len({line.unit_price for line in lines if line.kind == "travel"}) > 1:
        found.append(Missing("lines", _("Travel has one price per km."), url))
    return found


def _term(obj: Any, on: date, url: str) -> list[Missing]:
    """A term that no signature would take is refused before the quote leaves (L441-10)."""
    try:
        limits = caps(on)
    except NoFigure:
        return []
    if check_term(obj.client.client_kind, Term(obj.payment_days, obj.payment_method), limits):
        return []
    words = _("The payment term is past the legal cap. What gives time lawfully: %(ways)s.")
    ways = " · ".join(str(text) for text in ways_text(tuple(LAWFUL_WAYS)).values())
    return [Missing("payment_days", words % {"ways": ways}, url)]


def quote_can_be_accepted(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """In time: what the client signed after the validity wants a new version."""
    decided = getattr(data, "decided_on", None) or on
    found = []
    if decided > on:
        found.append(Missing("decided_on", _("The answer cannot be in the future.")))
    if obj.sent_on is not None and decided < obj.sent_on:
        found.append(Missing("decided_on", _("The answer cannot come before the quote was sent.")))
    if decided > obj.valid_until:
        words = _("The quote was valid until %(day)s: send a new version, with its own validity.")
        said = words % {"day": date_fr(obj.valid_until)}
        found.append(Missing("valid_until", said, reverse("missions:quote", args=(obj.pk,))))
    return found


def quote_has_expired(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if obj.valid_until < on:
        return []
    words = _("The quote is valid until %(day)s: it has not expired.")
    return [Missing("valid_until", words % {"day": date_fr(obj.valid_until)})]
