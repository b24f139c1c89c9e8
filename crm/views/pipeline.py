"""The pipeline: the board, the table, and the page of each move."""

from functools import partial
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from crm import actions, board, forms
from crm.filters import CoopFilter
from crm.models import Accompaniment, Coop
from crm.moves import StageMove
from crm.stages import PHASE_OF, RANK, Activity
from crm.views.from_board import FromBoard
from essaim import workflow
from essaim.formats import capped as written
from essaim.views import Action, Chips, Column, ListPage, Page
from essaim.workflow import Missing, UnknownEdge

SHOW = (
    ("", _("All coops")),
    ("mine", _("Mine")),
    ("blocked", _("Blocked")),
    ("late", _("Past the limit")),
)


def _with(address: str, data: Any, *kept: str, **changes: str) -> str:
    """An address that keeps some filters of this page, or all of them, and changes others."""
    query = data.copy()
    for name in [n for n in query if (kept and n not in kept) or n in ("after", *changes)]:
        del query[name]
    query.update({name: value for name, value in changes.items() if value})
    return f"{address}?{query.urlencode()}" if query else address


class Board(Page):
    """Phases as columns; the stage is a line on the card."""

    template_name = "crm/board.html"
    partial = "board"
    title = _("Coops")
    explains = _("Who stands where, what blocks, what comes next: move a card when a step is done.")
    about = "etape"

    def get_primary(self) -> Action:
        return Action(_("New coop"), reverse("crm:coop_new"), "plus", "crm.add_coop")

    def get_actions(self) -> list[Action]:
        detail = self.request.GET.get("detail", "")
        found = [
            Action(_("Table"), _with(reverse("crm:table"), self.request.GET, "show"), "rows-3"),
            Action(_("Analysis"), reverse("crm:analytics"), "chart-column", "crm.view_analytics"),
        ]
        if detail:
            address = _with(reverse("crm:board"), self.request.GET, "show")
            found.append(Action(_("Fold the stages"), address, "fold-horizontal"))
        else:
            address = _with(reverse("crm:board"), self.request.GET, "show", detail="all")
            found.append(Action(_("Detail the stages"), address, "unfold-horizontal"))
        return found

    def get_context(self, **more: Any) -> dict[str, Any]:
        chips = Chips("show", SHOW, lambda rows, *_: rows, _("Coops shown"))
        show = chips.chosen(self.request.GET)
        columns = board.columns_for(self.request.GET.get("detail", ""))
        paths = board.stages_of_paths()
        user = self.request.user
        counts = board.fill(columns, user=user, on=self.today, show=show, paths=paths)
        self.facts = self.told(counts)
        context = super().get_context(**more)
        return context | {
            "columns": columns,
            "chips": [(chips, show)],
            "show": show,
            "counts": counts,
            "is_empty": not any(column.cards for column in columns),
            "finished": [] if self.request.htmx else self.finished(),
            "may_move": user.has_perm("crm.move_accompaniment"),
            "words": self.words(),
        }

    def words(self) -> dict[str, str]:
        """What the script of the board says, in the reader's language."""
        return {
            "today": self.today.isoformat(),
            "moving": gettext("Moving {coop}…"),
            "title": gettext("Move {coop}"),
            "skipped": gettext("Passed over: {stages}."),
            "none": gettext("The path of {coop} has no stage in this column."),
            "paused": gettext("Paused: resume it before moving it on."),
            "offline": gettext("No answer: the coop has not moved. Try again once connected."),
            "forbidden": gettext(
                "You can't move this coop: ask the person who follows it, or reload the page."
            ),
            "gone": gettext("This coop is no longer among those you see: reload the page."),
            "broken": gettext("Something went wrong: the coop has not moved."),
            "close": gettext("Close"),
        }

    def told(self, counts: dict[str, int]) -> str:
        parts = [
            ngettext("%(n)s coop", "%(n)s coops", counts["all"]) % {"n": written(counts["all"])},
            ngettext("%(n)s blocked", "%(n)s blocked", counts["blocked"])
            % {"n": written(counts["blocked"])},
            gettext("%(n)s past the limit") % {"n": written(counts["late"])},
        ]
        return " · ".join(parts)

    def finished(self) -> list[Accompaniment]:
        """The strip: the last ones that ended, whatever the way."""
        rows = Accompaniment.objects.visible_to(self.request.user).exclude(ended_on=None)
        rows = rows.select_related("coop__organisation").order_by("-ended_on", "-pk")
        return list(rows[:8])


def _by_phase(rows: Any, value: str, page: Any) -> Any:
    return rows.filter(stage__in=[code for code, phase in PHASE_OF.items() if phase == value])


def _by_show(rows: Any, value: str, page: Any) -> Any:
    late = board.past_limit(page.paths, page.today) if value == "late" else Q()
    return board.narrowed(rows, value, page.request.user, late)


