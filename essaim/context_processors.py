"""What every page of the shell knows: today, the entries this person may open, the brand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from essaim import features
from essaim.models import User

BRAND = "Essaim"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the rail; `ways` are (url name, permission), the first one open is taken.

    An entry with a `feature` is left out when the office does not use it.
    """

    key: str
    label: Any
    icon: str
    ways: Sequence[tuple[str, str]]
    short: Any = ""
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry this person may open, and whether the page is in it."""

    key: str
    label: Any
    short: Any
    icon: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Nav:
    """The rail, the bottom bar, the set-up links and the quick action of one person."""

    rail: list[Link] = field(default_factory=list)
    bar: list[Link] = field(default_factory=list)
    setup: list[Link] = field(default_factory=list)
    account: list[Link] = field(default_factory=list)
    log: str = ""
    note: str = ""
    search: str = ""
    help: str = ""
    keys: str = ""


RAIL = (
    Entry(
        "today", _("Today"), "sun", [("today", "essaim.view_today")], pgettext_lazy("bar", "Day")
    ),
    Entry("crm", _("Coops"), "square-kanban", [("crm:board", "crm.view_coop")]),
    Entry("missions", _("Days given"), "calendar-days", [("missions:days", "missions.view_day")]),
    Entry(
        "grants",
        _("Funding"),
        "landmark",
        [
            ("grants:applications", "grants.view_application"),
            ("grants:programmes", "grants.view_programme"),
        ],
    ),
    Entry(
        "invoicing",
        _("Billing"),
        "receipt-euro",
        [
            ("invoicing:to_bill", "invoicing.view_to_bill"),
            ("invoicing:invoices", "invoicing.view_invoice"),
        ],
        _("Invoices"),
    ),
    Entry(
        "reports",
        _("Reports"),
        "chart-column",
        [("invoicing:report_home", "invoicing.view_report")],
    ),
)
SETUP = (
    Entry(
        "organisations",
        _("Organisations"),
        "building-2",
        [("crm:organisations", "crm.view_organisation")],
    ),
    Entry("contacts", _("Contacts"), "contact", [("crm:contacts", "crm.view_contact")]),
    Entry("tasks", _("Tasks"), "list-todo", [("crm:tasks", "crm.view_coop")]),
    Entry("kit", _("Starting kit"), "list-checks", [("crm:kit", "crm.manage_kit")]),
    Entry("my_feed", _("My agenda"), "calendar-sync", [("my_feed", "essaim.own_feed")]),
    Entry("issuer", _("Our structure"), "stamp", [("crm:issuer", "crm.view_issuer")]),
    Entry(
        "reasons",
        _("What needs attention"),
        "bell-dot",
        [("reasons", "essaim.manage_reasons")],
    ),
    Entry("users", _("People and roles"), "users", [("users", "essaim.manage_users")]),
    Entry("imports", _("Bring data in"), "file-up", [("imports", "essaim.import_data")]),
    Entry(
        "leaving",
        _("Hand over"),
        "arrow-right-left",
        [("leaving", "essaim.hand_over")],
        feature=features.SEVERAL_PEOPLE,
    ),
    Entry(
        "features", _("What we use"), "toggle-right", [("start:features", "essaim.manage_users")]
    ),
    Entry("sample", _("Examples"), "sprout", [("start:sample", "essaim.manage_users")]),
    Entry("tables", _("Legal tables"), "scale", [("legal_figures", "essaim.manage_tables")]),
)
ACCOUNT = (Entry("my_account", _("My account"), "circle-user-round", [("my_account", "")]),)
FOR_THE_BAR = ("today", "crm", "invoicing", "missions", "grants")


@lru_cache(maxsize=256)
def _address(name: str, _urlconf: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def address(name: str) -> str:
    """The address of a page by name, "" when no such page is built."""
    return _address(name, str(get_urlconf() or settings.ROOT_URLCONF))


def _open(entry: Entry, user: Any, section: str) -> Link | None:
    for name, permission in entry.ways:
        url = address(name)
        if url and (not permission or user.has_perm(permission)):
            if entry.feature and not features.is_on(entry.feature):
                return None
            current = entry.key == section
            return Link(
                entry.key, entry.label, entry.short or entry.label, entry.icon, url, current
            )
    return None


def section_of(request: HttpRequest) -> str:
    """The entry of the rail a page belongs to, read from its address name."""
    match = request.resolver_match
    if match is None:
        return ""
    if match.url_name and match.url_name.startswith("report"):
        return "reports"
    if match.url_name == "dashboard":
        return "today"
    return match.namespace or (match.url_name or "")


def nav_for(user: Any, section: str = "") -> Nav:
    """What this person may open, from the role table; an address not built yet is left out."""
    if not getattr(user, "is_authenticated", False):
        return Nav()
    account = [link for e in ACCOUNT if (link := _open(e, user, section))]
    if not user.role_codes:
        return Nav(account=account)
    rail = [link for e in RAIL if (link := _open(e, user, section))]
    by_key = {link.key: link for link in rail}
    bar = [by_key[key] for key in FOR_THE_BAR if key in by_key][:3]
    return Nav(
        rail=rail,
        bar=bar,
        setup=[link for e in SETUP if (link := _open(e, user, section))],
        account=account,
        log=address("missions:log") if user.has_perm("missions.log_day") else "",
        note=address("crm:note_start") if user.has_perm("crm.change_note") else "",
        search=address("search"),
        help=address("help"),
        keys=address("help_keys"),
    )


def personas() -> list[User]:
    """The people of the demonstration, one sign-in button each."""
    return list(User.objects.active()[:12]) if settings.DEMO else []


def shell(request: HttpRequest) -> dict[str, Any]:
    """`today`, `nav` (worked out when a template reads it), `demo`, `brand`."""
    user = getattr(request, "user", None)
    return {
        "today": timezone.localdate(),
        "nav": SimpleLazyObject(lambda: nav_for(user, section_of(request))),
        "demo": settings.DEMO,
        "demo_people": SimpleLazyObject(personas),
        "brand": BRAND,
    }
