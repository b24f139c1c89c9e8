"""Addresses of the invoicing room, and the right each asks for; a file per subject."""

from invoicing.urls import books, core

app_name = "invoicing"
urlpatterns = [*core.urlpatterns, *books.urlpatterns]
