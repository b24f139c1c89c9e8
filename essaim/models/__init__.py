"""Nouns of the ground."""

from essaim.models.feed import (
    FeedToken,
)
from essaim.models.forms import (
    FormKey,
)
from essaim.models.imports import ImportBatch, ImportFile, ImportRemoval, ImportRow
from essaim.models.legal import (
    LegalFigure,
)
from essaim.models.outbox import (
    OutboxAttachment,
    OutboxMessage,
)
from essaim.models.reasons import (
    ReasonSetting,
)
from essaim.models.search import SearchEntry, SearchGram, SearchPost
from essaim.models.series import (
    NumberSlot,
    Series,
    SeriesYear,
)
from essaim.models.start import (
    Feature,
    SampleRow,
    StartMark,
)
from essaim.models.trail import (
    Event,
    EventText,
)
from essaim.models.user import (
    User,
)

__all__ = [
    "Event",
    "EventText",
    "Feature",
    "FeedToken",
    "FormKey",
    "ImportBatch",
    "ImportFile",
    "ImportRemoval",
    "ImportRow",
    "LegalFigure",
    "NumberSlot",
    "OutboxAttachment",
    "OutboxMessage",
    "ReasonSetting",
    "SampleRow",
    "SearchEntry",
    "SearchGram",
    "SearchPost",
    "Series",
    "SeriesYear",
    "StartMark",
    "User",
]
