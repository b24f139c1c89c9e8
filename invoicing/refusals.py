"""What the rules of invoicing refuse, said to the person."""

from collections.abc import Callable
from typing import Final

from django.utils.translation import gettext as _

from invoicing.rules import Problem

Words = Callable[[], str]

_MISSING: Final[dict[str, Words]] = {
    "seller_name_missing": lambda: _("Our legal name is missing from our own details."),
    "seller_address_missing": lambda: _("Our address is missing from our own details."),
    "seller_siren_missing": lambda: _("Our SIREN is missing from our own details."),
    "seller_vat_number_missing": lambda: _("Our VAT number is missing from our own details."),
    "buyer_name_missing": lambda: _("The client's legal name is missing."),
    "buyer_address_missing": lambda: _("The client's address is missing."),
    "lines_missing": lambda: _("The invoice has no line."),
    "service_date_missing": lambda: _("The date or the period of the work is missing."),
    "mentions_missing": lambda: _("The legal mentions are missing."),
    "origin_missing": lambda: _("The invoice that is credited is missing."),
    "bank_missing": lambda: _("Our IBAN is missing from our own details."),
}

_CLAUSE: Final[dict[str, Words]] = {
    "clause_grants_missing": lambda: _("Name the grants that the clause covers."),
    "clause_rate_missing": lambda: _("The rate is missing."),
    "clause_base_missing": lambda: _("Say whether the base is what is paid or what is awarded."),
    "clause_trigger_missing": lambda: _("Say what makes the fee due."),
    "clause_cap_missing": lambda: _("The cap in euros is missing."),
    "clause_floor_missing": lambda: _("The floor is missing (0 is a floor)."),
    "clause_fixed_part_missing": lambda: _("The fixed part is missing (0 is a fixed part)."),
    "clause_fixed_part_mode_missing": lambda: _("Say whether the fixed part is added or deducted."),
    "clause_tail_months_missing": lambda: _("Say for how many months the clause holds afterwards."),
    "clause_reduction_missing": lambda: _("Say what happens when the grant is reduced."),
    "clause_withdrawal_missing": lambda: _("Say what happens when the client gives up."),
    "clause_payment_term_days_missing": lambda: _("The payment term is missing."),
    "clause_rate_impossible": lambda: _("The rate is a percentage between 0 and 100."),
    "clause_cap_negative": lambda: _("The cap can't be negative."),
    "clause_floor_negative": lambda: _("The floor can't be negative."),
    "clause_fixed_part_negative": lambda: _("The fixed part can't be negative."),
    "clause_cap_below_floor": lambda: _("The cap is below the floor."),
    "clause_trigger_before_payment": lambda: _(
        "A share of what is paid is not due before payment."
    ),
    "clause_own_structure": lambda: _("“%(grant)s” is our own grant: no share of it is possible."),
    "clause_success_fee_forbidden": lambda: _("The programme of “%(grant)s” forbids success fees."),
    "clause_delicate_grant": lambda: _(
        "“%(grant)s” is a donation, crowdfunding or a tax credit: say why a share of it is taken."
    ),
    "clause_double_financing": lambda: _(
        "The days that drafted the file are paid by an envelope: say why it is no double financing."
    ),
    "clause_due_after_claim_date": lambda: _(
        "The fee falls due after the funder's claim date: say why."
    ),
}


def missing_words(code: str) -> str:
    """Say which mandatory particular is absent."""
    return _MISSING[code]() if code in _MISSING else code


def problem_words(problem: Problem) -> str:
    """Say why a clause can't be activated."""
    if problem.code not in _CLAUSE:
        return problem.code
    return _CLAUSE[problem.code]() % problem.values
