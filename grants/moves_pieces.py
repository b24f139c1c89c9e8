"""What the moves of a piece carry and ask for."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim.formats import date_fr
from essaim.workflow import Missing, MoveData


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(MoveData):
    """The document that is the piece, or where it is kept."""

    evidence: Any = None
    words: str = field(default="", metadata={"words": True})


def evidence_said(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """A piece is ready once there is a document, or words that say where it is."""
    if data.words is None or data.evidence is not None or data.words.strip():
        return []
    words = _("Attach the document, or write where the piece is kept.")
    return [Missing("evidence", words)]


def answered_after_sending(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    if data.dated is None or obj.sent_on is None or data.dated >= obj.sent_on:
        return []
    words = _("The funder can't answer before the piece was sent (%(day)s).")
    return [Missing("dated", words % {"day": date_fr(obj.sent_on)})]
