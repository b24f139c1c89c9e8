"""Addresses of mails, reminders, receivables and clients' accounts, and who is answered what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from invoicing.actions import holding, reminding, sending
from invoicing.models import MailText, ReminderLevel, Sending
from tests.conftest import acting
from tests.given_invoicing import client_of, given_invoice
from tests.given_receivables import given_payment, part_of
from tests.url_table import Objects, Row

_LISTS = {"ada": 403, "basile": 200, "chloe": 200, "farid": 200, "stranger": 403}
_SEEN = {**_LISTS, "ada": 404, "stranger": 404}
_OWN = {"ada": 404, "basile": 403, "chloe": 200, "farid": 403, "stranger": 404}
_DESK = {**_OWN, "ada": 403, "stranger": 403}
_NONE = dict.fromkeys(("ada", "basile", "chloe", "farid", "stranger"), 404)


def _late(o: Objects) -> Any:
    """An invoice issued long enough ago to be reminded today, of Ada's coop."""
    client = client_of(o["coop"])
    client.billing_email = "compta@epi.test"
    client.save()
    on = timezone.localdate() - timedelta(days=45)
    return given_invoice(client=client, on=on, by=o.people["chloe"])


def _chloe(o: Objects) -> dict[str, Any]:
    return acting(o.people["chloe"], timezone.localdate())


def _sending(o: Objects) -> Sending:
    words = {"to": "a@b.test", "subject": "Facture", "body": "Bonjour"}
    return sending.send_invoice(invoice=o["late"], **words, **_chloe(o))


def _held(o: Objects) -> Any:
    until = timezone.localdate() + timedelta(days=5)
    holding.hold_reminders(invoice=o["late"], until=until, reason="Attente.", **_chloe(o))
    return o["late"]


def _owner(o: Objects) -> Any:
    """A client with a balance and something to pay."""
    given_payment(o["late"].client, "100", timezone.localdate(), by=o.people["chloe"])
    return o["late"].client


OBJECTS: dict[str, Callable[[Objects], Any]] = {
    "late": _late,
    "late_part": lambda o: part_of(o["late"]),
    "sending": _sending,
    "reminder": lambda o: reminding.remind(instalment=part_of(o["late"]), **_chloe(o)),
    "held": _held,
    "mail_text": lambda o: MailText.objects.get(kind="invoice"),
    "level": lambda o: ReminderLevel.objects.get(rank=1),
    "owner": _owner,
    "paid_off": lambda o: client_of(o["coop"]),
}

ROWS: list[Row] = [
    Row(name="invoicing:send", args=("late",), **_OWN),
    Row(name="invoicing:send", args=("draft",), **{**_OWN, "chloe": 409}),
    Row(name="invoicing:send_many", **{**_DESK, "chloe": 302}),
    Row(name="invoicing:send_many", **{**_DESK, "chloe": 404}, method="post", data={"pk": "987"}),
    Row(name="invoicing:again", args=("sending",), **_OWN),
    Row(name="invoicing:reminders", **_LISTS),
    Row(name="invoicing:remind", args=("late_part",), **_OWN),
    Row(name="invoicing:remind", args=("=987654",), **_NONE),
    Row(name="invoicing:letter_preview", args=("late_part",), **_OWN),
    Row(name="invoicing:remind_many", **{**_DESK, "chloe": 302}),
    Row(name="invoicing:remind_many", **{**_DESK, "chloe": 404}, method="post", data={"pk": "987"}),
    Row(name="invoicing:reminder", args=("reminder",), **_SEEN),
    Row(name="invoicing:reminder_pdf", args=("reminder",), **_SEEN),
    Row(name="invoicing:reminder_again", args=("reminder",), **_OWN),
    # The referent of the coop may hold back what no other consultant sees.
    Row(name="invoicing:hold", args=("late",), **{**_OWN, "ada": 200, "basile": 200}),
    Row(name="invoicing:hold", args=("draft",), **_NONE),
    Row(name="invoicing:release", args=("held",), **{**_OWN, "ada": 200, "basile": 200}),
    Row(name="invoicing:texts", **_DESK),
    Row(name="invoicing:text_edit", args=("mail_text",), **_DESK),
    Row(name="invoicing:level_new", **_DESK),
    Row(name="invoicing:level_edit", args=("level",), **_DESK),
    Row(name="invoicing:receivables", **_LISTS),
    Row(
        name="invoicing:receivables",
        **{**_LISTS, "basile": 422, "chloe": 422, "farid": 422},
        query="?on_day=2026-13-01",
    ),
    Row(name="invoicing:receivables_file", args=("'csv",), **_LISTS),
    Row(name="invoicing:receivables_file", args=("'xlsx",), **_LISTS),
    Row(
        name="invoicing:receivables_file",
        args=("'ods",),
        **{**_LISTS, "basile": 404, "chloe": 404, "farid": 404},
    ),
    Row(name="invoicing:forecast", **_LISTS),
    Row(name="invoicing:forecast_file", args=("'csv",), **_LISTS),
    Row(name="invoicing:forecast_file", args=("'xlsx",), **_LISTS),
    # A consultant sees the coops they follow, never their account.
    Row(name="invoicing:client", args=("owner",), **_SEEN | {"ada": 403}),
    Row(name="invoicing:spread", args=("owner",), **_OWN | {"ada": 403}),
    Row(name="invoicing:refund", args=("owner",), **_OWN | {"ada": 403}),
    Row(name="invoicing:auto_remind", args=("owner",), **_OWN | {"ada": 403}),
    Row(name="invoicing:account_statement", args=("owner",), **_SEEN | {"ada": 403}),
    Row(name="invoicing:account_statement_file", args=("owner", "'pdf"), **_SEEN | {"ada": 403}),
    Row(name="invoicing:account_statement_file", args=("owner", "'csv"), **_SEEN | {"ada": 403}),
    Row(name="invoicing:account_statement_send", args=("owner",), **_OWN | {"ada": 403}),
]
