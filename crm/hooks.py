"""What the crm room answers to the ground."""

from essaim import hooks
from essaim.hooks import FrozenTable

hooks.frozen_tables.register(FrozenTable("crm.Move", update="1=1", delete="1=1"))
