"""Statements of the bank, cheques and slips."""

from django.urls import path

from invoicing.views import banking, cheques

PAY = "invoicing.record_payment"

urlpatterns = [
    path("banque/", banking.StatementList.as_view(permission=PAY), name="statements"),
    path("banque/importer/", banking.StatementNew.as_view(permission=PAY), name="statement_new"),
    path("banque/<int:pk>/", banking.StatementPage.as_view(permission=PAY), name="statement"),
    path(
        "banque/<int:pk>/enregistrer/", banking.BookSure.as_view(permission=PAY), name="book_sure"
    ),
    path(
        "banque/<int:pk>/oublier/",
        banking.StatementForget.as_view(permission=PAY),
        name="statement_forget",
    ),
    path("banque/lignes/<int:pk>/", banking.LineBook.as_view(permission=PAY), name="bank_line"),
    path(
        "banque/lignes/<int:pk>/ecarter/",
        banking.LineAside.as_view(permission=PAY),
        name="bank_line_aside",
    ),
    path(
        "banque/lignes/<int:pk>/reprendre/",
        banking.LineBack.as_view(permission=PAY),
        name="bank_line_back",
    ),
    path(
        "banque/lignes/<int:pk>/<str:kind>/<int:other_pk>/",
        banking.LineTie.as_view(permission=PAY),
        name="bank_line_tie",
    ),
    path("cheques/", cheques.Cheques.as_view(permission=PAY), name="cheques"),
    path("cheques/nouveau/", cheques.ChequeNew.as_view(permission=PAY), name="cheque_new"),
    path(
        "cheques/<int:pk>/retirer/",
        cheques.ChequeRemove.as_view(permission=PAY),
        name="cheque_remove",
    ),
    path("cheques/remises/nouvelle/", cheques.SlipNew.as_view(permission=PAY), name="slip_new"),
    path(
        "cheques/remises/<int:pk>/", cheques.SlipPage.as_view(permission=PAY), name="cheque_batch"
    ),
    path(
        "cheques/remises/<int:pk>/creditee/",
        cheques.SlipCredit.as_view(permission=PAY),
        name="slip_credit",
    ),
    path(
        "cheques/remises/<int:pk>/defaire/",
        cheques.SlipUndo.as_view(permission=PAY),
        name="slip_undo",
    ),
    path("cheques/remises/<int:pk>/pdf/", cheques.SlipPdf.as_view(permission=PAY), name="slip_pdf"),
]
