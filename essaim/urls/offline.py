"""What a browser reads to install Essaim and to go on without network."""

from django.urls import path

from essaim.views import offline

urlpatterns = [
    path("sw.js", offline.worker, name="worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("hors-ligne/", offline.offline, name="offline"),
]
