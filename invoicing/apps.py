"""The app of the invoicing room."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate

from invoicing.chart import install_defaults


def _after_migrate(*, using: str, **_: Any) -> None:
    """The accounts and the texts an empty table lacks are there as soon as it is."""
    tables = connections[using].introspection.table_names()
    if "invoicing_account" in tables:
        install_defaults(apps.get_model("invoicing.Account"))
    if "invoicing_mailtext" in tables:
        # Models can't be imported before the apps are ready.
        import_module("invoicing.defaults").install_defaults(using)


class InvoicingConfig(AppConfig):
    name = "invoicing"

    def ready(self) -> None:
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="invoicing.defaults")
