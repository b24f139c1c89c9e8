"""Addresses of deposits, corrections, losses, memberships, catalogue and subscriptions."""

from django.urls import path

from invoicing.views import catalogue, documents, memberships, subscriptions

SEE, DRAFT = "invoicing.view_invoice", "invoicing.draft_invoice"
ISSUE, CREDIT = "invoicing.issue_invoice", "invoicing.credit_invoice"
OVER = "invoicing.take_over_invoice"
CATALOGUE, ITEM = "invoicing.view_catalogue", "invoicing.change_catalogue"
SUBSCRIBED, SUBSCRIBE = "invoicing.view_recurring", "invoicing.change_recurring"

urlpatterns = [
    path(
        "autres-documents/",
        documents.OtherDocuments.as_view(permission=SEE),
        name="other_documents",
    ),
    path("acomptes/nouveau/", documents.DepositNew.as_view(permission=DRAFT), name="deposit_new"),
    path(
        "factures/<int:pk>/acomptes/",
        documents.DepositsDeduct.as_view(permission=DRAFT),
        name="deposits_deduct",
    ),
    path(
        "factures/<int:pk>/remise/",
        documents.DiscountAdd.as_view(permission=DRAFT),
        name="discount_add",
    ),
    path(
        "factures/<int:pk>/rectifier/",
        documents.CorrectionNew.as_view(permission=CREDIT),
        name="correction_new",
    ),
    path(
        "factures/<int:pk>/rectificative/",
        documents.CorrectionPage.as_view(permission=ISSUE),
        name="correction",
    ),
    path("factures/<int:pk>/copie/", documents.Copy.as_view(permission=SEE), name="copy"),
    path("reprise/", documents.TakeOverNew.as_view(permission=OVER), name="take_over_new"),
    path(
        "cotisations/",
        memberships.CallList.as_view(permission=SEE),
        name="membership_calls",
    ),
    path(
        "cotisations/appeler/",
        memberships.CallsNew.as_view(permission=DRAFT),
        name="membership_calls_new",
    ),
    path("catalogue/", catalogue.CatalogueList.as_view(permission=CATALOGUE), name="catalogue"),
    path("catalogue/nouveau/", catalogue.ItemNew.as_view(permission=ITEM), name="catalogue_new"),
    path(
        "catalogue/<int:pk>/",
        catalogue.ItemEdit.as_view(permission=ITEM),
        name="catalogue_edit",
    ),
    path(
        "catalogue/<int:pk>/archiver/",
        catalogue.ItemArchive.as_view(permission=ITEM),
        name="catalogue_archive",
    ),
    path(
        "abonnements/",
        subscriptions.RecurringList.as_view(permission=SUBSCRIBED),
        name="recurrings",
    ),
    path(
        "abonnements/nouveau/",
        subscriptions.RecurringNew.as_view(permission=SUBSCRIBE),
        name="recurring_new",
    ),
    path(
        "abonnements/preparer/",
        subscriptions.RecurringDraftNow.as_view(permission=DRAFT),
        name="recurring_draft",
    ),
    path(
        "abonnements/<int:pk>/",
        subscriptions.RecurringPage.as_view(permission=SUBSCRIBED),
        name="recurring",
    ),
    path(
        "abonnements/<int:pk>/modifier/",
        subscriptions.RecurringEdit.as_view(permission=SUBSCRIBE),
        name="recurring_edit",
    ),
    path(
        "abonnements/<int:pk>/move/<str:edge>/",
        subscriptions.RecurringMove.as_view(permission=SUBSCRIBED),
        name="recurring_move",
    ),
    path(
        "abonnements/<int:parent_pk>/periodes/<int:draft_pk>/refaire/",
        subscriptions.RecurringAgain.as_view(permission=DRAFT),
        name="recurring_again",
    ),
]
