"""The addresses of the pilot's seat: what demands attention, dashboards and analytics."""

from tests.url_table import Row

_OFFICE = {"ada": 403, "basile": 200, "chloe": 403, "farid": 200, "stranger": 403}
_READERS = {**_OFFICE, "chloe": 200}
_WRONG = {**_READERS, "basile": 422, "chloe": 422, "farid": 422}
_NO_FILE = {**_READERS, "basile": 404, "chloe": 404, "farid": 404}

ROWS: list[Row] = [
    Row(name="reasons", **_OFFICE),
    Row(
        name="reasons",
        **{**_OFFICE, "basile": 302, "farid": 302},
        method="post",
        data={"on_task": "on", "days_task": "3"},
    ),
    Row(
        name="reasons",
        **{**_OFFICE, "basile": 302, "farid": 302},
        method="post",
        data={"reset": "task"},
    ),
    Row(
        name="reasons",
        **{**_OFFICE, "basile": 422, "farid": 422},
        method="post",
        data={"days_task": "-3"},
    ),
    Row(
        name="reasons",
        **{**_OFFICE, "basile": 409, "farid": 409},
        method="post",
        data={"reset": "made-up"},
    ),
    Row(name="crm:analytics", **_READERS),
    Row(name="crm:analytics", query="?start=2026-05-01&end=2026-04-01", **_WRONG),
    Row(name="crm:analytics_file", args=("'etapes", "'csv"), **_READERS),
    Row(name="crm:analytics_file", args=("'arrets", "'xlsx"), **_READERS),
    Row(name="crm:analytics_file", args=("'comparaison", "'csv"), **_READERS),
    Row(name="crm:analytics_file", args=("'etapes", "'pdf"), **_NO_FILE),
    Row(name="invoicing:dashboard", **_READERS),
]
