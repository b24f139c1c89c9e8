"""Rows by the thousand, inserted past the door and its triggers: for figures, never for tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.models import Model

from crm import models as crm
from crm.models import Path as Way
from crm.stages import Stage
from essaim import immutability
from essaim.models import Event, User
from essaim.series import numbered, open_series
from grants import models as grants
from invoicing import models as invoicing
from missions import models as missions
from missions.rules import RULES_VERSION

TODAY = date.today()  # noqa: DTZ011
NOW = datetime.now(tz=UTC)
RATE = Decimal(600)
PEOPLE = {"ada": "consultant", "basile": "coordinator", "chloe": "accountant"}
CONSULTANTS = 5
# The three moves of each accompaniment: on, a pause, the return.
LIVES: tuple[dict[str, str], ...] = (
    {"edge": "advance", "from_stage": "contact", "to_stage": "diagnosis"}
    | dict.fromkeys(("from_activity", "to_activity"), "active"),
    {"edge": "pause", "from_activity": "active", "to_activity": "paused"}
    | dict.fromkeys(("from_stage", "to_stage"), "diagnosis"),
    {"edge": "resume", "from_activity": "paused", "to_activity": "active"}
    | dict.fromkeys(("from_stage", "to_stage"), "diagnosis"),
)
# What one consultant follows and what waits on the desks stays the same in a larger office.
OWN, WAITING, UNPAID = 60, 600, 100


@dataclass(frozen=True)
class Size:
    """How many rows of each kind; the rest follows from these."""

    coops: int
    days: int
    invoices: int
    applications: int

    def times(self, factor: int) -> "Size":
        return Size(*(n * factor for n in vars(self).values()))

    def __str__(self) -> str:
        return ", ".join(f"{n:,} {name}" for name, n in vars(self).items())


def fill(size: Size) -> None:
    """Migrate the database in use, which must be empty, and put every row in it."""
    call_command("migrate", verbosity=0)
    immutability.drop(connection)
    with transaction.atomic():
        found, us = people(), office()
        team = [user for user in found.values() if user.is_consultant]
        made = coops(size.coops, team)
        journal(made, team)
        where = agreements(made)
        worked = days(size.days, where, team)
        lines = invoices(size.invoices, where, us, found["chloe"])
        billed(lines, shares(worked))
        applications(size.applications, made, found["basile"])
    immutability.install(connection)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def put(model: type[Model], rows: Iterable[Model]) -> list[Any]:
    """Insert rows as they are: states included, past the door, for figures only."""
    return list(models.QuerySet(model).bulk_create(rows, batch_size=400))


def owner_of(rank: int, team: Sequence[User]) -> User:
    """The first consultant follows the first coops, the others share the rest."""
    return team[0] if rank < OWN else team[1 + rank % (len(team) - 1)]


def back(index: int, of: int, span: int = 540) -> date:
    """A date of the last eighteen months, spread evenly."""
    return TODAY - timedelta(days=span - span * index // of)


def people() -> dict[str, User]:
    found = {
        key: User.objects.create_user(
            f"{key}@bench.example", name=key.title(), **{f"is_{role}": True}
        )
        for key, role in PEOPLE.items()
    }
    for rank in range(1, CONSULTANTS):
        email = f"consultant{rank}@bench.example"
        found[f"c{rank}"] = User.objects.create_user(email, name=f"C {rank}", is_consultant=True)
    return found


def office() -> crm.IssuerProfile:
    """Our own structure and the series of invoices."""
    us = crm.Organisation.objects.create(legal_name="Nous", kind="other")
    crm.Structure.objects.create(organisation=us)
    open_series("invoice", pattern="FA-{year}-{number:05d}")
    return crm.IssuerProfile.objects.create(
        effective_from=date(2020, 1, 1),
        legal_name="Nous",
        legal_form="Association",
        siren="732829320",
        street="1 rue de la Gare",
        postcode="67000",
        city="Strasbourg",
    )


def organisations(count: int) -> list[Any]:
    names = [f"Coop {index:05d}" for index in range(count)]
    return put(
        crm.Organisation,
        [
            crm.Organisation(
                legal_name=name,
                kind="coop",
                street="1 rue Haute",
                postcode="67000",
                city="Strasbourg",
                search_key=name.lower(),
                sort_key=name.lower(),
            )
            for name in names
        ],
    )


def coops(count: int, team: Sequence[User]) -> list[Any]:
    """Coops with their accompaniment, spread over the stages; one in ten has ended."""
    rows = organisations(count)
    made = put(
        crm.Coop,
        [crm.Coop(organisation=row, commune="Saverne", department="67") for row in rows],
    )
    path, stages = Way.objects.get(code="supermarket"), Stage.values[:-1]
    put(
        crm.Accompaniment,
        [
            crm.Accompaniment(
                coop=coop,
                path=path,
                stage=Stage.DONE if rank % 10 == 9 else stages[rank % len(stages)],
                activity="closed" if rank % 10 == 9 else "active",
                outcome="reached" if rank % 10 == 9 else "",
                owner=owner_of(rank, team),
                started_on=back(rank, count),
                stage_since=back(rank, count),
                blocked_reason="Pas de local" if rank % 7 == 0 else "",
                next_action="Rappeler" if rank % 3 == 0 else "",
                next_action_on=TODAY + timedelta(days=rank % 60 - 20) if rank % 3 == 0 else None,
            )
            for rank, coop in enumerate(made)
        ],
    )
    return made


def journal(made: Sequence[Any], team: Sequence[User]) -> None:
    """Five notes, three moves and two tasks a coop: what timelines and lists read."""
    put(
        crm.Note,
        (
            crm.Note(
                coop=coop,
                kind="visit",
                at=NOW - timedelta(days=20 * rank + 1),
                title=f"Visite {rank}",
                text="Ce qui a été dit.",
                author=team[0],
                written_at=NOW,
            )
            for coop in made
            for rank in range(5)
        ),
    )
    put(
        crm.Task,
        (
            crm.Task(coop=coop, what=f"Tâche {rank}", due_on=TODAY, owner=owner_of(n, team))
            for n, coop in enumerate(made)
            for rank in range(2)
        ),
    )
    whole = list(crm.Accompaniment.objects.order_by("pk"))
    events = put(
        Event,
        [
            Event(
                at=NOW - timedelta(days=90 - 30 * step),
                on=TODAY - timedelta(days=90 - 30 * step),
                by=team[0],
                verb="crm.Accompaniment.advance",
                model="crm.Accompaniment",
                object_id=row.pk,
            )
            for row in whole
            for step in range(3)
        ],
    )
    put(
        crm.Move,
        (
            crm.Move(
                accompaniment_id=event.object_id,
                event=event,
                at=event.at,
                by=team[0],
                **LIVES[rank % len(LIVES)],
                effective_on=event.on,
            )
            for rank, event in enumerate(events)
        ),
    )


def agreements(made: Sequence[Any]) -> list[Any]:
    """A running agreement, its one payer and its mission, for each coop."""
    rows = put(
        missions.Agreement,
        [
            missions.Agreement(
                title="Convention d’accompagnement",
                client_id=coop.organisation_id,
                coop=coop,
                state="running",
                signed_on=back(rank, len(made)),
                starts_on=back(rank, len(made)),
                days_budgeted=Decimal(60),
                daily_rate=RATE,
            )
            for rank, coop in enumerate(made)
        ],
    )
    put(
        missions.FundingShare,
        [
            missions.FundingShare(
                agreement=row, payer_id=row.client_id, percent=100, takes_remainder=True
            )
            for row in rows
        ],
    )
    return put(
        missions.Mission,
        [
            missions.Mission(
                kind="agreement",
                title="Accompagnement",
                agreement=row,
                coop=row.coop,
                opened_on=row.starts_on,
            )
            for row in rows
        ],
    )


def days(count: int, where: Sequence[Any], team: Sequence[User]) -> list[Any]:
    """Days billed, then the last ones: to bill, to validate, to send."""
    states = ("validated", "submitted", "logged")

    def day(rank: int) -> missions.MissionDay:
        state = "billed" if rank < count - WAITING else states[rank % len(states)]
        kept = state in ("billed", "validated")
        return missions.MissionDay(
            consultant=owner_of(rank % len(where), team),
            mission=where[rank % len(where)],
            worked_on=back(rank, count),
            moment="morning",
            quantity=Decimal("0.5"),
            subject="Réunion du groupe",
            state=state,
            rate=RATE if kept else None,
            rules_version=RULES_VERSION if kept else "",
            logged_at=NOW,
            submitted_at=NOW if state != "logged" else None,
            validated_at=NOW if kept else None,
            validated_by=team[0] if kept else None,
        )

    rows = put(missions.MissionDay, [day(rank) for rank in range(count)])
    put(
        missions.DayBeneficiary,
        [missions.DayBeneficiary(day=row, coop=row.mission.coop) for row in rows],
    )
    return rows


def shares(rows: Sequence[Any]) -> list[Any]:
    """The one share of each validated or billed day."""
    return put(
        missions.DayShare,
        [
            missions.DayShare(
                day=row,
                coop=row.mission.coop,
                payer_id=row.mission.agreement.client_id,
                nature="billed",
                basis="order",
                quantity=row.quantity,
                days=row.quantity,
                base=row.quantity * RATE,
                rate=RATE,
                amount=row.quantity * RATE,
                rules_version=RULES_VERSION,
            )
            for row in rows
            if row.rate is not None
        ],
    )


def invoices(count: int, where: Sequence[Any], us: crm.IssuerProfile, chloe: User) -> list[Any]:
    """Issued invoices of one line; one in fifty is a draft."""

    def invoice(rank: int) -> invoicing.Invoice:
        agreement, on = where[rank % len(where)].agreement, back(rank, count)
        row = invoicing.Invoice(
            client_id=agreement.client_id,
            coop_id=agreement.coop_id,
            agreement=agreement,
            issuer=us,
            title=agreement.title,
            period_from=on,
            period_to=on,
            created_by=chloe,
            created_at=NOW,
            net=Decimal(1000),
            vat=Decimal(200),
            gross=Decimal(1200),
        )
        if rank % 50:
            issue(row, rank, on)
        return row

    rows = put(invoicing.Invoice, [invoice(rank) for rank in range(count)])
    lines = put(
        invoicing.InvoiceLine,
        [
            invoicing.InvoiceLine(
                invoice=row, kind="days", label="Jours", unit_price=1000, net=1000, vat_rate=20
            )
            for row in rows
        ],
    )
    settle([row for row in rows if row.number], chloe)
    return lines


def issue(row: invoicing.Invoice, rank: int, on: date) -> None:
    """What issuing writes on a row; no chain here, only the figures of a list."""
    row.__dict__["state"] = "issued"
    row.number = numbered("FA-{year}-{number:05d}", year=2000, rank=rank)
    row.year, row.rank, row.series_id_used = on.year, rank, 1
    row.issued_on, row.issued_at, row.due_on = on, NOW, on + timedelta(days=30)
    row.issuer_copy = {
        "name": "Nous",
        "regime": "receipts",
        "address": [],
        "iban": "",
    } | dict.fromkeys(("bic", "contact", "phone", "email"), "")
    row.client_copy = {"name": "Coop", "address": [], "gross_first": True}
    row.terms_copy = dict.fromkeys(("agreement", "origin", "budget", "funding")) | {
        "mentions": [],
        "order_number": "",
        "beneficiary": "",
    }
    row.vat_copy = [{"category": "S", "rate": "20", "base": "1000", "vat": "200"}]
    row.digest = sha256(row.number.encode()).hexdigest()


def settle(rows: Sequence[Any], chloe: User) -> None:
    """Their schedule and PDF; all but the last are paid."""
    put(
        invoicing.Instalment,
        [invoicing.Instalment(invoice=r, due_on=r.due_on, amount=r.gross) for r in rows],
    )
    put(
        invoicing.FrozenFile,
        [
            invoicing.FrozenFile(
                invoice=r, content=b"%PDF", sha256=r.digest, size=4, rendered_at=NOW
            )
            for r in rows
        ],
    )
    paid = rows[:-UNPAID]
    received = put(
        invoicing.Payment,
        [
            invoicing.Payment(
                client_id=row.client_id,
                received_on=row.issued_on,
                amount=row.gross,
                recorded_by=chloe,
                recorded_at=NOW,
            )
            for row in paid
        ],
    )
    put(
        invoicing.Allocation,
        [
            invoicing.Allocation(
                invoice=row, payment=payment, amount=row.gross, on=TODAY, by=chloe, at=NOW
            )
            for row, payment in zip(paid, received, strict=True)
        ],
    )


def billed(lines: Sequence[Any], rows: Sequence[Any]) -> None:
    """Tie the shares of billed days to lines."""
    kept = [row for row in rows if row.day.state == "billed"]
    put(
        invoicing.BilledShare,
        [
            invoicing.BilledShare(line=lines[rank % len(lines)], share=share)
            for rank, share in enumerate(kept)
        ],
    )


def applications(count: int, made: Sequence[Any], basile: User) -> None:
    """Applications in the states of a working year, each with two payments of its funder."""
    funder = crm.Organisation.objects.create(legal_name="Région", kind="funder")
    programme = grants.Programme.objects.create(funder=funder, name="Aide", search_key="aide")
    states = ("spotted", "drafting", "review", "awarded", "running", "closed", "refused")

    def application(rank: int) -> grants.GrantApplication:
        state, coop = states[rank % len(states)], made[rank % len(made)]
        granted = state in ("awarded", "running", "closed")
        return grants.GrantApplication(
            applicant_id=coop.organisation_id,
            coop=coop,
            programme=programme,
            title=f"Aide {rank}",
            owner=basile,
            state=state,
            spotted_on=back(rank, count),
            submitted_on=None if state in ("spotted", "drafting") else back(rank, count),
            requested=Decimal(9000),
            awarded=Decimal(8000) if granted else None,
            decided_on=back(rank, count) if granted else None,
        )

    rows = put(grants.GrantApplication, [application(rank) for rank in range(count)])
    put(
        grants.Disbursement,
        [
            grants.Disbursement(
                application=row,
                kind=kind,
                state="received" if row.state == "closed" else "planned",
                expected_on=row.spotted_on + timedelta(days=200 + 200 * (kind == "balance")),
                expected_amount=Decimal(4000),
                received_on=TODAY if row.state == "closed" else None,
                received_amount=Decimal(4000) if row.state == "closed" else None,
            )
            for row in rows
            if row.awarded
            for kind in ("advance", "balance")
        ],
    )
    # One coop in ten has a clause; nothing of theirs is due, so that the page keeps its length.
    agreed = list(missions.Agreement.objects.order_by("pk")[::10])
    clauses = put(
        invoicing.SubsidyShareClause,
        [
            invoicing.SubsidyShareClause(
                agreement=row, state="active", rate=5, cap=2000, floor=0, fixed_part=0,
                tail_months=12, payment_days=30, on_reduction="Avoir", on_withdrawal="Rien",
            )
            for row in agreed
        ],
    )  # fmt: skip
    waiting = [row for row in rows if row.state == "review"]
    for clause, row in zip(clauses, waiting, strict=False):
        clause.applications.set([row])
