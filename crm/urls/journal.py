"""Addresses of notes, tasks and documents."""

from django.urls import path

from crm.views import documents, notes, tasks

view, note, task = "crm.view_coop", "crm.change_note", "crm.change_task"
add, see = "crm.add_document", "crm.view_document"

urlpatterns = [
    path("<int:coop_pk>/notes/nouvelle/", notes.NoteNew.as_view(permission=note), name="note_new"),
    # A shared note is read by all who see the coop; an internal one does not exist for them.
    path("notes/<int:pk>/", notes.NoteDetail.as_view(permission=view), name="note"),
    path("notes/<int:pk>/modifier/", notes.NoteEdit.as_view(permission=note), name="note_edit"),
    path("notes/<int:pk>/envoyer/", notes.NoteSend.as_view(permission=note), name="note_send"),
    path("notes/<int:pk>/joindre/", notes.NoteAttach.as_view(permission=note), name="note_attach"),
    path("taches/", tasks.TaskList.as_view(permission=view), name="tasks"),
    path("taches/nouvelle/", tasks.TaskAdd.as_view(permission=task), name="task_add"),
    path("taches/rappels/", tasks.Mailing.as_view(permission=task), name="task_mailing"),
    path("<int:coop_pk>/taches/nouvelle/", tasks.TaskNew.as_view(permission=task), name="task_new"),
    path("taches/<int:pk>/", tasks.TaskEdit.as_view(permission=task), name="task"),
    path("taches/<int:pk>/fait/", tasks.TaskDone.as_view(permission=task), name="task_done"),
    path(
        "<int:coop_pk>/documents/", documents.DocumentList.as_view(permission=see), name="documents"
    ),
    path(
        "<int:coop_pk>/documents/nouveau/",
        documents.DocumentAdd.as_view(permission=add),
        name="document_add",
    ),
    path("documents/<int:pk>/", documents.DocumentFile.as_view(permission=see), name="document"),
    path(
        "documents/<int:pk>/fiche/",
        documents.DocumentDetail.as_view(permission=see),
        name="document_detail",
    ),
    path(
        "documents/<int:pk>/version/",
        documents.DocumentRevise.as_view(permission=add),
        name="document_revise",
    ),
    path(
        "documents/<int:pk>/titre/",
        documents.DocumentTitle.as_view(permission=add),
        name="document_title",
    ),
    path(
        "documents/<int:pk>/archiver/",
        documents.DocumentArchive.as_view(permission=add),
        name="document_archive",
    ),
    path(
        "documents/versions/<int:pk>/",
        documents.VersionFile.as_view(permission=see),
        name="document_version",
    ),
]
