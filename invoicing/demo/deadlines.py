"""An aid that came in part, then late; its treasurer asked, deadlines reminded and published."""

from datetime import datetime, time
from decimal import Decimal
from functools import partial
from pathlib import Path

from crm import actions as crm
from essaim.agenda import gather
from essaim.ics import calendar_of
from essaim.models import OutboxMessage
from grants import actions as grants
from grants import questions, reminders
from grants.actions.schedules import Planned, proposed_schedule
from grants.models import Disbursement, GrantApplication
from grants.rules_payments import Step
from invoicing.demo.stage import PARIS, Stage
from invoicing.wording import euros

SPOTTED, AWARDED, CAME, LATE = -170, -140, -105, -39
PART = Decimal(2400)


def plan(stage: Stage) -> None:
    """Terre à Table has an aid for its cold room, paid in three times, of which one comes short."""
    stage.later(SPOTTED, partial(_file, stage))
    stage.later(AWARDED, partial(_award, stage))
    stage.later(CAME, partial(_part, stage))
    stage.later(LATE, partial(_ask, stage))
    stage.later(-20, partial(_call, stage))
    stage.later(0, partial(_remind, stage))


def _file(stage: Stage) -> None:
    act = stage.act("basile", stage.on(SPOTTED))
    coop, programme = stage.coops["terre"], stage.things["programme:pna"]
    treasurer = crm.create_contact(
        first_name="Solène", last_name="Marchal", email="tresorerie@terre-a-table.example", **act
    )
    crm.give_role(treasurer, organisation=coop.organisation, role="treasurer", **act)
    steps = [
        Step("advance", Decimal(30), 1, "RIB\nAttestation de démarrage"),
        Step("instalment", Decimal(50), 4, "État des dépenses payées"),
        Step("balance", Decimal(20), None, "Bilan qualitatif et financier"),
    ]
    grants.set_terms(programme, steps=steps, **act)
    application = grants.create_application(
        programme=programme,
        title="Chambre froide de Terre à Table",
        coop=coop,
        eligible_base=Decimal(20000),
        requested=Decimal(12000),
        project_until=stage.on(120),
        **act,
    )
    stage.things["application:cold_room"] = application
    grants.move(application, "draft", **act)
    grants.move(application, "deposit", dated=act["on"], **act)


def _application(stage: Stage) -> GrantApplication:
    return GrantApplication.objects.get(pk=stage.things["application:cold_room"].pk)


def _award(stage: Stage) -> None:
    """Awarded, agreed, and planned as the programme pays."""
    act, application = stage.act("basile", stage.on(AWARDED)), _application(stage)
    grants.award(application, dated=act["on"], amount=Decimal(12000), **act)
    grants.agree(application, dated=act["on"], amount=Decimal(12000), **act)
    grants.move(application, "start", **act)
    rows = [
        Planned(p.kind, p.amount, p.expected_on, None, p.pieces)
        for p in proposed_schedule(application)
    ]
    grants.plan_schedule(application, rows=rows, **act)


def _part(stage: Stage) -> None:
    """Two thirds of the advance arrive; the rest is promised and has not come since."""
    act = stage.act("basile", stage.on(CAME))
    row = Disbursement.objects.get(application=_application(stage), kind="advance")
    for piece in row.claim_pieces.all():
        grants.set_piece(piece, done_on=act["on"], words="classeur « Chambre froide »", **act)
    grants.claim_disbursement(row, dated=act["on"], **act)
    grants.receive_disbursement(
        row,
        dated=act["on"],
        amount=PART,
        remainder_on=stage.on(LATE - 3),
        **stage.act("chloe", stage.on(CAME)),
    )


def _ask(stage: Stage) -> None:
    """The treasurer is asked by mail."""
    act = stage.act("basile", stage.on(LATE), 6)
    questions.ask(on=act["on"], at=act["at"])


def _call(stage: Stage) -> None:
    """A call closes late in the evening; the file of Ormeaux is written for it."""
    act = stage.act("basile", stage.on(-20))
    programme = stage.things["programme:fdva"]
    deadline = datetime.combine(stage.on(14), time(23, 30), tzinfo=PARIS)
    call = grants.create_call(
        programme=programme,
        title="FDVA, fonctionnement et innovation",
        opens_on=stage.on(-20),
        deadline=deadline,
        recurrence="yearly",
        **act,
    )
    file = GrantApplication.objects.get(title="Enquête auprès des habitants")
    grants.edit_application(file, call=call, **act)


def _remind(stage: Stage) -> None:
    """This morning's reminders, run twice as a nervous administrator would."""
    at = stage.act("basile", stage.today, 6)["at"]
    for _again in range(2):
        reminders.send(on=stage.today, at=at)


def told(stage: Stage) -> list[str]:
    """One line: what came in part, what is late, who was asked and reminded."""
    rows = Disbursement.objects.filter(application=stage.things["application:cold_room"])
    late = list(rows.late(on=stage.today).order_by("expected_on"))
    partly = rows.get(kind="advance", state="received")
    asked = OutboxMessage.objects.filter(key__startswith="aid:").count()
    mails = OutboxMessage.objects.filter(key__startswith="deadlines:").count()
    amounts = " et ".join(
        f"{euros(row.expected_amount)} en retard de {(stage.today - row.expected_on).days} j"
        for row in late
        if row.expected_on
    )
    return [
        f"Terre à Table : {euros(partly.kept)} d’avance sur"
        f" {euros(partly.expected_amount)} ; {amounts}. Trésorière interrogée"
        f" {asked} fois, {mails} courriel de rappel."
    ]


def leave_agenda(stage: Stage, folder: Path) -> Path:
    """The coordinator's deadlines of the coming year, as a calendar reads them."""
    found = gather(stage.users["basile"], first=stage.on(-60), last=stage.on(400))
    path = folder / "deadlines.ics"
    path.write_bytes(calendar_of(found, name="Essaim, échéances de Basile"))
    return path
