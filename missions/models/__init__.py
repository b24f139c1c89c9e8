"""Nouns of the missions room."""

from missions.models.agreement import Agreement, Amendment, FundingShare
from missions.models.day import DayBeneficiary, DayPart, MissionDay, MonthLock
from missions.models.envelope import Envelope
from missions.models.mission import Mission
from missions.models.share import DayShare

__all__ = [
    "Agreement",
    "Amendment",
    "DayBeneficiary",
    "DayPart",
    "DayShare",
    "Envelope",
    "FundingShare",
    "Mission",
    "MissionDay",
    "MonthLock",
]
