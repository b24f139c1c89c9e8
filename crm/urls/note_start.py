"""Where a note is begun from a page of no coop."""

from django.urls import path

from crm.views import note_start

urlpatterns = [
    path(
        "notes/nouvelle/",
        note_start.NoteStart.as_view(permission="crm.change_note"),
        name="note_start",
    ),
]
