"""Address of the summary sheet of a coop."""

from django.urls import path

from invoicing.views import coop_sheet

see = "crm.view_coop"

urlpatterns = [
    path(
        "coops/<int:pk>/fiche/",
        coop_sheet.CoopSheet.as_view(permission=see),
        name="coop_sheet",
    ),
]
