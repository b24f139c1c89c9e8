"""Pages of the missions room."""

from missions.views.agreements import (
    AgreementEdit,
    AgreementList,
    AgreementMove,
    AgreementNew,
    AgreementPage,
    AgreementShares,
    AmendmentNew,
    AmendmentSign,
    Rerate,
)
from missions.views.bulk import ValidateMany
from missions.views.days import DayDelete, DayEdit, DayList, DayMove, DayPage, LogBudget, LogDay
from missions.views.envelopes import EnvelopeEdit, EnvelopeList, EnvelopeNew, EnvelopePage
from missions.views.missions import (
    MissionEdit,
    MissionList,
    MissionMove,
    MissionNew,
    MissionPage,
    MoveDays,
)
from missions.views.validation import (
    Arbitrate,
    DaySplit,
    DayValidate,
    Months,
    Validation,
)
from missions.views.week import Week

__all__ = [
    "AgreementEdit",
    "AgreementList",
    "AgreementMove",
    "AgreementNew",
    "AgreementPage",
    "AgreementShares",
    "AmendmentNew",
    "AmendmentSign",
    "Arbitrate",
    "DayDelete",
    "DayEdit",
    "DayList",
    "DayMove",
    "DayPage",
    "DaySplit",
    "DayValidate",
    "EnvelopeEdit",
    "EnvelopeList",
    "EnvelopeNew",
    "EnvelopePage",
    "LogBudget",
    "LogDay",
    "MissionEdit",
    "MissionList",
    "MissionMove",
    "MissionNew",
    "MissionPage",
    "Months",
    "MoveDays",
    "Rerate",
    "ValidateMany",
    "Validation",
    "Week",
]
