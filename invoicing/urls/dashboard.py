"""Addresses of the dashboard of the office."""

from django.urls import path

from invoicing.views import dashboard

see = "crm.view_analytics"

urlpatterns = [
    path("tableau-de-bord/", dashboard.Dashboard.as_view(permission=see), name="dashboard"),
]
