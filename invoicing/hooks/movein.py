"""The table of this room that may be brought from elsewhere."""

from essaim import hooks
from invoicing.imports.invoices import OpenInvoiceImporter

hooks.importers.register(OpenInvoiceImporter.kind)(OpenInvoiceImporter())
