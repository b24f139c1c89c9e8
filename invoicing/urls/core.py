"""To bill, drafts, invoices, payments, fees, exports: the first addresses of the room."""

from django.urls import path

from invoicing import views

SEE, DRAFT, PAY = "invoicing.view_invoice", "invoicing.draft_invoice", "invoicing.record_payment"
BILL, CLAUSE = "invoicing.view_to_bill", "invoicing.change_clause"

urlpatterns = [
    path("", views.ToBill.as_view(permission=BILL), name="to_bill"),
    path("preparer/", views.Prepare.as_view(permission=DRAFT), name="prepare"),
    path(
        "honoraires/<int:pk>/preparer/",
        views.PrepareFee.as_view(permission=DRAFT),
        name="prepare_fee",
    ),
    path("factures/", views.InvoiceList.as_view(permission=SEE), name="invoices"),
    path("factures/nouvelle/", views.InvoiceNew.as_view(permission=DRAFT), name="invoice_new"),
    path("factures/<int:pk>/", views.InvoicePage.as_view(permission=SEE), name="invoice"),
    path("factures/<int:pk>/pdf/", views.Pdf.as_view(permission=SEE), name="pdf"),
    path(
        "factures/<int:pk>/modifier/",
        views.InvoiceEdit.as_view(permission=DRAFT),
        name="invoice_edit",
    ),
    path(
        "factures/<int:parent_pk>/lignes/nouvelle/",
        views.LineAdd.as_view(permission=DRAFT),
        name="line_add",
    ),
    path(
        "factures/<int:parent_pk>/lignes/<int:line_pk>/retirer/",
        views.LineRemove.as_view(permission=DRAFT),
        name="line_remove",
    ),
    path(
        "factures/<int:pk>/supprimer/",
        views.InvoiceDelete.as_view(permission=DRAFT),
        name="invoice_delete",
    ),
    path(
        "factures/<int:pk>/emettre/",
        views.Issue.as_view(permission="invoicing.issue_invoice"),
        name="issue",
    ),
    path(
        "factures/<int:pk>/avoir/",
        views.Credit.as_view(permission="invoicing.credit_invoice"),
        name="credit",
    ),
    path("factures/<int:pk>/lettrer/", views.Allocate.as_view(permission=PAY), name="allocate"),
    path("reglements/", views.PaymentList.as_view(permission=SEE), name="payments"),
    path("reglements/nouveau/", views.PaymentNew.as_view(permission=PAY), name="payment_new"),
    path("reglements/<int:pk>/", views.PaymentPage.as_view(permission=SEE), name="payment"),
    path(
        "reglements/<int:pk>/annuler/",
        views.PaymentReverse.as_view(permission=PAY),
        name="payment_reverse",
    ),
    path(
        "honoraires/",
        views.ClauseList.as_view(permission="invoicing.view_clause"),
        name="clauses",
    ),
    path("honoraires/nouvelle/", views.ClauseNew.as_view(permission=CLAUSE), name="clause_new"),
    path(
        "honoraires/<int:pk>/",
        views.ClausePage.as_view(permission="invoicing.view_clause"),
        name="clause",
    ),
    path(
        "honoraires/<int:pk>/modifier/",
        views.ClauseEdit.as_view(permission=CLAUSE),
        name="clause_edit",
    ),
    path(
        "honoraires/<int:pk>/move/<str:edge>/",
        views.ClauseMove.as_view(permission="invoicing.view_clause"),
        name="clause_move",
    ),
    path(
        "conventions/<int:parent_pk>/financement/",
        views.FundingLinkNew.as_view(permission=CLAUSE),
        name="funding_link_new",
    ),
    path(
        "numerotation/", views.Numbering.as_view(permission="crm.manage_issuer"), name="numbering"
    ),
    path("bilans/", views.Reports.as_view(permission="invoicing.view_report"), name="reports"),
]