class Table(ListPage):
    """The same coops as a table, with every filter and the ended ones."""

    model, title = Accompaniment, _("Coops")
    order = ("coop__organisation__sort_key",)
    select_related = ("coop__organisation", "owner", "path")
    search_fields = ("coop__organisation__search_key", "coop__commune")
    search_label = _("Name or commune")
    filterset_class = CoopFilter
    columns = (
        Column(_("Coop"), "coop", phone="title"),
        Column(_("Commune"), "coop.commune", phone="hide"),
        Column(_("Stage"), "get_stage_display", phone="sub"),
        Column(_("Activity"), "activity", "badge", phone="badge"),
        Column(_("Age / limit"), template="crm/cells/age.html", phone="side", end=True),
        Column(_("Next action, or what blocks"), template="crm/cells/next.html"),
        Column(_("Followed by"), "owner", "person", phone="amount"),
    )
    chips = (
        Chips("show", SHOW, _by_show, _("Coops shown")),
        Chips(
            "phase",
            (("", _("Every phase")), *((p.value, p.label) for p in board.PHASES)),
            _by_phase,
            _("Phase"),
        ),
        Chips(
            "sort",
            (("", _("By name")), ("age", _("Longest in their stage first"))),
            lambda rows, *_: rows,
            _("Sorted"),
        ),
    )
    empty_title = _("No coop yet.")
    explains = _("Every coop in one line, ended ones too: sort them with the filters.")
    about = "accompagnement"
    empty_text = _("Welcome a first one: its name, its commune, who follows it.")

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.paths = board.stages_of_paths() if request.user.is_authenticated else {}
        if request.GET.get("sort") == "age":
            self.order = ("stage_since",)

    def get_queryset(self) -> Any:
        """Ended ones show once the filter names them."""
        rows: Any = super().get_queryset()
        named = self.request.GET.get("activity", "")
        return rows if named == "all" or named in Activity.values else rows.live()

    def row_url(self, row: Accompaniment) -> str:
        return row.get_absolute_url()

    def limit_of(self, row: Accompaniment) -> int | None:
        return board.limit_of(row, self.paths.get(row.path_id, ()))

    def get_primary(self) -> Action:
        return Action(_("New coop"), reverse("crm:coop_new"), "plus", "crm.add_coop")

    def get_actions(self) -> list[Action]:
        given, table = self.request.GET, reverse("crm:table")
        ended = given.get("activity") == "all"
        return [
            Action(_("Board"), _with(reverse("crm:board"), given, "show"), "square-kanban"),
            Action(_("Under way only"), _with(table, given, activity=""), "funnel")
            if ended
            else Action(_("Ended ones too"), _with(table, given, activity="all"), "archive"),
        ]


class Move(FromBoard):
    """One page for every edge of an accompaniment, found by its coop."""

    model = Accompaniment
    forms = {
        "advance": forms.AdvanceForm,
        "go_back": forms.GoBackForm,
        "change_path": forms.PathForm,
        "pause": forms.PauseForm,
        "abandon": forms.AbandonForm,
        "release": forms.ReleaseForm,
        "merge": forms.MergeForm,
        "finish": forms.FinishForm,
        "reopen": forms.WhyForm,
        "reopen_closed": forms.WhyForm,
    }
    actions = {
        "advance": actions.move_on,
        "go_back": actions.go_back,
        "change_path": actions.take_path,
        "pause": actions.pause,
        "resume": actions.resume,
        "abandon": actions.abandon,
        "release": actions.release,
        "merge": actions.merge,
        "finish": actions.finish,
        "reopen": partial(actions.reopen, edge="reopen"),
        "reopen_closed": partial(actions.reopen, edge="reopen_closed"),
    }
    helps = {
        "change_path": _("The kit keeps what is done; the new path asks its own items."),
        "merge": _("Nothing moves: this coop becomes read-only, both histories stay readable."),
        "pause": _("Reminders stop until the review date; the pause is left out of durations."),
        "resume": _("The pause is left out of durations."),
        "abandon": _("Each open mission, expected payment and unpaid invoice gets a decision."),
        "release": _("The coop goes on without us; nothing is deleted."),
        "finish": _("Stage and activity end together; it can be reopened with a reason."),
        "go_back": _("Nothing is deleted: the kit keeps what is done."),
    }

    def pick(self, rows: Any, key: Any) -> Any:
        rows = rows.filter(coop__in=Coop.objects.filter(pk=key))
        found = list(rows.select_related("coop__organisation", "path").order_by("-pk")[:20])
        if not found:
            raise Http404("crm.Accompaniment")
        return next((row for row in found if row.is_live), found[0])

    @property
    def moves(self) -> list[Any]:
        if self.edge == "place":
            # A coop is placed by a take-over alone.
            raise UnknownEdge("place")
        return super().moves

    def next_stage(self) -> str:
        """The next stage of the path, or the one the link asks for."""
        asked = self.request.GET.get("to", "")
        here = RANK[self.object.stage]
        later = [s.stage for s in self.object.path.stages.all() if RANK[s.stage] > here]
        return asked if asked in later else next(iter(later), "")

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        if self.edge == "advance":
            initial["to"] = self.next_stage()
        return initial

    def get_form_kwargs(self) -> dict[str, Any]:
        takes = issubclass(self.get_form_class(), forms.MoveForm)
        return {"accompaniment": self.object} if takes else {}

    def get_missing(self) -> list[Missing]:
        if self.edge != "advance" or not (to := self.next_stage()):
            return super().get_missing()
        data = StageMove(to=to, effective_on=self.today)
        return workflow.missing(
            self.object, "advance", by=self.request.user, on=self.today, data=data
        )

    def get_success_message(self, done: Any) -> Any:
        if self.edge in ("advance", "go_back"):
            return _("Now at the stage “%(stage)s”.") % {"stage": done.get_stage_display()}
        return super().get_success_message(done)

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:coop", args=(self.object.coop_id,))
