"""Envelopes today: days used, noted, promised, and where they are heading."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.models import IssuerProfile
from missions.models import Envelope, FundingShare, MissionDay
from missions.rules_envelopes import Outlook, Promise, look_ahead, promised
from missions.rules_funding import net_cap
from missions.usage import Drawn, drawn_on, used_of_shares

NO_DAYS = Decimal(0)
RUNNING = ("signed", "running")


@dataclass(frozen=True, slots=True)
class Standing:
    """An envelope with what was drawn on it and its outlook."""

    envelope: Envelope
    drawn: Drawn
    outlook: Outlook
    promises: tuple[tuple[FundingShare, Decimal | None], ...]
    coops: frozenset[int]

    @property
    def coops_left(self) -> int | None:
        """Coops that may still come in: neither helped nor promised yet."""
        quota = self.envelope.quota_coops
        return max(quota - len(self.coops), 0) if quota is not None else None

    @property
    def tone(self) -> str:
        return {"past": "bad", "near": "warn", "heading_past": "warn"}.get(self.outlook.level, "")


def _noted(envelopes: Sequence[Envelope]) -> dict[int, Decimal]:
    """Days sent or noted on missions that draw on each envelope, at its percent; one query."""
    rows = (
        MissionDay.objects.real()
        .filter(
            state__in=("logged", "submitted"),
            is_volunteer=False,
            mission__agreement__shares__envelope__in=envelopes,
        )
        .values_list(
            "worked_on",
            "quantity",
            "mission__agreement__shares__envelope",
            "mission__agreement__shares__percent",
        )
    )
    period = {e.pk: (e.starts_on, e.ends_on) for e in envelopes}
    found: defaultdict[int, Decimal] = defaultdict(Decimal)
    for worked_on, quantity, envelope, percent in rows:
        first, last = period[envelope]
        if first <= worked_on <= last:
            found[envelope] += quantity * percent / 100
    return found


def _net(value: Decimal | None, kind: str, vat: Decimal) -> Decimal | None:
    return net_cap(value, vat) if value is not None and kind == "gross" else value


def _promise(share: FundingShare, used: tuple[Decimal, Decimal], vat: Decimal) -> Decimal | None:
    eur, days = used
    envelope: Any = share.envelope
    value = _net(envelope.value_per_day, envelope.value_is, vat) or NO_DAYS
    return promised(
        Promise(
            percent=share.percent,
            used_days=days,
            used_eur=eur,
            cap_days=share.cap_days,
            cap_eur=_net(share.cap_eur, share.cap_is, vat),
            budget_days=share.agreement.days_budgeted,
        ),
        value,
    )


def outlooks_of(envelopes: Iterable[Envelope], *, on: date) -> list[Standing]:
    """Where envelopes stand and head, in their order; five queries whatever their number."""
    held = list(envelopes)
    if not held:
        return []
    drawn, noted = drawn_on(held), _noted(held)
    shares = list(
        FundingShare.objects.filter(envelope__in=held, percent__gt=0, agreement__state__in=RUNNING)
        .select_related("agreement", "envelope")
        .order_by("agreement_id", "pk")
    )
    used = used_of_shares([share.pk for share in shares])
    profile = IssuerProfile.objects.at(on)
    vat = profile.vat_rate if profile is not None else NO_DAYS
    of: defaultdict[int, list[FundingShare]] = defaultdict(list)
    for share in shares:
        of[share.envelope_id or 0].append(share)
    return [
        _standing(envelope, drawn[envelope.pk], noted.get(envelope.pk, NO_DAYS), of, used, vat, on)
        for envelope in held
    ]


def _standing(
    envelope: Envelope,
    drawn: Drawn,
    noted: Decimal,
    shares: dict[int, list[FundingShare]],
    used: dict[int, tuple[Decimal, Decimal]],
    vat: Decimal,
    on: date,
) -> Standing:
    mine = shares.get(envelope.pk, [])
    promises = [(s, _promise(s, used.get(s.pk, (NO_DAYS, NO_DAYS)), vat)) for s in mine]
    outlook = look_ahead(
        quota=envelope.quota_days,
        used=drawn.total,
        noted=noted,
        starts_on=envelope.starts_on,
        ends_on=envelope.ends_on,
        on=on,
        promises=[days for _share, days in promises],
    )
    coops = drawn.coops | {s.agreement.coop_id for s in mine if s.agreement.coop_id}
    return Standing(envelope, drawn, outlook, tuple(promises), frozenset(coops))
