"""How far the first run came, told by what exists; marks tell only what nothing else does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Accompaniment, Coop, IssuerProfile
from essaim import features
from essaim.models import FeedToken, SampleRow, Series, StartMark, User
from invoicing.models import Invoice
from invoicing.numbering import INVOICES
from missions.models import Agreement, MissionDay

ISSUER, NUMBERING, PEOPLE, KIT = "issuer", "numbering", "people", "kit"
STEPS: Final = (ISSUER, NUMBERING, PEOPLE, KIT)
LABELS: Final = {
    ISSUER: _("Who you are"),
    NUMBERING: _("Numbers of invoices"),
    PEOPLE: _("Who works here"),
    KIT: _("Starting kit"),
}
# Marks: a step skipped, the kit accepted, the first run begun, its list put away.
SKIPPED: Final = "skipped-"
CHOSEN, BEGUN, AWAY, SAMPLE = "kit", "begun", "checklist-away", "sample"


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps: done, skipped, or still to do."""

    code: str
    label: Any
    url: str
    state: str
    permission: str

    @property
    def is_open(self) -> bool:
        return self.state == "todo"


@dataclass(frozen=True, slots=True)
class First:
    """One of the first things to do, and whether it was done."""

    code: str
    label: Any
    help: Any
    url: str
    icon: str
    is_done: bool


def marks() -> frozenset[str]:
    return frozenset(StartMark.objects.values_list("code", flat=True))


def real(rows: QuerySet[Any]) -> QuerySet[Any]:
    """These rows without the examples."""
    examples = SampleRow.objects.filter(model=rows.model._meta.label).values("object_id")
    return rows.exclude(pk__in=examples)


def _done(marked: frozenset[str]) -> dict[str, bool]:
    return {
        ISSUER: IssuerProfile.objects.exists(),
        NUMBERING: Series.objects.filter(kind=INVOICES, closed=False).exists(),
        PEOPLE: features.answers().get(features.SEVERAL_PEOPLE) is False
        or len(User.objects.active()[:2]) > 1,
        KIT: CHOSEN in marked or real(Accompaniment.objects.all()).exists(),
    }


def steps() -> list[Step]:
    """The four steps in their order; what exists counts as done, whoever made it."""
    marked = marks()
    asked = {ISSUER: "crm.manage_issuer", NUMBERING: "crm.manage_issuer", KIT: "crm.manage_kit"}
    return [
        Step(
            code,
            LABELS[code],
            reverse(f"start:{code}"),
            "done" if done else "skipped" if SKIPPED + code in marked else "todo",
            asked.get(code, "essaim.manage_users"),
        )
        for code, done in _done(marked).items()
    ]


def next_url(found: list[Step], after: str = "") -> str:
    """The first step still to do after this one, else any still to do, else the questions."""
    place = STEPS.index(after) + 1 if after else 0
    left = [step.url for step in (*found[place:], *found[:place]) if step.is_open]
    return left[0] if left else reverse("start:features")


def is_fresh(user: User) -> bool:
    """Whether nothing at all was set up yet, and this person may do it, alone here."""
    if not (user.has_perm("essaim.manage_users") and user.has_perm("crm.manage_issuer")):
        return False
    if StartMark.objects.exists() or len(User.objects.active()[:2]) > 1:
        return False
    return not any(_done(frozenset()).values())


def is_over() -> bool:
    """Whether an office worked here before, or all four steps are behind."""
    return not any(step.is_open for step in steps())


# -- the first things to do ------------------------------------------------------------------------
def firsts(user: User) -> list[First]:
    """The list of an office that began, told by its rows; examples do not count."""
    return [one for one in _firsts(user) if one is not None]


def _firsts(user: User) -> Iterator[First]:
    yield First(
        "invoice",
        _("Issue a first invoice"),
        _("A client, a line, a price: its PDF in three minutes."),
        reverse("start:first_invoice"),
        "receipt-euro",
        Invoice.objects.filter(state=Invoice.State.ISSUED).exists(),
    )
    yield First(
        "coop",
        _("Welcome a first coop"),
        _("Its name and its town; its stages and its kit follow."),
        reverse("crm:coop_new"),
        "sprout",
        real(Coop.objects.all()).exists(),
    )
    yield First(
        "agreement",
        _("Write a first agreement"),
        _("How many days, at what rate, paid by whom."),
        reverse("missions:agreement_new"),
        "file-pen-line",
        real(Agreement.objects.all()).exists(),
    )
    yield First(
        "day",
        _("Log a first day"),
        _("On the telephone too: two taps once the mission is known."),
        reverse("missions:log"),
        "calendar-plus",
        real(MissionDay.objects.all()).exists(),
    )
    yield First(
        "feed",
        _("See deadlines in your own agenda"),
        _("A private address to paste into your calendar."),
        reverse("my_feed"),
        "calendar-sync",
        FeedToken.objects.filter(user=user, revoked_at=None).exists(),
    )
    if features.is_on(features.SEVERAL_PEOPLE):
        others = User.objects.active().exclude(pk=user.pk)
        yield First(
            "colleagues",
            _("Have your colleagues sign in"),
            _("Each chooses a password from the invitation."),
            reverse("users"),
            "users",
            others.exclude(last_login=None).exists(),
        )


_ASKED: Final = {
    "invoice": "invoicing.issue_invoice",
    "coop": "crm.add_coop",
    "agreement": "missions.change_agreement",
    "day": "missions.log_day",
}


def open_firsts(user: User) -> list[First]:
    """What this person may do of the list, done things included; empty once all is done."""
    found = [f for f in firsts(user) if f.code not in _ASKED or user.has_perm(_ASKED[f.code])]
    return found if any(not one.is_done for one in found) else []
