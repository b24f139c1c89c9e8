"""How far the first run came, told by what exists; marks tell only what nothing else does."""

from collections.abc import Callable
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
@dataclass(frozen=True, slots=True)
class _Way:
    """A first thing: its words, its page, the right it asks, and how one sees that it was done."""

    code: str
    label: Any
    help: Any
    address: str
    icon: str
    permission: str
    is_done: Callable[[User], bool]


def _has_feed(user: User) -> bool:
    return FeedToken.objects.filter(user=user, revoked_at=None).exists()


def _colleagues_came(user: User) -> bool:
    return User.objects.active().exclude(pk=user.pk).exclude(last_login=None).exists()


_WAYS: Final = (
    _Way(
        "invoice",
        _("Issue a first invoice"),
        _("A client, a line, a price: its PDF in three minutes."),
        "start:first_invoice",
        "receipt-euro",
        "invoicing.issue_invoice",
        lambda user: Invoice.objects.filter(state=Invoice.State.ISSUED).exists(),
    ),
    _Way(
        "coop",
        _("Welcome a first coop"),
        _("Its name and its town; its stages and its kit follow."),
        "crm:coop_new",
        "sprout",
        "crm.add_coop",
        lambda user: real(Coop.objects.all()).exists(),
    ),
    _Way(
        "agreement",
        _("Write a first agreement"),
        _("How many days, at what rate, paid by whom."),
        "missions:agreement_new",
        "file-pen-line",
        "missions.change_agreement",
        lambda user: real(Agreement.objects.all()).exists(),
    ),
    _Way(
        "day",
        _("Log a first day"),
        _("On the telephone too: two taps once the mission is known."),
        "missions:log",
        "calendar-plus",
        "missions.log_day",
        lambda user: real(MissionDay.objects.all()).exists(),
    ),
    _Way(
        "logo",
        _("Add your logo"),
        _("Printed on what is issued from then on."),
        "crm:logo",
        "image",
        "crm.manage_issuer",
        lambda user: IssuerProfile.objects.exclude(logo=None).exists(),
    ),
    _Way(
        "feed",
        _("See deadlines in your own agenda"),
        _("A private address to paste into your calendar."),
        "my_feed",
        "calendar-sync",
        "essaim.own_feed",
        _has_feed,
    ),
    _Way(
        "colleagues",
        _("Have your colleagues sign in"),
        _("Each chooses a password from the invitation."),
        "users",
        "users",
        "essaim.manage_users",
        _colleagues_came,
    ),
)


def open_firsts(user: User) -> list[First]:
    """What this person may do of the list, done things included; empty once all is done.

    It is told by rows, examples do not count; colleagues are nobody's when one works alone.
    """
    ways = [way for way in _WAYS if user.has_perm(way.permission)]
    if not features.is_on(features.SEVERAL_PEOPLE):
        ways = [way for way in ways if way.code != "colleagues"]
    found = [
        First(w.code, w.label, w.help, reverse(w.address), w.icon, w.is_done(user)) for w in ways
    ]
    return found if any(not one.is_done for one in found) else []
