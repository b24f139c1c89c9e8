"""Expenses, a signed timesheet, an envelope billed by the quarter, the value of unpaid work."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile

from crm import actions as crm
from essaim import pdf
from essaim.days import add_months, month_start
from invoicing import actions
from invoicing.actions.proving import take_proof
from invoicing.demo.stage import Stage
from invoicing.demo.work import log_somewhere
from missions import actions as missions
from missions.models import Expense
from missions.sheet_print import render_sheet, sheet_name
from missions.timesheets import sheet_of

# On the agreement of Super Mirabelle: who, offset, facts.
SPENT: tuple[tuple[str, int, Mapping[str, Any]], ...] = (
    (
        "louis",
        -92,
        {"kind": "train", "label": "Strasbourg – Nancy, aller-retour", "gross": "61.40"},
    ),
    (
        "louis",
        -91,
        {
            "kind": "hotel",
            "label": "Nuit à Nancy, réunion du soir",
            "gross": "99.00",
            "vat": "9.00",
        },
    ),
    ("louis", -85, {"kind": "km", "label": "Visite de trois locaux", "km": "148.0", "power": 5}),
    ("louis", -78, {"kind": "km", "label": "Négociation du bail", "km": "151.5", "power": 5}),
    (
        "louis",
        -77,
        {
            "kind": "printing",
            "label": "Impression du dossier de financement",
            "gross": "96.00",
            "vat": "16.00",
            "treatment": "advanced",
            "paid_by": "structure",
        },
    ),
    (
        "louis",
        -76,
        {"kind": "meals", "label": "Repas avec l’équipe", "gross": "32.40", "treatment": "kept"},
    ),
)
LATER: tuple[tuple[str, int, str, Mapping[str, Any]], ...] = (
    ("louis", -9, "validated", {"kind": "train", "label": "Nancy, chantier", "gross": "61.40"}),
    ("louis", -4, "submitted", {"kind": "km", "label": "Notaire", "km": "150.0", "power": 5}),
    ("louis", -1, "logged", {"kind": "meals", "label": "Repas à Nancy", "gross": "18.90"}),
)
NUMBERS = ("gross", "vat", "km")
COOPS = ("epi", "panier", "garde")


def plan(stage: Stage) -> None:
    """Plan the values, the expenses and their invoice, the envelope and its quarter."""
    stage.later(-318, partial(_values, stage))
    for who, offset, facts in SPENT:
        stage.later(offset, partial(_spend, stage, who, offset, facts))
    stage.later(-72, partial(_settle_expenses, stage))
    stage.later(-64, partial(_bill_expenses, stage))
    for who, offset, state, facts in LATER:
        stage.later(offset, partial(_spend, stage, who, offset, facts, state))
    stage.later(-175, partial(_order, stage))
    stage.later(-59, partial(_quarter, stage))
    stage.later(-8, partial(_sign_sheet, stage))


def _values(stage: Stage) -> None:
    act = stage.act("chloe", stage.on(-318))
    missions.note_valuation(
        nature="given",
        unit="day",
        value=Decimal("310.00"),
        effective_from=date(act["on"].year, 1, 1),
        method="Salaires chargés de l’équipe divisés par les jours travaillés",
        source="Comptes du dernier exercice",
        **act,
    )
    missions.note_valuation(
        nature="volunteer",
        unit="hour",
        value=Decimal("13.20"),
        hours_per_day=Decimal(7),
        effective_from=date(act["on"].year, 1, 1),
        method="SMIC horaire, arrondi, sans les charges",
        source="Décision du conseil d’administration",
        **act,
    )


# -- expenses ------------------------------------------------------------------------------------
def _receipt(label: str, on: date) -> Any:
    words = f"<p><b>Justificatif</b></p><p>{label}</p><p>{on:%d/%m/%Y}</p>"
    content = pdf.render(f"<html lang='fr'><body>{words}</body></html>", epoch=0)
    return ContentFile(content, "justificatif.pdf")


def _spend(
    stage: Stage, who: str, offset: int, facts: Mapping[str, Any], state: str = "submitted"
) -> None:
    on = stage.on(offset)
    values: dict[str, Any] = {k: Decimal(v) if k in NUMBERS else v for k, v in facts.items()}
    proved = values.get("treatment") == "advanced" or values["kind"] == "hotel"
    expense = missions.log_expense(
        mission=stage.things["mission:mirabelle"],
        spent_on=on,
        receipt=_receipt(str(values["label"]), on) if proved else None,
        **values,
        **stage.act(who, on, 20),
    )
    if state != "logged":
        missions.submit_expenses([expense], **stage.act(who, on, 21))
    if state == "validated":
        missions.validate_expense(expense, **stage.act("basile", stage.on(offset + 2)))


def _settle_expenses(stage: Stage) -> None:
    """The coordinator validates the summer's expenses; the person is given their money back."""
    sent = Expense.objects.to_validate()
    missions.validate_expenses(sent, **stage.act("basile", stage.on(-72)))
    waiting = list(Expense.objects.to_reimburse())
    missions.reimburse_expenses(waiting, **stage.act("basile", stage.on(-72), 11))


