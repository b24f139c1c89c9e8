"""Addresses of the invoicing room."""

from django.urls import URLPattern

app_name = "invoicing"
urlpatterns: list[URLPattern] = []
