"""What the invoicing room answers to the ground; each file registers its own answers."""

from invoicing.hooks import answers, books, frozen, reminders

__all__ = ["answers", "books", "frozen", "reminders"]
