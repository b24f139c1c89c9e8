"""Addresses of the missions room, and the permission of each page."""

from django.urls import path

from missions import views

urlpatterns = [
    # days
    path("", views.DayList.as_view(permission="missions.view_day"), name="days"),
    path("noter/", views.LogDay.as_view(permission="missions.log_day"), name="log"),
    path(
        "noter/budget/", views.LogBudget.as_view(permission="missions.log_day"), name="log_budget"
    ),
    path("semaine/", views.Week.as_view(permission="missions.log_day"), name="week"),
    path(
        "a-valider/",
        views.Validation.as_view(permission="missions.validate_day"),
        name="validation",
    ),
    path(
        "valider/", views.ValidateMany.as_view(permission="missions.validate_day"), name="validate"
    ),
    path("<int:pk>/", views.DayPage.as_view(permission="missions.view_day"), name="day"),
    path(
        "<int:pk>/modifier/", views.DayEdit.as_view(permission="missions.log_day"), name="day_edit"
    ),
    path(
        "<int:pk>/supprimer/",
        views.DayDelete.as_view(permission="missions.log_day"),
        name="day_delete",
    ),
    path(
        "<int:pk>/valider/",
        views.DayValidate.as_view(permission="missions.validate_day"),
        name="day_validate",
    ),
    path(
        "<int:pk>/partager/",
        views.DaySplit.as_view(permission="missions.validate_day"),
        name="day_split",
    ),
    path(
        "<int:pk>/arbitrer/",
        views.Arbitrate.as_view(permission="missions.arbitrate_day"),
        name="arbitrate",
    ),
    path(
        "<int:pk>/binome/confirmer/",
        views.DayMove.as_view(permission="missions.log_day"),
        {"edge": "confirm"},
        name="pair_confirm",
    ),
    path(
        "<int:pk>/binome/decliner/",
        views.DayMove.as_view(permission="missions.log_day"),
        {"edge": "decline"},
        name="pair_decline",
    ),
    path(
        "<int:pk>/move/<str:edge>/",
        views.DayMove.as_view(permission="missions.submit_day"),
        name="day_move",
    ),
    path("mois/", views.Months.as_view(permission="missions.lock_month"), name="months"),
    # missions
    path(
        "missions/", views.MissionList.as_view(permission="missions.view_mission"), name="missions"
    ),
    path(
        "missions/nouvelle/",
        views.MissionNew.as_view(permission="missions.change_mission"),
        name="mission_new",
    ),
    path(
        "missions/<int:pk>/",
        views.MissionPage.as_view(permission="missions.view_mission"),
        name="mission",
    ),
    path(
        "missions/<int:pk>/modifier/",
        views.MissionEdit.as_view(permission="missions.change_mission"),
        name="mission_edit",
    ),
    path(
        "missions/<int:pk>/rattacher/",
        views.MoveDays.as_view(permission="missions.change_mission"),
        name="move_days",
    ),
    path(
        "missions/<int:pk>/move/<str:edge>/",
        views.MissionMove.as_view(permission="missions.change_mission"),
        name="mission_move",
    ),
    # agreements
    path(
        "conventions/",
        views.AgreementList.as_view(permission="missions.view_agreement"),
        name="agreements",
    ),
    path(
        "conventions/nouvelle/",
        views.AgreementNew.as_view(permission="missions.change_agreement"),
        name="agreement_new",
    ),
    path(
        "conventions/<int:pk>/",
        views.AgreementPage.as_view(permission="missions.view_agreement"),
        name="agreement",
    ),
    path(
        "conventions/<int:pk>/modifier/",
        views.AgreementEdit.as_view(permission="missions.change_agreement"),
        name="agreement_edit",
    ),
    path(
        "conventions/<int:pk>/payeurs/",
        views.AgreementShares.as_view(permission="missions.change_agreement"),
        name="agreement_shares",
    ),
    path(
        "conventions/<int:pk>/move/<str:edge>/",
        views.AgreementMove.as_view(permission="missions.view_agreement"),
        name="agreement_move",
    ),
    path(
        "conventions/<int:pk>/tarif/",
        views.Rerate.as_view(permission="missions.change_agreement"),
        name="rerate",
    ),
    path(
        "conventions/<int:parent_pk>/avenant/",
        views.AmendmentNew.as_view(permission="missions.change_agreement"),
        name="amendment_new",
    ),
    path(
        "avenants/<int:pk>/signer/",
        views.AmendmentSign.as_view(permission="missions.sign_agreement"),
        name="amendment_sign",
    ),
    # envelopes
    path(
        "enveloppes/",
        views.EnvelopeList.as_view(permission="missions.view_envelope"),
        name="envelopes",
    ),
    path(
        "enveloppes/nouvelle/",
        views.EnvelopeNew.as_view(permission="missions.change_envelope"),
        name="envelope_new",
    ),
    path(
        "enveloppes/<int:pk>/",
        views.EnvelopePage.as_view(permission="missions.view_envelope"),
        name="envelope",
    ),
    path(
        "enveloppes/<int:pk>/modifier/",
        views.EnvelopeEdit.as_view(permission="missions.change_envelope"),
        name="envelope_edit",
    ),
]
