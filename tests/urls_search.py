"""The search and the palette; the legal persons, the family and the members of a coop."""

from datetime import date
from typing import Any

from crm import actions
from tests.conftest import acting
from tests.url_table import Objects, Row

_STAFF = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "stranger": 200}
_COOP = {**_STAFF, "stranger": 404}
_WRITTEN = {**_COOP, "chloe": 403}
ON = date(2026, 10, 1)


def _count(o: Objects) -> Any:
    told = {"as_of": ON, "registered": 145, "active": 65, "source": "Bulletin"}
    return actions.count_members(o["coop"], **told, **acting(o.people["basile"], ON))


def _organisation_beside(o: Objects) -> Any:
    row = actions.declare_parallel_entity(
        o["coop"],
        since=ON,
        why="Le magasin",
        legal_name="SCIC du magasin",
        **acting(o.people["basile"], ON),
    )
    return row.organisation


OBJECTS = {"member_count": _count, "organisation_beside": _organisation_beside}

ROWS: list[Row] = [
    Row(name="search", **_STAFF),
    Row(name="search", query="?q=coop&kind=coop", **_STAFF),
    Row(name="search_palette", **_STAFF),
    Row(name="search_palette", query="?q=" + "x" * 5000, **_STAFF),
    Row(name="crm:legal", args=("coop",), **_COOP),
    Row(name="crm:legal_transform", args=("coop",), **_WRITTEN),
    Row(name="crm:legal_parallel", args=("coop",), **_WRITTEN),
    # A second entity is for whoever sees the coop beside which it stands.
    Row(name="crm:organisation", args=("organisation_beside",), **_COOP),
    Row(name="crm:family", args=("coop",), **_COOP),
    Row(name="crm:member_counts", args=("coop",), **_COOP),
    Row(name="crm:member_correct", args=("coop", "member_count"), **_WRITTEN),
]
