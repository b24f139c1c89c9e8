"""Nouns of the grants room."""

from grants.models.aid import (
    OtherAid,
)
from grants.models.amendment import (
    AmendmentNeed,
)
from grants.models.application import (
    GrantApplication,
)
from grants.models.budget import (
    BudgetLine,
    BudgetVersion,
)
from grants.models.call_import import (
    CallImport,
)
from grants.models.co_funder import (
    CoFunder,
)
from grants.models.deadline import (
    NEVER_RESUMED,
    AidQuestion,
    AidQuestionSetting,
    AnswerDates,
    ExerciseEnd,
    ReminderPlan,
    ReminderSent,
)
from grants.models.disbursement import (
    Disbursement,
)
from grants.models.episode import (
    Episode,
)
from grants.models.piece import (
    Piece,
    PieceKind,
    PieceStep,
)
from grants.models.plan import (
    Certainty,
    PlanNeed,
    PlanResource,
)
from grants.models.programme import (
    Call,
    Programme,
)
from grants.models.schedule import (
    ClaimPiece,
    PaymentStep,
    PaymentTerms,
)
from grants.models.setting import (
    CatalogueSetting,
)

__all__ = [
    "NEVER_RESUMED",
    "AidQuestion",
    "AidQuestionSetting",
    "AmendmentNeed",
    "AnswerDates",
    "BudgetLine",
    "BudgetVersion",
    "Call",
    "CallImport",
    "CatalogueSetting",
    "Certainty",
    "ClaimPiece",
    "CoFunder",
    "Disbursement",
    "Episode",
    "ExerciseEnd",
    "GrantApplication",
    "OtherAid",
    "PaymentStep",
    "PaymentTerms",
    "Piece",
    "PieceKind",
    "PieceStep",
    "PlanNeed",
    "PlanResource",
    "Programme",
    "ReminderPlan",
    "ReminderSent",
]
