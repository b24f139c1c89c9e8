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
from invoicing.models.catalogue import CatalogueItem
from invoicing.models.clause import FundingLink, SubsidyShareClause
from invoicing.models.deposit import Correction, DepositRelease, DepositUse
from invoicing.models.expense import BilledExpense
from invoicing.models.export import ExportLog
from invoicing.models.invoice import FrozenFile, Instalment, Invoice
from invoicing.models.lifecycle import LifecycleStatus
from invoicing.models.line import BilledShare, InvoiceLine, SubsidyFee
from invoicing.models.membership import MembershipCall
from invoicing.models.payment import Allocation, Payment
from invoicing.models.phase import BilledPhase
from invoicing.models.recurring import Recurring, RecurringDraft, RecurringTier
from invoicing.models.refund import Refund
from invoicing.models.reminder import (
    AutoRemind,
    Reminder,
    ReminderHold,
    ReminderLevel,
    ReminderNotice,
)
from invoicing.models.report import (
    ClaimMonth,
    FlatRate,
    FunderReport,
    Layout,
    ReportedShare,
    ReportModel,
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
    "CatalogueItem",
    "Cheque",
    "ChequeBatch",
    "ClaimMonth",
    "ClaimSettlement",
    "Correction",
    "DepositRelease",
    "DepositUse",
    "Dispute",
    "ExportLog",
    "ExportProfile",
    "FlatRate",
    "FrozenFile",
    "FunderReport",
    "FundingLink",
    "Instalment",
    "Invoice",
    "InvoiceLine",
    "LateClaim",
    "Layout",
    "LifecycleStatus",
    "MailText",
    "MembershipCall",
    "Payment",
    "PeriodLock",
    "PlannedInstalment",
    "Recurring",
    "RecurringDraft",
    "RecurringTier",
    "Refund",
    "Reminder",
    "ReminderHold",
    "ReminderLevel",
    "ReminderNotice",
    "RepaymentPlan",
    "RepaymentRow",
    "ReportModel",
    "ReportedShare",
    "Sending",
    "SubsidyFee",
    "SubsidyShareClause",
    "WriteOff",
]
