"""Nouns of the invoicing room."""

from invoicing.models.books import (
    Account,
    AuxiliaryAccount,
    BookSettings,
    ExportProfile,
    PeriodLock,
    WriteOff,
)
from invoicing.models.clause import FundingLink, SubsidyShareClause
from invoicing.models.export import ExportLog
from invoicing.models.invoice import FrozenFile, Instalment, Invoice
from invoicing.models.line import BilledShare, InvoiceLine, SubsidyFee
from invoicing.models.payment import Allocation, Payment

__all__ = [
    "Account",
    "Allocation",
    "AuxiliaryAccount",
    "BilledShare",
    "BookSettings",
    "ExportLog",
    "ExportProfile",
    "FrozenFile",
    "FundingLink",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "Payment",
    "PeriodLock",
    "SubsidyFee",
    "SubsidyShareClause",
    "WriteOff",
]
