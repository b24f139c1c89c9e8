"""Addresses of expenses to bill and of envelopes' periodic invoices."""

from django.urls import path

from invoicing.views import expenses

DRAFT = "invoicing.draft_invoice"

urlpatterns = [
    path(
        "preparer/frais/",
        expenses.PrepareExpenses.as_view(permission=DRAFT),
        name="prepare_expenses",
    ),
    path(
        "enveloppes/<int:pk>/preparer/",
        expenses.PrepareEnvelope.as_view(permission=DRAFT),
        name="prepare_envelope",
    ),
    path(
        "factures/<int:pk>/frais/",
        expenses.TakeExpenses.as_view(permission=DRAFT),
        name="take_expenses",
    ),
]
