"""Expenses on lines of invoices: each is billed once."""

from django.db import models

from invoicing.models.line import InvoiceLine
from missions.models import Expense


class BilledExpense(models.Model):
    """An expense on a line: reserved by a draft, frozen at issue.

    One row per generation: a credit note that frees the expense opens the next one.
    """

    line = models.ForeignKey(InvoiceLine, models.CASCADE, related_name="billed_expenses")
    expense = models.ForeignKey(Expense, models.PROTECT, related_name="billed")
    generation = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("expense", "generation"), name="an_expense_is_billed_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.expense} on {self.line}"
