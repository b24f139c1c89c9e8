"""Addresses of one's own calendar and of the calls of the week."""

from django.urls import path

from missions.views import agenda, calls

LOG = "missions.log_day"

urlpatterns = [
    path("agenda/", agenda.Agenda.as_view(permission=LOG), name="agenda"),
    path("agenda/fichier/", agenda.AgendaImport.as_view(permission=LOG), name="agenda_import"),
    path("agenda/confirmer/", agenda.AgendaConfirm.as_view(permission=LOG), name="agenda_confirm"),
    path("agenda/<int:pk>/", agenda.AgendaEvent.as_view(permission=LOG), name="agenda_event"),
    path("appels/", calls.CallsList.as_view(permission=LOG), name="calls"),
    path(
        "appels/<int:coop_pk>/<str:week>/",
        calls.CallsNote.as_view(permission=LOG),
        name="calls_note",
    ),
    path(
        "appels/<int:coop_pk>/<str:week>/ecarter/",
        calls.CallsDismiss.as_view(permission=LOG),
        name="calls_dismiss",
    ),
]
