"""What the invoicing room answers to the ground."""

from essaim import hooks
from essaim.hooks import FrozenTable

_OF_ISSUED = "EXISTS (SELECT 1 FROM invoicing_invoice i WHERE i.id = {row}.invoice_id AND i.state = 'issued')"


def _child(model: str) -> FrozenTable:
    """Rows of an issued invoice: none changed, removed, added or moved in."""
    old, new = _OF_ISSUED.format(row="OLD"), _OF_ISSUED.format(row="NEW")
    return FrozenTable(model, update=f"{old} OR {new}", delete=old, insert=new)


def _grandchild(model: str) -> FrozenTable:
    """Rows of a line of an issued invoice."""
    of = (
        "EXISTS (SELECT 1 FROM invoicing_invoiceline l JOIN invoicing_invoice i"
        " ON i.id = l.invoice_id WHERE l.id = {row}.line_id AND i.state = 'issued')"
    )
    old, new = of.format(row="OLD"), of.format(row="NEW")
    return FrozenTable(model, update=f"{old} OR {new}", delete=old, insert=new)


hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update="OLD.state = 'issued'",
        delete="OLD.state = 'issued'",
        # REPLACE would remove the row it clashes with; a row is born a draft.
        insert=(
            "NEW.state <> 'draft' OR EXISTS (SELECT 1 FROM invoicing_invoice i"
            " WHERE i.id = NEW.id AND i.state = 'issued')"
        ),
        # A payer's foreign key may follow a deduplication; the copied party stays.
        free=("client_id",),
    )
)
hooks.frozen_tables.register(_child("invoicing.InvoiceLine"))
hooks.frozen_tables.register(_child("invoicing.Instalment"))
hooks.frozen_tables.register(_grandchild("invoicing.BilledShare"))
hooks.frozen_tables.register(_grandchild("invoicing.SubsidyFee"))
for _name in ("FrozenFile", "Allocation", "Payment", "ExportLog"):
    hooks.frozen_tables.register(FrozenTable(f"invoicing.{_name}", update="1=1", delete="1=1"))
