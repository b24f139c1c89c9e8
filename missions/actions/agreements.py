"""Verbs on agreements: written, funded, signed, amended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crm.actions.kit import settle_code
from crm.models import Accompaniment, Organisation
from essaim.models import User
from essaim.workflow import perform, record
from essaim.writing import put, refuse
from missions.actions.common import keep, lock_agreements, refuse_codes
from missions.actions.papers import freeze_amendment
from missions.actions.phases import spread_pack
from missions.codes import Arbitration, Basis, Gross
from missions.models import Agreement, Amendment, Envelope, FundingShare, MissionDay
from missions.rules import Basis as RuleBasis
from missions.rules import budget_use, is_over_budget
from missions.rules_funding import ShareTerm, Terms, check_amendment, check_funding
from missions.usage import awaiting, days_used

FIELDS = (
    "reference",
    "title",
    "form",
    "kind",
    "client",
    "coop",
    "starts_on",
    "ends_on",
    "rhythm",
    "days_budgeted",
    "days_used_before",
    "daily_rate",
    "hours_per_day",
    "billable_works",
    "quantities",
    "pair_counts",
    "collective_key",
    "collective_fee",
    "km_rate",
    "payment_days",
    "payment_method",
    "penalty_rate",
    "order_number",
    "analytic_code",
    "price",
)
KIT_CODE = "agreement"  # the item of the kit that a signature proves
FROZEN = frozenset(name.removesuffix("_id") for name in Agreement.TERMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """One payer of an agreement, as it is entered."""

    payer: Organisation
    percent: Decimal
    basis: str = Basis.ORDER
    cap_eur: Decimal | None = None
    cap_days: Decimal | None = None
    cap_per_day: Decimal | None = None
    cap_is: str = Gross.NET
    priority: int = 1
    takes_remainder: bool = False
    envelope: Envelope | None = None


def create_agreement(*, by: User, on: date, at: datetime, **fields: Any) -> Agreement:
    """Write the draft of an agreement; its client pays 100 % until `set_shares` says otherwise.

    Raises Refused with one entry per wrong field.
    """
    with transaction.atomic():
        agreement = Agreement()
        put(agreement, fields, FIELDS)
        _judge(agreement)
        keep(agreement)
        if agreement.kind != Agreement.Kind.OFFERED:
            FundingShare.objects.create(
                agreement=agreement, payer=agreement.client, percent=100, takes_remainder=True
            )
        record(agreement, "create", by=by, on=on, at=at)
    return agreement


def _judge(agreement: Agreement) -> None:
    fee = agreement.collective_fee
    if agreement.collective_key == "fixed_fee" and fee is None:
        refuse("collective_fee", _("Say the fixed fee per coop present."))
    for name in (
        "collective_fee",
        "km_rate",
        "penalty_rate",
        "daily_rate",
        "price",
        "days_used_before",
    ):
        if (getattr(agreement, name) or 0) < 0:
            refuse(name, _("An amount is not negative."))


def edit_agreement(
    agreement: Agreement, *, by: User, on: date, at: datetime, **changes: Any
) -> Agreement:
    """Change a draft; once sent or signed only what is no term. Raises Refused."""
    with transaction.atomic():
        agreement.refresh_from_db()
        before = agreement.client_id
        changed = put(agreement, changes, FIELDS)
        if agreement.state != Agreement.State.DRAFT and FROZEN.intersection(changed):
            text = _("The terms are frozen once it is sent or signed: write an amendment.")
            refuse("terms", text, agreement.get_absolute_url())
        _judge(agreement)
        keep(agreement)
        if agreement.client_id != before:
            _follow_client(agreement, before)
        if changed:
            record(agreement, "edit", by=by, on=on, at=at, codes={"fields": changed})
    return agreement


def _follow_client(agreement: Agreement, before: int) -> None:
    """The one share that nobody touched stays the client's."""
    shares = list(agreement.shares.all())
    if len(shares) == 1 and shares[0].payer_id == before and shares[0].percent == 100:
        agreement.shares.update(payer=agreement.client_id)


