"""Addresses of one's own account: name, language, mails, shortcuts, one session."""

from tests.url_table import Row

_ALL = ("ada", "basile", "chloe", "farid", "dina", "stranger")
_OWN = dict.fromkeys(_ALL, 200)
_BACK = dict.fromkeys(_ALL, 302)
_BAD = dict.fromkeys(_ALL, 400)
_GONE = dict.fromkeys(_ALL, 404)
_WRONG = dict.fromkeys(_ALL, 422)
# Whoever receives no mail has none to choose: an empty form is right.
_NO_MAIL = {**_WRONG, "dina": 302}

ROWS: list[Row] = [
    Row(name="my_account", **_OWN),
    Row(name="my_name", **_OWN),
    Row(name="my_name", method="post", **_WRONG),
    Row(name="my_name", method="post", data={"name": "Autre Nom"}, **_BACK),
    Row(name="my_mails", **_OWN),
    Row(name="my_mails", method="post", **_NO_MAIL),
    Row(name="my_language", **_BACK),
    Row(name="my_language", method="post", data={"language": "en"}, **_BACK),
    Row(name="my_language", method="post", data={"language": "de"}, **_BAD, anonymous=400),
    Row(name="my_shortcuts", **_BACK),
    Row(name="my_shortcuts", method="post", data={"shortcuts": "off"}, **_BACK),
    Row(name="my_shortcuts", method="post", data={"shortcuts": "x"}, **_BAD),
    Row(name="my_session_end", args=("'1",), **_BACK),
    Row(name="my_session_end", args=("'9999",), method="post", **_GONE),
]
