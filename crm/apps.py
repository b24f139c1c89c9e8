"""The app of the crm room."""

from django.apps import AppConfig


class CrmConfig(AppConfig):
    name = "crm"
