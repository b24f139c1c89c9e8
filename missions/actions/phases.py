"""Verbs on an agreed price: its pieces written, phases accepted, the report delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions import add_document
from crm.models import Document
from essaim.models import User
from essaim.workflow import perform, record
from essaim.writing import refuse
from missions.actions.common import keep, lock_agreements
from missions.models import Agreement, Amendment, Phase, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLine:
    """One piece of the price, as it is entered."""

    title: str
    amount: Decimal
    planned_on: date | None = None
    kind: str = ""  # the agreement's own when nothing is said


def set_phases(
    agreement: Agreement, lines: Sequence[PhaseLine], *, by: User, on: date, at: datetime
) -> Agreement:
    """Write the pieces of a draft's price: phases, or the instalments of a pack. Raises Refused."""
    with transaction.atomic():
        locked = lock_agreements([agreement.pk])[agreement.pk]
        if locked.state != Agreement.State.DRAFT:
            words = _("The price is frozen once the agreement is sent or signed.")
            refuse("phases", words, locked.get_absolute_url())
        if locked.kind == Agreement.Kind.OFFERED:
            refuse("phases", _("An offered agreement has no price."))
        locked.phases.all().delete()
        for position, line in enumerate(lines, start=1):
            if line.amount <= 0:
                refuse("amount", _("The amount of a piece is more than zero."))
            keep(
                Phase(
                    agreement=locked,
                    kind=line.kind or _kind_of(locked),
                    position=position,
                    title=line.title.strip(),
                    amount=line.amount,
                    planned_on=line.planned_on,
                )
            )
        record(agreement, "set_phases", by=by, on=on, at=at, codes={"count": len(lines)})
    return agreement


def _kind_of(agreement: Agreement) -> str:
    is_pack = agreement.kind == Agreement.Kind.PACK
    return Phase.Kind.INSTALMENT if is_pack else Phase.Kind.PHASE


def spread_pack(agreement: Agreement) -> None:
    """A pack without instalments is billed whole at its signature."""
    if agreement.kind != Agreement.Kind.PACK or not agreement.price or agreement.phases.exists():
        return
    kind = Phase.Kind.INSTALMENT
    title = _("Pack of days, at the signature")
    keep(Phase(agreement=agreement, kind=kind, position=1, title=title, amount=agreement.price))


def accept_phase(
    phase: Phase,
    *,
    accepted_on: date | None = None,
    accepted_by: str = "",
    evidence: "File[Any] | None" = None,
    by: User,
    on: date,
    at: datetime,
) -> Phase:
    """The client accepted a phase: it may be billed, once. Raises Refused."""
    with transaction.atomic():
        kept = _kept(phase.agreement, evidence, str(phase), by=by, on=on, at=at)
        perform(
            phase,
            "accept",
            accepted_on=accepted_on or on,
            accepted_by=accepted_by,
            evidence=kept and kept.pk,
            by=by,
            on=on,
            at=at,
        )
    return phase


def take_back_acceptance(phase: Phase, *, by: User, on: date, at: datetime) -> Phase:
    """An acceptance recorded by mistake; refused once the phase stands on an invoice."""
    with transaction.atomic():
        perform(phase, "take_back_acceptance", by=by, on=on, at=at)
    return phase


def deliver_report(
    agreement: Agreement,
    *,
    delivered_on: date,
    file: "File[Any] | None" = None,
    by: User,
    on: date,
    at: datetime,
) -> Agreement:
    """The report was handed over: what is paid on it falls due. Raises Refused."""
    with transaction.atomic():
        locked = lock_agreements([agreement.pk])[agreement.pk]
        if locked.state in (Agreement.State.DRAFT, Agreement.State.SENT):
            refuse("agreement", _("A report is delivered under a signed agreement."))
        if delivered_on > on:
            refuse("delivered_on", _("The delivery cannot be in the future."))
        kept = _kept(locked, file, _("Report delivered"), by=by, on=on, at=at)
        locked.report_delivered_on = delivered_on
        locked.report = kept or locked.report
        locked.save()
        codes = {"delivered_on": delivered_on.isoformat(), "document": kept and kept.pk}
        record(agreement, "deliver_report", by=by, on=on, at=at, codes=codes)
    agreement.refresh_from_db()
    return agreement


def attach_scan(
    row: Agreement | Amendment | Quote,
    file: "File[Any]",
    *,
    by: User,
    on: date,
    at: datetime,
) -> Document:
    """Keep the signed scan of a paper beside it, among the coop's documents. Raises Refused."""
    with transaction.atomic():
        owner: Any = row.agreement if isinstance(row, Amendment) else row
        if row.state == "draft":
            refuse("file", _("Nothing was sent yet: there is nothing to sign."))
        kept = _kept(owner, file, _("Signed: %(paper)s") % {"paper": row}, by=by, on=on, at=at)
        assert kept is not None
        row.signed_scan = kept
        row.save()
        record(row, "attach_scan", by=by, on=on, at=at, codes={"document": kept.pk})
    return kept


def _kept(
    owner: Any, file: "File[Any] | None", title: str, *, by: User, on: date, at: datetime
) -> Document | None:
    """The file among the documents of the coop that the paper is about."""
    if file is None:
        return None
    if owner.coop is None:
        words = _("A file is kept on a coop's page, and this concerns several: name the coop.")
        refuse("file", words)
    return add_document(owner.coop, file=file, title=title, by=by, on=on, at=at)
