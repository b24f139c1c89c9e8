"""Pages of the invoicing room."""

from invoicing.views.bill import Prepare, PrepareFee, ToBill
from invoicing.views.books import Numbering
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
    LineAdd,
    LineRemove,
)
from invoicing.views.exports import Export, Exports
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
    "Allocate",
    "ClauseEdit",
    "ClauseList",
    "ClauseMove",
    "ClauseNew",
    "ClausePage",
    "Credit",
    "Export",
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
    "Numbering",
    "PaymentList",
    "PaymentNew",
    "PaymentPage",
    "PaymentReverse",
    "Pdf",
    "Prepare",
    "PrepareFee",
    "Reports",
    "ToBill",
]
