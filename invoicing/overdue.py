"""Pieces of a price left unbilled too long past their date, as the accountant is told."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from essaim.hooks import WorkReason
from essaim.reasons import days_of
from invoicing.pieces import CAP, pieces
from invoicing.rhythm import GRACE
from invoicing.wording import euros


def overdue_pieces(url: str, on: date) -> list[WorkReason]:
    """Accepted phases and instalments that should have been billed (C. com. L441-16)."""
    shift = timedelta(days=days_of("unbilled_piece")) - GRACE
    return [
        WorkReason(
            code="unbilled_piece",
            title=_("To bill: %(agreement)s") % {"agreement": piece.agreement},
            url=url,
            due_on=piece.wanted_by + shift,
            tone="warn",
            detail=f"{piece.payer} · {piece.phase} · {euros(piece.amount)}",
            order=20,
        )
        for piece in pieces(on=on, limit=CAP)
        if piece.wanted_by is not None and on > piece.wanted_by + shift
    ]
