"""The search page, and the palette's answers."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim.search import query
from essaim.search.commands import commands_for
from essaim.search.rules import MOST_TYPED
from essaim.views.pages import Page

EACH, ONE_KIND, PALETTE = 5, 50, 4


class SearchPage(Page):
    """Everything one may see, by kind; `kind` shows one kind in full."""

    title, template_name = _("Search"), "essaim/search.html"
    explains = _("Looks in all that you may see, whatever the accents, from a part of a word.")

    def asked(self) -> str:
        return " ".join(self.request.GET.get("q", "")[:MOST_TYPED].replace("\x00", " ").split())

    def get_context(self, **more: Any) -> dict[str, Any]:
        asked, user = self.asked(), self.request.user
        known = {query.slug(a): a for a in query.kinds_for(user)}
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in known else ""
        here = reverse("search")
        answer = query.find(user, asked, most=ONE_KIND if kind else EACH, kind=kind)
        groups = [
            (group, f"{here}?{urlencode({'q': asked, 'kind': group.kind})}")
            for group in answer.groups
        ]
        return super().get_context(**more) | {
            "q": asked,
            "most_typed": MOST_TYPED,
            "kind": kind,
            "kind_label": known[kind].label if kind else "",
            "answer": answer,
            "groups": groups,
            "all_url": f"{here}?{urlencode({'q': asked})}",
            "is_short": bool(asked) and not answer.terms,
            "recent": [] if asked else query.recent(user),
        }


class Palette(SearchPage):
    """The same answers, as the list that the palette shows; without words, where one was."""

    def show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        asked, user = self.asked(), self.request.user
        answer = query.find(user, asked, most=PALETTE)
        context = {
            "q": asked,
            "groups": answer.groups,
            "is_partial": answer.is_partial,
            "commands": commands_for(user, asked),
            "recent": [] if asked else query.recent(user),
            "all_url": f"{reverse('search')}?{urlencode({'q': asked})}",
        }
        return render(self.request, "essaim/palette.html", context, status=status)
