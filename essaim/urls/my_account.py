"""Addresses of one's own account."""

from django.urls import path

from essaim.views import my_account as own

urlpatterns = [
    path("compte/", own.AccountPage.as_view(), name="my_account"),
    path("compte/nom/", own.NamePage.as_view(), name="my_name"),
    path("compte/courriels/", own.MailsPage.as_view(), name="my_mails"),
    path("compte/langue/", own.LanguagePage.as_view(), name="my_language"),
    path("compte/raccourcis/", own.ShortcutsPage.as_view(), name="my_shortcuts"),
    path("compte/sessions/<int:pk>/fermer/", own.SessionEnd.as_view(), name="my_session_end"),
]
