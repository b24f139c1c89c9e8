"""What is done with ticked invoices, each a preview then one confirmation."""

from django.urls import path

from invoicing.views import many

PAY, SEND = "invoicing.record_payment", "invoicing.send_document"

urlpatterns = [
    path("factures/encaisser/", many.EncashMany.as_view(permission=PAY), name="encash_many"),
    path("factures/envoyer/", many.SendMany.as_view(permission=SEND), name="send_many"),
    path("factures/pdf/", many.PdfMany.as_view(permission="invoicing.export"), name="pdf_many"),
]
