"""The app of the invoicing room."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

from invoicing.chart import install_defaults


def _after_migrate(*, using: str, **_: Any) -> None:
    """The accounts an empty table lacks are there as soon as it is."""
    if "invoicing_account" in connections[using].introspection.table_names():
        install_defaults(apps.get_model("invoicing.Account"))


class InvoicingConfig(AppConfig):
    name = "invoicing"

    def ready(self) -> None:
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="invoicing.accounts")
