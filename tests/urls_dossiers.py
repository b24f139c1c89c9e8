"""Addresses of the catalogue, of what hangs on a file, of plans and of de minimis aids."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from grants import actions
from grants.actions.episodes import need_amendments
from grants.models import CallImport
from tests.conftest import acting
from tests.given_grants import given_application, given_organisation
from tests.url_table import Objects, Row

_OFFICE = {"ada": 404, "basile": 200, "chloe": 200, "farid": 200, "stranger": 404}
_EDIT = {**_OFFICE, "chloe": 403}
_READ = dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 200)
_WRITE = {"ada": 403, "basile": 200, "chloe": 403, "farid": 200, "stranger": 403}
# A plan hangs on the coop, which its consultant sees and another does not.
_PLAN = {**_OFFICE, "ada": 403}
_PLAN_EDIT = {**_PLAN, "chloe": 403}


def _today() -> date:
    return timezone.localdate()


def _who(o: Objects) -> dict[str, Any]:
    return acting(o.people["basile"], _today())


def _piece(o: Objects) -> Any:
    return actions.add_piece(o["application"], label="Statuts", step="deposit", **_who(o))


def _piece_kind(o: Objects) -> Any:
    return actions.add_piece_kind(o["programme"], label="Statuts", step="deposit", **_who(o))


def _co_funder(o: Objects) -> Any:
    funder = given_organisation("Ville de Saverne", "authority")
    return actions.add_co_funder(o["application"], funder=funder, amount=Decimal(5), **_who(o))


def _episode(o: Objects) -> Any:
    facts = {"kind": "control", "opened_on": _today()}
    return actions.open_episode(o["agreed_application"], **facts, **_who(o))


def _need(o: Objects) -> Any:
    grant = given_application(o["coop"], o["programme"], state="running")
    beside = given_organisation("La SAS du magasin", "coop")
    need_amendments(o["coop"], organisation=beside, since=_today(), on=_today())
    return grant.amendment_needs.get()


def _aid(o: Objects) -> Any:
    return actions.add_other_aid(
        o["organisation"], giver="Ville", granted_on=_today(), amount=Decimal(5), **_who(o)
    )


def _plan_need(o: Objects) -> Any:
    return actions.add_need(
        o["coop"], kind="investment", label="Caisse", amount=Decimal(5), **_who(o)
    )


def _plan_resource(o: Objects) -> Any:
    return actions.add_resource(o["coop"], kind="own", label="Apport", amount=Decimal(5), **_who(o))


def _import(o: Objects) -> Any:
    return CallImport.objects.create(
        by=o.people["basile"],
        at=timezone.now(),
        name="appels.csv",
        source="Liste",
        checked_on=_today(),
        header=[],
        rows=[],
    )


OBJECTS = {
    "piece": _piece,
    "piece_kind": _piece_kind,
    "co_funder": _co_funder,
    "episode": _episode,
    "amendment_need": _need,
    "other_aid": _aid,
    "plan_need": _plan_need,
    "plan_resource": _plan_resource,
    "call_list": _import,
}
ROWS: list[Row] = [
    Row(name="grants:summary", args=("application",), **_OFFICE),
    Row(name="grants:budget", args=("application",), **_EDIT),
    Row(name="grants:budget_copy", args=("application",), **_EDIT),
    Row(name="grants:piece_add", args=("application",), **_EDIT),
    Row(name="grants:pieces_take", args=("application",), **_EDIT),
    Row(name="grants:piece_move", args=("piece", "'make_ready"), **_EDIT),
    Row(name="grants:co_funder_edit", args=("co_funder",), **_EDIT),
    Row(name="grants:co_funder_standing", args=("co_funder",), **_EDIT),
    Row(name="grants:episode_open", args=("application",), **_EDIT),
    Row(name="grants:episode_edit", args=("episode",), **_EDIT),
    Row(name="grants:amendment_settle", args=("amendment_need",), **_EDIT),
    Row(name="grants:piece_kind_add", args=("programme",), **_WRITE),
    Row(name="grants:piece_kind_edit", args=("piece_kind",), **_WRITE),
    Row(name="grants:piece_kind_archive", args=("piece_kind",), **_WRITE),
    Row(name="grants:de_minimis", args=("organisation",), **_PLAN),
    Row(name="grants:de_minimis", args=("organisation",), query="?on=2025-13-99", **_PLAN),
    Row(name="grants:other_aid_add", args=("organisation",), **_PLAN_EDIT),
    Row(name="grants:other_aid_edit", args=("other_aid",), **_EDIT),
    Row(name="grants:other_aid_remove", args=("other_aid",), **_EDIT),
    Row(name="grants:plan", args=("coop",), **_PLAN),
    Row(name="grants:plan_csv", args=("coop",), **_PLAN),
    Row(name="grants:plan_pdf", args=("coop",), **_PLAN),
    Row(name="grants:need_add", args=("coop",), **_PLAN_EDIT),
    Row(name="grants:resource_add", args=("coop",), **_PLAN_EDIT),
    Row(name="grants:need_edit", args=("plan_need",), **_EDIT),
    Row(name="grants:need_remove", args=("plan_need",), **_EDIT),
    Row(name="grants:resource_edit", args=("plan_resource",), **_EDIT),
    Row(name="grants:resource_remove", args=("plan_resource",), **_EDIT),
    Row(name="grants:calls", **_READ),
    Row(name="grants:call_archive", args=("call",), **_WRITE),
    Row(name="grants:programme_archive", args=("programme",), **_WRITE),
    Row(name="grants:checked", args=("programme",), **_WRITE),
    Row(name="grants:recheck", **_WRITE),
    Row(name="grants:call_import_new", **_WRITE),
    Row(name="grants:call_model", args=("'xlsx",), **_WRITE),
    Row(name="grants:call_model", args=("'csv",), **_WRITE),
    Row(
        name="grants:call_import",
        args=("call_list",),
        ada=404,
        basile=200,
        chloe=404,
        farid=404,
        stranger=404,
    ),
]
