"""The shares of days under validation: caps already used, then each day in its turn."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm.models import IssuerProfile
from essaim.money import ZERO, cents
from essaim.workflow import Missing
from missions.codes import Arbitration
from missions.models import DayShare, Envelope, FundingShare, MissionDay
from missions.rules import (
    RULES_VERSION,
    WHOLE,
    Basis,
    Beneficiary,
    Key,
    Nature,
    check_beneficiaries,
    fractions,
)
from missions.rules_funding import Eligibility, ShareTerm, check_eligibility, net_cap
from missions.rules_parts import Part, allocate, check_parts, default_part, split_parts
from missions.rules_shares import ShareAmount
from missions.usage import Drawn, drawn_on, used_of_shares
from missions.words import missing_of

OTHER_PAYER = 0  # the key of the one term of a day that an arbitration gave to another payer
NOBODY = 0  # the key of the one beneficiary of a day that is for no coop


def rate_of(day: MissionDay) -> Decimal:
    """The daily rate in force when the day was worked; 0 outside an agreement."""
    agreement = day.mission.agreement
    if agreement is None:
        return Decimal(0)
    for amendment in sorted(agreement.amendments.all(), key=lambda a: a.number):
        if amendment.state == "signed" and day.worked_on < amendment.effective_on:
            return Decimal(amendment.old_terms.get("daily_rate") or agreement.daily_rate)
    if agreement.kind == agreement.Kind.PACK and not agreement.daily_rate:
        # What a day of the pack is worth: shown to the coop, billed to nobody.
        return cents((agreement.price or ZERO) / (agreement.days_budgeted or 1))
    return Decimal(agreement.daily_rate)


def with_terms(days: Any) -> Any:
    """A queryset of days with all that their sharing reads, in the order of validation."""
    return (
        days.select_related("mission__agreement", "mission__accompaniment", "other_payer")
        .prefetch_related(
            "mission__agreement__shares__envelope",
            "mission__agreement__amendments",
            "beneficiaries__coop__accompaniments",
            "parts",
        )
        .order_by("worked_on", "pk")
    )


def part_of(day: MissionDay) -> Part:
    """What becomes of a whole day when the coordinator does not split it."""
    agreement = day.mission.agreement
    if day.is_volunteer:
        return Part(quantity=day.quantity, nature=Nature.VOLUNTEER, reason="volunteer")
    if day.arbitration == Arbitration.OTHER_PAYER:
        return Part(quantity=day.quantity, nature=Nature.BILLED)
    if agreement is None:
        return default_part(day.quantity, day.work, is_offered=True)
    offered = agreement.kind == agreement.Kind.OFFERED or day.arbitration == Arbitration.OFFERED
    return default_part(
        day.quantity,
        day.work,
        billable_works=agreement.billable_works,
        is_offered=offered,
        is_priced=agreement.has_fixed_price,
        is_second=day.pair_of_id is not None,
        second_counts=agreement.pair_counts,
    )


class Ledger:
    """What is left of each cap, told day after day in the order of validation."""

    def __init__(
        self, days: Sequence[MissionDay], *, on: date, without: Collection[int] = ()
    ) -> None:
        shares: list[FundingShare] = []
        for agreement in {d.mission.agreement for d in days if d.mission.agreement}:
            shares += agreement.shares.all()
        self.used = defaultdict(
            lambda: (Decimal(0), Decimal(0)), used_of_shares([s.pk for s in shares], without)
        )
        envelopes = {s.envelope_id for s in shares if s.envelope_id}
        self.drawn: defaultdict[int, Drawn] = drawn_on(envelopes, without)
        profile = IssuerProfile.objects.at(on) if shares else None
        self.vat = profile.vat_rate if profile is not None else Decimal(0)

    # -- one day -------------------------------------------------------------------------------
    def share(
        self, day: MissionDay, parts: Sequence[Part] = (), rate: Decimal | None = None
    ) -> tuple[list[DayShare], list[Missing]]:
        """The shares of one day, or what stops them; what they take is counted at once."""
        decided = _within_price(day, tuple(parts) or (part_of(day),))
        rate = rate_of(day) if rate is None else rate
        present = self._present(day)
        key, fee = _key(day, present)
        codes = [*check_parts(day.quantity, decided), *check_beneficiaries(present, key, fee)]
        agreement = day.mission.agreement
        if not codes and agreement is not None and _asks_signature(decided, agreement):
            return [], [_unsigned(agreement)]
        if not codes:
            split = split_parts(rate, day.quantity, decided, self._terms(day, present))
            codes = split.codes
        if codes:
            return [], [_of_day(day, m) for m in missing_of(codes, _who_pays(day))]
        rows = allocate(split, present, key, fee)
        for row in rows:
            self._count(row)
        return [_row(day, row) for row in rows], []

    def _present(self, day: MissionDay) -> list[Beneficiary]:
        found = [
            Beneficiary(id=b.coop_id, payer=b.coop.organisation_id, weight=b.weight)
            for b in day.beneficiaries.all()
        ]
        return found or [Beneficiary(id=NOBODY, payer=NOBODY)]

    def _terms(self, day: MissionDay, present: Sequence[Beneficiary]) -> list[ShareTerm]:
        if day.arbitration == Arbitration.OTHER_PAYER:
            payer = day.other_payer_id or 0
            whole = Decimal(100)
            return [ShareTerm(id=OTHER_PAYER, payer=payer, percent=whole, is_remainder=True)]
        if day.mission.agreement is None:
            return []
        return [self._term(s, day, present) for s in day.mission.agreement.shares.all()]

    def _net(self, cap: Decimal | None, kind: str) -> Decimal | None:
        return net_cap(cap, self.vat) if cap is not None and kind == "gross" else cap

    def _term(
        self, share: FundingShare, day: MissionDay, present: Sequence[Beneficiary]
    ) -> ShareTerm:
        eur, days = self.used[share.pk]
        envelope = share.envelope
        return ShareTerm(
            id=share.pk,
            payer=share.payer_id,
            percent=share.percent,
            basis=Basis(share.basis),
            priority=share.priority,
            is_remainder=share.takes_remainder,
            cap_eur=self._net(share.cap_eur, share.cap_is),
            cap_days=share.cap_days,
            cap_per_day=self._net(share.cap_per_day, share.cap_is),
            used_eur=eur,
            used_days=days,
            envelope=share.envelope_id,
            envelope_days_left=self._days_left(envelope, day, present) if envelope else None,
            envelope_value_per_day=(
                self._net(envelope.value_per_day, envelope.value_is) if envelope else None
            ),
        )

    def _days_left(
        self, envelope: Envelope, day: MissionDay, present: Sequence[Beneficiary]
    ) -> Decimal:
        """What the envelope may still pay of this day: its quota, its coops, each coop's cap."""
        if not _is_eligible(envelope, day):
            return Decimal(0)
        drawn = self.drawn[envelope.pk]
        new = {one.id for one in present} - drawn.coops - {NOBODY}
        quota = envelope.quota_coops
        if quota is not None and len(drawn.coops) + len(new) > quota and new:
            return Decimal(0)
        rooms = [envelope.quota_days - drawn.total]
        cap = envelope.cap_days_per_coop
        if cap is not None:
            parts = fractions([one.weight for one in present])
            rooms += [
                (cap - drawn.days[one.id]) / part
                for one, part in zip(present, parts, strict=True)
                if part
            ]
        return max(min(rooms), Decimal(0))

    def _count(self, row: ShareAmount) -> None:
        if row.term_id:
            eur, days = self.used[row.term_id]
            self.used[row.term_id] = (eur + row.public_value, days + row.days)
        if row.envelope is not None:
            self.drawn[row.envelope].days[row.beneficiary or None] += row.days


