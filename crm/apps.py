"""The app of the crm room."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def _after_migrate(*, using: str, **_: Any) -> None:
    """Lay down the default paths and kit, also after a flush; not when the tables are gone."""
    with connections[using].cursor() as cursor:
        tables = connections[using].introspection.table_names(cursor)
    if "crm_requirementversion" in tables:
        # Models can't be imported before the apps are ready.
        import_module("crm.defaults").install_defaults(using)


class CrmConfig(AppConfig):
    name = "crm"

    def ready(self) -> None:
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="crm.install_defaults")