def _terms(lines: Sequence[ShareLine]) -> list[ShareTerm]:
    return [
        ShareTerm(
            id=index,
            payer=line.payer.pk,
            percent=line.percent,
            basis=RuleBasis(line.basis),
            priority=line.priority,
            is_remainder=line.takes_remainder,
            cap_eur=line.cap_eur,
            cap_days=line.cap_days,
            cap_per_day=line.cap_per_day,
            envelope=line.envelope.pk if line.envelope else None,
        )
        for index, line in enumerate(lines)
    ]


def set_shares(
    agreement: Agreement, lines: Sequence[ShareLine], *, by: User, on: date, at: datetime
) -> Agreement:
    """Say who pays which part of a draft. Raises Refused in words on what does not add up."""
    with transaction.atomic():
        locked = lock_agreements([agreement.pk])[agreement.pk]
        if locked.state != Agreement.State.DRAFT:
            refuse("shares", _("The payers are frozen once the agreement is sent or signed."))
        refuse_codes(check_funding(_terms(lines)))
        for line in lines:
            if line.envelope is not None and line.envelope.payer_id != line.payer.pk:
                refuse("envelope", _("An envelope is drawn on by its own payer's share."))
        _own_grants(locked, lines)
        agreement.shares.all().delete()
        for line in lines:
            keep(_share(agreement, line))
        codes = {"payers": [line.payer.pk for line in lines]}
        record(agreement, "set_shares", by=by, on=on, at=at, codes=codes)
    return agreement


def _own_grants(agreement: Agreement, lines: Sequence[ShareLine]) -> None:
    """A client that pays from its own grant is billed itself: it is the payer of that share."""
    own = {agreement.client_id}
    if agreement.coop is not None:
        own.add(agreement.coop.organisation_id)
    if any(line.basis == Basis.CLIENT and line.payer.pk not in own for line in lines):
        text = _("A client that pays from its own grant is billed in full: name it as the payer.")
        refuse("payer", text)


def _share(agreement: Agreement, line: ShareLine) -> FundingShare:
    return FundingShare(
        agreement=agreement,
        payer=line.payer,
        percent=line.percent,
        basis=line.basis,
        cap_eur=line.cap_eur,
        cap_days=line.cap_days,
        cap_per_day=line.cap_per_day,
        cap_is=line.cap_is,
        priority=line.priority,
        takes_remainder=line.takes_remainder,
        envelope=line.envelope,
    )


# -- moves -------------------------------------------------------------------------------------
def _move(agreement: Agreement, name: str, **act: Any) -> Agreement:
    with transaction.atomic():
        perform(agreement, name, **act)
    return agreement


def send_agreement(agreement: Agreement, *, by: User, on: date, at: datetime) -> Agreement:
    """The paper left for the client."""
    return _move(agreement, "send", by=by, on=on, at=at)


def sign_agreement(
    agreement: Agreement,
    *,
    by: User,
    on: date,
    at: datetime,
    signed_on: date | None = None,
    reasons: Mapping[str, str] | None = None,
) -> Agreement:
    """Record the signature: terms are frozen from here. Raises Refused with what is missing."""
    words = reasons or {}
    with transaction.atomic():
        spread_pack(agreement)
        perform(agreement, "sign", by=by, on=on, at=at, signed_on=signed_on, reasons=words)
        act: dict[str, Any] = {"by": by, "on": on, "at": at}
        for accompaniment in Accompaniment.objects.filter(coop=agreement.coop_id).live():
            settled_on, title = agreement.signed_on or on, agreement.title
            settle_code(accompaniment, KIT_CODE, settled_on=settled_on, words=title, **act)
    return agreement


def start_agreement(agreement: Agreement, *, by: User, on: date, at: datetime) -> Agreement:
    """Work under it has begun."""
    return _move(agreement, "start", by=by, on=on, at=at)


def complete_agreement(agreement: Agreement, *, by: User, on: date, at: datetime) -> Agreement:
    """All was done; barred while one of its missions is open."""
    return _move(agreement, "complete", by=by, on=on, at=at)


