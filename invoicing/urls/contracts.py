"""Papers that join missions and fees: an agreement with its clauses, the annex of a clause."""

from django.urls import path

from invoicing.views import contracts

urlpatterns = [
    path(
        "conventions/<int:pk>/pdf/",
        contracts.AgreementPdf.as_view(permission="missions.view_agreement"),
        name="agreement_pdf",
    ),
    path(
        "honoraires/<int:pk>/annexe/",
        contracts.ClauseAnnex.as_view(permission="invoicing.view_clause"),
        name="clause_annex",
    ),
]
