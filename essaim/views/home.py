"""Aujourd'hui: what needs this person now; and the one-button sign-in of the demonstration."""

from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from essaim import reasons
from essaim.hooks import WorkReason, work_reasons
from essaim.models import User
from essaim.views.pages import Page, no_role

PER_ROOM = 50


class TodayPage(Page):
    """What needs me today, asked of every room; each room caps its own answer."""

    title = gettext_lazy("Today")
    template_name = "essaim/today.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not request.user.role_codes:
            # The first page after sign-in explains; every other one refuses.
            return no_role(request, status=200)
        return super().dispatch(request, *args, **kwargs)

    def get_facts(self) -> Any:
        return date_format(self.today, "l j F Y").lower()

    def get_context(self, **more: Any) -> dict[str, Any]:
        user, on = self.request.user, self.today
        with reasons.read_once():
            asked = [r for ask in work_reasons.all() for r in ask(user, on=on, limit=PER_ROOM)]
            found = [r for r in asked if reasons.is_on(r.code)]
        found.sort(key=lambda r: (_part(r, on), r.order, r.due_on or date.max, str(r.title)))
        names = (_("Late"), _("For today"), _("Coming next"))
        parts = [
            (names[index], list(told)) for index, told in groupby(found, key=lambda r: _part(r, on))
        ]
        return super().get_context(parts=parts, **more)


def _part(reason: WorkReason, on: date) -> int:
    """0 late, 1 for today (or without a date), 2 later."""
    if reason.due_on is None:
        return 1
    return 0 if reason.due_on < on else 1 if reason.due_on == on else 2


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in as a person of the demonstration; nothing at this address elsewhere."""
    if not settings.DEMO:
        raise Http404("demonstration only")
    user = User.objects.active().filter(email=request.POST.get("email", "")).first()
    if user is None:
        raise Http404("nobody")
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect("today")
