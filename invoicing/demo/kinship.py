"""Mothers and daughters, a form that changes, a second legal person, counts over the months."""

from functools import partial

from crm import actions as crm
from crm.models import Coop
from invoicing.demo.stage import Stage

# Who swarmed from whom; the first one from an open shop of the network.
MOTHERS = (("brouette", "Coopalim"), ("epi", "brouette"), ("musette", "brouette"))
YOUNGEST = ("gourmandignes", "epi")
COUNTS = ((-220, 205, 132, "assemblée générale"), (-120, 2410, 150, "logiciel de caisse"))
CORRECTED, KIN, NEW_FORM, SECOND = -118, -100, -90, -5


def plan(stage: Stage) -> None:
    """La Brouette grows, becomes a cooperative and has daughters; Super Mirabelle gets a SCIC."""
    for offset, registered, active, source in COUNTS:
        stage.later(offset, partial(_count, stage, offset, registered, active, source))
    stage.later(CORRECTED, partial(_correct, stage))
    for daughter, mother in MOTHERS:
        stage.later(KIN, partial(_kin, stage, KIN, daughter, mother))
    stage.later(-30, partial(_kin, stage, -30, *YOUNGEST))
    stage.later(NEW_FORM, partial(_transform, stage))
    stage.later(SECOND, partial(_second, stage))


def _count(stage: Stage, offset: int, registered: int, active: int, source: str) -> None:
    crm.count_members(
        stage.coops["brouette"],
        as_of=stage.on(offset),
        registered=registered,
        active=active,
        source=source,
        **stage.act("louis", stage.on(offset)),
    )


def _correct(stage: Stage) -> None:
    wrong = stage.coops["brouette"].member_counts.get(registered=2410)
    crm.correct_count(
        wrong,
        as_of=wrong.as_of,
        registered=241,
        active=150,
        source=wrong.source,
        why="Un zéro de trop à la saisie",
        **stage.act("louis", stage.on(CORRECTED)),
    )


def _kin(stage: Stage, offset: int, daughter: str, mother: str) -> None:
    found = stage.coops.get(mother)
    if found is None:
        found = Coop.objects.get(organisation__legal_name=mother)
    crm.edit_coop(stage.coops[daughter], mother=found, **stage.act("basile", stage.on(offset)))


def _transform(stage: Stage) -> None:
    on = stage.on(NEW_FORM)
    crm.transform(stage.coops["brouette"], form="coop_1947", since=on, **stage.act("basile", on))


def _second(stage: Stage) -> None:
    on = stage.on(SECOND)
    crm.declare_parallel_entity(
        stage.coops["mirabelle"],
        since=on,
        why="La SCIC tiendra le magasin, l’association garde les bénévoles.",
        legal_name="Super Mirabelle Magasin",
        form="scic_sas",
        city="Nancy",
        postcode="54000",
        **stage.act("basile", on),
    )
