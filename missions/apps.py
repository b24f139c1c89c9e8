"""The app of the missions room."""

from django.apps import AppConfig


class MissionsConfig(AppConfig):
    name = "missions"
