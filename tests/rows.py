"""How many rows every table of ours holds."""

from collections import Counter

from django.apps import apps

ROOMS = ("essaim", "crm", "missions", "grants", "invoicing")


def counted() -> Counter[str]:
    """Label of each model (many-to-many tables included) -> its rows.

    The index of the search is no business row: it follows the others.
    """
    return Counter(
        {
            model._meta.label: model._base_manager.count()
            for model in apps.get_models(include_auto_created=True)
            if model._meta.app_label in ROOMS and not model.__name__.startswith("Search")
        }
    )
