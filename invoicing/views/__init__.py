"""Pages of the invoicing room."""

from invoicing.views.accounting import (
    AccountDrop,
    AccountEdit,
    AccountNew,
    Accounts,
    BooksEdit,
    CodeNew,
    Lock,
    ProfileDelete,
    ProfileEdit,
    ProfileNew,
    Reopen,
    WriteOffPage,
)
from invoicing.views.bill import Prepare, PrepareFee, ToBill
from invoicing.views.books import Numbering
from invoicing.views.catalogue import LineAdd
from invoicing.views.clauses import (
    ClauseEdit,
    ClauseList,
    ClauseMove,
    ClauseNew,
    ClausePage,
    FundingLinkNew,
)
from invoicing.views.drafts import (
    Credit,
    InvoiceDelete,
    InvoiceEdit,
    InvoiceNew,
    Issue,
    LineRemove,
)
from invoicing.views.exports import (
    Closing,
    Export,
    ExportAgain,
    Exports,
    ExportSend,
    VatDue,
)
from invoicing.views.invoices import InvoiceList, InvoicePage, Pdf
from invoicing.views.payments import (
    Allocate,
    PaymentList,
    PaymentNew,
    PaymentPage,
    PaymentReverse,
)
from invoicing.views.reports import Reports

__all__ = [
    "AccountDrop",
    "AccountEdit",
    "AccountNew",
    "Accounts",
    "Allocate",
    "BooksEdit",
    "ClauseEdit",
    "ClauseList",
    "ClauseMove",
    "ClauseNew",
    "ClausePage",
    "Closing",
    "CodeNew",
    "Credit",
    "Export",
    "ExportAgain",
    "ExportSend",
    "Exports",
    "FundingLinkNew",
    "InvoiceDelete",
    "InvoiceEdit",
    "InvoiceList",
    "InvoiceNew",
    "InvoicePage",
    "Issue",
    "LineAdd",
    "LineRemove",
    "Lock",
    "Numbering",
    "PaymentList",
    "PaymentNew",
    "PaymentPage",
    "PaymentReverse",
    "Pdf",
    "Prepare",
    "PrepareFee",
    "ProfileDelete",
    "ProfileEdit",
    "ProfileNew",
    "Reopen",
    "Reports",
    "ToBill",
    "VatDue",
    "WriteOffPage",
]
