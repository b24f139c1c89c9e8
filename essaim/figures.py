"""The verb of the legal tables: note a figure of the law from a day on."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from essaim.models import LegalFigure, User
from essaim.workflow import Missing, Refused, record


@transaction.atomic
def note_figure(
    *,
    kind: str,
    value: Decimal,
    effective_from: date,
    source: str,
    by: User,
    on: date,
    at: datetime,
) -> LegalFigure:
    """Add a dated row; what was noted before stays, because documents were made with it.

    Refuses a second figure of a kind for the same day.
    """
    if LegalFigure.objects.filter(kind=kind, effective_from=effective_from).exists():
        raise Refused(
            [Missing("effective_from", _("A figure of this kind already starts on this day."))]
        )
    row = LegalFigure.objects.create(
        kind=kind,
        value=value,
        effective_from=effective_from,
        source=source.strip(),
        noted_on=on,
    )
    codes = {"kind": kind, "value": str(value), "effective_from": effective_from.isoformat()}
    record(row, "note", by=by, on=on, at=at, codes=codes)
    return row
