"""Turns in the life of three coops: a rest, another path, an end with its decisions."""

import re
from decimal import Decimal
from functools import partial

from crm import actions as crm
from crm.models import Move, Path
from crm.stages import Activity
from grants import actions as grants
from grants import payments
from invoicing.demo.stage import Stage

PAUSED, RESUMED, OTHER_PATH, GRANTED = -150, -122, -6, -90


def plan(stage: Stage) -> None:
    """Ormeaux rests for a month, Gourmand'ignes wants less, Le Panier had an aid when it ended."""
    stage.later(PAUSED, partial(_rest, stage))
    stage.later(RESUMED, partial(_return, stage))
    stage.later(GRANTED, partial(_aid_of_a_coop_that_ends, stage))
    stage.later(OTHER_PATH, partial(_smaller, stage))


def _rest(stage: Stage) -> None:
    crm.pause(
        stage.accompaniment("ormeaux"),
        review_on=stage.on(RESUMED + 2),
        why="Les maraîchers du groupe sont aux champs.",
        **stage.act("jeanne", stage.on(PAUSED)),
    )


def _return(stage: Stage) -> None:
    crm.resume(stage.accompaniment("ormeaux"), **stage.act("jeanne", stage.on(RESUMED)))


def _aid_of_a_coop_that_ends(stage: Stage) -> None:
    """An aid awarded and never paid: one more thing to decide when the project stops."""
    act = stage.act("basile", stage.on(GRANTED))
    application = grants.create_application(
        programme=stage.things["programme:fdva"],
        title="Animation du collectif du Panier",
        coop=stage.coops["panier"],
        requested=Decimal(2000),
        **act,
    )
    grants.move(application, "draft", **act)
    grants.move(application, "deposit", dated=act["on"], **act)
    grants.award(application, dated=act["on"], amount=Decimal(1500), **act)
    payments.plan(
        application,
        kind="advance",
        expected_amount=Decimal(1500),
        expected_on=stage.on(GRANTED + 60),
        **act,
    )


def _smaller(stage: Stage) -> None:
    crm.take_path(
        stage.accompaniment("gourmandignes"),
        path=Path.objects.get(code="grocery"),
        why="Le groupe préfère une épicerie tenue par ses membres.",
        **stage.act("basile", stage.on(OTHER_PATH)),
    )


def told() -> list[str]:
    """What these turns say, from the moves themselves."""
    lines = []
    moves = Move.objects.select_related("accompaniment__coop__organisation", "event")
    for back in moves.filter(edge="resume").order_by("at"):
        paused = moves.filter(accompaniment=back.accompaniment, edge="pause", at__lt=back.at)
        days = (back.effective_on - paused.latest("at").effective_on).days
        lines.append(
            f"{back.accompaniment} : en pause puis reprise, {days} j hors des durées d’étape."
        )
    for end in moves.filter(to_activity=Activity.ABANDONED).order_by("at"):
        decisions = end.event.codes.get("decisions", {})
        kinds = sorted({re.split(r"[:-]", key)[0] for key in decisions})
        words = {"mission": "mission", "disbursement": "versement", "application": "dossier"}
        named = ", ".join(words.get(kind, kind) for kind in kinds)
        lines.append(f"{end.accompaniment} s’arrête : {len(decisions)} décisions prises ({named}).")
    for joined in moves.filter(edge="merge").order_by("at"):
        into = joined.accompaniment.merged_into
        lines.append(f"{joined.accompaniment} a rejoint {into} ; les deux histoires se lisent.")
    return lines
