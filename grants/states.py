"""States of a grant application: their names for staff and for founders, and how they group."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApplicationState(models.TextChoices):
    SPOTTED = "spotted", pgettext_lazy("application", "Spotted")
    ELIGIBILITY = "eligibility", pgettext_lazy("application", "Eligibility to check")
    DRAFTING = "drafting", pgettext_lazy("application", "Being written")
    SUBMITTED = "submitted", pgettext_lazy("application", "Submitted")
    INCOMPLETE = "incomplete", pgettext_lazy("application", "Incomplete")
    COMPLETE = "complete", pgettext_lazy("application", "Complete")
    REVIEW = "review", pgettext_lazy("application", "Under review")
    COMMITTEE = "committee", pgettext_lazy("application", "In committee")
    AWARDED = "awarded", pgettext_lazy("application", "Awarded")
    WAITING_LIST = "waiting_list", pgettext_lazy("application", "Waiting list")
    ADJOURNED = "adjourned", pgettext_lazy("application", "Adjourned")
    REFUSED = "refused", pgettext_lazy("application", "Refused")
    NO_ANSWER = "no_answer", pgettext_lazy("application", "No answer")
    AGREED = "agreed", pgettext_lazy("application", "Agreement signed")
    RUNNING = "running", pgettext_lazy("application", "Running")
    REPORTED = "reported", pgettext_lazy("application", "Report sent")
    SETTLED = "settled", pgettext_lazy("application", "Settled")
    CLOSED = "closed", pgettext_lazy("application", "Closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("application", "Withdrawn")
    RENOUNCED = "renounced", pgettext_lazy("application", "Renounced")
    LAPSED = "lapsed", pgettext_lazy("application", "Lapsed")
    CLAWBACK = "clawback", pgettext_lazy("application", "Repayment claimed")


class DeadlineKind(models.TextChoices):
    OPENING = "opening", pgettext_lazy("deadline", "Opening of the call")
    PRE_DEPOSIT = "pre_deposit", pgettext_lazy("deadline", "Pre-deposit")
    DEPOSIT = "deposit", pgettext_lazy("deadline", "Deposit of the file")
    COMPLETENESS = "completeness", pgettext_lazy("deadline", "Missing pieces")
    COMMITTEE = "committee", pgettext_lazy("deadline", "Committee")
    AGREEMENT = "agreement", pgettext_lazy("deadline", "Agreement to sign")
    EXPENSES = "expenses", pgettext_lazy("deadline", "End of eligible expenses")
    PROJECT = "project", pgettext_lazy("deadline", "End of the project")
    CLAIM = "claim", pgettext_lazy("deadline", "Payment to claim")
    PAYMENT = "payment", pgettext_lazy("deadline", "Payment of the funder")
    REPORT = "report", pgettext_lazy("deadline", "Report to the funder")
    LAPSE = "lapse", pgettext_lazy("deadline", "Lapse of the grant")
    ARCHIVE = "archive", pgettext_lazy("deadline", "End of archiving")


_S = ApplicationState

BEFORE_DECISION: Final = (
    _S.SPOTTED,
    _S.ELIGIBILITY,
    _S.DRAFTING,
    _S.SUBMITTED,
    _S.INCOMPLETE,
    _S.COMPLETE,
    _S.REVIEW,
    _S.COMMITTEE,
    _S.WAITING_LIST,
    _S.ADJOURNED,
)
TO_SUBMIT: Final = (_S.SPOTTED, _S.ELIGIBILITY, _S.DRAFTING)
AT_THE_FUNDER: Final = tuple(s for s in BEFORE_DECISION if s not in TO_SUBMIT)
GRANTED: Final = (_S.AWARDED, _S.AGREED, _S.RUNNING, _S.REPORTED, _S.SETTLED, _S.CLOSED)
UNDER_WAY: Final = (_S.AWARDED, _S.AGREED, _S.RUNNING, _S.REPORTED, _S.SETTLED, _S.CLAWBACK)
ENDED: Final = (
    _S.REFUSED,
    _S.NO_ANSWER,
    _S.CLOSED,
    _S.WITHDRAWN,
    _S.RENOUNCED,
    _S.LAPSED,
)
# The road of an application that goes well, as the stepper draws it.
ROAD: Final = (
    _S.SPOTTED,
    _S.DRAFTING,
    _S.SUBMITTED,
    _S.COMPLETE,
    _S.COMMITTEE,
    _S.AWARDED,
    _S.AGREED,
    _S.RUNNING,
    _S.REPORTED,
    _S.SETTLED,
    _S.CLOSED,
)
# Where a state that is not on the road stands on it.
STANDS_AT: Final[dict[str, str]] = {
    _S.ELIGIBILITY: _S.SPOTTED,
    _S.INCOMPLETE: _S.SUBMITTED,
    _S.REVIEW: _S.COMPLETE,
    _S.WAITING_LIST: _S.COMMITTEE,
    _S.ADJOURNED: _S.COMMITTEE,
    _S.CLAWBACK: _S.SETTLED,
}
TONES: Final[dict[str, str]] = {
    _S.SPOTTED: "draft",
    _S.ELIGIBILITY: "draft",
    _S.DRAFTING: "draft",
    _S.SUBMITTED: "info",
    _S.INCOMPLETE: "warn",
    _S.COMPLETE: "info",
    _S.REVIEW: "info",
    _S.COMMITTEE: "info",
    _S.AWARDED: "good",
    _S.WAITING_LIST: "warn",
    _S.ADJOURNED: "warn",
    _S.REFUSED: "bad",
    _S.NO_ANSWER: "quiet",
    _S.AGREED: "good",
    _S.RUNNING: "good",
    _S.REPORTED: "good",
    _S.SETTLED: "done",
    _S.CLOSED: "done",
    _S.WITHDRAWN: "quiet",
    _S.RENOUNCED: "quiet",
    _S.LAPSED: "bad",
    _S.CLAWBACK: "bad",
}
# What the founder of the coop is told.
FOUNDER_WORDS: Final[dict[str, object]] = {
    _S.SPOTTED: _("An aid that might suit your project."),
    _S.ELIGIBILITY: _("We check whether your project may ask for it."),
    _S.DRAFTING: _("We write the file with you."),
    _S.SUBMITTED: _("Your file is with the funder."),
    _S.INCOMPLETE: _("The funder asks for missing pieces."),
    _S.COMPLETE: _("The funder has everything it asked for."),
    _S.REVIEW: _("The funder examines your file."),
    _S.COMMITTEE: _("A committee is about to decide."),
    _S.AWARDED: _("The aid is granted; the agreement is still to be signed."),
    _S.WAITING_LIST: _("Your project is in reserve, should money be left."),
    _S.ADJOURNED: _("The decision is put off to a later committee."),
    _S.REFUSED: _("The aid was refused."),
    _S.NO_ANSWER: _("The funder has not answered."),
    _S.AGREED: _("The agreement is signed: payments may be asked for."),
    _S.RUNNING: _("The project is being carried out: keep every invoice."),
    _S.REPORTED: _("Your report is with the funder."),
    _S.SETTLED: _("The funder has fixed the final amount."),
    _S.CLOSED: _("The file is closed: keep its papers."),
    _S.WITHDRAWN: _("Your file was withdrawn."),
    _S.RENOUNCED: _("You gave up this aid."),
    _S.LAPSED: _("The aid has lapsed: the time to use it is over."),
    _S.CLAWBACK: _("The funder asks for money back."),
}
