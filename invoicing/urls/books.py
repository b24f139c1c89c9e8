"""Exports and books: files, accounts, VAT due, closing, period lock."""

from django.urls import path

from invoicing import views

EXPORT, BOOKS = "invoicing.export", "invoicing.manage_books"

urlpatterns = [
    path("exports/", views.Exports.as_view(permission=EXPORT), name="exports"),
    path(
        "exports/ecritures/",
        views.Export.as_view(permission=EXPORT),
        {"kind": "entries"},
        name="export_entries",
    ),
    path(
        "exports/<str:kind>.<str:file_format>",
        views.Export.as_view(permission=EXPORT),
        name="export",
    ),
]
