"""Phases billed once, papers of agreements and clauses frozen as they leave."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from essaim import hooks
from essaim.hooks import FrozenTable
from essaim.workflow import Missing
from invoicing.actions.papers import freeze_agreement, freeze_annex
from invoicing.commitments import early_quote
from invoicing.models import BilledPhase, InvoiceLine

# -- what the database refuses ---------------------------------------------------------------
_TABLES = ("invoicing_billedphase", "invoicing_invoiceline", "invoicing_invoice")
_ISSUED = (
    "EXISTS (SELECT 1 FROM invoicing_invoiceline l JOIN invoicing_invoice i"
    " ON i.id = l.invoice_id WHERE l.id = {row}.line_id AND i.state = 'issued')"
)
_GIVEN_BACK = (
    "EXISTS (SELECT 1 FROM invoicing_invoiceline c JOIN invoicing_invoice n"
    " ON n.id = c.invoice_id WHERE c.origin_id = b.line_id AND c.billable_again"
    " AND n.state = 'issued')"
)
_HELD = (
    "EXISTS (SELECT 1 FROM invoicing_billedphase b JOIN invoicing_invoiceline l ON l.id = b.line_id"
    " JOIN invoicing_invoice i ON i.id = l.invoice_id"
    f" WHERE b.phase_id = OLD.id AND i.state = 'issued' AND NOT {_GIVEN_BACK})"
)
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.BilledPhase",
        update="1=1",
        delete=_ISSUED.format(row="OLD"),
        # Nothing joins an issued document; a phase is billed again once it was given back.
        insert=(
            f"{_ISSUED.format(row='NEW')} OR (NEW.generation > 1 AND NOT EXISTS (SELECT 1"
            " FROM invoicing_billedphase b WHERE b.phase_id = NEW.phase_id"
            " AND b.share_id = NEW.share_id AND b.generation = NEW.generation - 1"
            f" AND {_GIVEN_BACK}))"
        ),
        needs=_TABLES[1:],
    )
)
# A phase on an issued invoice keeps its words, its amount and its acceptance.
hooks.frozen_tables.register(
    FrozenTable("missions.Phase", update=_HELD, delete=_HELD, needs=_TABLES)
)


# -- the acceptance of a phase ---------------------------------------------------------------
@hooks.guards.register(("missions.Phase", "take_back_acceptance"))
def phase_is_not_billed(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """An acceptance is taken back while nothing of the phase stands on an invoice or a draft."""
    again = InvoiceLine.objects.filter(billable_again=True, invoice__state="issued")
    held = BilledPhase.objects.filter(phase=obj).exclude(line__in=again.values("origin_id"))
    row = held.select_related("line__invoice").first()
    if row is None:
        return []
    invoice = row.line.invoice
    seen = by.has_perm("invoicing.view_invoice")
    words = _("“%(phase)s” stands on %(invoice)s: throw the draft away, or credit it first.")
    said = words % {"phase": obj, "invoice": invoice if seen else _("an invoice")}
    return [Missing("billed", said, invoice.get_absolute_url() if seen else "")]


# -- papers ----------------------------------------------------------------------------------
def _freeze(obj: Any, *, by: Any, on: date, at: datetime, data: Any) -> Mapping[str, Any] | None:
    """The agreement leaves, or is signed without having left: what it says is kept."""
    paper = freeze_agreement(obj, by=by, on=on, at=at)
    return {"paper": paper.pk} if paper is not None else None


for _verb in ("send", "sign"):
    hooks.reactions.register(f"missions.Agreement.{_verb}")(_freeze)


@hooks.reactions.register("invoicing.SubsidyShareClause.activate")
def freeze_the_annex(
    obj: Any, *, by: Any, on: date, at: datetime, data: Any
) -> Mapping[str, Any] | None:
    """The clause takes effect: the page that explained it is kept."""
    return {"paper": freeze_annex(obj, by=by, on=on, at=at).pk}


# -- a quote accepted --------------------------------------------------------------------------
@hooks.guards.register(("missions.Quote", "accept_quote"))
def quote_after_acknowledgement(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """WARN: a quote signed before a funder's acknowledgement is a commitment too early."""
    signed = getattr(data, "decided_on", None) or on
    return early_quote(obj, on=signed, sees=by.has_perm("grants.view_application"))
