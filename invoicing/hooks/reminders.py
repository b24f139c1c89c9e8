"""What was sent to clients, and what came back to them, never changes."""

from essaim import hooks
from essaim.hooks import FrozenTable

for _name in ("Sending", "Reminder", "Refund", "ReminderNotice"):
    hooks.frozen_tables.register(FrozenTable(f"invoicing.{_name}", update="1=1", delete="1=1"))
# A hold may only be ended.
hooks.frozen_tables.register(
    FrozenTable("invoicing.ReminderHold", update="1=1", delete="1=1", free=("ended_on",))
)
