"""The codes that the pure rules find, said to the person."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from essaim.workflow import Missing
from missions.rules import Code

WORDS: Final[Mapping[str, Any]] = {
    Code.FUTURE_DATE: _("A day in the future cannot be logged yet."),
    Code.QUANTITY_NOT_ALLOWED: _("A day counts 1, ¾, ½ or ¼."),
    Code.DATE_TOTAL_PAST_LIMIT: _("That would be more than 1.5 day for this person on that date."),
    Code.BEFORE_AGREEMENT: _("This day comes before the agreement takes effect."),
    Code.PARTS_NOT_THE_DAY: _("The parts do not add up to the day."),
    Code.PART_QUANTITY_NOT_ALLOWED: _("A part counts 1, ¾, ½ or ¼ day."),
    Code.PART_NATURE_NOT_ALLOWED: _("A part is billed, given, billed elsewhere or volunteer."),
    Code.PART_NATURE_TWICE: _("Put the parts of one nature together."),
    Code.PART_REASON_MISSING: _("Say why a part is not billed."),
    Code.WHO_PAYS_THE_REST: _("The caps of the payers are used up: who pays the rest?"),
    Code.NO_BENEFICIARY: _("Name at least one coop."),
    Code.BENEFICIARY_TWICE: _("A coop is named twice."),
    Code.WEIGHT_NOT_POSITIVE: _("A weight is more than zero."),
    Code.FEE_MISSING: _("The agreement names no fixed fee per coop."),
    Code.NO_SHARE: _("Name at least one payer."),
    Code.PERCENTS_NOT_100: _("The shares of the payers must make 100 %."),
    Code.SEVERAL_REMAINDERS: _("One share at most takes what is left."),
    Code.REMAINDER_HAS_CAP: _("The share that takes what is left has no cap of its own."),
    Code.ENVELOPE_BASIS: _("A share drawn on an envelope is an order or a grant."),
    Code.NEGATIVE: _("An amount, a percent or a number of days is not negative."),
    Code.NEAR_QUOTA: _("Nearly all the days of the envelope are used."),
    Code.PAST_QUOTA: _("The days of the envelope are used up."),
    Code.NEAR_COOP_QUOTA: _("Nearly all the coops of the envelope are taken."),
    Code.PAST_COOP_QUOTA: _("The coops of the envelope are all taken."),
    Code.PAST_COOP_CAP: _("This coop has used its part of the envelope."),
    Code.TERRITORY_NOT_ELIGIBLE: _("The envelope does not cover this territory."),
    Code.STAGE_NOT_ELIGIBLE: _("The envelope does not cover this stage."),
    Code.WORK_NOT_ELIGIBLE: _("The envelope does not cover this work."),
    Code.OUTSIDE_PERIOD: _("The day is outside the period of the envelope."),
    Code.NOTHING_CHANGED: _("This amendment changes nothing."),
    Code.EFFECTIVE_TOO_EARLY: _("An amendment takes effect no earlier than the agreement."),
    Code.BUDGET_BELOW_USED: _("The new budget is below the days already used."),
    Code.ENDS_BEFORE_EFFECTIVE: _("The end comes before the amendment takes effect."),
}

# The field of a form beside which a code is shown.
FIELDS: Final[Mapping[str, str]] = {
    Code.FUTURE_DATE: "worked_on",
    Code.QUANTITY_NOT_ALLOWED: "quantity",
    Code.DATE_TOTAL_PAST_LIMIT: "quantity",
    Code.NO_BENEFICIARY: "beneficiaries",
    Code.BENEFICIARY_TWICE: "beneficiaries",
    Code.EFFECTIVE_TOO_EARLY: "effective_on",
    Code.BUDGET_BELOW_USED: "days_budgeted",
    Code.ENDS_BEFORE_EFFECTIVE: "ends_on",
}


def missing_of(codes: Iterable[Code], url: str = "") -> list[Missing]:
    """What the rules found, as a person is told it; the code is the field's name if it has one."""
    return [Missing(FIELDS.get(c, str(c.value)), str(WORDS[c]), url) for c in codes]


def length_of(minutes: int) -> str:
    """« 1 h 45 », « 3 h », « 45 min », with no-break spaces."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}\u00a0min"
    return f"{hours}\u00a0h\u00a0{rest:02d}" if rest else f"{hours}\u00a0h"
