"""The app of the grants room."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def _after_migrate(*, using: str, **_: Any) -> None:
    """Lay down the reminders' days, also after a flush; not when the tables are gone."""
    with connections[using].cursor() as cursor:
        tables = connections[using].introspection.table_names(cursor)
    if "grants_reminderplan" in tables:
        # Models can't be imported before the apps are ready.
        import_module("grants.defaults").install_defaults(using)


class GrantsConfig(AppConfig):
    name = "grants"

    def ready(self) -> None:
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="grants.install_defaults")
