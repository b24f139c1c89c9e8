"""The money: grants from application to settlement, invoices, credits, payments."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from grants import actions as grants
from grants import payments
from grants.models import Disbursement, GrantApplication
from invoicing import actions
from invoicing.actions.issuing import amount_left
from invoicing.demo.stage import Stage
from invoicing.dues import due_fees
from invoicing.models import Invoice, SubsidyShareClause
from missions.models import Agreement

BASE, AGREED, JUSTIFIED, FINAL = map(Decimal, ("45000", "36000", "39600", "31680"))
TRANCHES = (("advance", "10800", -210), ("instalment", "18000", -120), ("balance", "2880", -30))


def plan(stage: Stage) -> None:
    """Plan the two golden grants, the other applications and the months of billing."""
    for key, base in (("quetsche", "paid"), ("garde", "awarded")):
        stage.later(-292, partial(_golden_clause, stage, key, base))
        stage.later(-250, partial(_golden_deposit, stage, key))
        stage.later(-225, partial(_golden_award, stage, key))
        for kind, amount, offset in TRANCHES[:2]:
            stage.later(offset, partial(_receive, stage, key, kind, amount, offset))
        stage.later(-45, partial(_golden_settle, stage, key))
        kind, amount, offset = TRANCHES[2]
        stage.later(offset, partial(_receive, stage, key, kind, amount, offset))
        for offset in (-280, -220, -205, -115, -40, -25):
            stage.later(offset, partial(_fees, stage, key, offset))
    stage.later(-100, partial(_other_grants, stage))
    for offset in (-230, -160, -95, -65):
        stage.later(offset, partial(_bill, stage, "mirabelle", "mirabelle", offset))
    for offset in (-200, -110):
        stage.later(offset, partial(_bill, stage, "echalote", "commune", offset))
        stage.later(offset, partial(_bill, stage, "echalote", "echalote", offset))
    for offset in (-190, -80):
        stage.later(offset, partial(_bill, stage, "epi", "epi", offset))
    stage.later(-60, partial(_bill, stage, "ateliers", "reseau", -60))
    stage.later(-20, partial(_credit_and_rebill, stage))
    stage.later(-1, partial(_drafts, stage))


# -- grants ------------------------------------------------------------------------------------
def _application(stage: Stage, key: str) -> GrantApplication:
    found: GrantApplication = stage.things[f"application:{key}"]
    return GrantApplication.objects.get(pk=found.pk)


def _golden_clause(stage: Stage, key: str, base: str) -> None:
    """The aid is spotted; the coop signs a clause of 5 %, capped, with a fixed part."""
    act = stage.act("basile", stage.on(-292))
    application = grants.create_application(
        programme=stage.things["programme:ouverture"],
        title=f"Ouverture du magasin {stage.coops[key]}",
        coop=stage.coops[key],
        total_cost=Decimal(60000),
        eligible_base=BASE,
        requested=AGREED,
        **act,
    )
    stage.things[f"application:{key}"] = application
    clause = actions.save_clause(
        agreement=stage.things[f"agreement:{key}"],
        applications=[application],
        rate=Decimal(5),
        base=base,
        fixed_part=Decimal(300),
        fixed_part_is="added",
        cap=Decimal(2000),
        floor=Decimal(0),
        tail_months=12,
        on_reduction="La part suit l’aide : ce qui est trop facturé est rendu par un avoir.",
        on_withdrawal="Si la coop renonce, seule la partie fixe reste due.",
        payment_days=30,
        **act,
    )
    actions.activate_clause(clause=clause, **act)
    stage.things[f"clause:{key}"] = clause


def _deposited(application: GrantApplication, act: dict[str, Any]) -> None:
    for edge, values in (
        ("check_eligibility", {}),
        ("draft", {}),
        ("deposit", {"dated": act["on"]}),
        ("declare_complete", {"dated": act["on"]}),
        ("review", {}),
    ):
        grants.move(application, edge, **values, **act)


def _golden_deposit(stage: Stage, key: str) -> None:
    _deposited(_application(stage, key), stage.act("basile", stage.on(-250)))


def _golden_award(stage: Stage, key: str) -> None:
    """Awarded, agreed, running; three payments are expected."""
    on = stage.on(-225)
    act, application = stage.act("basile", on), _application(stage, key)
    grants.award(application, dated=on, amount=AGREED, **act)
    grants.agree(application, dated=on, amount=AGREED, base=BASE, **act)
    grants.move(application, "start", **act)
    expected = {"advance": "10800", "instalment": "18000", "balance": "7200"}
    for kind, _amount, offset in TRANCHES:
        payments.plan(
            application,
            kind=kind,
            expected_amount=Decimal(expected[kind]),
            expected_on=stage.on(offset),
            **act,
        )


def _receive(stage: Stage, key: str, kind: str, amount: str, offset: int) -> None:
    row = Disbursement.objects.get(
        application=_application(stage, key), kind=kind, state__in=("planned", "claimed")
    )
    on = stage.on(offset)
    payments.receive(row, dated=on, amount=Decimal(amount), **stage.act("chloe", on))


def _golden_settle(stage: Stage, key: str) -> None:
    """Less was spent than planned: the final grant is 31,680."""
    on = stage.on(-45)
    act, application = stage.act("basile", on), _application(stage, key)
    grants.report(application, dated=on, amount=JUSTIFIED, **act)
    grants.settle(application, dated=on, amount=FINAL, **act)


def _other_grants(stage: Stage) -> None:
    """Applications at other states, so that every list has something to show."""
    act = stage.act("basile", stage.on(-100))
    rows = (
        ("mirabelle", "leader", "Travaux du magasin", "10000", "8000", "review"),
        ("epi", "fdva", "Animation du groupe", "6000", "3000", "refused"),
        (
            "echalote",
            "pna",
            "Accessibilité alimentaire en zone rurale",
            "30000",
            "20000",
            "awarded",
        ),
        ("ormeaux", "fdva", "Enquête auprès des habitants", "4000", "2500", "drafting"),
        ("gourmandignes", "pacte", "Pacte Émergence", None, None, "spotted"),
        (None, "emploi", "Poste de coordination des Passeurs", "32000", "16000", "agreed"),
    )
    for coop, programme, title, base, requested, state in rows:
        if coop not in stage.coops and coop is not None:
            continue
        application = grants.create_application(
            programme=stage.things[f"programme:{programme}"],
            title=title,
            coop=stage.coops[coop] if coop else None,
            eligible_base=Decimal(base) if base else None,
            requested=Decimal(requested) if requested else None,
            **act,
        )
        _bring(application, state, stage, act)


def _bring(application: GrantApplication, state: str, stage: Stage, act: dict[str, Any]) -> None:
    if state == "drafting":
        grants.move(application, "draft", **act)
    if state in ("spotted", "drafting"):
        return
    _deposited(application, act)
    if state == "refused":
        grants.move(application, "refuse", dated=act["on"], **act)
    if state in ("awarded", "agreed"):
        grants.award(
            application, dated=act["on"], amount=application.requested or Decimal(0), **act
        )
    if state == "agreed":
        grants.agree(application, dated=act["on"], amount=application.awarded or Decimal(0), **act)
        for kind, amount, offset in (("advance", "9600", -15), ("balance", "6400", 300)):
            payments.plan(
                application,
                kind=kind,
                expected_amount=Decimal(amount),
                expected_on=stage.on(offset),
                **act,
            )


# -- invoices ----------------------------------------------------------------------------------
def _pay(stage: Stage, invoice: Invoice, offset: int, part: Decimal = Decimal(1)) -> None:
    """The client pays, in whole or in part."""
    on = stage.on(offset)
    amount = (amount_left(invoice) * part).quantize(Decimal("0.01"))
    actions.record_payment(
        client=invoice.client,
        amount=amount,
        received_on=on,
        method="transfer",
        reference=str(invoice.number),
        invoices={invoice: amount},
        **stage.act("chloe", on, 14),
    )


def _fees(stage: Stage, key: str, offset: int) -> None:
    """The accountant looks at what the clause makes due, bills it, or gives it back."""
    clause = SubsidyShareClause.objects.get(pk=stage.things[f"clause:{key}"].pk)
    act = stage.act("chloe", stage.on(offset), 11)
    for fee in due_fees(clause):
        if fee.is_fixed_part:
            draft = actions.draft_fixed_part(clause=clause, **act)
        else:
            draft = actions.draft_fee(clause=clause, disbursement=fee.disbursement, **act)
        issued = actions.issue(invoice=draft, **act)
        if not issued.is_credit_note and offset < -60:
            stage.later(offset + 24, partial(_pay, stage, issued, offset + 24))


def _bill(stage: Stage, agreement: str, payer: str, offset: int) -> None:
    """A month of days becomes an invoice; some are paid, one in part, the last is late."""
    on = stage.on(offset)
    act = stage.act("chloe", on, 12)
    contract: Agreement = stage.things[f"agreement:{agreement}"]
    draft = actions.draft_from_days(
        payer=stage.organisations[payer], agreement=contract, until=on - timedelta(days=7), **act
    )
    issued = actions.issue(invoice=draft, **act)
    stage.things[f"invoice:{agreement}:{payer}"] = issued
    if offset <= -100:
        stage.later(offset + 40, partial(_pay, stage, issued, offset + 40))
    elif offset in (-95, -80):
        part = Decimal("0.5")
        stage.later(offset + 45, partial(_pay, stage, issued, offset + 45, part))


def _credit_and_rebill(stage: Stage) -> None:
    """One invoice had the wrong order number: credited in full, its days billed anew."""
    act = stage.act("chloe", stage.on(-20), 12)
    wrong: Invoice = stage.things["invoice:ateliers:reseau"]
    lines = [line.pk for line in wrong.lines.all()]
    credit = actions.draft_credit(
        origin=wrong, words="Bon de commande oublié : facture refaite.", billable_again=lines, **act
    )
    actions.issue(invoice=credit, **act)
    agreement: Agreement = stage.things["agreement:ateliers"]
    draft = actions.draft_from_days(payer=wrong.client, agreement=agreement, **act)
    draft = actions.edit_draft(invoice=draft, title=draft.title, order_number="BC-2026-118", **act)
    actions.issue(invoice=draft, **act)


def _drafts(stage: Stage) -> None:
    """Two drafts wait for a last look."""
    act = stage.act("chloe", stage.on(-1), 16)
    for key in ("mirabelle", "echalote"):
        agreement: Agreement = stage.things[f"agreement:{key}"]
        actions.draft_from_days(payer=agreement.client, agreement=agreement, **act)
