"""Addresses of expenses, timesheets and the value of unpaid work."""

from django.urls import path

from missions.views import bulk, expenses, timesheets, valuations

LOG, SEE = "missions.log_expense", "missions.view_expense"
VALUE = "missions.change_valuation"

urlpatterns = [
    path("frais/", expenses.ExpenseList.as_view(permission=SEE), name="expenses"),
    path("frais/noter/", expenses.ExpenseNew.as_view(permission=LOG), name="expense_new"),
    path("frais/envoyer/", expenses.ExpensesSend.as_view(permission=LOG), name="expenses_send"),
    path(
        "frais/valider/",
        bulk.ExpensesValidate.as_view(permission="missions.validate_expense"),
        name="expenses_validate",
    ),
    path(
        "frais/rembourser/",
        bulk.ExpensesReimburse.as_view(permission="missions.reimburse_expense"),
        name="expenses_reimburse",
    ),
    path("frais/<int:pk>/", expenses.ExpensePage.as_view(permission=SEE), name="expense"),
    path(
        "frais/<int:pk>/modifier/",
        expenses.ExpenseEdit.as_view(permission=LOG),
        name="expense_edit",
    ),
    path(
        "frais/<int:pk>/supprimer/",
        expenses.ExpenseDelete.as_view(permission=LOG),
        name="expense_delete",
    ),
    path(
        "frais/<int:pk>/justificatif/",
        expenses.ExpenseReceipt.as_view(permission=SEE),
        name="expense_receipt",
    ),
    path(
        "frais/<int:pk>/move/<str:edge>/",
        expenses.ExpenseMove.as_view(permission=SEE),
        name="expense_move",
    ),
    path(
        "releves/",
        timesheets.Timesheets.as_view(permission="missions.view_timesheet"),
        name="timesheets",
    ),
    path(
        "releves/pdf/",
        timesheets.TimesheetPdf.as_view(permission="missions.view_timesheet"),
        name="timesheet_pdf",
    ),
    path(
        "releves/signer/",
        timesheets.TimesheetSign.as_view(permission="missions.sign_timesheet"),
        name="timesheet_sign",
    ),
    path(
        "releves/<int:pk>/signe/",
        timesheets.TimesheetFile.as_view(permission="missions.view_timesheet"),
        name="timesheet_file",
    ),
    path(
        "valeurs/",
        valuations.ValuationList.as_view(permission="missions.view_valuation"),
        name="valuations",
    ),
    path(
        "valeurs/nouvelle/",
        valuations.ValuationNew.as_view(permission=VALUE),
        name="valuation_new",
    ),
    path(
        "valeurs/<int:pk>/modifier/",
        valuations.ValuationEdit.as_view(permission=VALUE),
        name="valuation_edit",
    ),
]
