"""What the database itself refuses of the books: a lock or a code is given and stays."""

from crm.following import ORGANISATION, TABLES
from essaim import hooks
from essaim.hooks import FrozenTable

# The last row says up to when the books are closed.
_CLOSED = (
    "EXISTS (SELECT 1 FROM invoicing_periodlock l WHERE l.until >= {day}"
    " AND l.id = (SELECT MAX(m.id) FROM invoicing_periodlock m))"
)
for _name, _day in (("Payment", "received_on"), ("Refund", "paid_on")):
    hooks.frozen_tables.register(
        FrozenTable(
            f"invoicing.{_name}",
            insert=_CLOSED.format(day=f"NEW.{_day}"),
            needs=("invoicing_periodlock",),
        )
    )
for _name in ("PeriodLock", "WriteOff", "AuxiliaryAccount"):
    hooks.frozen_tables.register(
        FrozenTable(
            f"invoicing.{_name}",
            update="1=1",
            delete="1=1",
            # The code of a client follows a deduplication, as the documents do.
            follows={"organisation_id": ORGANISATION} if _name == "AuxiliaryAccount" else {},
            needs=TABLES,
        )
    )
