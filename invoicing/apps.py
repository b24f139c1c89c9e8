"""The app of the invoicing room."""

from django.apps import AppConfig


class InvoicingConfig(AppConfig):
    name = "invoicing"
