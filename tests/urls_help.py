"""The pages of help, and where a note is begun, as each persona is answered."""

from tests.url_table import Row

_ALL = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "stranger": 200}
_NOTED = {**_ALL, "chloe": 403}

ROWS: list[Row] = [
    Row(name="help", **_ALL),
    Row(name="help", query="?q=convention", **_ALL),
    Row(name="help", query="?q=" + "x" * 5000, **_ALL),
    Row(name="help_keys", **_ALL),
    Row(name="help_word", args=("'convention",), **_ALL),
    Row(
        name="help_word",
        args=("'nothing-like-it",),
        **dict.fromkeys(_ALL, 404),
    ),
    Row(name="crm:note_start", **_NOTED),
    Row(
        name="crm:note_start",
        method="post",
        data={"coop": "", "coop_words": "zzz"},
        **{**dict.fromkeys(_ALL, 422), "chloe": 403},
    ),
]
