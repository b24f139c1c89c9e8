"""A move asked by a card of the board: answered in its place instead of on a page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm import actions
from crm.actions.board import moved_meanwhile
from crm.moves import StageMove
from crm.stages import RANK
from essaim import workflow
from essaim.views import TransitionPage
from essaim.views.pages import log_refusal
from essaim.workflow import Missing

KEPT = ("show", "detail")


class FromBoard(TransitionPage):
    """`seen` is the stage where the card stood, `board` the filters of the board it stands on."""

    # The board is one page for many moves: what is asked, from what was seen, tells them apart.
    asks_again = False

    @cached_property
    def seen(self) -> str:
        """The stage the person saw; "" when the move comes from its own page."""
        asked = self.request.POST.get("seen", "") if self.request.htmx else ""
        return asked if asked in RANK and self.edge in ("advance", "go_back") else ""

    def perform(self, form: Any) -> Any:
        if not self.seen:
            return super().perform(form)
        return actions.carry(self.object, seen=self.seen, **form.cleaned_data, **self.act())

    def done(self, done: Any) -> HttpResponseBase:
        if not self.seen:
            return super().done(done)
        words = _("%(coop)s: now at the stage “%(stage)s”.")
        said = {"coop": str(self.object.coop), "stage": done.get_stage_display()}
        messages.success(self.request, words % said)
        asked = QueryDict(self.request.POST.get("board", ""))
        query = QueryDict(mutable=True)
        query.update({name: asked[name] for name in KEPT if name in asked})
        return redirect(f"{reverse('crm:board')}?{query.urlencode()}")

    def not_done(self, form: Any, missing: list[Missing]) -> HttpResponse:
        if not self.seen:
            return super().not_done(form, missing)
        return self.explain(missing, status=409)

    def invalid(self, form: Any) -> HttpResponse:
        if not self.seen:
            return super().invalid(form)
        if self.object.stage != self.seen:
            return self.explain([moved_meanwhile(self.object)], status=409)
        data = StageMove(to=str(form.data.get("to", "")), effective_on=self.today)
        barred = workflow.missing(
            self.object, self.edge, by=self.request.user, on=self.today, data=data
        )
        # The form's « not one of the choices » says less than the rule itself.
        told = {item.code for item in barred}
        named = [(n, e) for n, errors in form.errors.items() for e in errors if n not in told]
        labels = {n: str(form.fields[n].label) for n in form.fields}
        wrong = [Missing(n, f"{labels.get(n, '')} : {e}".lstrip(" :")) for n, e in named]
        return self.explain([*wrong, *barred], status=422)

    def explain(self, missing: list[Missing], *, status: int) -> HttpResponse:
        """Why the card stays, with what mends it."""
        log_refusal(self.request, "refused:" + ",".join(m.code for m in missing))
        held = type(self.object).objects.get(pk=self.object.pk)
        has_moved = any(m.code == "moved" for m in missing)
        to = self.request.POST.get("to", "")
        page = reverse("crm:move", args=(self.object.coop_id, self.edge))
        words = _("Moved meanwhile") if has_moved else _("Stays at “%(stage)s”")
        context = {
            "heading": words % {"stage": held.get_stage_display()} if not has_moved else words,
            "missing": missing,
            "has_moved": has_moved,
            "has_warning": bool(missing) and all(m.level == "warn" for m in missing),
            "page_url": "" if has_moved or to not in RANK else f"{page}?to={to}",
        }
        return render(self.request, "crm/_board_refused.html", context, status=status)
