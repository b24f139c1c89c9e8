"""Addresses of quotes, phases and papers, spliced into those of the room."""

from django.urls import path

from missions.views import contracts, prices

SEE, CHANGE = "missions.view_quote", "missions.change_quote"
AGREEMENT, TERMS = "missions.view_agreement", "missions.change_agreement"

urlpatterns = [
    path("devis/", contracts.QuoteList.as_view(permission=SEE), name="quotes"),
    path("devis/nouveau/", contracts.QuoteNew.as_view(permission=CHANGE), name="quote_new"),
    path("devis/<int:pk>/", contracts.QuotePage.as_view(permission=SEE), name="quote"),
    path(
        "devis/<int:pk>/modifier/",
        contracts.QuoteEdit.as_view(permission=CHANGE),
        name="quote_edit",
    ),
    path(
        "devis/<int:pk>/supprimer/",
        contracts.QuoteDelete.as_view(permission=CHANGE),
        name="quote_delete",
    ),
    path(
        "devis/<int:pk>/version/",
        contracts.QuoteVersion.as_view(permission=CHANGE),
        name="quote_version",
    ),
    path(
        "devis/<int:pk>/convention/",
        contracts.QuoteAgreement.as_view(permission=TERMS),
        name="quote_agreement",
    ),
    path("devis/<int:pk>/pdf/", contracts.QuotePdf.as_view(permission=SEE), name="quote_pdf"),
    path(
        "devis/<int:pk>/signe/",
        contracts.QuoteScan.as_view(permission="missions.decide_quote"),
        name="quote_scan",
    ),
    path(
        "devis/<int:pk>/move/<str:edge>/",
        contracts.QuoteMove.as_view(permission=SEE),
        name="quote_move",
    ),
    path("conventions/<int:pk>/prix/", prices.Phases.as_view(permission=TERMS), name="phases"),
    path(
        "conventions/<int:pk>/rapport/",
        prices.ReportDelivered.as_view(permission=TERMS),
        name="report_delivered",
    ),
    path(
        "conventions/<int:pk>/signee/",
        prices.AgreementScan.as_view(permission=TERMS),
        name="agreement_scan",
    ),
    path(
        "phases/<int:pk>/move/<str:edge>/",
        prices.PhaseMove.as_view(permission=AGREEMENT),
        name="phase_move",
    ),
    path(
        "avenants/<int:pk>/envoyer/",
        prices.AmendmentSend.as_view(permission=TERMS),
        name="amendment_send",
    ),
    path(
        "avenants/<int:pk>/pdf/",
        prices.AmendmentPdf.as_view(permission=AGREEMENT),
        name="amendment_pdf",
    ),
    path(
        "avenants/<int:pk>/signe/",
        prices.AmendmentScan.as_view(permission=TERMS),
        name="amendment_scan",
    ),
    path("papiers/<int:pk>/", prices.PaperPdf.as_view(permission=AGREEMENT), name="paper"),
]
