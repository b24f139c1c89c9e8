"""What the database itself refuses on the tables of invoicing."""

from essaim import hooks
from essaim.hooks import FrozenTable

_OF_ISSUED = (
    "EXISTS (SELECT 1 FROM invoicing_invoice i"
    " WHERE i.id = {row}.invoice_id AND i.state = 'issued')"
)
_NUMBERED = "NEW.state = 'issued' AND OLD.state <> 'issued' AND NEW.kind <> 'taken_over'"


def _child(model: str) -> FrozenTable:
    """Rows of an issued invoice: none changed, removed, added or moved in."""
    old, new = _OF_ISSUED.format(row="OLD"), _OF_ISSUED.format(row="NEW")
    return FrozenTable(
        model, update=f"{old} OR {new}", delete=old, insert=new, needs=("invoicing_invoice",)
    )


def _grandchild(model: str) -> FrozenTable:
    """Rows of a line of an issued invoice."""
    of = (
        "EXISTS (SELECT 1 FROM invoicing_invoiceline l JOIN invoicing_invoice i"
        " ON i.id = l.invoice_id WHERE l.id = {row}.line_id AND i.state = 'issued')"
    )
    old, new = of.format(row="OLD"), of.format(row="NEW")
    tables = ("invoicing_invoice", "invoicing_invoiceline")
    return FrozenTable(model, update=f"{old} OR {new}", delete=old, insert=new, needs=tables)


hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update="OLD.state = 'issued'",
        delete="OLD.state = 'issued'",
        # A row is born a draft, without what only issuing gives.
        insert=(
            "NEW.state <> 'draft' OR NEW.number IS NOT NULL OR NEW.rank IS NOT NULL"
            " OR NEW.series_id_used IS NOT NULL"
        ),
        # A payer's foreign key may follow a deduplication; the copied party stays.
        free=("client_id",),
    )
)
# A draft becomes issued with the number its series has just given, at the end of the chain.
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update=(
            f"({_NUMBERED} AND NOT EXISTS (SELECT 1 FROM essaim_seriesyear y"
            " JOIN essaim_series s ON s.id = y.series_id"
            " WHERE s.id = NEW.series_id_used AND NOT s.closed AND s.head = NEW.previous"
            " AND y.year IN (NEW.year, 0) AND y.counter = NEW.rank"
            " AND y.last_on = NEW.issued_on))"
            " OR (NEW.state <> 'issued' AND (NEW.number IS NOT NULL OR NEW.rank IS NOT NULL"
            " OR NEW.series_id_used IS NOT NULL))"
        ),
        needs=("essaim_series", "essaim_seriesyear"),
    )
)
# The next number is given once the last one stands on a document: none is skipped.
hooks.frozen_tables.register(
    FrozenTable(
        "essaim.SeriesYear",
        update=(
            "NEW.counter > OLD.counter AND OLD.counter > 0 AND EXISTS (SELECT 1"
            " FROM essaim_series s WHERE s.id = OLD.series_id"
            " AND s.kind IN ('invoice', 'membership'))"
            " AND NOT EXISTS (SELECT 1 FROM invoicing_invoice i"
            " WHERE i.series_id_used = OLD.series_id AND i.rank = OLD.counter"
            " AND OLD.year IN (i.year, 0))"
        ),
        needs=("invoicing_invoice",),
    )
)
# The head of the chain moves only to the document that follows it.
hooks.frozen_tables.register(
    FrozenTable(
        "essaim.Series",
        update=(
            "NEW.head <> OLD.head AND NEW.kind IN ('invoice', 'membership')"
            " AND NOT EXISTS (SELECT 1"
            " FROM invoicing_invoice i WHERE i.state = 'issued' AND i.digest = NEW.head"
            " AND i.previous = OLD.head AND i.series_id_used = NEW.id)"
        ),
        needs=("invoicing_invoice",),
    )
)
hooks.frozen_tables.register(_child("invoicing.InvoiceLine"))
hooks.frozen_tables.register(_child("invoicing.Instalment"))
hooks.frozen_tables.register(_grandchild("invoicing.BilledShare"))
hooks.frozen_tables.register(_grandchild("invoicing.SubsidyFee"))
for _name in ("FrozenFile", "Allocation"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"invoicing.{_name}",
            update="1=1",
            delete="1=1",
            # A file or a settlement belongs to a document that stands.
            insert=f"NOT {_OF_ISSUED.format(row='NEW')}",
            needs=("invoicing_invoice",),
        )
    )
for _name in ("Payment", "ExportLog"):
    hooks.frozen_tables.register(FrozenTable(f"invoicing.{_name}", update="1=1", delete="1=1"))
