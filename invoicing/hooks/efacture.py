"""What the database keeps of the answers of platforms: rows are added, never touched again."""

from essaim import hooks
from essaim.hooks import FrozenTable

hooks.frozen_tables.register(
    FrozenTable(
        "invoicing.LifecycleStatus",
        update="1=1",
        delete="1=1",
        # A draft was sent to nobody.
        insert=(
            "NOT EXISTS (SELECT 1 FROM invoicing_invoice i"
            " WHERE i.id = NEW.invoice_id AND i.state = 'issued')"
        ),
        needs=("invoicing_invoice",),
    )
)
