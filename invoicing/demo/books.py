"""The books: accounts and firm set up, a period closed, a bad debt, entries mailed to the firm."""

from decimal import Decimal
from functools import partial

from crm import actions as crm
from essaim.days import add_months, month_end, month_start
from invoicing import actions
from invoicing.actions import books as verbs
from invoicing.actions.firm import send_to_firm
from invoicing.demo.stage import Stage
from invoicing.entries import SALES
from invoicing.files import ENTRIES, VAT, Wanted, take

FIRM = "dossiers@cabinet-muller.example"


def plan(stage: Stage) -> None:
    """What the accountant does beside invoices and payments."""
    stage.later(-318, partial(_set_up, stage))
    stage.later(-240, partial(_lost_client, stage))
    stage.later(-12, partial(_lost, stage))
    stage.later(-4, partial(_closed, stage))
    stage.later(-3, partial(_sent, stage))


def _set_up(stage: Stage) -> None:
    """The firm says how it numbers accounts, and how its tool reads a CSV."""
    act = stage.act("chloe", stage.on(-318))
    verbs.set_books(
        firm_name="Cabinet Muller",
        firm_email=FIRM,
        sales_journal="VE",
        bank_journal="BQ",
        misc_journal="OD",
        code_prefix="C",
        code_digits=4,
        **act,
    )
    verbs.set_account(
        role="sale_days", analytic_code="ATELIERS", number="706200", label="Ateliers", **act
    )
    verbs.save_profile(
        name="Cabinet Muller",
        columns=["journal", "date", "any_account", "piece", "label", "debit", "credit",
                 "analytic_code"],
        separator=";",
        date_format="%d%m%y",
        encoding="cp1252",
        **act,
    )  # fmt: skip


def _lost_client(stage: Stage) -> None:
    """A small invoice to a café that closed soon after."""
    act = stage.act("chloe", stage.on(-240))
    client = crm.create_organisation(
        legal_name="Café des Halles",
        kind="partner",
        street="3 place des Halles",
        postcode="67000",
        city="Strasbourg",
        **stage.act("basile", stage.on(-240)),
    )
    on = act["on"]
    draft = actions.draft_free(
        client=client, title="Atelier caisse", period_from=on, period_to=on, **act
    )
    actions.add_line(
        invoice=draft,
        label="Atelier « tenir la caisse »",
        quantity=Decimal(1),
        unit="C62",
        unit_price=Decimal(180),
        **act,
    )
    draft.refresh_from_db()
    stage.things["invoice:halles"] = actions.issue(invoice=draft, **act)


def _lost(stage: Stage) -> None:
    verbs.write_off(
        invoice=stage.things["invoice:halles"],
        reason="Liquidation judiciaire, clôturée pour insuffisance d’actif.",
        **stage.act("chloe", stage.on(-12)),
    )


def _closed(stage: Stage) -> None:
    """What was declared for VAT is closed."""
    until = month_end(add_months(stage.today, -4))
    verbs.close_period(until=until, **stage.act("chloe", stage.on(-4)))


def _sent(stage: Stage) -> None:
    """Last month's entries leave for the firm; the VAT statement is taken for the return."""
    act = stage.act("chloe", stage.on(-3), 9)
    first = month_start(add_months(stage.today, -2))
    period = (first, month_end(first))
    send_to_firm(
        wanted=Wanted(ENTRIES, "fec", *period, scope=SALES),
        to=FIRM,
        subject=f"Les Passeurs d’épicerie : écritures de {first:%m/%Y}",
        body="Bonjour,\n\nVoici les ventes du mois.\n\nChloé",
        **act,
    )
    built, _log = take(Wanted(VAT, "xlsx", *period), **act)
    built.content.close()
