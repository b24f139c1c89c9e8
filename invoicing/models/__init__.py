"""Nouns of the invoicing room."""

from invoicing.models.clause import FundingLink, SubsidyShareClause
from invoicing.models.export import ExportLog
from invoicing.models.invoice import FrozenFile, Instalment, Invoice
from invoicing.models.line import BilledShare, InvoiceLine, SubsidyFee
from invoicing.models.payment import Allocation, Payment

__all__ = [
    "Allocation",
    "BilledShare",
    "ExportLog",
    "FrozenFile",
    "FundingLink",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "Payment",
    "SubsidyFee",
    "SubsidyShareClause",
]
