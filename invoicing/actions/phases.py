"""Draft what is due of an agreed price: accepted phases and instalments, each once."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from invoicing import rules
from invoicing.actions.drafting import new_draft, profile_on, put_line
from invoicing.actions.totals import apply_vat
from invoicing.models import BilledPhase, Invoice
from invoicing.pieces import Piece, pieces
from invoicing.wording import euros, percent, quantity
from missions.models import Agreement, Phase


@transaction.atomic
def draft_phases(
    *,
    payer: Organisation,
    agreement: Agreement,
    by: User,
    on: date,
    at: datetime,
    phases: Collection[int] | None = None,
    early: bool = False,
) -> Invoice:
    """Draft a payer's part of the phases accepted and instalments fallen due.

    `phases` keeps to some of them; `early` takes instalments before their date, never a phase
    nobody accepted. Refused when nothing is left: a piece is billed once.
    """
    # Two people drafting the same phase wait here for each other.
    Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    rows = [p for p in pieces(on=on, agreement=agreement) if p.payer.pk == payer.pk]
    if phases is not None:
        rows = [p for p in rows if p.phase.pk in set(phases)]
    chosen = [p for p in rows if p.is_due or (early and _may_come_early(p))]
    if not chosen:
        raise Refused([_nothing(rows)])
    days = [p.due_on for p in chosen if p.due_on is not None]
    invoice = new_draft(
        client=payer,
        agreement=agreement,
        by=by,
        on=on,
        at=at,
        period_from=min(min(days, default=on), on),
        period_to=min(max(days, default=on), on),
    )
    for position, piece in enumerate(chosen, start=1):
        _put(invoice, piece, position)
    ahead = [p.phase.pk for p in chosen if not p.is_due]
    if ahead:
        record(invoice, "bill_early", by=by, on=on, at=at, codes={"phases": ahead})
    return apply_vat(invoice, profile_on(on), on)


def _may_come_early(piece: Piece) -> bool:
    return piece.phase.kind == Phase.Kind.INSTALMENT


def _nothing(rows: Collection[Piece]) -> Missing:
    waiting = [p for p in rows if p.phase.kind == Phase.Kind.PHASE]
    if waiting:
        words = _("“%(phase)s” is not accepted yet: record its acceptance, then bill it.")
        phase = waiting[0].phase
        return Missing("phases", words % {"phase": phase}, phase.get_absolute_url())
    if rows:
        words = _("Nothing of this price is due before %(day)s.")
        days = [p.due_on for p in rows if p.due_on is not None]
        return Missing("phases", words % {"day": date_fr(min(days)) if days else "—"})
    return Missing("phases", _("Nothing of this price is left to bill to this payer."))


def _put(invoice: Invoice, piece: Piece, position: int) -> None:
    is_pack = piece.phase.kind == Phase.Kind.INSTALMENT
    label = (
        piece.phase.title
        if is_pack
        else _("Phase %(number)s: %(title)s")
        % {
            "number": piece.phase.position,
            "title": piece.phase.title,
        }
    )
    line = rules.Line(
        "pack" if is_pack else "phase",
        label[:300],
        Decimal(1),
        rules.PIECE,
        piece.amount,
        piece.amount,
        Decimal(0),
        detail=_detail(piece),
    )
    code = piece.agreement.analytic_code
    stored = put_line(invoice, line, position=position, analytic_code=code)
    BilledPhase.objects.create(
        line=stored, phase=piece.phase, share=piece.share, generation=piece.generation
    )


def _detail(piece: Piece) -> str:
    """When and by whom it was accepted, and which part of it this payer takes."""
    phase, said = piece.phase, []
    if phase.accepted_on:
        words = (
            _("accepted on %(day)s by %(who)s") if phase.accepted_by else _("accepted on %(day)s")
        )
        said.append(words % {"day": date_fr(phase.accepted_on), "who": phase.accepted_by})
    if phase.kind == Phase.Kind.INSTALMENT and piece.agreement.days_budgeted:
        words = _("pack of %(days)s days")
        said.append(words % {"days": quantity(piece.agreement.days_budgeted)})
    if piece.amount != phase.amount:
        words = _("your share of %(whole)s")
        if not piece.share.takes_remainder:
            words = _("%(percent)s of %(whole)s")
        facts = {"percent": percent(piece.share.percent), "whole": euros(phase.amount)}
        said.append(words % facts)
    return ", ".join(said)