def terminate_agreement(
    agreement: Agreement, *, by: User, on: date, at: datetime, reason: str = ""
) -> Agreement:
    """It ends before its term."""
    return _move(agreement, "terminate", by=by, on=on, at=at, reason=reason)


# -- amendments --------------------------------------------------------------------------------
def create_amendment(
    agreement: Agreement,
    *,
    effective_on: date,
    why: str,
    days_budgeted: Decimal | None = None,
    daily_rate: Decimal | None = None,
    ends_on: date | None = None,
    by: User,
    on: date,
    at: datetime,
) -> Amendment:
    """Write the draft of an amendment; what is None stays as it was. Raises Refused."""
    with transaction.atomic():
        locked = lock_agreements([agreement.pk])[agreement.pk]
        if not locked.is_signed:
            refuse("agreement", _("Only a signed agreement is amended."), locked.get_absolute_url())
        old, new = _both_terms(locked, effective_on, days_budgeted, daily_rate, ends_on)
        refuse_codes(check_amendment(old, new, days_used([locked])[locked.pk]))
        last = locked.amendments.aggregate(last=Max("number"))["last"] or 0
        amendment = Amendment(
            agreement=locked,
            number=last + 1,
            effective_on=effective_on,
            days_budgeted=days_budgeted,
            daily_rate=daily_rate,
            ends_on=ends_on,
            why=why.strip(),
        )
        keep(amendment)
        record(amendment, "create", by=by, on=on, at=at, codes={"agreement": locked.pk})
    return amendment


def _both_terms(
    agreement: Agreement,
    effective_on: date,
    days_budgeted: Decimal | None,
    daily_rate: Decimal | None,
    ends_on: date | None,
) -> tuple[Terms, Terms]:
    old = Terms(
        effective_on=agreement.starts_on,
        daily_rate=agreement.daily_rate,
        budget_days=agreement.days_budgeted,
        ends_on=agreement.ends_on,
    )
    new = Terms(
        effective_on=effective_on,
        daily_rate=agreement.daily_rate if daily_rate is None else daily_rate,
        budget_days=agreement.days_budgeted if days_budgeted is None else days_budgeted,
        ends_on=ends_on or agreement.ends_on,
    )
    return old, new


def sign_amendment(
    amendment: Amendment, *, rearbitrate: bool = True, by: User, on: date, at: datetime
) -> Amendment:
    """Record its signature: the agreement takes the new terms, the old ones stay on the amendment.

    With `rearbitrate`, days over budget that the new budget holds are decided « avenant ».
    Raises Refused.
    """
    with transaction.atomic():
        agreement = lock_agreements([amendment.agreement_id])[amendment.agreement_id]
        freeze_amendment(amendment, by=by, on=on, at=at)
        perform(amendment, "sign_amendment", by=by, on=on, at=at)
        for name in ("days_budgeted", "daily_rate", "ends_on"):
            value = getattr(amendment, name)
            if value is not None:
                setattr(agreement, name, value)
        keep(agreement)
        held = _hold(agreement) if rearbitrate else []
        codes = {"amendment": amendment.pk, "days": held}
        record(agreement, "amend", by=by, on=on, at=at, codes=codes)
    return amendment


def _hold(agreement: Agreement) -> list[int]:
    """Decide the waiting days that the new budget holds, oldest first; return their keys."""
    waiting = list(MissionDay.objects.filter(awaiting(agreement)).order_by("worked_on", "pk"))
    used = days_used([agreement], without=[d.pk for d in waiting])[agreement.pk]
    held = []
    for day in waiting:
        use = budget_use(
            day.quantity,
            day.work,
            billable_works=agreement.billable_works,
            is_second=day.pair_of_id is not None,
            second_counts=agreement.pair_counts,
        )
        if is_over_budget(agreement.days_budgeted, used, use):
            continue
        used += use
        if not day.is_late:
            held.append(day.pk)
    MissionDay.objects.filter(pk__in=held).update(arbitration=Arbitration.AMENDMENT)
    return held
