"""The first run of an office; its pages read every room."""

from django.urls import include, path

urlpatterns = [path("premiers-pas/", include("invoicing.start_urls"))]
