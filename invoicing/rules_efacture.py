"""Where a document goes in the reform of invoicing, and what may follow once it has gone."""

from typing import Final

from essaim.countries import FRANCE
from invoicing.rules_problem import Problem
from invoicing.rules_totals import TAXED

# Treatments of the note BAR (XP Z12-012).
B2B: Final = "B2B"
B2B_ABROAD: Final = "B2BINT"
B2C: Final = "B2C"
OUT_OF_SCOPE: Final = "OUTOFSCOPE"
REPORTED: Final = frozenset({B2C, B2B_ABROAD})

# Frames of BT-23 for services.
PLAIN, PAID, FINAL = "S1", "S2", "S4"

ENGAGEMENT_LIMIT: Final = 50  # Chorus Pro
NO_ADDRESS: Final = "sans-adresse@client.invalid"  # RFC 2606: leads nowhere, and says so

PUBLIC, CONSUMER = "public", "consumer"
LIABLE = "liable"


def treatment(*, regime: str, client_kind: str, country: str, siren: str, vat_status: str) -> str:
    """Say how the reform treats a document of ours to this client.

    What is exempt under art. 261 or out of the scope of VAT is neither exchanged nor reported;
    a private person, a client outside VAT or without a SIREN is reported by us (CGI 290), as
    are businesses abroad; the rest is exchanged between platforms (CGI 289 bis).
    """
    if regime not in TAXED and regime != "franchise":
        return OUT_OF_SCOPE
    if client_kind == CONSUMER:
        return B2C
    if country != FRANCE:
        return B2B_ABROAD
    if not siren:
        return B2C
    # A public body is invoiced through Chorus Pro whatever its own VAT.
    return B2B if client_kind == PUBLIC or vat_status == LIABLE else B2C


def chorus_problems(
    *, requirement: str, siret: str, service: str, engagement: str
) -> tuple[Problem, ...]:
    """Say what Chorus Pro would refuse an invoice for, by the requirement of its client."""
    found = []
    if requirement == "none":
        return ()
    if not siret:
        found.append(Problem("chorus_siret_missing"))
    if requirement in ("service", "both") and not service:
        found.append(Problem("chorus_service_missing"))
    if requirement in ("engagement", "both") and not engagement:
        found.append(Problem("chorus_engagement_missing"))
    if requirement == "either" and not (service or engagement):
        found.append(Problem("chorus_either_missing"))
    if len(engagement) > ENGAGEMENT_LIMIT:
        found.append(Problem("chorus_engagement_too_long", {"limit": ENGAGEMENT_LIMIT}))
    return tuple(found)


# -- the life of a document at the platform ---------------------------------------------------
DEPOSITED, REJECTED, REFUSED, COLLECTED = "deposited", "rejected", "refused", "collected"
_AFTER: Final = {
    "": (DEPOSITED,),
    DEPOSITED: (REJECTED, REFUSED, COLLECTED),
    # What a platform rejected for its form is corrected there and deposited again.
    REJECTED: (DEPOSITED,),
    REFUSED: (),
    COLLECTED: (),
}
WITH_REASON: Final = frozenset({REJECTED, REFUSED})


def next_statuses(current: str) -> tuple[str, ...]:
    """Give the statuses that may follow; "" is a document not yet deposited."""
    return _AFTER[current]


def check_status(
    current: str, wanted: str, *, reason_code: str, reason: str, is_paid: bool
) -> tuple[Problem, ...]:
    """Say why a status may not be noted now."""
    if wanted not in next_statuses(current):
        return (Problem("status_does_not_follow", {"current": current, "wanted": wanted}),)
    if wanted in WITH_REASON and not (reason_code and reason.strip()):
        return (Problem("status_without_reason", {"wanted": wanted}),)
    if wanted == COLLECTED and not is_paid:
        return (Problem("status_collected_unpaid"),)
    return ()
