"""Every address of the grants room, and what each persona is answered."""

from tests.url_table import Row

_OFFICE = {"ada": 404, "basile": 200, "chloe": 200, "farid": 200, "dina": 403, "stranger": 404}
_LISTS = {**_OFFICE, "ada": 403, "stranger": 403}
_READ = dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 200) | {"dina": 403}
_WRITE = {"ada": 403, "basile": 200, "chloe": 403, "farid": 200, "dina": 403, "stranger": 403}
_EDIT = {**_OFFICE, "chloe": 403}

ROWS: list[Row] = [
    Row(name="grants:applications", **_LISTS),
    Row(name="grants:application_new", **_WRITE),
    Row(name="grants:application", args=("application",), **_OFFICE),
    Row(name="grants:application_edit", args=("application",), **_EDIT),
    Row(name="grants:application_move", args=("application", "'withdraw"), **_EDIT),
    Row(name="grants:co_funder_add", args=("application",), **_EDIT),
    Row(name="grants:disbursement_plan", args=("application",), **_OFFICE),
    Row(name="grants:disbursements", **_LISTS),
    Row(name="grants:disbursement_edit", args=("disbursement",), **_OFFICE),
    Row(name="grants:disbursement_move", args=("disbursement", "'claim"), **_OFFICE),
    Row(name="grants:programmes", **_READ),
    Row(name="grants:programme", args=("programme",), **_READ),
    Row(name="grants:programme_new", **_WRITE),
    Row(name="grants:programme_edit", args=("programme",), **_WRITE),
    Row(name="grants:call_new", args=("programme",), **_WRITE),
    Row(name="grants:call_edit", args=("call",), **_WRITE),
    Row(name="grants:calendar", **_READ),
]
