"""Nouns of the missions room."""

from missions.models.agenda import CalendarImport, CalendarProposal, CountedCall
from missions.models.agreement import Agreement, FundingShare
from missions.models.amendment import Amendment
from missions.models.attendance import Attendance
from missions.models.cost_rate import CostRate
from missions.models.day import DayBeneficiary, DayPart, MissionDay, MonthLock
from missions.models.envelope import Envelope
from missions.models.expense import Expense
from missions.models.kept_file import KeptFile
from missions.models.mission import Mission
from missions.models.paper import FrozenPaper, PaperFile
from missions.models.phase import Phase
from missions.models.quote import Quote, QuoteLine, QuoteShare
from missions.models.share import DayShare
from missions.models.timesheet import Timesheet
from missions.models.valuation import Valuation

__all__ = [
    "Agreement",
    "Amendment",
    "Attendance",
    "CalendarImport",
    "CalendarProposal",
    "CostRate",
    "CountedCall",
    "DayBeneficiary",
    "DayPart",
    "DayShare",
    "Envelope",
    "Expense",
    "FrozenPaper",
    "FundingShare",
    "KeptFile",
    "Mission",
    "MissionDay",
    "MonthLock",
    "PaperFile",
    "Phase",
    "Quote",
    "QuoteLine",
    "QuoteShare",
    "Timesheet",
    "Valuation",
]
