"""Nouns of the invoicing room."""

from invoicing.models.bank import BankLine, BankStatement, Cheque, ChequeBatch
from invoicing.models.books import (
    Account,
    AuxiliaryAccount,
    BookSettings,
    ExportProfile,
    PeriodLock,
    WriteOff,
)
from invoicing.models.clause import FundingLink, SubsidyShareClause
from invoicing.models.expense import BilledExpense
from invoicing.models.export import ExportLog
from invoicing.models.invoice import FrozenFile, Instalment, Invoice
from invoicing.models.lifecycle import LifecycleStatus
from invoicing.models.line import BilledShare, InvoiceLine, SubsidyFee
from invoicing.models.payment import Allocation, Payment
from invoicing.models.phase import BilledPhase
from invoicing.models.refund import Refund
from invoicing.models.reminder import (
    AutoRemind,
    Reminder,
    ReminderHold,
    ReminderLevel,
    ReminderNotice,
)
from invoicing.models.run import BillingRun, BillingRunPayer
from invoicing.models.sending import MailText, Sending
from invoicing.models.terms import (
    AntifraudNotice,
    ClaimSettlement,
    Dispute,
    LateClaim,
    PlannedInstalment,
    RepaymentPlan,
    RepaymentRow,
)

__all__ = [
    "Account",
    "Allocation",
    "AntifraudNotice",
    "AutoRemind",
    "AuxiliaryAccount",
    "BankLine",
    "BankStatement",
    "BilledExpense",
    "BilledPhase",
    "BilledShare",
    "BillingRun",
    "BillingRunPayer",
    "BookSettings",
    "Cheque",
    "ChequeBatch",
    "ClaimSettlement",
    "Dispute",
    "ExportLog",
    "ExportProfile",
    "FrozenFile",
    "FundingLink",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "LateClaim",
    "LifecycleStatus",
    "MailText",
    "Payment",
    "PeriodLock",
    "PlannedInstalment",
    "Refund",
    "Reminder",
    "ReminderHold",
    "ReminderLevel",
    "ReminderNotice",
    "RepaymentPlan",
    "RepaymentRow",
    "Sending",
    "SubsidyFee",
    "SubsidyShareClause",
    "WriteOff",
]