def _within_price(day: MissionDay, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Under an agreed price no part of a day is billed by itself, save to another payer."""
    agreement = day.mission.agreement
    if agreement is None or not agreement.has_fixed_price:
        return tuple(parts)
    if day.arbitration == Arbitration.OTHER_PAYER:
        return tuple(parts)
    return tuple(
        replace(part, nature=Nature.PRICED, reason=part.reason or "agreed_price")
        if part.nature == Nature.BILLED
        else part
        for part in parts
    )


def _key(day: MissionDay, present: Sequence[Beneficiary]) -> tuple[Key | None, Decimal | None]:
    agreement = day.mission.agreement
    if agreement is None or len(present) < 2:
        return None, None
    return Key(agreement.collective_key), agreement.collective_fee


def _asks_signature(parts: Iterable[Part], agreement: Any) -> bool:
    """Nothing is billed under an agreement that nobody signed."""
    unsigned = agreement.state in (agreement.State.DRAFT, agreement.State.SENT)
    paid = (Nature.BILLED, Nature.PRICED)
    return unsigned and any(part.nature in paid for part in parts)


def _unsigned(agreement: Any) -> Missing:
    words = _("The agreement “%(agreement)s” is not signed: who pays this day?")
    said = words % {"agreement": agreement}
    return Missing("unsigned", said, agreement.get_absolute_url())


def _who_pays(day: MissionDay) -> str:
    agreement = day.mission.agreement
    return agreement.get_absolute_url() if agreement else day.get_absolute_url()


def _of_day(day: MissionDay, missing: Missing) -> Missing:
    text = f"{day.worked_on:%d/%m/%Y}, {day.mission} : {missing.text}"
    return Missing(missing.code, text, missing.url)


def _is_eligible(envelope: Envelope, day: MissionDay) -> bool:
    rule = Eligibility(
        departments=frozenset(envelope.departments),
        stages=frozenset(envelope.stages),
        works=frozenset(envelope.works),
        starts_on=envelope.starts_on,
        ends_on=envelope.ends_on,
    )
    places = [(b.coop.department, _stage(b.coop)) for b in day.beneficiaries.all()] or [("", "")]
    return not any(
        check_eligibility(
            rule, department=place, stage=stage, work=day.work, worked_on=day.worked_on
        )
        for place, stage in places
    )


def _stage(coop: Any) -> str:
    found = sorted(coop.accompaniments.all(), key=lambda a: (a.is_live, a.pk))
    return found[-1].stage if found else ""


def _row(day: MissionDay, row: ShareAmount) -> DayShare:
    return DayShare(
        day=day,
        coop_id=row.beneficiary or None,
        payer_id=row.payer or None,
        funding_share_id=row.term_id or None,
        envelope_id=row.envelope,
        nature=row.nature.value,
        basis=row.basis.value if row.basis else "",
        quantity=row.quantity,
        days=row.days,
        base=row.base,
        is_remainder=row.is_remainder,
        is_cut=row.is_cut,
        is_fee=row.is_fee,
        why=row.reason,
        rate=row.rate,
        percent=row.percent,
        amount=row.amount,
        public_value=row.public_value,
        rules_version=RULES_VERSION,
    )


def amount_of(share: DayShare) -> ShareAmount:
    """A kept share, as the rules take it."""
    return ShareAmount(
        quantity=share.quantity,
        days=share.days,
        rate=share.rate,
        base=share.base,
        percent=share.percent,
        amount=share.amount,
        nature=Nature(share.nature),
        public_value=share.public_value,
        term_id=share.funding_share_id,
        payer=share.payer_id,
        basis=Basis(share.basis) if share.basis else None,
        envelope=share.envelope_id,
        is_remainder=share.is_remainder,
        is_cut=share.is_cut,
        is_fee=share.is_fee,
        beneficiary=share.coop_id,
        fraction=WHOLE,
        reason=share.why,
    )
