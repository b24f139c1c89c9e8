"""Exports and books: files, accounts, VAT due, closing, period lock."""

from django.urls import path

from invoicing import views

EXPORT, BOOKS = "invoicing.export", "invoicing.manage_books"

urlpatterns = [
    path("exports/", views.Exports.as_view(permission=EXPORT), name="exports"),
    path(
        "exports/<str:kind>.<str:file_format>",
        views.Export.as_view(permission=EXPORT),
        name="export",
    ),
    path(
        "exports/<str:kind>/fichier/", views.Export.as_view(permission=EXPORT), name="export_chosen"
    ),
    path(
        "exports/<str:kind>/envoyer/",
        views.ExportSend.as_view(permission=EXPORT),
        name="export_send",
    ),
    path(
        "exports/<int:pk>/refaire/",
        views.ExportAgain.as_view(permission=EXPORT),
        name="export_again",
    ),
    path("tva/", views.VatDue.as_view(permission=EXPORT), name="vat"),
    path("cloture/", views.Closing.as_view(permission=EXPORT), name="accruals"),
    path("comptes/", views.Accounts.as_view(permission=BOOKS), name="accounts"),
    path("comptes/nouveau/", views.AccountNew.as_view(permission=BOOKS), name="account_new"),
    path("comptes/<int:pk>/", views.AccountEdit.as_view(permission=BOOKS), name="account"),
    path(
        "comptes/<int:pk>/retirer/",
        views.AccountDrop.as_view(permission=BOOKS),
        name="account_drop",
    ),
    path("comptes/codes/nouveau/", views.CodeNew.as_view(permission=BOOKS), name="code_new"),
    path("comptes/journaux/", views.BooksEdit.as_view(permission=BOOKS), name="books"),
    path("periode/", views.Lock.as_view(permission=BOOKS), name="lock"),
    path("periode/rouvrir/", views.Reopen.as_view(permission=BOOKS), name="reopen"),
    path(
        "exports/profils/nouveau/", views.ProfileNew.as_view(permission=BOOKS), name="profile_new"
    ),
    path("exports/profils/<int:pk>/", views.ProfileEdit.as_view(permission=BOOKS), name="profile"),
    path(
        "exports/profils/<int:pk>/supprimer/",
        views.ProfileDelete.as_view(permission=BOOKS),
        name="profile_delete",
    ),
    path(
        "factures/<int:pk>/perte/",
        views.WriteOffPage.as_view(permission="invoicing.write_off"),
        name="write_off",
    ),
]
