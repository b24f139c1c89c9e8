"""Codes of the missions room and their labels; the pure rules use the same words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Moment(models.TextChoices):
    FULL_DAY = "full_day", _("Full day")
    MORNING = "morning", _("Morning")
    AFTERNOON = "afternoon", _("Afternoon")
    EVENING = "evening", _("Evening")


class Work(models.TextChoices):
    ON_SITE = "on_site", _("On site")
    REMOTE = "remote", _("Remote")
    PREPARATION = "preparation", _("Preparation")
    REPORT = "report", _("Report writing")
    TRAVEL = "travel", _("Travel")
    APPLICATION_FILE = "application_file", _("Application file")
    COLLECTIVE = "collective", _("Collective session")


class Nature(models.TextChoices):
    BILLED = "billed", _("Billed")
    COVERED = "covered", _("Covered")
    PRICED = "priced", _("Within the agreed price")
    GIVEN = "given", _("Given")
    ELSEWHERE = "elsewhere", _("Billed elsewhere")
    VOLUNTEER = "volunteer", _("Volunteer")


class Treatment(models.TextChoices):
    """Who bears an expense in the end."""

    REBILLED = "rebilled", _("Rebilled")
    ADVANCED = "advanced", _("Advanced for the client (débours)")
    KEPT = "kept", _("Kept at our charge")


class Basis(models.TextChoices):
    ORDER = "order", _("Order")
    PRICE_COMPLEMENT = "price_complement", _("Price complement")
    GRANT = "grant", _("Grant")
    CLIENT = "client_pays_from_own_grant", _("Client pays from its own grant")
    OFFERED = "offered", _("Offered")


class Key(models.TextChoices):
    EQUAL = "equal", _("Equal shares")
    WEIGHTS = "weights", _("By weights")
    FIXED_FEE = "fixed_fee", _("Fixed fee per coop present")
    ONE_PAYER = "one_payer", _("One payer for all")


class Gross(models.TextChoices):
    NET = "net", _("Net of VAT")
    GROSS = "gross", _("VAT included")


class Arbitration(models.TextChoices):
    NONE = "", _("None")
    PENDING = "pending", _("To be decided")
    AMENDMENT = "amendment", _("Covered by an amendment")
    OFFERED = "offered", _("Offered")
    OTHER_PAYER = "other_payer", _("Paid by another payer")
    ACCEPTED = "accepted", _("Accepted as it is")


def default_works() -> list[str]:
    """Works billed by default: all but travel."""
    return [w.value for w in Work if w != Work.TRAVEL]


def default_quantities() -> dict[str, str]:
    """Quantities proposed per moment."""
    return {"full_day": "1", "morning": "0.5", "afternoon": "0.5", "evening": "0.5"}
