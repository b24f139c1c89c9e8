"""A file that was put off and awarded later, with its pieces, its budget and a control."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from grants import actions as grants
from grants.actions import TypedLine
from grants.models import Episode, GrantApplication
from invoicing.demo.stage import Stage
from invoicing.wording import day, euros

ASKED, OTHER = Decimal(28000), Decimal(4000)
# The day of each scene; the office writes what the programme asks for just before.
KINDS, WRITTEN, DEPOSIT, COMPLETE = -96, -94, -80, -75
FIRST, SECOND, AWARD, SIGNED, CONTROL = -60, -30, -28, -20, -5
PIECES = (
    (
        "Statuts à jour",
        "deposit",
        True,
        "La dernière version déposée au tribunal ou en préfecture.",
    ),
    ("Budget prévisionnel signé", "deposit", True, "Signé par la présidence, daté."),
    ("Lettre d’appui d’une collectivité", "deposit", False, ""),
    ("Relevé d’identité bancaire", "agreement", True, "Au nom exact de l’association."),
    ("Factures acquittées", "claim", True, "Avec la mention « acquittée » et la date."),
    ("Bilan signé", "report", True, ""),
)
LINES = (
    ("charge", "60", "Caisse, froid, petit matériel", 12000),
    ("charge", "61", "Loyer et assurance", 4000),
    ("charge", "62", "Communication et réception", 6000),
    ("charge", "64", "Mi-temps de coordination", 18000),
    ("charge", "86", "Bénévolat valorisé", 2500),
    ("product", "70", "Marges du groupement d’achats", 5000),
    ("product", "75", "Cotisations et dons", 3000),
    ("product", "87", "Bénévolat", 2500),
)
NEEDS = (
    ("investment", "Caisse, froid, rayonnages", 32000),
    ("start_up", "Frais de constitution et d’ouverture", 6000),
    ("working_capital", "Premier stock et trois mois de loyer", 18000),
)


def plan(stage: Stage) -> None:
    """Terre à Table asks the ministry; the committee puts it off, then says yes."""
    scenes = (
        (KINDS, _kinds),
        (WRITTEN, _written),
        (DEPOSIT, _deposit),
        (COMPLETE, _complete),
        (FIRST, _put_off),
        (SECOND, _again),
        (AWARD, _awarded),
        (SIGNED, _signed),
        (CONTROL, _control),
    )
    for offset, scene in scenes:
        stage.later(offset, partial(scene, stage, offset))


def _file(stage: Stage) -> GrantApplication:
    return GrantApplication.objects.get(pk=stage.things["application:terre"].pk)


def _act(stage: Stage, offset: int) -> dict[str, Any]:
    return stage.act("basile", stage.on(offset))


def _kinds(stage: Stage, offset: int) -> None:
    for label, step, is_required, words in PIECES:
        facts: dict[str, Any] = {
            "label": label,
            "step": step,
            "is_required": is_required,
            "help": words,
        }
        grants.add_piece_kind(stage.things["programme:pna"], **facts, **_act(stage, offset))


def _written(stage: Stage, offset: int) -> None:
    """The file, its other funder, its budget in balance; what the whole shop needs."""
    act = _act(stage, offset)
    coop = stage.coops["terre"]
    application = grants.create_application(
        programme=stage.things["programme:pna"],
        title="Épicerie de Terre à Table",
        coop=coop,
        eligible_base=Decimal(40000),
        requested=ASKED,
        **act,
    )
    stage.things["application:terre"] = application
    grants.move(application, "draft", **act)
    town = stage.organisations["region"]
    stage.things["co_funder:terre"] = grants.add_co_funder(
        application, funder=town, amount=OTHER, standing="requested", **act
    )
    lines = [
        TypedLine(side=side, account=account, label=label, planned=Decimal(planned))
        for side, account, label, planned in LINES
    ]
    grants.save_budget(application, lines=lines, carry=True, **act)
    for kind, label, amount in NEEDS:
        grants.add_need(coop, kind=kind, label=label, amount=Decimal(amount), **act)
    shares: dict[str, Any] = {
        "kind": "members",
        "label": "Parts sociales de 120 foyers",
        "amount": Decimal(12000),
    }
    grants.add_resource(coop, certainty="certain", **shares, **act)
    loan: dict[str, Any] = {
        "kind": "loan",
        "label": "Prêt bancaire garanti",
        "amount": Decimal(10000),
    }
    grants.add_resource(coop, certainty="conditional", **loan, **act)


def _deposit(stage: Stage, offset: int) -> None:
    act = _act(stage, offset)
    application = _file(stage)
    for piece in application.pieces.filter(step="deposit", is_required=True):
        grants.ready_piece(piece, words="Dossier partagé de la coop", **act)
    grants.move(application, "deposit", dated=act["on"], **act)


def _complete(stage: Stage, offset: int) -> None:
    act = _act(stage, offset)
    grants.move(_file(stage), "declare_complete", dated=act["on"], **act)


def _put_off(stage: Stage, offset: int) -> None:
    act = _act(stage, offset)
    application = _file(stage)
    grants.move(application, "to_committee", dated=act["on"], **act)
    grants.move(application, "adjourn", **act)


def _again(stage: Stage, offset: int) -> None:
    act = _act(stage, offset)
    grants.note_standing(
        stage.things["co_funder:terre"],
        standing="obtained",
        dated=act["on"],
        words="Délibération du conseil.",
        **act,
    )
    grants.move(_file(stage), "to_committee", dated=act["on"], **act)


def _awarded(stage: Stage, offset: int) -> None:
    act = _act(stage, offset)
    grants.award(_file(stage), dated=act["on"], amount=ASKED, **act)


def _signed(stage: Stage, offset: int) -> None:
    act = _act(stage, offset)
    application = _file(stage)
    for piece in application.pieces.filter(step="agreement"):
        grants.ready_piece(piece, words="Envoyé avec la convention", **act)
    grants.agree(application, dated=act["on"], amount=ASKED, base=Decimal(40000), **act)
    grants.move(application, "start", **act)


def _control(stage: Stage, offset: int) -> None:
    grants.open_episode(
        _file(stage),
        kind=Episode.Kind.CONTROL,
        opened_on=stage.on(offset),
        words="Contrôle sur pièces : les premières factures sont demandées.",
        **_act(stage, offset),
    )


def told(stage: Stage) -> list[str]:
    """One line of the story."""
    application = _file(stage)
    decided: date = application.decided_on or stage.today
    return [
        f"Terre à Table : ajournée le {day(stage.on(FIRST))}, l’aide est accordée le "
        f"{day(decided)} ({euros(application.awarded or Decimal(0))})."
    ]
