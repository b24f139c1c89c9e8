"""Addresses of the grants room."""

from django.urls import path

from grants import views

_SEE, _CHANGE = "grants.view_application", "grants.change_application"
_READ, _WRITE = "grants.view_programme", "grants.change_programme"
_PAID, _PLAN = "grants.view_disbursement", "grants.change_disbursement"

urlpatterns = [
    path("", views.ApplicationList.as_view(permission=_SEE), name="applications"),
    path(
        "dossiers/nouveau/",
        views.ApplicationCreate.as_view(permission=_CHANGE),
        name="application_new",
    ),
    path("dossiers/<int:pk>/", views.ApplicationPage.as_view(permission=_SEE), name="application"),
    path(
        "dossiers/<int:pk>/modifier/",
        views.ApplicationEdit.as_view(permission=_CHANGE),
        name="application_edit",
    ),
    path(
        "dossiers/<int:pk>/etape/<str:edge>/",
        views.ApplicationMove.as_view(permission=_SEE),
        name="application_move",
    ),
    path(
        "dossiers/<int:application_pk>/cofinanceur/",
        views.CoFunderCreate.as_view(permission=_CHANGE),
        name="co_funder_add",
    ),
    path(
        "dossiers/<int:application_pk>/versement/",
        views.DisbursementPlan.as_view(permission=_PLAN),
        name="disbursement_plan",
    ),
    path("versements/", views.DisbursementList.as_view(permission=_PAID), name="disbursements"),
    path(
        "versements/<int:pk>/modifier/",
        views.DisbursementEdit.as_view(permission=_PLAN),
        name="disbursement_edit",
    ),
    path(
        "versements/<int:pk>/etape/<str:edge>/",
        views.DisbursementMove.as_view(permission=_PAID),
        name="disbursement_move",
    ),
    path("dispositifs/", views.ProgrammeList.as_view(permission=_READ), name="programmes"),
    path(
        "dispositifs/nouveau/",
        views.ProgrammeCreate.as_view(permission=_WRITE),
        name="programme_new",
    ),
    path("dispositifs/<int:pk>/", views.ProgrammePage.as_view(permission=_READ), name="programme"),
    path(
        "dispositifs/<int:pk>/modifier/",
        views.ProgrammeEdit.as_view(permission=_WRITE),
        name="programme_edit",
    ),
    path(
        "dispositifs/<int:programme_pk>/appel/",
        views.CallCreate.as_view(permission=_WRITE),
        name="call_new",
    ),
    path("appels/<int:pk>/modifier/", views.CallEdit.as_view(permission=_WRITE), name="call_edit"),
    path("echeances/", views.Calendar.as_view(permission=_READ), name="calendar"),
]