def _bill_expenses(stage: Stage) -> None:
    """Rebilled, kilometres and débours on one invoice, apart from the days."""
    agreement = stage.things["agreement:mirabelle"]
    act = stage.act("chloe", stage.on(-64))
    draft = actions.draft_from_expenses(payer=agreement.client, agreement=agreement, **act)
    stage.things["invoice:expenses"] = actions.issue(invoice=draft, **act)


# -- an envelope billed by the quarter ------------------------------------------------------------
def _order(stage: Stage) -> None:
    """A public client orders days for three coops: one agreement each, one envelope."""
    on = stage.on(-175)
    act = stage.act("basile", on)
    payer = crm.create_organisation(
        legal_name="Pays du Ried, syndicat mixte",
        kind="authority",
        siren="200054039",
        street="1 rue de l’Hôtel-de-Ville",
        postcode="67600",
        city="Sélestat",
        **act,
    )
    crm.set_client_kind(
        payer, client_kind="public", reason="Personne publique", **stage.act("chloe", on)
    )
    envelope = missions.create_envelope(
        payer=payer,
        reference="Pays du Ried, appui aux épiceries",
        basis="order",
        starts_on=on,
        ends_on=stage.today.replace(month=12, day=31),
        quota_days=Decimal(3),
        quota_coops=6,
        value_per_day=Decimal(620),
        engagement_number="EJ-2026-00417",
        **act,
    )
    stage.things["envelope:order"] = envelope
    for index, key in enumerate(COOPS):
        _ordered(stage, envelope, key, act)
        stage.later(-150 + 3 * index, partial(_ordered_day, stage, key, -150 + 3 * index))


def _ordered(stage: Stage, envelope: Any, key: str, act: dict[str, Any]) -> None:
    coop = stage.coops[key]
    agreement = missions.create_agreement(
        title=f"Appui du Pays du Ried, {coop}",
        form="order",
        client=envelope.payer,
        coop=coop,
        starts_on=act["on"],
        daily_rate=Decimal(620),
        payment_days=30,
        **act,
    )
    share = missions.ShareLine(payer=envelope.payer, percent=Decimal(100), envelope=envelope)
    missions.set_shares(agreement, [share], **act)
    missions.sign_agreement(agreement, **act)
    owner = stage.accompaniment(key).owner
    stage.things[f"mission:order:{key}"] = missions.open_mission(
        agreement, title=f"Appui du Pays du Ried, {coop}", team=[owner], **act
    )


def _ordered_day(stage: Stage, key: str, offset: int) -> None:
    owner = stage.accompaniment(key).owner
    who = next(k for k, user in stage.users.items() if user == owner)
    values = {
        "mission": stage.things[f"mission:order:{key}"],
        "subject": "Appui aux achats groupés",
        "beneficiaries": [],
    }
    log_somewhere(stage.work_on(offset), values, partial(stage.act, who, hour=18))


def _quarter(stage: Stage) -> None:
    """One invoice for the three coops, its engagement number on it."""
    act = stage.act("chloe", stage.on(-59))
    envelope = stage.things["envelope:order"]
    draft = actions.draft_from_envelope(envelope=envelope, until=stage.on(-60), **act)
    stage.things["invoice:envelope"] = actions.issue(invoice=draft, **act)


# -- timesheets and the proof pack -----------------------------------------------------------------
def _month(stage: Stage) -> date:
    return add_months(month_start(stage.today), -2)


def _sign_sheet(stage: Stage) -> None:
    """Ada signs the sheet of a month; the others still lack."""
    act = stage.act("ada", stage.on(-8))
    ada = stage.users["ada"]
    content = render_sheet(sheet_of(_month(stage), consultant=ada), on=act["on"])
    file = ContentFile(content, "releve-signe.pdf")
    missions.sign_timesheet(month=_month(stage), consultant=ada, file=file, **act)


def leave(stage: Stage, folder: Path) -> None:
    """Leave the timesheets of a month and the funders' proof packs beside the invoices."""
    month = _month(stage)
    for who in ("ada", "louis", "jeanne"):
        sheet = sheet_of(month, consultant=stage.users[who])
        (folder / sheet_name(sheet)).write_bytes(render_sheet(sheet, on=stage.today))
    by_coop = sheet_of(month, coop=stage.coops["musette"])
    (folder / sheet_name(by_coop)).write_bytes(render_sheet(by_coop, on=stage.today))
    for key in ("envelope:region", "envelope:order"):
        envelope = stage.things[key]
        act = stage.act("chloe", stage.today)
        name, content, _proof = take_proof(
            envelope, first=envelope.starts_on, last=stage.today, **act
        )
        (folder / name).write_bytes(content)
