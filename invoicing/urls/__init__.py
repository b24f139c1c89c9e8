"""Addresses of the invoicing room, and the right each asks for; a file per subject."""

from invoicing.urls import core

app_name = "invoicing"
urlpatterns = [*core.urlpatterns]
