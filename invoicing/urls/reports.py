"""Addresses of reports to funders, of cost claims and of our own funding."""

from django.urls import path

from invoicing.views import funder_reports as pages
from invoicing.views import report_home, report_models

SEE, MAKE = "invoicing.view_report", "invoicing.make_report"

urlpatterns = [
    path("bilans/accueil/", report_home.ReportHome.as_view(permission=SEE), name="report_home"),
    path(
        "bilans/nos-financements/",
        report_home.OwnFunding.as_view(permission=SEE),
        name="report_own",
    ),
    path(
        "bilans/financeurs/",
        pages.FunderReportList.as_view(permission=SEE),
        name="report_list",
    ),
    path("bilans/nouveau/", pages.FunderReportNew.as_view(permission=SEE), name="report_new"),
    path("bilans/<int:pk>/", pages.FunderReportPage.as_view(permission=SEE), name="report"),
    path(
        "bilans/<int:pk>/fractions/",
        pages.FunderReportFractions.as_view(permission=SEE),
        name="report_fractions",
    ),
    path(
        "bilans/<int:pk>/colonnes/",
        pages.FunderReportColumns.as_view(permission=SEE),
        name="report_columns",
    ),
    path(
        "bilans/<int:pk>/salaires/",
        pages.FunderReportPays.as_view(permission=SEE),
        name="report_pays",
    ),
    path(
        "bilans/<int:pk>/actualiser/",
        pages.FunderReportRefresh.as_view(permission=SEE),
        name="report_refresh",
    ),
    path(
        "bilans/<int:pk>/corriger/",
        pages.FunderReportRedo.as_view(permission=SEE),
        name="report_redo",
    ),
    path(
        "bilans/<int:pk>/fichier/<str:suffix>/",
        pages.FunderReportFile.as_view(permission=SEE),
        name="report_file",
    ),
    path(
        "bilans/<int:pk>/move/<str:edge>/",
        pages.FunderReportMove.as_view(permission=SEE),
        name="report_move",
    ),
    path(
        "bilans/colonnes/",
        report_models.ReportModelList.as_view(permission=SEE),
        name="report_models",
    ),
    path(
        "bilans/colonnes/nouveau/",
        report_models.ReportModelNew.as_view(permission=MAKE),
        name="report_model_new",
    ),
    path(
        "bilans/colonnes/<int:pk>/",
        report_models.ReportModelEdit.as_view(permission=MAKE),
        name="report_model_edit",
    ),
    path(
        "bilans/colonnes/<int:pk>/ranger/",
        report_models.ReportModelArchive.as_view(permission=MAKE),
        name="report_model_archive",
    ),
    path(
        "bilans/taux/",
        report_models.FlatRateSet.as_view(permission=MAKE),
        name="report_flat_rate",
    ),
    path(
        "enveloppes/<int:pk>/financement/",
        report_models.EnvelopeLinkNew.as_view(permission="invoicing.change_clause"),
        name="report_link_new",
    ),
    path(
        "financements/<int:pk>/detacher/",
        report_models.FundingLinkDrop.as_view(permission="invoicing.change_clause"),
        name="report_link_drop",
    ),
]
