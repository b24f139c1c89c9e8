"""Billing runs: choose, preview, launch, follow."""

from django.urls import path

from invoicing.views import runs

SEE, LAUNCH = "invoicing.view_invoice", "invoicing.issue_invoice"

urlpatterns = [
    path("lancer/", runs.RunNew.as_view(permission=LAUNCH), name="run_new"),
    path("lancer/apercu/", runs.RunPreview.as_view(permission=LAUNCH), name="run_preview"),
    path("lots/", runs.RunList.as_view(permission=SEE), name="runs"),
    path("lots/<int:pk>/", runs.RunPage.as_view(permission=SEE), name="run"),
    path("lots/<int:pk>/avancer/", runs.RunCarryOn.as_view(permission=LAUNCH), name="run_carry_on"),
    path(
        "lots/<int:parent_pk>/payeurs/<int:row_pk>/reessayer/",
        runs.RunRetry.as_view(permission=LAUNCH),
        name="run_retry",
    ),
]
