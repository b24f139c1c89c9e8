"""The ground's app: finds every room's answers and keeps the database's guards in place."""

from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.management import call_command
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules

from essaim import immutability, pdf
from essaim.legal_figures import install_defaults


def _before_migrate(*, using: str, **_: Any) -> None:
    """SQLite remakes tables while migrating; a trigger on them would stop it with a wrong error."""
    if connections[using].vendor == "sqlite":
        immutability.drop(connections[using])


def _after_migrate(*, using: str, **_: Any) -> None:
    call_command("createcachetable", database=using, verbosity=0)
    immutability.install(connections[using])
    if "essaim_legalfigure" in connections[using].introspection.table_names():
        install_defaults(apps.get_model("essaim.LegalFigure"))


class EssaimConfig(AppConfig):
    name = "essaim"
    verbose_name = "Essaim"

    def ready(self) -> None:
        autodiscover_modules("hooks")
        pre_migrate.connect(_before_migrate, sender=self, dispatch_uid="essaim.drop_triggers")
        post_migrate.connect(_after_migrate, sender=self, dispatch_uid="essaim.install_triggers")
        checks.register(immutability.check_triggers, checks.Tags.database)
        checks.register(pdf.check_libraries, "pdf")
