"""The app of the grants room."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    name = "grants"
