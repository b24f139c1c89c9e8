"""Pages of the grants room."""

from grants.views.applications import (
    ApplicationCreate,
    ApplicationEdit,
    ApplicationList,
    ApplicationMove,
    ApplicationPage,
    CoFunderCreate,
)
from grants.views.calendar import Calendar
from grants.views.disbursements import (
    DisbursementEdit,
    DisbursementList,
    DisbursementMove,
    DisbursementPlan,
)
from grants.views.programmes import (
    CallCreate,
    CallEdit,
    ProgrammeCreate,
    ProgrammeEdit,
    ProgrammeList,
    ProgrammePage,
)

__all__ = [
    "ApplicationCreate",
    "ApplicationEdit",
    "ApplicationList",
    "ApplicationMove",
    "ApplicationPage",
    "Calendar",
    "CallCreate",
    "CallEdit",
    "CoFunderCreate",
    "DisbursementEdit",
    "DisbursementList",
    "DisbursementMove",
    "DisbursementPlan",
    "ProgrammeCreate",
    "ProgrammeEdit",
    "ProgrammeList",
    "ProgrammePage",
]
