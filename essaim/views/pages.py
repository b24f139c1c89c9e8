"""The page every page starts from: who asks, what they ask about, whether they may."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import cached_property
from django_htmx.http import HttpResponseClientRedirect

from essaim.views.sent import SentOnce
from essaim.why import reserved
from essaim.workflow import Missing, Refused, UnknownEdge

log = logging.getLogger("essaim.refusals")
# Refusals that the end of a first sending explains.
MEANWHILE = (409, 422)


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a page header; shown only to those who hold its permission.

    `barred` lists what stands in its way: it is then drawn barred and says why. `told` shows it,
    barred, to those whose role does not open it, with who may.
    """

    label: Any
    url: Any
    icon: str = ""
    permission: str = ""
    key: str = ""
    barred: Sequence[Missing] = ()
    told: bool = False


def log_refusal(request: HttpRequest, reason: str) -> None:
    """Note who was refused what and why, with no word typed by anybody."""
    log.info("refused user=%s path=%s reason=%s", request.user.pk, request.path, reason)


def no_role(request: HttpRequest, *, status: int = 403) -> HttpResponse:
    """The calm page of a person who signed in and holds no role yet."""
    return render(request, "essaim/no_role.html", status=status)


class Page(SentOnce):
    """A page. `permission` is given in urls.py: `Page.as_view(permission="crm.view_coop")`.

    With `model`, the object named by `pk` in the address is `self.object`; with `parent_model`,
    the one named by `parent_kwarg` is `self.parent`. Both are looked up in `visible_to(user)`.
    """

    permission: str = ""
    title: Any = ""
    facts: Any = ""
    # What the page is for, in one sentence, under its title.
    explains: Any = ""
    # The word of the trade this page is about: a « ? » beside the title leads to its page.
    about: str = ""
    template_name: str = "essaim/page.html"
    partial: str = ""
    model: type[Model] | None = None
    pk_kwarg: str = "pk"
    parent_model: type[Model] | None = None
    parent_kwarg: str = "parent_pk"
    parent_field: str = ""
    select_related: Sequence[str] = ()
    primary: Action | None = None
    back: tuple[str, Any] | None = None
    object: Any = None
    parent: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self.to_sign_in()
        if not request.user.role_codes:
            log_refusal(request, "no_role")
            return no_role(request)
        answer = self.before() or self.answer_to(request, *args, **kwargs)
        if answer.status_code in MEANWHILE and self.sent is not None:
            answer = self.meanwhile() or answer
        return self.told_plainly(answer)

    def answer_to(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.load()
            self.check()
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            if (answer := self.meanwhile()) is not None:
                return answer
            log_refusal(request, "not_found")
            raise
        except PermissionDenied:
            log_refusal(request, "forbidden")
            raise
        except UnknownEdge:
            return self.bad_request("unknown_edge")
        except Refused as refused:
            return self.refused(refused)

    def get_way_back(self) -> str:
        """Where one is led after signing in: this page, or the one its button stood on."""
        if self.request.method != "POST" or self.asks_again:
            return str(self.request.get_full_path())
        came_from = urlsplit(self.request.META.get("HTTP_REFERER", ""))
        if came_from.netloc != self.request.get_host():
            return "/"
        return came_from.path + (f"?{came_from.query}" if came_from.query else "")

    # -- who and what ---------------------------------------------------------

    def to_sign_in(self) -> HttpResponseBase:
        answer = redirect_to_login(self.get_way_back())
        if getattr(self.request, "htmx", False):
            # A fragment must not receive the sign-in page in its middle.
            return HttpResponseClientRedirect(answer.url)
        return answer

    def load(self) -> None:
        """Find the objects the address names; what this person may not see does not exist."""
        if self.parent_model is not None and self.parent_kwarg in self.kwargs:
            self.parent = self.pick(self.get_parents(), self.kwargs[self.parent_kwarg])
        if self.model is not None and self.pk_kwarg in self.kwargs:
            self.object = self.pick(self.get_objects(), self.kwargs[self.pk_kwarg])

    def get_parents(self) -> QuerySet[Any]:
        return self.parent_model.objects.visible_to(self.request.user)

    def get_objects(self) -> QuerySet[Any]:
        """Rows this page may be about; extend it with select_related and prefetch."""
        rows = self.model.objects.visible_to(self.request.user)
        if self.parent is not None and self.parent_field:
            rows = rows.filter(**{self.parent_field: self.parent})
        return rows.select_related(*self.select_related) if self.select_related else rows

    def pick(self, rows: QuerySet[Any], key: Any) -> Any:
        try:
            return rows.get(pk=key)
        except (rows.model.DoesNotExist, ValueError, OverflowError):
            raise Http404(rows.model._meta.label) from None

    def check(self) -> None:
        """Raise PermissionDenied unless this person may open the page."""
        if not self.permission:
            raise PermissionDenied(f"{type(self).__name__} names no permission")
        if not self.request.user.has_perm(self.permission):
            raise PermissionDenied(self.permission)

    @cached_property
    def today(self) -> Any:
        """Today in Paris, read once."""
        return timezone.localdate()

    def act(self) -> dict[str, Any]:
        """What every action is given: by whom, on what date, at what instant."""
        return {"by": self.request.user, "on": self.today, "at": timezone.now()}

    # -- answers --------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.show()

    def get_title(self) -> Any:
        return self.title or (str(self.object) if self.object is not None else "")

    def get_facts(self) -> Any:
        """One line of facts under the title."""
        return self.facts

    def get_explains(self) -> Any:
        """What the page is for, in one sentence."""
        return self.explains

    def get_primary(self) -> Action | None:
        return self.primary

    def shown_primary(self) -> Action | None:
        """The primary action when this person may do it."""
        return offered(self.get_primary(), self.request.user)

    def get_actions(self) -> Sequence[Action]:
        """Secondary buttons of the header."""
        return ()

    def get_more_actions(self) -> Sequence[Action]:
        """What is done seldom: a menu beside the buttons."""
        return ()

    def get_back(self) -> tuple[str, Any] | None:
        """(url, label) of the page one comes from."""
        return self.back

    def get_context(self, **more: Any) -> dict[str, Any]:
        """What the template reads; extend it in the room's page."""
        user = self.request.user
        actions = (offered(action, user) for action in self.get_actions())
        more_actions = (offered(action, user) for action in self.get_more_actions())
        context = {
            "page": self,
            "object": self.object,
            "parent": self.parent,
            "title": self.get_title(),
            "facts": self.get_facts(),
            "explains": self.get_explains(),
            "about": self.about,
            "back": self.get_back(),
            "primary": self.shown_primary(),
            "actions": [action for action in actions if action is not None],
            "more_actions": [action for action in more_actions if action is not None],
        }
        return context | more

    def show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """Render the page, or its `partial` when htmx asks for a fragment."""
        name = self.template_name
        htmx = getattr(self.request, "htmx", None)
        if self.partial and htmx and not htmx.boosted and not htmx.history_restore_request:
            name = f"{name}#{self.partial}"
        answer = render(self.request, name, self.get_context(**more), status=status)
        answer["Vary"] = "HX-Request"
        return answer

    def bad_request(self, reason: str) -> HttpResponse:
        log_refusal(self.request, reason)
        return render(self.request, "400.html", status=400)

    def refused(self, refused: Refused) -> HttpResponse:
        """Answer 409 with the list of what is missing."""
        log_refusal(self.request, "refused:" + ",".join(m.code for m in refused.missing))
        context = {"missing": refused.missing, "page": self, "back": self.get_back()}
        return render(self.request, "essaim/refused.html", context, status=409)


def offered(action: Action | None, user: Any) -> Action | None:
    """The button as this person sees it: open, barred with who may, or not at all."""
    if action is None or not action.permission or user.has_perm(action.permission):
        return action
    return replace(action, barred=(reserved(action.permission),)) if action.told else None


class DetailPage(Page):
    """A page about one object: set `model` and `template_name`."""

    template_name = "essaim/detail.html"

    def load(self) -> None:
        super().load()
        if self.model is not None and self.object is None:
            raise Http404(self.model._meta.label)
