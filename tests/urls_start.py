"""The addresses of the first run: for those who administer, the books' own by the accountant."""

from tests.url_table import Row

_RUN = {"ada": 403, "basile": 403, "chloe": 403, "farid": 200, "stranger": 403}
_GO = {**_RUN, "farid": 302}
_BOOKS = {"ada": 403, "basile": 403, "chloe": 200, "farid": 403, "stranger": 403}
_KIT = {"ada": 403, "basile": 200, "chloe": 403, "farid": 200, "stranger": 403}
_ANSWERS = dict.fromkeys(("public_sector", "several_people", "linked_fees"), "no")

ROWS: list[Row] = [
    Row(name="start:home", **_RUN),
    Row(name="start:issuer", **_BOOKS),
    Row(name="start:issuer", **{**_BOOKS, "chloe": 422}, method="post", data={"siren": "12"}),
    Row(name="start:numbering", **_BOOKS),
    Row(
        name="start:numbering",
        **{**_BOOKS, "chloe": 422},
        method="post",
        data={"number": "sans numéro"},
    ),
    Row(name="start:people", **_RUN),
    Row(name="start:people", **{**_RUN, "farid": 409}, method="post", data={"alone": "1"}),
    Row(name="start:kit", **_KIT),
    Row(name="start:kit", **{**_KIT, "basile": 302, "farid": 302}, method="post"),
    Row(name="start:kit_pick", **_KIT),
    Row(name="start:skip", args=("'issuer",), **_GO),
    Row(name="start:skip", args=("'issuer",), **_GO, method="post"),
    Row(name="start:skip", args=("'nothing",), **{**_RUN, "farid": 409}, method="post"),
    Row(name="start:features", **_RUN),
    Row(name="start:features", **{**_RUN, "farid": 422}, method="post", data=_ANSWERS),
    Row(
        name="start:features",
        **_GO,
        method="post",
        data={**_ANSWERS, "vat": "yes"},
    ),
    Row(name="start:put_away", **_GO),
    Row(name="start:put_away", **_GO, method="post"),
    Row(name="start:sample", **_RUN),
    Row(name="start:sample_remove", **_GO),
    Row(name="start:sample_remove", **{**_RUN, "farid": 409}, method="post"),
    Row(name="start:first_invoice", **_BOOKS),
    Row(name="start:first_invoice", **{**_BOOKS, "chloe": 422}, method="post"),
]
