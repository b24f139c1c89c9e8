"""What the invoicing room answers to the ground; each file registers its own answers."""

from invoicing.hooks import answers, books, efacture, frozen, reminders

__all__ = ["answers", "books", "efacture", "frozen", "reminders"]
