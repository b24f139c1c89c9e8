"""Pieces of an agreed price that wait for an invoice: accepted phases, instalments of packs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation
from essaim.formats import date_fr
from essaim.money import ZERO
from invoicing.models import BilledPhase, InvoiceLine
from invoicing.rhythm import GRACE
from missions.models import Agreement, FundingShare, Phase
from missions.rules import Basis, Nature
from missions.rules_funding import ShareTerm, net_cap
from missions.rules_pieces import piece_parts

CAP = 200
LIVE = (Agreement.State.SIGNED, Agreement.State.RUNNING, Agreement.State.COMPLETED)


@dataclass(frozen=True, slots=True)
class Piece:
    """One payer's part of one phase or instalment, not billed yet (net, euros)."""

    payer: Organisation
    agreement: Agreement
    phase: Phase
    share: FundingShare
    amount: Decimal
    generation: int
    due_on: date | None  # the day it may be billed; None where nobody can say yet
    is_due: bool

    @property
    def wanted_by(self) -> date | None:
        """The day by which it should be billed: ten days after it fell due."""
        return self.due_on + GRACE if self.is_due and self.due_on else None

    @property
    def when(self) -> str:
        """When it will be due, in words, while it is not."""
        if self.phase.kind == Phase.Kind.PHASE:
            planned = self.phase.planned_on
            if planned is None:
                return _("once accepted")
            return _("once accepted, planned on %(day)s") % {"day": date_fr(planned)}
        return _("from %(day)s") % {"day": date_fr(self.due_on)} if self.due_on else ""

    def is_due_by(self, day: date) -> bool:
        """Accepted, or fallen due, by a day."""
        return self.is_due and self.due_on is not None and self.due_on <= day

    def is_overdue(self, on: date) -> bool:
        return self.wanted_by is not None and on > self.wanted_by


def _open(phases: Any) -> Any:
    """Phases of live agreements of which a payer's part was never billed, or was given back."""
    again = InvoiceLine.objects.filter(
        origin=OuterRef("line"), billable_again=True, invoice__state="issued"
    )
    standing = BilledPhase.objects.filter(~Exists(again), share=OuterRef("pk"))
    left = FundingShare.objects.filter(
        ~Exists(standing.filter(phase=OuterRef(OuterRef("pk")))),
        agreement=OuterRef("agreement"),
        percent__gt=0,
        basis__in=("order", "price_complement", "client_pays_from_own_grant"),
    )
    return phases.filter(Exists(left), agreement__state__in=LIVE)


def pieces(
    *,
    on: date,
    agreement: Agreement | None = None,
    agreements: Iterable[int] | None = None,
    limit: int | None = None,
) -> list[Piece]:
    """What waits of agreed prices, due or not yet; five queries, `limit` agreements at most."""
    rows = Phase.objects.all()
    if agreement is not None:
        rows = rows.filter(agreement=agreement)
    if agreements is not None:
        rows = rows.filter(agreement__in=list(agreements))
    keys = list(_open(rows).order_by("agreement").values_list("agreement", flat=True).distinct())
    keys = keys[:limit]
    phases: dict[int, list[Phase]] = defaultdict(list)
    found = Phase.objects.filter(agreement__in=keys).order_by("position")
    for phase in found.select_related("agreement__client", "agreement__coop__organisation"):
        phases[phase.agreement_id].append(phase)
    shares: dict[int, list[FundingShare]] = defaultdict(list)
    for share in FundingShare.objects.filter(agreement__in=keys).select_related("payer"):
        shares[share.agreement_id].append(share)
    billed = _billed(keys)
    profile = IssuerProfile.objects.at(on) if keys else None
    vat = profile.vat_rate if profile is not None else ZERO
    return [
        piece
        for key in keys
        for piece in _of_agreement(phases[key], shares[key], billed, vat=vat, on=on)
    ]


def _billed(keys: list[int]) -> dict[tuple[int, int], tuple[int, bool]]:
    """(last generation, given back) per phase and share."""
    again = InvoiceLine.objects.filter(
        origin=OuterRef("line"), billable_again=True, invoice__state="issued"
    )
    rows = BilledPhase.objects.filter(phase__agreement__in=keys).annotate(back=Exists(again))
    values = rows.order_by("generation").values_list("phase", "share", "generation", "back")
    return {(phase, share): (generation, back) for phase, share, generation, back in values}


def _of_agreement(
    phases: list[Phase],
    shares: list[FundingShare],
    billed: dict[tuple[int, int], tuple[int, bool]],
    *,
    vat: Decimal,
    on: date,
) -> list[Piece]:
    by_phase = {phase.pk: phase for phase in phases}
    by_share = {share.pk: share for share in shares}
    parts = piece_parts([(p.pk, p.amount) for p in phases], [term_of(s, vat) for s in shares])
    found = []
    for part in parts:
        generation, back = billed.get((part.piece, part.term), (0, True))
        if part.nature != Nature.BILLED or not back:
            continue
        phase, share = by_phase[part.piece], by_share[part.term]
        due_on = due_of(phase)
        found.append(
            Piece(
                payer=share.payer,
                agreement=phase.agreement,
                phase=phase,
                share=share,
                amount=part.amount,
                generation=generation + 1,
                due_on=due_on,
                is_due=_is_due(phase, due_on, on),
            )
        )
    return found


def term_of(share: FundingShare, vat: Decimal) -> ShareTerm:
    """A payer's share, as the rules take it; a gross cap is turned into net."""
    cap = share.cap_eur
    if cap is not None and share.cap_is == "gross":
        cap = net_cap(cap, vat)
    return ShareTerm(
        id=share.pk,
        payer=share.payer_id,
        percent=share.percent,
        basis=Basis(share.basis),
        priority=share.priority,
        is_remainder=share.takes_remainder,
        cap_eur=cap,
    )


def due_of(phase: Phase) -> date | None:
    """The day a piece falls due: a phase once accepted, an instalment on its date or signature."""
    if phase.kind == Phase.Kind.INSTALMENT:
        signed = phase.agreement.signed_on
        planned = phase.planned_on
        return max(planned, signed) if planned and signed else planned or signed
    return phase.accepted_on or phase.planned_on


def _is_due(phase: Phase, due_on: date | None, on: date) -> bool:
    if phase.kind == Phase.Kind.INSTALMENT:
        return due_on is not None and due_on <= on
    return phase.state == Phase.State.ACCEPTED
