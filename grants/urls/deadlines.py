"""Addresses of schedules, answers, dates, reminders and success rates."""

from django.urls import path

from grants.views import dates, rates, schedules

_SEE, _CHANGE = "grants.view_application", "grants.change_application"
_MOVE, _WRITE = "grants.move_application", "grants.change_programme"
_PLAN, _RECEIVE = "grants.change_disbursement", "grants.receive_disbursement"

urlpatterns = [
    path(
        "dossiers/<int:application_pk>/echeancier/",
        schedules.SchedulePage.as_view(permission=_PLAN),
        name="schedule",
    ),
    path(
        "dossiers/<int:application_pk>/montant/",
        schedules.AmendmentPage.as_view(permission=_MOVE),
        name="application_amount",
    ),
    path(
        "dossiers/<int:application_pk>/reponses/",
        dates.FileDatesPage.as_view(permission=_CHANGE),
        name="answer_dates",
    ),
    path(
        "dossiers/<int:application_pk>/exercice/",
        dates.ExercisePage.as_view(permission=_CHANGE),
        name="exercise_end",
    ),
    path(
        "versements/<int:pk>/arrivee/",
        schedules.ArrivalPage.as_view(permission=_RECEIVE),
        name="arrival",
    ),
    path(
        "versements/<int:disbursement_pk>/pieces/<int:pk>/",
        schedules.ClaimPiecePage.as_view(permission=_PLAN),
        name="claim_piece",
    ),
    path(
        "dispositifs/<int:programme_pk>/versements/",
        schedules.PaymentTermsPage.as_view(permission=_WRITE),
        name="payment_terms",
    ),
    path(
        "echeances/rappels/",
        dates.RemindersPage.as_view(permission=_WRITE),
        name="deadline_reminders",
    ),
    path("taux/", rates.RatesPage.as_view(permission=_SEE), name="rates"),
    path(
        "taux/<str:file_format>/",
        rates.RatesFile.as_view(permission=_SEE),
        name="rates_file",
    ),
]
