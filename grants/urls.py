"""Addresses of the grants room."""

from django.urls import URLPattern

app_name = "grants"
urlpatterns: list[URLPattern] = []
