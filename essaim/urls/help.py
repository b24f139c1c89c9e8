"""Addresses of the help: for whoever holds a role."""

from django.urls import path

from essaim.views import help as helping

_ALL = "essaim.view_today"

urlpatterns = [
    path("aide/", helping.HelpIndex.as_view(permission=_ALL), name="help"),
    path("aide/clavier/", helping.KeysPage.as_view(permission=_ALL), name="help_keys"),
    path("aide/<slug:slug>/", helping.HelpWord.as_view(permission=_ALL), name="help_word"),
]
