"""Contracts of the story: quotes answered or not, a price by phases, a pack, a report, papers."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from grants import actions as grants
from invoicing import actions
from invoicing.actions import desk
from invoicing.demo.stage import Stage
from missions import actions as missions
from missions.actions import PhaseLine, PricedLine, ProposedShare
from missions.models import Agreement, FrozenPaper, Quote

D = Decimal


def plan(stage: Stage) -> None:
    """Ormeaux pays by phases, La Brouette by a pack, Terre à Table on a DLA report."""
    stage.later(-125, partial(_quote_by_phases, stage))
    stage.later(-122, partial(_second_version, stage))
    stage.later(-115, partial(_accepted, stage))
    stage.later(-110, partial(_signed, stage))
    stage.later(-50, partial(_first_phase, stage))
    stage.later(-44, partial(_bill, stage, "phases", -44))
    stage.later(-100, partial(_quote_that_expires, stage))
    stage.later(-55, partial(_pack, stage))
    for offset in (-43, -29):
        stage.later(offset, partial(_evening, stage, "pack", "louis", offset))
    stage.later(-42, partial(_bill, stage, "pack", -42))
    stage.later(-41, partial(_dla, stage))
    stage.later(-36, partial(_evening, stage, "report", "jeanne", -36))
    stage.later(-18, partial(_report, stage))
    stage.later(-35, partial(_declined, stage))
    stage.later(-30, partial(_amended, stage))
    stage.later(-8, partial(_waiting, stage))


def _line(kind: str, label: str, price: str, quantity: str = "1", on: date | None = None) -> Any:
    return PricedLine(
        kind=kind, label=label, quantity=D(quantity), unit_price=D(price), planned_on=on
    )


def _draft(stage: Stage, key: str, title: str, lines: Any, offset: int, **more: Any) -> Quote:
    """A quote for a coop of the story, by its accountant."""
    values = {"valid_until": stage.on(offset) + timedelta(days=30), **more}
    return missions.save_quote(
        title=title,
        client=stage.organisations[key],
        coop=stage.coops[key],
        lines=lines,
        **values,
        **stage.act("chloe", stage.on(offset)),
    )


def _sent(quote: Quote, stage: Stage, offset: int) -> Quote:
    return missions.send_quote(quote, **stage.act("chloe", stage.on(offset), 11))


# -- a price by phases ---------------------------------------------------------------------
def _quote_by_phases(stage: Stage) -> None:
    """The market study in three phases; the town would pay a part of it."""
    lines = [
        _line("phase", "Diagnostic du bassin de vie", "1800", on=stage.on(-55)),
        _line("phase", "Étude de marché et budget", "3400", on=stage.on(20)),
        _line("phase", "Dossier de financement", "1600", on=stage.on(80)),
    ]
    shares = [
        ProposedShare(payer=stage.organisations["commune"], percent=D(30), cap_eur=D(1800)),
        ProposedShare(payer=stage.organisations["ormeaux"], percent=D(70), takes_remainder=True),
    ]
    more = {"shares": shares, "rhythm": "phase", "starts_on": stage.on(-110)}
    quote = _draft(stage, "ormeaux", "Étude et montage du magasin", lines, -125, **more)
    stage.things["quote:phases"] = _sent(quote, stage, -125)


def _second_version(stage: Stage) -> None:
    """The group asked for a lower price: a new version under the same number."""
    act = stage.act("chloe", stage.on(-122))
    first: Quote = stage.things["quote:phases"]
    later = missions.new_version(first, valid_until=stage.on(-92), **act)
    prices = ("1600", "3200", "1500")
    lines = [
        _line(old.kind, old.label, price, on=old.planned_on)
        for old, price in zip(later.lines.all(), prices, strict=True)
    ]
    shares = [
        ProposedShare(
            payer=s.payer,
            percent=s.percent,
            cap_eur=s.cap_eur,
            takes_remainder=s.takes_remainder,
        )
        for s in later.shares.select_related("payer")
    ]
    later = missions.save_quote(quote=later, lines=lines, shares=shares, **act)
    stage.things["quote:phases"] = _sent(later, stage, -122)


def _accepted(stage: Stage) -> None:
    act = stage.act("chloe", stage.on(-115))
    quote = missions.accept_quote(
        stage.things["quote:phases"], decided_by="Présidente d’Ormeaux Coop", **act
    )
    stage.things["agreement:phases"] = missions.make_agreement(quote, **act)


def _signed(stage: Stage) -> None:
    """A share of the grant comes with it: the agreement leaves with its clause and its annex."""
    act = stage.act("chloe", stage.on(-110))
    agreement: Agreement = stage.things["agreement:phases"]
    application = grants.create_application(
        programme=stage.things["programme:pna"],
        title="Ouverture d’Ormeaux Coop",
        coop=stage.coops["ormeaux"],
        total_cost=D(40000),
        requested=D(20000),
        **stage.act("basile", stage.on(-110)),
    )
    clause = actions.save_clause(
        agreement=agreement,
        applications=[application],
        rate=D(4),
        base="paid",
        fixed_part=D(0),
        fixed_part_is="added",
        cap=D(900),
        floor=D(0),
        tail_months=12,
        on_reduction="La part suit l’aide : ce qui est trop facturé est rendu par un avoir.",
        on_withdrawal="Rien n’est dû si la coop renonce avant tout versement.",
        payment_days=30,
        **act,
    )
    missions.send_agreement(agreement, **act)
    missions.sign_agreement(agreement, **act)
    missions.start_agreement(agreement, **act)
    why = "Honoraires payés sur ressources propres, hors du dossier."
    codes = ("clause_due_after_claim_date", "clause_double_financing")
    actions.activate_clause(clause=clause, reasons=dict.fromkeys(codes, why), **act)


def _first_phase(stage: Stage) -> None:
    agreement: Agreement = stage.things["agreement:phases"]
    missions.accept_phase(
        agreement.phases.get(position=1),
        accepted_by="Présidente d’Ormeaux Coop",
        **stage.act("basile", stage.on(-50)),
    )


def _bill(stage: Stage, key: str, offset: int) -> None:
    """What is due of a price is billed to each of its payers."""
    act = stage.act("chloe", stage.on(offset), 14)
    agreement: Agreement = stage.things[f"agreement:{key}"]
    for share in agreement.shares.select_related("payer"):
        (draft,) = desk.draft_price(payer=share.payer, agreement=agreement, **act)
        actions.issue(invoice=draft, **act)


# -- a pack of days, a report ----------------------------------------------------------------
def _pack(stage: Stage) -> None:
    """Six days of follow-up for one price, billed at the signature and a month later."""
    act = stage.act("chloe", stage.on(-55))
    lines = [_line("pack", "Forfait de suivi après ouverture", "520", "6")]
    quote = _sent(_draft(stage, "brouette", "Suivi après ouverture", lines, -55), stage, -55)
    missions.accept_quote(quote, decided_by="Coprésidence", **act)
    agreement = missions.make_agreement(quote, **act)
    halves = [
        PhaseLine(title="Forfait de suivi, à la signature", amount=D(1560)),
        PhaseLine(title="Forfait de suivi, solde", amount=D(1560), planned_on=stage.on(15)),
    ]
    missions.set_phases(agreement, halves, **act)
    missions.send_agreement(agreement, **act)
    missions.sign_agreement(agreement, **act)
    missions.start_agreement(agreement, **act)
    _open(stage, "pack", agreement, "louis", "Suivi après ouverture")


def _open(stage: Stage, key: str, agreement: Agreement, who: str, title: str) -> None:
    act = stage.act("basile", agreement.signed_on or stage.today)
    stage.things[f"agreement:{key}"] = agreement
    stage.things[f"mission:{key}"] = missions.open_mission(
        agreement, title=title, team=[stage.users[who]], **act
    )


def _evening(stage: Stage, key: str, who: str, offset: int) -> None:
    """A meeting of the evening, under the price."""
    on = stage.work_on(offset)
    missions.log_day(
        mission=stage.things[f"mission:{key}"],
        worked_on=on,
        moment="evening",
        quantity=D("0.5"),
        subject="Réunion du soir avec le groupe",
        **stage.act(who, on, 22),
    )


def _dla(stage: Stage) -> None:
    """A DLA mission: its bearer is billed, on the report."""
    act = stage.act("chloe", stage.on(-41))
    agreement = missions.create_agreement(
        title="Mission DLA : modèle économique",
        reference="DLA-67",
        form="dla",
        client=stage.organisations["dla"],
        coop=stage.coops["terre"],
        starts_on=act["on"],
        ends_on=stage.on(30),
        rhythm="report",
        daily_rate=D(700),
        days_budgeted=D(4),
        payment_days=30,
        **act,
    )
    missions.send_agreement(agreement, **act)
    missions.sign_agreement(agreement, **act)
    missions.start_agreement(agreement, **act)
    _open(stage, "report", agreement, "jeanne", "Mission DLA")


def _report(stage: Stage) -> None:
    act = stage.act("basile", stage.on(-18))
    missions.deliver_report(stage.things["agreement:report"], delivered_on=act["on"], **act)


# -- quotes without a tomorrow, an amendment -------------------------------------------------
def _quote_that_expires(stage: Stage) -> None:
    lines = [_line("days", "Journées d’accompagnement", "600", "5")]
    quote = _draft(stage, "terre", "Accompagnement du collectif", lines, -100)
    _sent(quote, stage, -100)


def _declined(stage: Stage) -> None:
    lines = [_line("days", "Journées d’accompagnement", "620", "8")]
    quote = _draft(stage, "gourmandignes", "Préfiguration", lines, -35)
    _sent(quote, stage, -35)
    act = stage.act("basile", stage.on(-35), 18)
    missions.decline_quote(quote, decided_by="Le collectif", **act)


def _waiting(stage: Stage) -> None:
    lines = [
        _line("days", "Journées d’accompagnement", "600", "3"),
        _line("travel", "Déplacements", "0.529", "240"),
    ]
    _sent(_draft(stage, "vrac", "Groupement d’achats", lines, -8), stage, -8)


def _amended(stage: Stage) -> None:
    """An end that was never set is set; a second amendment waits for its signature."""
    act = stage.act("chloe", stage.on(-30))
    agreement: Agreement = stage.things["agreement:quetsche"]
    first = missions.create_amendment(
        agreement,
        effective_on=act["on"],
        why="Le magasin est ouvert : l’accompagnement se termine avec l’hiver.",
        ends_on=stage.on(90),
        **act,
    )
    missions.send_amendment(first, **act)
    missions.sign_amendment(first, **act)
    second = missions.create_amendment(
        stage.things["agreement:pack"],
        effective_on=act["on"],
        why="Deux soirées de plus avec l’équipe salariée.",
        days_budgeted=D(8),
        **act,
    )
    missions.send_amendment(second, **act)


def leave_papers(folder: Path, *, at: Any) -> int:
    """Write every frozen paper as a PDF file; returns how many there are."""
    count = 0
    for paper in FrozenPaper.objects.select_related(
        "quote", "agreement__client", "amendment__agreement"
    ).order_by("pk"):
        file = missions.print_paper(paper, at=at)
        if file is not None:
            (folder / f"{_name(paper)}.pdf").write_bytes(bytes(file.content))
            count += 1
    return count


def _name(paper: FrozenPaper) -> str:
    about: Any = paper.quote or paper.agreement or paper.amendment
    return slugify(f"{paper.get_kind_display()} {paper.pk:03d} {about}")[:90]
