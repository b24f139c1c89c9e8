"""Addresses of one's own account: the second factor and the open sessions."""

from tests.url_table import Row

_STAFF = ("ada", "basile", "chloe", "farid", "dina", "stranger")
# What protects an account is changed after the password was typed once more.
_ASKED = dict.fromkeys(_STAFF, 302)
_OWN = dict.fromkeys(_STAFF, 200)
_NOTHING = dict.fromkeys(_STAFF, 404)
_ADMIN = {"ada": 403, "basile": 403, "chloe": 403, "farid": 200, "stranger": 403}

ROWS: list[Row] = [
    Row(name="account_reauthenticate", **_OWN),
    Row(name="mfa_index", **_OWN),
    Row(name="mfa_authenticate", **_ASKED),
    Row(name="mfa_reauthenticate", **_ASKED),
    Row(name="mfa_activate_totp", **_ASKED),
    Row(name="mfa_deactivate_totp", **_NOTHING),
    Row(name="mfa_view_recovery_codes", **_NOTHING),
    Row(name="mfa_generate_recovery_codes", **_ASKED),
    Row(name="mfa_download_recovery_codes", **_NOTHING),
    Row(name="mfa_list_webauthn", **_OWN),
    Row(name="mfa_add_webauthn", **_ASKED),
    Row(name="mfa_edit_webauthn", args=("'1",), **_ASKED),
    Row(name="mfa_remove_webauthn", args=("'1",), **_ASKED),
    Row(name="mfa_login_webauthn", **_ASKED),
    Row(name="mfa_reauthenticate_webauthn", **_ASKED),
    Row(name="usersessions_list", **_OWN),
    Row(name="user_second_factor", args=("user",), **_ADMIN),
    Row(
        name="user_second_factor",
        args=("user",),
        method="post",
        **{**_ADMIN, "farid": 409},
    ),
]
