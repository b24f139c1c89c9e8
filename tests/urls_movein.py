"""Every address of moving in."""

from collections.abc import Callable

from django.utils import timezone

from essaim.imports import batches
from essaim.models import ImportBatch
from tests.conftest import acting
from tests.given_imports import csv_bytes
from tests.url_table import Objects, Row

# The office brings all, the accountant what is billed; nobody else has the page.
_HOME = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_BOTH = {**_HOME, "ada": 404, "stranger": 404}
_NONE = dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404)
# The coordinator and the administrator alone.
_OFFICE = {**_HOME, "chloe": 403}
_THEIRS = {**_BOTH, "chloe": 404}
_FILE = ("Raison sociale;Ville", "Ville de Barr;Barr")


def _sent(
    kind: str = "organisations", rows: tuple[str, ...] = _FILE
) -> "Callable[[Objects], ImportBatch]":
    def build(o: Objects) -> ImportBatch:
        act = acting(o.people["basile"], timezone.localdate())
        return batches.open_batch(kind, name="t.csv", content=csv_bytes(*rows), **act)

    return build


def _written(o: Objects) -> ImportBatch:
    rows = ("Raison sociale;Ville", "Ville de Toul;Toul")
    act = acting(o.people["basile"], timezone.localdate())
    return batches.write_batch(_sent(rows=rows)(o), **act)


OBJECTS = {
    "import_sent": _sent(),
    "import_faulty": _sent(rows=("Raison sociale;SIRET", "Ville de Barr;12")),
    "import_of_people": _sent("contacts", ("Nom;Prénom", "Hartmann;Odile")),
    "import_written": _written,
}
_MOVED = {**_BOTH, "basile": 302, "chloe": 302, "farid": 302}

ROWS: list[Row] = [
    Row(name="imports", **_HOME),
    Row(name="import_new", args=("'organisations",), **_HOME),
    Row(
        name="import_new",
        args=("'organisations",),
        method="post",
        **_HOME | dict.fromkeys(("basile", "chloe", "farid"), 422),
    ),
    Row(name="import_new", args=("'coops",), **_OFFICE),
    Row(name="import_new", args=("'contacts",), **_OFFICE),
    Row(name="import_new", args=("'agreements",), **_HOME),
    Row(name="import_new", args=("'days",), **_OFFICE | {"farid": 403}),
    Row(name="import_new", args=("'wide",), **_OFFICE | {"farid": 403}),
    Row(name="import_model", args=("'wide", "'ods"), **_OFFICE | {"farid": 403}),
    Row(name="import_new", args=("'invoices",), **_HOME | {"basile": 403, "farid": 403}),
    Row(name="import_new", args=("'martiens",), **_NONE | {"ada": 403, "stranger": 403}),
    Row(name="import_model", args=("'organisations", "'xlsx"), **_HOME),
    Row(name="import_model", args=("'organisations", "'ods"), **_HOME),
    Row(name="import_model", args=("'organisations", "'csv"), **_HOME),
    Row(name="import_model", args=("'coops", "'csv"), **_OFFICE),
    Row(
        name="import_model",
        args=("'organisations", "'exe"),
        **_HOME | dict.fromkeys(("basile", "chloe", "farid"), 404),
    ),
    Row(name="import_batch", args=("import_sent",), **_BOTH),
    Row(name="import_batch", args=("import_sent",), query="?show=all&after=1", **_BOTH),
    Row(name="import_batch", args=("import_written",), **_BOTH),
    Row(name="import_batch", args=("import_of_people",), **_THEIRS),
    Row(name="import_columns", args=("import_sent",), **_BOTH),
    Row(
        name="import_columns",
        args=("import_sent",),
        method="post",
        data={"col_legal_name": "Raison sociale"},
        **_MOVED,
    ),
    Row(
        name="import_columns",
        args=("import_sent",),
        method="post",
        data={"col_legal_name": "Rien"},
        **_BOTH | dict.fromkeys(("basile", "chloe", "farid"), 422),
    ),
    Row(
        name="import_columns",
        args=("import_written",),
        method="post",
        data={"col_legal_name": "Ville"},
        **_BOTH | dict.fromkeys(("basile", "chloe", "farid"), 409),
    ),
    Row(name="import_choices", args=("import_sent",), **_MOVED),
    Row(
        name="import_choices",
        args=("import_sent",),
        method="post",
        data={"row_2": "skip"},
        **_MOVED,
    ),
    Row(name="import_faults", args=("import_faulty",), **_BOTH),
    Row(name="import_move", args=("import_sent", "'write"), **_BOTH),
    Row(name="import_move", args=("import_sent", "'write"), method="post", **_MOVED),
    Row(
        name="import_move",
        args=("import_faulty", "'write"),
        method="post",
        **_BOTH | dict.fromkeys(("basile", "chloe", "farid"), 409),
    ),
    Row(
        name="import_move",
        args=("import_of_people", "'write"),
        method="post",
        **_THEIRS | {"basile": 302, "farid": 302},
    ),
    Row(name="import_move", args=("import_sent", "'drop"), method="post", **_MOVED),
    Row(name="import_move", args=("import_written", "'undo"), **_BOTH),
    Row(name="import_move", args=("import_written", "'undo"), method="post", **_MOVED),
    Row(
        name="import_move",
        args=("import_sent", "'eat"),
        **_BOTH | dict.fromkeys(("basile", "chloe", "farid"), 400),
    ),
]
