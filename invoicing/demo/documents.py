"""Deposits, corrections, memberships, subscriptions and an invoice of an earlier tool."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from crm import actions as crm
from crm.models import Coop, Organisation
from essaim.series import open_series
from invoicing import actions
from invoicing.demo.stage import Stage
from invoicing.models import Correction, Invoice

D = Decimal
SHOPS = (
    ("foyers", "Association des Foyers de l’Ill", "4 rue des Écluses", "67600", "Sélestat"),
    ("grange", "Les Amis de la Grange", "11 place du Marché", "67140", "Barr"),
)


def plan(stage: Stage) -> None:
    """Plan the scenes, in the order of their dates."""
    stage.later(-300, partial(_welcome, stage))
    stage.later(-299, partial(_taken_over, stage))
    stage.later(-150, partial(_deposit, stage))
    stage.later(-75, partial(_final, stage))
    stage.later(-55, partial(_free, stage))
    stage.later(-50, partial(_part_credited, stage))
    stage.later(-35, partial(_memberships, stage))
    stage.later(-18, partial(_wrong, stage))
    stage.later(-12, partial(_corrected, stage))
    stage.later(-1, partial(_subscribed, stage))


def _act(stage: Stage, offset: int) -> dict[str, Any]:
    return stage.act("chloe", stage.on(offset), 15)


def _welcome(stage: Stage) -> None:
    """Two clients outside the accompaniment, and the series of membership calls."""
    open_series("membership", pattern="CO-{year}-{number:04d}")
    act = stage.act("basile", stage.on(-300))
    for key, name, street, postcode, city in SHOPS:
        stage.organisations[key] = crm.create_organisation(
            legal_name=name, kind="partner", street=street, postcode=postcode, city=city, **act
        )


def _taken_over(stage: Stage) -> None:
    """What the spreadsheet of before still awaited."""
    on = stage.on(-299)
    actions.take_over_invoice(
        client=stage.organisations["grange"],
        number="2025-118",
        issued_on=on - timedelta(days=60),
        due_on=on - timedelta(days=30),
        left=D("480.00"),
        total=D("960.00"),
        vat_rate=D(20),
        title="Étude de faisabilité",
        **_act(stage, -299),
    )


def _lines(
    stage: Stage, invoice: Invoice, rows: tuple[tuple[str, str, str, str], ...], offset: int
) -> None:
    for label, quantity, unit, price in rows:
        actions.add_line(
            invoice=invoice,
            label=label,
            quantity=D(quantity),
            unit=unit,
            unit_price=D(price),
            **_act(stage, offset),
        )


def _draft(stage: Stage, key: str, title: str, offset: int, days: int = 5) -> Invoice:
    on = stage.on(offset)
    return actions.draft_free(
        client=stage.organisations[key],
        title=title,
        period_from=on - timedelta(days=days),
        period_to=on,
        **_act(stage, offset),
    )


def _deposit(stage: Stage) -> None:
    """Thirty percent before a diagnosis begins."""
    act = _act(stage, -150)
    draft = actions.draft_deposit(
        client=stage.organisations["foyers"],
        title="Diagnostic d’épicerie sociale",
        share=D(30),
        whole=D("3900.00"),
        **act,
    )
    issued = actions.issue(invoice=draft, **act)
    stage.things["deposit"] = issued
    actions.record_payment(
        client=issued.client,
        amount=issued.gross,
        received_on=stage.on(-150),
        method="transfer",
        reference=str(issued.number),
        invoices={issued: issued.gross},
        **act,
    )


def _final(stage: Stage) -> None:
    """The diagnosis is done: the final invoice takes the deposit off."""
    draft = _draft(stage, "foyers", "Diagnostic d’épicerie sociale", -75, days=40)
    _lines(stage, draft, (("Diagnostic d’épicerie sociale", "6.5", "DAY", "600"),), -75)
    act = _act(stage, -75)
    actions.deduct_deposits(invoice=draft, deposits=[stage.things["deposit"]], **act)
    actions.issue(invoice=draft, **act)


def _free(stage: Stage) -> None:
    """Training and books from the catalogue, at two rates, with a discount."""
    act = _act(stage, -55)
    training = actions.save_item(label="Atelier de formation", unit="DAY", unit_price=D(480), **act)
    book = actions.save_item(
        label="Guide « Ouvrir une épicerie »", unit_price=D("18.00"), vat_rate=D("5.5"), **act
    )
    draft = _draft(stage, "grange", "Atelier et guides", -55)
    for item, quantity in ((training, "1.5"), (book, "12")):
        actions.add_line(
            invoice=draft,
            label=item.label,
            quantity=D(quantity),
            unit=item.unit,
            unit_price=item.unit_price,
            kind=item.kind,
            chosen_rate=item.vat_rate,
            **act,
        )
    actions.add_discount(invoice=draft, label="Remise adhérent", share=D(10), **act)
    stage.things["free"] = actions.issue(invoice=draft, **act)


def _part_credited(stage: Stage) -> None:
    """Two guides came back damaged: part of one line is given back."""
    free: Invoice = stage.things["free"]
    act = _act(stage, -50)
    line = free.lines.filter(vat_rate=D("5.5")).exclude(kind="discount").get()
    credit = actions.draft_credit(
        origin=free, amounts={line.pk: D("32.40")}, words="Deux guides abîmés.", **act
    )
    actions.issue(invoice=credit, **act)


def _memberships(stage: Stage) -> None:
    """The year's calls: one paid, one awaited, one still a draft."""
    act = _act(stage, -35)
    on = stage.on(-35)
    coops = [stage.organisations[key] for key in ("foyers", "grange")]
    coops += _members(stage)
    calls = actions.draft_membership_calls(clients=coops, year=on.year, amount=D("150.00"), **act)
    issued = [actions.issue(invoice=call, **act) for call in calls[:2]]
    actions.record_payment(
        client=issued[0].client,
        amount=issued[0].gross,
        received_on=on,
        method="cheque",
        reference="Chèque 0004512",
        invoices={issued[0]: issued[0].gross},
        **act,
    )


