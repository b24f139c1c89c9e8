"""Aujourd'hui: what needs this person now; and the one-button sign-in of the demonstration."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST

from essaim.context_processors import address
from essaim.formats import long_date_fr
from essaim.hooks import WorkReason, beginnings
from essaim.models import User
from essaim.reasons import BY_CODE, Reason, read_once
from essaim.views.pages import Action, Page, no_role
from essaim.waiting import Tally, part_of, tallies, waiting_for

SHOWN = 25
# What the cards at the top tell already is not told a second time in the list.
ON_CARDS = frozenset({"repeat_day", "days_without_note"})


@dataclass(frozen=True, slots=True)
class Part:
    """Late, for today or coming: its first lines, each with the reason it stands under."""

    name: str
    lines: list[tuple[WorkReason, Reason | None]]
    count: str
    hidden: int


class TodayPage(Page):
    """What needs me today, asked of every room; each room caps its own answer."""

    title = gettext_lazy("Today")
    explains = gettext_lazy(
        "What waits for you today, the most pressing first; empty means all is well."
    )
    template_name = "essaim/today.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.role_codes:
            # The first page after sign-in explains; every other one refuses.
            return no_role(request, status=200)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (url := self.beginning()) and not request.session.get("was_shown_the_start"):
            request.session["was_shown_the_start"] = True
            return redirect(url)
        # The cards of the page read the same table as its list: once for both.
        with read_once():
            return super().get(request, *args, **kwargs)

    def beginning(self) -> str:
        """Where the person begins whose office has nothing yet; once a session, then the card."""
        if not self.request.user.has_perm("essaim.manage_users"):
            return ""
        return next((url for ask in beginnings.all() if (url := ask(self.request.user))), "")

    def get_facts(self) -> Any:
        return long_date_fr(self.today)

    def get_actions(self) -> list[Action]:
        """The dashboard of those who pilot; and where the office says what is told."""
        page = address("invoicing:dashboard")
        found = [Action(_("Dashboard"), page, "gauge", "crm.view_analytics")] if page else []
        settings_page = Action(
            _("What needs attention"), reverse("reasons"), "bell-dot", "essaim.manage_reasons"
        )
        return [*found, settings_page]

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = waiting_for(self.request.user, on=self.today)
        found = [r for r in found if r.code not in ON_CARDS]
        counted = tallies(found)
        chosen = self.request.GET.get("reason", "")
        if chosen not in {tally.code for tally in counted}:
            chosen = ""
        shown = [r for r in found if chosen in ("", r.code)]
        return super().get_context(
            parts=list(self.parts(shown, {t.code for t in counted if t.is_more})),
            tabs=self.tabs(counted, chosen),
            **more,
        )

    def parts(self, found: Sequence[WorkReason], is_more: Set[str]) -> Iterator[Part]:
        """What is late, what is for today, what comes; each shows its first lines.

        `is_more`: the reasons a room capped.
        """
        most = len(found) if "all" in self.request.GET else SHOWN
        names = (_("Late"), _("For today"), _("Coming next"))
        for index, some in groupby(found, key=lambda r: part_of(r, self.today)):
            told = list(some)
            lines = [(r, BY_CODE.get(r.code)) for r in told[:most]]
            # A line may stand for several things: the tabs count things, and so do we.
            things = sum(r.count for r in told)
            more = "+" if is_more & {r.code for r in told} else ""
            yield Part(names[index], lines, f"{things}{more}", len(told) - len(lines))

    def tabs(self, counted: Sequence[Tally], chosen: str) -> list[tuple[Any, str, bool, Any]]:
        """One tab a reason with its count, once there are several."""
        if len(counted) < 2:
            return []
        here = reverse("today")
        total = sum(tally.count for tally in counted)
        more = "+" if any(tally.is_more for tally in counted) else ""
        every = (pgettext("reasons", "All"), here, not chosen, f"{total}{more}")
        return [every] + [
            (t.label, f"{here}?reason={t.code}", t.code == chosen, t.written) for t in counted
        ]


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in as a person of the demonstration; nothing at this address elsewhere."""
    if not settings.DEMO:
        raise Http404("demonstration only")
    user = User.objects.active().filter(email=request.POST.get("email", "")).first()
    if user is None:
        raise Http404("nobody")
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return redirect(wanted if wanted and is_ours else "today")
