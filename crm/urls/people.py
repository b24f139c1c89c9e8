"""Addresses of people over time and of duplicates."""

from django.urls import path

from crm.views import duplicates, persons

write, archive, join = "crm.change_contact", "crm.archive", "crm.join_duplicates"
data = "crm.export_person"

urlpatterns = [
    path(
        "contacts/<int:contact_pk>/roles/nouveau/",
        persons.RoleNew.as_view(permission=write),
        name="role_new",
    ),
    path("roles/<int:pk>/", persons.RoleEdit.as_view(permission=write), name="role_edit"),
    path(
        "organisations/<int:pk>/archiver/",
        persons.OrganisationArchive.as_view(permission=archive),
        name="organisation_archive",
    ),
    path(
        "organisations/<int:pk>/remettre/",
        persons.OrganisationRestore.as_view(permission=archive),
        name="organisation_restore",
    ),
    path(
        "contacts/<int:pk>/archiver/",
        persons.ContactArchive.as_view(permission=archive),
        name="contact_archive",
    ),
    path(
        "contacts/<int:pk>/remettre/",
        persons.ContactRestore.as_view(permission=archive),
        name="contact_restore",
    ),
    path("doublons/", duplicates.Possible.as_view(permission=join), name="duplicates"),
    path(
        "doublons/<slug:kind>/<int:source>/<int:target>/",
        duplicates.Join.as_view(permission=join),
        name="join",
    ),
    path(
        "doublons/<slug:kind>/<int:source>/<int:target>/distincts/",
        duplicates.Distinct.as_view(permission=join),
        name="distinct",
    ),
    path(
        "organisations/<int:pk>/doublon/",
        duplicates.OrganisationTwin.as_view(permission=join),
        name="organisation_twin",
    ),
    path(
        "contacts/<int:pk>/doublon/",
        duplicates.ContactTwin.as_view(permission=join),
        name="contact_twin",
    ),
    path(
        "contacts/<int:pk>/donnees/",
        persons.PersonExport.as_view(permission=data),
        name="person_export",
    ),
    path(
        "contacts/<int:pk>/effacer/",
        persons.PersonErase.as_view(permission="crm.erase_person"),
        name="person_erase",
    ),
    path(
        "contacts/sans-nouvelles/",
        persons.RetentionList.as_view(permission=data),
        name="retention",
    ),
    path(
        "contacts/<int:pk>/garder/",
        persons.PersonKeep.as_view(permission=data),
        name="person_keep",
    ),
    path(
        "contacts/<int:pk>/prevenir/",
        persons.PersonTell.as_view(permission=data),
        name="person_tell",
    ),
]
