"""Pieces of a claim: one a line of what is typed, each with what shows that it is at hand."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Document
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from grants.models import ClaimPiece, Disbursement


def lines_of(words: str) -> list[str]:
    """The pieces named in a text, one a line, each once."""
    lines = (line.strip(" \t-•*·;") for line in words.splitlines())
    return list(dict.fromkeys(line[:300] for line in lines if line))


def sync_pieces(row: Disbursement) -> None:
    """Give the payment the pieces its words name; one that is at hand is never dropped."""
    wanted = lines_of(row.pieces)
    known = {piece.label: piece for piece in row.claim_pieces.all()}
    for label, piece in known.items():
        if label not in wanted and piece.done_on is None:
            piece.delete()
    for position, label in enumerate(wanted, 1):
        if label in known:
            row.claim_pieces.filter(label=label).update(position=position)
        else:
            ClaimPiece.objects.create(disbursement=row, position=position, label=label)


def copy_pieces(row: Disbursement, rest: Disbursement) -> None:
    """The remainder of a payment asks for the same pieces, at hand as they were."""
    ClaimPiece.objects.bulk_create(
        ClaimPiece(
            disbursement=rest,
            position=piece.position,
            label=piece.label,
            done_on=piece.done_on,
            words=piece.words,
            document=piece.document,
        )
        for piece in row.claim_pieces.all()
    )


@transaction.atomic
def set_piece(
    piece: ClaimPiece,
    *,
    by: User,
    on: date,
    at: datetime,
    done_on: date | None,
    words: str = "",
    document: Document | None = None,
) -> ClaimPiece:
    """Say that a piece is at hand, since when and where; no date takes it back."""
    rows = ClaimPiece.objects.select_for_update(of=("self",), no_key=True)
    piece = rows.select_related("disbursement__application").get(pk=piece.pk)
    if not piece.disbursement.is_expected:
        words_ = _("This payment is over: its pieces are no longer changed.")
        raise Refused([Missing("state", words_)])
    if done_on is not None and done_on > on:
        raise Refused([Missing("done_on", _("The date can't be in the future."))])
    if done_on is None and (words.strip() or document is not None):
        raise Refused([Missing("done_on", _("Say since when it is at hand."))])
    application = piece.disbursement.application
    if document is not None and document.coop_id != application.coop_id:
        raise Refused([Missing("document", _("This document belongs to another coop."))])
    piece.done_on, piece.words, piece.document = done_on, words.strip(), document
    piece.save(update_fields=["done_on", "words", "document"])
    codes = {"piece": piece.pk, "document": document.pk if document else 0}
    record(piece.disbursement, "piece", by=by, on=on, at=at, codes=codes)
    return piece
