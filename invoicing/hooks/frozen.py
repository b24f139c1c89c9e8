"""What the database itself refuses on the tables of invoicing."""

from crm.following import ORGANISATION, TABLES
from essaim import hooks
from essaim.hooks import FrozenTable

_OF_ISSUED = (
    "EXISTS (SELECT 1 FROM invoicing_invoice i"
    " WHERE i.id = {row}.invoice_id AND i.state = 'issued')"
)
_CHAINED = "('invoice', 'membership')"  # series whose documents are sealed one after the other
_NUMBERED = "NEW.state = 'issued' AND OLD.state <> 'issued' AND NEW.kind <> 'taken_over'"


def of_issued(row: str) -> str:
    """SQL: the document of OLD or NEW is issued."""
    return _OF_ISSUED.format(row=row)


def child(model: str) -> FrozenTable:
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
        follows={"client_id": ORGANISATION},
        needs=TABLES,
    )
)
# A draft becomes issued with exactly what its slot says, at the end of the chain.
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Invoice",
        update=(
            f"({_NUMBERED} AND NOT EXISTS (SELECT 1 FROM essaim_numberslot n"
            " JOIN essaim_series s ON s.id = n.series_id"
            " JOIN essaim_seriesyear y ON y.series_id = n.series_id AND y.year = n.year"
            " WHERE n.document = NEW.id AND s.id = NEW.series_id_used AND NOT s.closed"
            f" AND s.kind IN {_CHAINED} AND n.year IN (NEW.year, 0) AND n.rank = NEW.rank"
            " AND n.rank > y.counter AND n.number = NEW.number AND n.previous = NEW.previous"
            ' AND n.digest = NEW.digest AND n."on" = NEW.issued_on))'
            " OR (NEW.state <> 'issued' AND (NEW.number IS NOT NULL OR NEW.rank IS NOT NULL"
            " OR NEW.series_id_used IS NOT NULL))"
        ),
        needs=("essaim_series", "essaim_seriesyear", "essaim_numberslot"),
    )
)
# Numbers follow the last document: the head stands at its end before a slot is put.
_AT_THE_END = (
    "EXISTS (SELECT 1 FROM essaim_series s JOIN essaim_seriesyear y ON y.series_id = s.id"
    " JOIN invoicing_invoice i ON i.series_id_used = s.id AND i.rank = y.counter"
    " AND y.year IN (i.year, 0) AND i.digest = s.head"
    " WHERE s.id = NEW.series_id {of})"
)
_ANY_NUMBERED = (
    "EXISTS (SELECT 1 FROM essaim_seriesyear c"
    " WHERE c.series_id = NEW.series_id AND c.counter > 0 {of})"
)
_OF_YEAR = "AND {row}.year = NEW.year"
hooks.frozen_tables.register(
    FrozenTable(
        "essaim.NumberSlot",
        insert=(
            "EXISTS (SELECT 1 FROM essaim_series k WHERE k.id = NEW.series_id"
            f" AND k.kind IN {_CHAINED})"
            f" AND (({_ANY_NUMBERED.format(of=_OF_YEAR.format(row='c'))}"
            f" AND NOT {_AT_THE_END.format(of=_OF_YEAR.format(row='y'))})"
            f" OR ({_ANY_NUMBERED.format(of='')} AND NOT {_AT_THE_END.format(of='')}))"
        ),
        needs=("invoicing_invoice",),
    )
)
# The counter passes documents that stand, dated as it says: no number is skipped.
hooks.frozen_tables.register(
    FrozenTable(
        "essaim.SeriesYear",
        update=(
            "NEW.counter > OLD.counter AND EXISTS (SELECT 1"
            f" FROM essaim_series s WHERE s.id = OLD.series_id AND s.kind IN {_CHAINED})"
            " AND (SELECT COUNT(*) FROM invoicing_invoice i"
            " WHERE i.series_id_used = OLD.series_id AND i.state = 'issued'"
            " AND i.rank > OLD.counter AND i.rank <= NEW.counter"
            " AND i.issued_on = NEW.last_on AND OLD.year IN (i.year, 0))"
            " <> NEW.counter - OLD.counter"
        ),
        needs=("invoicing_invoice",),
    )
)
# The head of the chain moves only to the last document the counter has passed.
hooks.frozen_tables.register(
    FrozenTable(
        "essaim.Series",
        update=(
            f"NEW.head <> OLD.head AND NEW.kind IN {_CHAINED}"
            " AND NOT EXISTS (SELECT 1 FROM invoicing_invoice i"
            " JOIN essaim_seriesyear y ON y.series_id = i.series_id_used"
            " AND y.counter = i.rank AND y.year IN (i.year, 0)"
            " WHERE i.state = 'issued' AND i.digest = NEW.head AND i.series_id_used = NEW.id"
            " AND NOT EXISTS (SELECT 1 FROM essaim_seriesyear z WHERE z.series_id = NEW.id"
            " AND z.year > y.year AND z.counter > 0))"
        ),
        needs=("invoicing_invoice",),
    )
)
hooks.frozen_tables.register(child("invoicing.InvoiceLine"))
hooks.frozen_tables.register(child("invoicing.Instalment"))
hooks.frozen_tables.register(_grandchild("invoicing.BilledShare"))
hooks.frozen_tables.register(_grandchild("invoicing.BilledExpense"))
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
hooks.frozen_tables.register(FrozenTable("invoicing.ExportLog", update="1=1", delete="1=1"))
hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.Payment",
        update="1=1",
        delete="1=1",
        follows={"client_id": ORGANISATION},
        needs=TABLES,
    )
)
