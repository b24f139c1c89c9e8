"""The addresses of the pilot's seat: what demands attention, dashboards and analytics."""

from tests.url_table import Row

_OFFICE = {"ada": 403, "basile": 200, "chloe": 403, "farid": 200, "stranger": 403}

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
]
