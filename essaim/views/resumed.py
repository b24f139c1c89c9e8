"""A form whose sender had been signed out: what was typed waits, and comes back after sign-in."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from django.forms import PasswordInput
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone

from essaim import form_tokens
from essaim.views.pages import Page
from essaim.views.sent import OFFLINE

STORE: Final = "form_kept"
MOST: Final = 150_000  # characters: more than any form of ours holds
LASTS: Final = timedelta(hours=12)


def keep(request: HttpRequest, page: type[Page], why: str) -> bool:
    """Keep in the session what was typed; False when there is nothing of ours to keep.

    Neither files nor passwords; only the person the form was made for gets it back.
    """
    sent = form_tokens.read(request)
    if sent is None:
        return False
    fields = getattr(getattr(page, "form_class", None), "base_fields", {})
    secret = {n for n, one in fields.items() if isinstance(one.widget, PasswordInput)}
    left_out = secret | {"csrfmiddlewaretoken"}
    data = [[name, values] for name, values in request.POST.lists() if name not in left_out]
    if len(json.dumps(data)) > MOST:
        return False
    request.session[STORE] = {
        "user": sent.user_pk,
        "path": request.get_full_path(),
        "at": timezone.now().isoformat(),
        "data": data,
        "had_files": bool(request.FILES),
        "why": why,
    }
    return True


def take_back(request: HttpRequest) -> dict[str, Any] | None:
    """What this person had typed at this address, once."""
    held = request.session.get(STORE)
    if held is None:
        return None
    is_old = timezone.now() - datetime.fromisoformat(held["at"]) > LASTS
    if held["user"] != request.user.pk or is_old:
        del request.session[STORE]
        return None
    if held["path"] != request.get_full_path():
        return None
    del request.session[STORE]
    return dict(held)


def typed_again(request: Any, held: dict[str, Any]) -> None:
    """Make the request one that brings what was typed: the form is shown filled, not recorded."""
    data = QueryDict(mutable=True)
    for name, values in held["data"]:
        data.setlist(name, values)
    # Read first: asked for later, the files would put an empty form back in the place of this one.
    _no_file = request.FILES
    request.POST, request.method = data, "POST"


class Resumed(Page):
    """A form page that waits for whoever had been signed out."""

    resumed: dict[str, Any] | None = None

    def to_sign_in(self) -> HttpResponseBase:
        if self.was_offline:
            return HttpResponse(status=401)
        if self.request.method == "POST":
            keep(self.request, type(self), "signed_out")
        return super().to_sign_in()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The token against forgery is no longer the right one: signing in elsewhere changed it.

    The form's own key tells that the page was ours and this person's: it comes back filled in, to
    be read again; nothing is recorded.
    """
    page = _page_at(request.path)
    sent = form_tokens.read(request)
    mine = sent is not None and request.user.pk in (None, sent.user_pk)
    mine = mine and OFFLINE not in request.headers
    if page is not None and mine and keep(request, page, "too_old"):
        return redirect(request.get_full_path())
    answer: HttpResponse = render(request, "403_csrf.html", {"reason": reason}, status=403)
    return answer


def _page_at(path: str) -> type[Page] | None:
    try:
        found = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return None
    return found if isinstance(found, type) and issubclass(found, Resumed) else None
