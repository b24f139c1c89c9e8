"""Files of a document, its life at the platform, e-reporting."""

from django.urls import path

from invoicing.views import efacture

SEE, STATUS = "invoicing.view_invoice", "invoicing.note_status"

urlpatterns = [
    path(
        "factures/<int:pk>/fichier/<slug:kind>/", efacture.File.as_view(permission=SEE), name="file"
    ),
    path(
        "factures/<int:pk>/pdf-simple/",
        efacture.MakePlain.as_view(permission="invoicing.make_plain"),
        name="make_plain",
    ),
    path(
        "factures/<int:pk>/acquitter/",
        efacture.Acquit.as_view(permission="invoicing.acquit"),
        name="acquit",
    ),
    path("factures/<int:pk>/statut/", efacture.Status.as_view(permission=STATUS), name="status"),
    path(
        "e-reporting/",
        efacture.EReporting.as_view(permission="invoicing.export"),
        name="ereporting",
    ),
    path(
        "e-reporting/<slug:file_format>/",
        efacture.EReportingFile.as_view(permission="invoicing.export"),
        name="ereporting_file",
    ),
]
