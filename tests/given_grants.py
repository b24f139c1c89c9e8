"""Programmes, applications and payments of funders in a given state, made by the actions."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from crm.models import Coop, Organisation, Structure
from essaim.models import User
from grants import actions
from grants.models import Call, Disbursement, GrantApplication, Programme

BASE, AGREED = Decimal("45000.00"), Decimal("36000.00")
DAY = date(2026, 3, 2)

# The moves that lead to a state from the first one, on the shortest road.
ROAD_TO: dict[str, tuple[str, ...]] = {
    "spotted": (),
    "eligibility": ("check_eligibility",),
    "drafting": ("draft",),
    "submitted": ("draft", "deposit"),
    "incomplete": ("draft", "deposit", "declare_incomplete"),
    "complete": ("draft", "deposit", "declare_complete"),
    "review": ("draft", "deposit", "review"),
    "committee": ("draft", "deposit", "to_committee"),
    "awarded": ("draft", "deposit", "award"),
    "waiting_list": ("draft", "deposit", "review", "wait"),
    "adjourned": ("draft", "deposit", "review", "adjourn"),
    "refused": ("draft", "deposit", "refuse"),
    "no_answer": ("draft", "deposit", "give_up_waiting"),
    "agreed": ("draft", "deposit", "award", "agree"),
    "running": ("draft", "deposit", "award", "agree", "start"),
    "reported": ("draft", "deposit", "award", "agree", "start", "report"),
    "settled": ("draft", "deposit", "award", "agree", "start", "report", "settle"),
    "closed": ("draft", "deposit", "award", "agree", "start", "report", "settle", "close_file"),
    "withdrawn": ("withdraw",),
    "renounced": ("draft", "deposit", "award", "renounce"),
    "lapsed": ("draft", "deposit", "award", "lapse"),
    "clawback": ("draft", "deposit", "award", "agree", "claw_back"),
}


def the_office(by: User | None = None) -> User:
    """A coordinator who is also accountant, so that every move is theirs to do."""
    if by is not None:
        return by
    found = User.objects.filter(email="office@essaim.test").first()
    flags = {"is_coordinator": True, "is_accountant": True}
    return found or User.objects.create_user("office@essaim.test", None, name="Office", **flags)


def who(by: User | None = None, on: date = DAY) -> dict[str, Any]:
    at = datetime.combine(on, time(9, 0), tzinfo=UTC)
    return {"by": the_office(by), "on": on, "at": at}


def given_organisation(name: str, kind: str = "funder") -> Organisation:
    found = Organisation.objects.filter(legal_name=name).first()
    return found or Organisation.objects.create(legal_name=name, kind=kind)


def given_applicant(name: str = "La Grange aux Abeilles") -> Coop:
    """A coop with nothing but a name."""
    organisation = given_organisation(name, "coop")
    return Coop.objects.get_or_create(organisation=organisation)[0]


def given_our_structure(name: str = "Essaimage Strasbourg") -> Structure:
    return Structure.objects.get_or_create(organisation=given_organisation(name, "other"))[0]


def given_programme(
    name: str = "PNA",
    *,
    funder: Organisation | None = None,
    by: User | None = None,
    on: date = DAY,
    **facts: Any,
) -> Programme:
    funder = funder or given_organisation("Ministère de l’Agriculture")
    return actions.create_programme(name=name, funder=funder, **facts, **who(by, on))


def given_call(
    programme: Programme, *, deadline: datetime | None = None, by: User | None = None, **facts: Any
) -> Call:
    facts = {"title": f"Appel {programme.name}", **facts}
    return actions.create_call(programme=programme, deadline=deadline, **facts, **who(by))


def given_application(
    coop: Coop | None = None,
    programme: Programme | None = None,
    *,
    state: str = "spotted",
    base: Decimal = BASE,
    requested: Decimal | None = None,
    awarded: Decimal | None = None,
    agreed: Decimal | None = None,
    justified: Decimal | None = None,
    retained: Decimal | None = None,
    by: User | None = None,
    on: date = DAY,
    **facts: Any,
) -> GrantApplication:
    """An application led to `state` by the moves of ROAD_TO, all on the day `on`."""
    agreed = agreed if agreed is not None else awarded if awarded is not None else AGREED
    awarded = awarded if awarded is not None else agreed
    facts = {"title": "Ouvrir une épicerie coopérative", **facts}
    application = actions.create_application(
        programme=programme or given_programme(by=by, on=on),
        coop=coop,
        eligible_base=base,
        requested=requested or awarded,
        **facts,
        **who(by, on),
    )
    amounts = {
        "award": awarded,
        "agree": agreed,
        "report": justified if justified is not None else base,
        "settle": retained if retained is not None else agreed,
        "claw_back": agreed,
    }
    for edge in ROAD_TO[state]:
        if edge == "close_file":
            _all_received(application, by=by, on=on)
        move(application, edge, amount=amounts.get(edge), by=by, on=on)
    return application


def _all_received(application: GrantApplication, *, by: User | None, on: date) -> None:
    for row in application.disbursements.expected():
        came = row.expected_amount
        actions.receive_disbursement(row, dated=on, amount=came, **who(by, on))


def data_of(edge: str, *, amount: Decimal | None, on: date) -> dict[str, Any]:
    """What a move of an application carries at least."""
    dated = {
        "deposit",
        "declare_incomplete",
        "declare_complete",
        "to_committee",
        "refuse",
        "lapse",
    }
    with_words = {"rewrite", "withdraw", "report_sent_back", "renounce"}
    with_amount = {"award", "agree", "report", "settle", "claw_back"}
    if edge in dated:
        return {"dated": on}
    if edge in with_words:
        return {"dated": on, "why": "Le collectif a changé d’avis."}
    if edge in with_amount:
        return {"dated": on, "amount": AGREED if amount is None else amount}
    return {}


def move(
    application: GrantApplication,
    edge: str,
    *,
    amount: Decimal | None = None,
    by: User | None = None,
    on: date = DAY,
) -> GrantApplication:
    """One move with what it needs, and a sentence for whatever it warns of."""
    data = data_of(edge, amount=amount, on=on)
    codes = ("above_received", "below_received", "above_award", "above_agreed", "agreement")
    reasons = dict.fromkeys((*codes, "amount_cap", "rate_cap"), "C’est ainsi.")
    return actions.move(application, edge, reasons=reasons, **data, **who(by, on))


def given_disbursement(
    application: GrantApplication,
    kind: str = "advance",
    amount: Decimal = Decimal("10800.00"),
    *,
    expected_on: date | None = None,
    received: Decimal | bool | None = None,
    received_on: date | None = None,
    by: User | None = None,
    on: date = DAY,
    **more: Any,
) -> Disbursement:
    """A planned payment; `received` (True = in full) says what came of it."""
    row = actions.plan_disbursement(
        application,
        kind=kind,
        expected_amount=amount,
        expected_on=expected_on,
        **more,
        **who(by, on),
    )
    if received is None or received is False:
        return row
    came = amount if received is True else received
    day = received_on or on
    return actions.receive_disbursement(row, dated=day, amount=came, **who(by, max(day, on)))
