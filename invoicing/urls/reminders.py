"""Addresses of mails, reminders, receivables and clients' accounts."""

from django.urls import path

from invoicing.views import client_money as client
from invoicing.views import receivables, reminders, sending

SEE, PAY = "invoicing.view_invoice", "invoicing.record_payment"
SEND, REMIND = "invoicing.send_document", "invoicing.remind"
HOLD, TEXTS = "invoicing.hold_reminder", "invoicing.manage_texts"

urlpatterns = [
    path("factures/<int:pk>/envoyer/", sending.SendInvoice.as_view(permission=SEND), name="send"),
    path(
        "factures/<int:pk>/suspendre-relances/",
        reminders.Hold.as_view(permission=HOLD),
        name="hold",
    ),
    path(
        "factures/<int:pk>/reprendre-relances/",
        reminders.Release.as_view(permission=HOLD),
        name="release",
    ),
    path("envois/<int:pk>/reessayer/", sending.SendAgain.as_view(permission=SEND), name="again"),
    path("relances/", reminders.DayReminders.as_view(permission=SEE), name="reminders"),
    path("relances/envoyer/", reminders.RemindMany.as_view(permission=REMIND), name="remind_many"),
    path("relances/textes/", sending.Texts.as_view(permission=TEXTS), name="texts"),
    path("relances/textes/<int:pk>/", sending.TextEdit.as_view(permission=TEXTS), name="text_edit"),
    path(
        "relances/niveaux/nouveau/",
        reminders.LevelNew.as_view(permission=TEXTS),
        name="level_new",
    ),
    path(
        "relances/niveaux/<int:pk>/",
        reminders.LevelEdit.as_view(permission=TEXTS),
        name="level_edit",
    ),
    path(
        "relances/echeances/<int:pk>/",
        reminders.RemindOne.as_view(permission=REMIND),
        name="remind",
    ),
    path(
        "relances/echeances/<int:pk>/apercu.pdf",
        reminders.LetterPreview.as_view(permission=REMIND),
        name="letter_preview",
    ),
    path("relances/<int:pk>/", reminders.ReminderPage.as_view(permission=SEE), name="reminder"),
    path(
        "relances/<int:pk>/courrier.pdf",
        reminders.ReminderPdf.as_view(permission=SEE),
        name="reminder_pdf",
    ),
    path(
        "relances/<int:pk>/reessayer/",
        reminders.ReminderAgain.as_view(permission=REMIND),
        name="reminder_again",
    ),
    path("creances/", receivables.Receivables.as_view(permission=SEE), name="receivables"),
    path(
        "creances/balance.<str:file_format>",
        receivables.ReceivablesFile.as_view(permission=SEE),
        name="receivables_file",
    ),
    path("prevision/", receivables.ForecastPage.as_view(permission=SEE), name="forecast"),
    path(
        "prevision/prevision.<str:file_format>",
        receivables.ForecastFile.as_view(permission=SEE),
        name="forecast_file",
    ),
    path("clients/<int:pk>/", client.ClientMoney.as_view(permission=SEE), name="client"),
    path("clients/<int:pk>/affecter/", client.Spread.as_view(permission=PAY), name="spread"),
    path("clients/<int:pk>/rembourser/", client.RefundNew.as_view(permission=PAY), name="refund"),
    path(
        "clients/<int:pk>/relances-automatiques/",
        client.AutoRemind.as_view(permission=REMIND),
        name="auto_remind",
    ),
    path(
        "clients/<int:pk>/releve/",
        client.StatementPage.as_view(permission=SEE),
        name="account_statement",
    ),
    path(
        "clients/<int:pk>/releve/releve.<str:file_format>",
        client.StatementFile.as_view(permission=SEE),
        name="account_statement_file",
    ),
    path(
        "clients/<int:pk>/releve/envoyer/",
        client.StatementSend.as_view(permission=SEND),
        name="account_statement_send",
    ),
]
