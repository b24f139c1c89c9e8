"""Time to pay: schedules, planner, repayment plans, disputes, late interest."""

from django.urls import path

from invoicing.views import antifraud, lateness, planner, terms

SEE, WRITE = "invoicing.view_invoice", "invoicing.change_terms"

urlpatterns = [
    path(
        "factures/<int:pk>/echeancier/",
        terms.ScheduleEdit.as_view(permission="invoicing.draft_invoice"),
        name="schedule",
    ),
    path(
        "factures/<int:pk>/contestation/",
        terms.DisputeOpen.as_view(permission=WRITE),
        name="dispute_open",
    ),
    path(
        "factures/<int:pk>/contestation/cloturer/",
        terms.DisputeClose.as_view(permission=WRITE),
        name="dispute_close",
    ),
    path(
        "factures/<int:pk>/plan/",
        terms.PlanNew.as_view(permission=WRITE),
        name="plan_new",
    ),
    path("plans/<int:pk>/", terms.PlanPage.as_view(permission=SEE), name="plan"),
    path("plans/<int:pk>/pdf/", terms.PlanPdf.as_view(permission=SEE), name="plan_pdf"),
    path(
        "plans/<int:pk>/move/<str:edge>/",
        terms.PlanMove.as_view(permission=SEE),
        name="plan_move",
    ),
    path(
        "factures/<int:pk>/penalites/",
        lateness.Claim.as_view(permission=WRITE),
        name="late_claim",
    ),
    path(
        "factures/<int:pk>/penalites/renoncer/",
        lateness.Waive.as_view(permission=WRITE),
        name="late_waive",
    ),
    path("decomptes/<int:pk>/pdf/", lateness.ClaimPdf.as_view(permission=SEE), name="claim_pdf"),
    path(
        "decomptes/<int:pk>/annuler/",
        lateness.Cancel.as_view(permission=WRITE),
        name="claim_cancel",
    ),
    path(
        "decomptes/<int:pk>/regler/",
        lateness.Settle.as_view(permission=WRITE),
        name="claim_settle",
    ),
    path("caisse/", antifraud.Antifraud.as_view(permission=WRITE), name="antifraud"),
    path(
        "planifier/",
        planner.Planner.as_view(permission="invoicing.use_planner"),
        name="planner",
    ),
    path(
        "planifier/appliquer/",
        planner.PlannerApply.as_view(permission="invoicing.use_planner"),
        name="planner_apply",
    ),
]