def _members(stage: Stage) -> list[Organisation]:
    rows = Coop.objects.filter(pk=stage.coops["mirabelle"].pk).select_related("organisation")
    return [coop.organisation for coop in rows]


def _wrong(stage: Stage) -> None:
    """An invoice goes out without the order number its client needs."""
    draft = _draft(stage, "foyers", "Accompagnement des bénévoles", -18)
    _lines(stage, draft, (("Accompagnement des bénévoles", "2", "DAY", "600"),), -18)
    stage.things["wrong"] = actions.issue(invoice=draft, **_act(stage, -18))


def _corrected(stage: Stage) -> None:
    """Its credit note and the corrective invoice go out together."""
    act = _act(stage, -12)
    pair = actions.draft_correction(
        origin=stage.things["wrong"], words="Numéro de commande oublié.", **act
    )
    corrective = pair.corrective
    actions.edit_draft(
        invoice=corrective, title=corrective.title, order_number="BC-2026-207", **act
    )
    actions.issue_correction(pair=Correction.objects.get(pk=pair.pk), **act)


def _subscribed(stage: Stage) -> None:
    """A subscription by tiers of members: last month's is issued, this month's is a draft."""
    act = _act(stage, -1)
    coop = stage.coops["epi"]
    first = (stage.on(-1).replace(day=1) - timedelta(days=1)).replace(day=1)
    actions.save_recurring(
        client=coop.organisation,
        coop=coop,
        label="Outil de gestion mutualisé",
        period="monthly",
        starts_on=first,
        pricing="registered",
        tiers=[(100, D("25.00")), (500, D("45.00")), (None, D("80.00"))],
        **act,
    )
    done = actions.draft_recurring(by=act["by"], on=act["on"], at=act["at"])
    actions.issue(invoice=done.invoices[0], **act)
