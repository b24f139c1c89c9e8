"""Mails, reminders and balances of the story: three clients, each with a way of paying."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from crm import actions as crm
from crm.models import Organisation
from essaim import outbox
from essaim.models import OutboxMessage
from invoicing import actions
from invoicing.actions import holding, refunding, reminding, sending
from invoicing.demo.stage import Stage
from invoicing.models import Instalment, Invoice, Payment, Reminder
from invoicing.printing_letters import render_statement
from invoicing.receivables import statement_of
from invoicing.rules_texts import fill
from invoicing.texts import document_facts, profile_of, text_for

CLIENTS = {
    "fournil": ("Le Fournil partagé", "8 rue des Meuniers", "67500", "Haguenau"),
    "halles": ("Les Halles du Ried", "2 place des Maraîchers", "67390", "Marckolsheim"),
    "tisane": ("La Tisanerie des Vosges", "14 route du Col", "68150", "Ribeauvillé"),
}


def plan(stage: Stage) -> None:
    """One is reminded twice, one is held back, one paid too much and uses it in parts."""
    stage.later(-90, partial(_clients, stage))
    stage.later(-75, partial(_bill, stage, "fournil", "Formation à la caisse", "600", -75))
    # Due thirty days later: announced, then sent alone at +8; the second one on a click at +21.
    for offset in (-40, -37):
        stage.later(offset, partial(_round, stage, offset))
    stage.later(-24, partial(_remind, stage, "fournil", -24))
    stage.later(-50, partial(_bill, stage, "halles", "Atelier approvisionnement", "450", -50))
    stage.later(-13, partial(_hold, stage))
    stage.later(-60, partial(_bill, stage, "tisane", "Formation à la comptabilité", "500", -60))
    stage.later(-35, partial(_pay_too_much, stage))
    stage.later(-33, partial(_bill, stage, "tisane", "Suivi de la comptabilité", "250", -33))
    stage.later(-21, partial(_bill, stage, "tisane", "Clôture de l’exercice", "400", -21))
    stage.later(-18, partial(_spread, stage))


def _clients(stage: Stage) -> None:
    """Three clients, each with somebody to write to; the first one's reminders leave alone."""
    act = stage.act("chloe", stage.on(-90))
    for key, (name, street, postcode, city) in CLIENTS.items():
        client = crm.create_organisation(
            legal_name=name,
            kind="partner",
            street=street,
            postcode=postcode,
            city=city,
            billing_email=f"compta@{key}.example",
            **act,
        )
        stage.organisations[key] = client
    who = stage.act("basile", stage.on(-90))
    person = crm.create_contact(
        first_name="Odile", last_name="Kuntz", email="tresorerie@fournil.example", **who
    )
    crm.give_role(person, organisation=stage.organisations["fournil"], role="treasurer", **who)
    holding.set_auto_remind(client=stage.organisations["fournil"], automatic=True, **act)


def _bill(stage: Stage, key: str, title: str, amount: str, offset: int) -> None:
    """A free invoice, issued and sent by mail the same day."""
    on = stage.on(offset)
    act = stage.act("chloe", on, 12)
    client = stage.organisations[key]
    draft = actions.draft_free(client=client, title=title, period_from=on, period_to=on, **act)
    actions.add_line(
        invoice=draft,
        label=title,
        quantity=Decimal(1),
        unit="C62",
        unit_price=Decimal(amount),
        **act,
    )
    draft.refresh_from_db()
    issued = actions.issue(invoice=draft, **act)
    invoice: Any = Invoice.objects.with_left().get(pk=issued.pk)
    text, facts = text_for("invoice"), document_facts(invoice, profile_of(on))
    sent = sending.send_invoice(
        invoice=invoice,
        to=client.billing_email,
        subject=fill(text.subject, facts),
        body=fill(text.body, facts),
        **stage.act("chloe", on, 13),
    )
    _leaves(sent.message, act["at"])
    stage.things[f"sent:{key}:{offset}"] = issued


def _leaves(message: OutboxMessage, at: datetime) -> None:
    """The mail server of the story takes the mail."""
    held = outbox.claim(message.pk, at=at)
    if held is not None:
        outbox.sent(held, at=at)


def _round(stage: Stage, offset: int) -> None:
    """The night’s command: it announces what is coming, then sends what is due."""
    on = stage.on(offset)
    at = stage.act("chloe", on, 6)["at"]
    for reminder in holding.run_reminders(on=on, at=at).reminders:
        if reminder.message is not None:
            _leaves(reminder.message, at)


def _part(stage: Stage, key: str) -> Instalment:
    """The oldest instalment of a client."""
    rows = Instalment.objects.filter(invoice__client=stage.organisations[key])
    return rows.order_by("due_on", "pk")[0]


def _remind(stage: Stage, key: str, offset: int) -> None:
    act = stage.act("chloe", stage.on(offset), 9)
    reminder = reminding.remind(instalment=_part(stage, key), **act)
    if reminder.message is not None:
        _leaves(reminder.message, act["at"])


def _hold(stage: Stage) -> None:
    """The coordinator knows why they are late, and asks to wait."""
    holding.hold_reminders(
        invoice=_part(stage, "halles").invoice,
        until=stage.on(12),
        reason="La subvention de la commune arrive à la fin du mois, ils nous ont appelés.",
        **stage.act("basile", stage.on(-13)),
    )


def _pay_too_much(stage: Stage) -> None:
    """900 received for 600: the rest is the client's balance."""
    on = stage.on(-35)
    invoice: Invoice = stage.things["sent:tisane:-60"]
    stage.things["overpaid"] = actions.record_payment(
        client=invoice.client,
        amount=invoice.gross + 300,
        received_on=on,
        method="transfer",
        reference="VIR LA TISANERIE",
        invoices={invoice: invoice.gross},
        **stage.act("chloe", on, 14),
    )


def _spread(stage: Stage) -> None:
    """The balance goes in parts to two invoices."""
    overpaid: Payment = stage.things["overpaid"]
    first, second = stage.things["sent:tisane:-33"], stage.things["sent:tisane:-21"]
    refunding.spread(
        sources=[overpaid],
        invoices={first: Decimal(200), second: Decimal(100)},
        **stage.act("chloe", stage.on(-18), 15),
    )


def leave_letters(folder: Path, *, on: date) -> list[Path]:
    """Leave the statement of each client and the letters of reminder in a folder."""
    made = []
    for name, *_place in CLIENTS.values():
        client = Organisation.objects.get(legal_name=name)
        found = statement_of(client, first=on.replace(month=1, day=1), last=on)
        path = folder / f"releve-{client.pk}-{on:%Y%m%d}.pdf"
        path.write_bytes(
            render_statement(profile=profile_of(on), client=client, statement=found, on=on, epoch=0)
        )
        made.append(path)
    for reminder in Reminder.objects.sent().select_related("invoice", "level"):
        path = folder / reminding.letter_name(reminder)
        path.write_bytes(bytes(reminder.content or b""))
        made.append(path)
    return made
