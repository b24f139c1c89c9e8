"""Pieces of a price left unbilled past their date and ten days, as the accountant is told."""

from datetime import date

from django.utils.translation import gettext as _

from essaim.hooks import WorkReason
from invoicing.pieces import CAP, pieces
from invoicing.wording import euros


def overdue_pieces(url: str, on: date) -> list[WorkReason]:
    """Accepted phases and instalments that should have been billed (C. com. L441-16)."""
    return [
        WorkReason(
            code="unbilled_piece",
            title=_("To bill: %(agreement)s") % {"agreement": piece.agreement},
            url=url,
            due_on=piece.wanted_by,
            tone="warn",
            detail=f"{piece.payer} · {piece.phase} · {euros(piece.amount)}",
            order=20,
        )
        for piece in pieces(on=on, limit=CAP)
        if piece.is_overdue(on)
    ]
