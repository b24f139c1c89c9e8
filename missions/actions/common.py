"""What the verbs of the room share: refusals in words, rows judged before they are kept."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from essaim.workflow import Refused
from essaim.writing import judge
from missions.models import Agreement, Envelope
from missions.rules import Code
from missions.words import missing_of


def refuse_codes(codes: Iterable[Code], url: str = "") -> None:
    """Raise Refused in words when the rules found something."""
    if found := missing_of(codes, url):
        raise Refused(found)


def keep(row: models.Model) -> None:
    """Judge a row and save it; raise Refused with one entry per field."""
    judge(row)
    row.save()


def lock_agreements(keys: Iterable[Any]) -> dict[int, Agreement]:
    """Lock agreements, then the envelopes they draw on, in one order for everybody."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    locked = Agreement._base_manager.select_for_update(of=("self",), no_key=True)
    found = {a.pk: a for a in locked.filter(pk__in=wanted).order_by("pk")}
    envelopes = Envelope._base_manager.filter(funding_shares__agreement__in=wanted).values("pk")
    rows = Envelope._base_manager.select_for_update(of=("self",), no_key=True)
    list(rows.filter(pk__in=envelopes).order_by("pk"))
    return found
