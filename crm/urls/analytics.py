"""Addresses of the stage analytics."""

from django.urls import path

from crm.views import analytics

see = "crm.view_analytics"

urlpatterns = [
    path("analyse/", analytics.StageAnalytics.as_view(permission=see), name="analytics"),
    path(
        "analyse/<slug:table>.<slug:file_format>",
        analytics.AnalyticsFile.as_view(permission=see),
        name="analytics_file",
    ),
]
