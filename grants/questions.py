"""« L'aide est-elle arrivée ? »: asked of treasurers by mail, answered on screen by the office."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import Contact, ContactRole
from essaim import outbox
from essaim.formats import date_fr, money
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from grants import payments
from grants.models import AidQuestion, AidQuestionSetting, Disbursement
from grants.reminders import muted_coops
from grants.rules_deadlines import GRACE_DAYS

RECEIVED: Final = "received"
NOT_YET: Final = "not_yet"
PARTLY: Final = "partly"


def ask(*, on: date, at: datetime) -> Mapping[str, int]:
    """Ask each treasurer once of each payment whose day has come; run twice, it asks no more."""
    if not AidQuestionSetting.current().asks_treasurers:
        return {"treasurers_asked": 0}
    rows = Disbursement.objects.expected().filter(
        question=None,
        expected_on__lte=on,
        expected_on__gte=on - timedelta(days=GRACE_DAYS),
        application__coop__isnull=False,
    )
    rows = rows.exclude(kind=Disbursement.Kind.CLAWBACK)
    waiting = list(
        rows.select_related("application__applicant", "application__programme__funder",
                            "application__owner").order_by("pk")
    )  # fmt: skip
    muted = muted_coops(row.application.coop_id for row in waiting if row.application.coop_id)
    treasurers = _treasurers({row.application.applicant_id for row in waiting}, on)
    asked = 0
    for row in waiting:
        contact = treasurers.get(row.application.applicant_id)
        if contact is not None and row.application.coop_id not in muted:
            asked += _ask(row, contact, on=on, at=at)
    return {"treasurers_asked": asked}


def _treasurers(organisations: set[int], on: date) -> dict[int, Contact]:
    """The treasurer in office of each organisation, when an address is known."""
    in_office = Q(until=None) | Q(until__gte=on)
    roles = ContactRole.objects.filter(
        in_office,
        organisation__in=organisations,
        role=ContactRole.Role.TREASURER,
        contact__archived_on=None,
        contact__duplicate_of=None,
    ).exclude(contact__email="")
    found = roles.select_related("contact").order_by("organisation", "since", "pk")
    return {role.organisation_id: role.contact for role in found}


def _ask(row: Disbursement, contact: Contact, *, on: date, at: datetime) -> int:
    a = row.application
    words = {
        "name": contact.first_name or str(contact),
        "amount": money(row.expected_amount),
        "funder": a.programme.funder,
        "title": a.title,
        "day": date_fr(row.expected_on),
        "owner": a.owner,
    }
    body = _(
        "Hello %(name)s,\n\n%(funder)s was to pay %(amount)s around %(day)s for “%(title)s”."
        "\nHas the aid arrived on your account? Please answer this message in a word: received"
        " (on what day, how much), not yet, or in part.\n\n%(owner)s"
    )
    try:
        with transaction.atomic():
            AidQuestion.objects.create(disbursement=row, asked_on=on, contact=contact)
            outbox.put(
                key=f"aid:{row.pk}:{row.expected_on}",
                to=contact.email,
                subject=_("Has the aid arrived? %(amount)s") % words,
                body=body % words,
                reply_to=a.owner.email if a.owner.is_active else "",
                at=at,
            )
    except IntegrityError:
        return 0
    return 1


@transaction.atomic
def answer(
    row: Disbursement,
    *,
    answer: str,
    by: User,
    on: date,
    at: datetime,
    dated: date | None = None,
    amount: Decimal | None = None,
    expected_on: date | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Disbursement:
    """Enter what the treasurer said: received in full, in part, or not yet and until when."""
    if answer == NOT_YET:
        return _not_yet(row, expected_on, by=by, on=on, at=at)
    came = row.expected_amount if answer == RECEIVED else amount
    found = []
    if dated is None:
        found.append(Missing("dated", _("Say on what day it arrived.")))
    if came is None:
        found.append(Missing("amount", _("Say how much arrived.")))
    elif answer == PARTLY and came >= row.expected_amount:
        words = _("A part is less than the %(amount)s expected.")
        found.append(Missing("amount", words % {"amount": money(row.expected_amount)}))
    if found or dated is None or came is None:
        raise Refused(found)
    more: dict[str, Any] = {"reasons": dict(reasons)} if reasons else {}
    rest = expected_on if answer == PARTLY else None
    return payments.receive(
        row, dated=dated, amount=came, remainder_on=rest, by=by, on=on, at=at, **more
    )


def _not_yet(
    row: Disbursement, day: date | None, *, by: User, on: date, at: datetime
) -> Disbursement:
    payments.lock(row.application)
    row.refresh_from_db()
    if not row.is_expected:
        raise Refused([Missing("state", _("Only an awaited payment can be changed."))])
    if day is not None and day < on:
        raise Refused([Missing("expected_on", _("The new date can't be past."))])
    row.expected_on = day
    row.save(update_fields=["expected_on"])
    # Asked again on the new day.
    AidQuestion.objects.filter(disbursement=row).delete()
    codes = {"application": row.application_id, "expected_on": day.isoformat() if day else ""}
    record(row, "edit", by=by, on=on, at=at, codes=codes)
    return row
