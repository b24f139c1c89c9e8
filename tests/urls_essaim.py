"""Every address of the ground, and what each persona is answered."""

from tests.url_table import Row

_ALL = {"ada": 200, "basile": 200, "chloe": 200, "farid": 200, "stranger": 200}
_ADMIN = {"ada": 403, "basile": 403, "chloe": 403, "farid": 200, "stranger": 403}
_TABLES = {**_ADMIN, "chloe": 200}
_POSTED = {"method": "post", "farid": 302}
# Pages of the account are for whoever stands there; those inside are led on.
_DOOR = dict.fromkeys(("ada", "basile", "chloe", "farid", "dina", "stranger"), 302)
_OPEN = dict.fromkeys((*_DOOR, "anonymous"), 200)
_OWN = dict.fromkeys(_DOOR, 200)
_NOBODY = dict.fromkeys(_OPEN, 404)

ROWS: list[Row] = [
    Row(name="today", **_ALL, dina=200),
    # Nothing at this address but in a demonstration.
    Row(name="demo_sign_in", method="post", **_NOBODY),
    Row(name="account_login", **_DOOR, anonymous=200),
    Row(name="account_logout", **_OWN),
    Row(name="account_inactive", **_OPEN),
    Row(name="account_change_password", **_OWN),
    Row(name="account_set_password", **_DOOR),
    Row(name="account_reset_password", **_OPEN),
    Row(name="account_reset_password_done", **_OPEN),
    Row(name="account_reset_password_from_key", args=("'1", "'x-y"), **_OPEN),
    Row(name="account_reset_password_from_key_done", **_OPEN),
    Row(name="settings", **_ALL),
    Row(name="users", **_ADMIN),
    Row(name="user_invite", **_ADMIN),
    Row(
        name="user_invite",
        **{**_ADMIN, **_POSTED},
        data={"email": "lea@essaim.test", "name": "Léa", "roles": ["consultant"]},
    ),
    Row(name="user_edit", args=("user",), **_ADMIN),
    Row(
        name="user_edit",
        args=("user",),
        **{**_ADMIN, **_POSTED},
        data={"name": "Ada", "roles": ["administrator"]},
    ),
    Row(name="user_edit", args=("'999999",), **_NOBODY | {"dina": 403, "anonymous": 302}),
    Row(name="user_deactivate", args=("user",), **_ADMIN),
    Row(name="user_deactivate", args=("user",), **{**_ADMIN, **_POSTED}),
    Row(name="user_reactivate", args=("user",), **_ADMIN),
    Row(name="user_reactivate", args=("user",), **{**_ADMIN, **_POSTED}),
    Row(name="legal_figures", **_TABLES),
    Row(name="legal_figure_new", **_TABLES),
    Row(
        name="legal_figure_new",
        **{**_TABLES, **_POSTED, "chloe": 302},
        data={"kind": "ecb_rate", "value": "2", "effective_from": "2026-07-01", "source": "BCE"},
    ),
]
