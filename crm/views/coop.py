"""The page of a coop, and the forms that change its facts."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm import actions, board, coop_page, forms
from crm.actions.common import writable
from crm.models import Accompaniment, Contact, ContactRole, Coop, Task
from crm.moves import StageMove
from crm.stages import RANK, Stage
from essaim.views import Action, FormPage, Page
from essaim.why import Way, bars
from essaim.workflow import Missing, Refused, edges

# Words on the buttons of the header; the others go to the menu.
AHEAD = ("advance", "resume", "reopen", "reopen_closed")


class CoopPart(FormPage):
    """A form about the coop named in the address, and its accompaniment."""

    parent_model, parent_kwarg = Coop, "coop_pk"

    def get_parents(self) -> Any:
        return super().get_parents().select_related("organisation")

    @cached_property
    def accompaniment(self) -> Accompaniment:
        found = coop_page.current_of(self.request.user, self.parent)
        if found is None:
            raise Http404("crm.Accompaniment")
        return found

    def get_facts(self) -> str:
        return str(self.parent) if self.parent is not None else ""

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:coop", args=(self.parent.pk,))

    def get_back(self) -> Any:
        return (reverse("crm:coop", args=(self.parent.pk,)), str(self.parent))


class CoopForm(CoopPart):
    """A form that changes the coop: once it is only read, the reason stands instead of fields."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        writable(self.parent)
        return super().get(request, *args, **kwargs)


class CoopDetail(Page):
    """Facts, the stage and its kit, one timeline, panels."""

    explains = _("All you need before you call: where it stands, what was said, what comes next.")

    template_name = "crm/coop_detail.html"
    partial = "timeline"
    accompaniment: Any = None

    def load(self) -> None:
        self.accompaniment = coop_page.current_of(self.request.user, self.kwargs["pk"])
        if self.accompaniment is None:
            raise Http404("crm.Coop")
        self.object = self.accompaniment.coop

    def get_title(self) -> str:
        return str(self.object)

    def get_facts(self) -> str:
        row, coop = self.accompaniment, self.object
        parts = [
            coop.commune,
            str(row.path),
            str(row.get_stage_display()),
            str(row.get_activity_display()).lower() if row.activity != "active" else "",
        ]
        return " · ".join(part for part in parts if part)

    def get_back(self) -> Any:
        return (reverse("crm:board"), _("Coops"))

    def link(self, name: str) -> str:
        return reverse(f"crm:{name}", args=(self.object.pk,))

    @cached_property
    def moves(self) -> list[tuple[str, str, str]]:
        found = edges(self.accompaniment, self.request.user)
        return [
            (edge.name, edge.label, reverse("crm:move", args=(self.object.pk, edge.name)))
            for edge in found
            if edge.allowed and self.makes_sense(edge.name)
        ]

    def makes_sense(self, edge: str) -> bool:
        row = self.accompaniment
        if edge == "place":
            return False
        ranks = [RANK[s.stage] for s in self.stages]
        if edge in ("advance", "go_back", "change_path", "finish") and row.activity != "active":
            return False
        if edge == "advance":
            return any(rank > RANK[row.stage] for rank in ranks)
        return edge != "go_back" or any(rank < RANK[row.stage] for rank in ranks)

    def ahead(self) -> list[Way]:
        """The next steps as buttons; one that lacks something says what."""
        act = {"user": self.request.user, "on": self.today}
        return [
            Way(name, label, url, "arrow-right", self.bars(name, **act))
            for name, label, url in self.moves
            if name in AHEAD
        ]

    def bars(self, edge: str, *, user: Any, on: Any) -> list[Missing]:
        """What bars a step; to go on, what the next stage of the path asks."""
        row, data = self.accompaniment, None
        if edge == "advance":
            later = [s.stage for s in self.stages if RANK[s.stage] > RANK[row.stage]]
            data = StageMove(to=later[0], effective_on=on)
        return bars(row, edge, user=user, on=on, url=self.link("coop"), data=data)

    @cached_property
    def stages(self) -> list[Any]:
        return list(self.accompaniment.path.stages.all())

    def get_context(self, **more: Any) -> dict[str, Any]:
        context = super().get_context(**more)
        context |= self.timeline()
        if self.request.htmx and not self.request.htmx.boosted:
            return context
        return context | self.panels()

    def timeline(self) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        before = coop_page.from_cursor(self.request.GET.get("before", ""))
        entries, cursor = coop_page.timeline_of(
            self.object, user=self.request.user, kind=kind, before=before
        )
        here = self.link("coop")
        known = [(k, coop_page.KINDS.get(k, k)) for k in coop_page.kinds()]
        tabs = [(_("The whole timeline"), f"{here}#timeline", kind not in dict(known), None)]
        tabs += [(label, f"{here}?kind={k}#timeline", k == kind, None) for k, label in known]
        query = f"kind={kind}&" if kind else ""
        return {
            "entries": entries,
            "icons": coop_page.ICONS,
            "tabs": tabs,
            "next_url": f"{here}?{query}before={cursor}#timeline" if cursor else "",
            "timeline_back": f"{here}#timeline" if before else "",
        }

    def panels(self) -> dict[str, Any]:
        row, coop, user = self.accompaniment, self.object, self.request.user
        blocks = coop_page.kit_of(row, self.stages, self.today, user=user)
        limit = board.limit_of(row, self.stages)
        people = ContactRole.objects.filter(organisation=coop.organisation_id, until=None)
        people = people.filter(contact__in=Contact.objects.visible_to(user))
        past_set_up = RANK[row.stage] >= RANK[Stage.SET_UP]
        return {
            "coop": coop,
            "accompaniment": row,
            "moves_ahead": self.ahead(),
            "moves_rest": [(m[1], m[2]) for m in self.moves if m[0] not in AHEAD],
            "steps": coop_page.steps_of(row, self.stages, blocks),
            "kit_now": [b for b in blocks if b.is_current],
            "kit_rest": [b for b in blocks if not b.is_current and self.is_asked(b, past_set_up)],
            "milestones": list(row.milestones.all()),
            "merged_here": coop_page.merged_here(row, user),
            "may_date": past_set_up and not row.is_read_only,
            "age": row.age_days(self.today),
            "limit": limit,
            "members": list(coop.member_counts.all()[:200]),
            "people": list(people.select_related("contact").order_by("contact__sort_key")[:12]),
            "tasks": list(
                Task.objects.visible_to(user)
                .open()
                .filter(coop=coop)
                .select_related("owner")
                .order_by("due_on", "pk")[:10]
            ),
            "may_write": not row.is_read_only and user.has_perm("crm.change_coop"),
            "may_tick": not row.is_read_only and user.has_perm("crm.tick_kit"),
        }

    @staticmethod
    def is_asked(block: Any, past_set_up: bool) -> bool:  # noqa: FBT001
        return block.key not in ("company", "opening") or past_set_up


class CoopNew(FormPage):
    title, form_class = _("New coop"), forms.CoopNewForm
    explains = _("Its name and its commune are enough: the rest can be filled in as you meet.")
    submit_label = _("Welcome the coop")
    success_message = _("The coop is welcomed.")

    def get_back(self) -> Any:
        return (reverse("crm:board"), _("Coops"))

    def get_actions(self) -> list[Action]:
        address = reverse("crm:take_over")
        permission = "crm.take_over_accompaniment"
        return [Action(_("Take over a coop under way"), address, "history", permission)]

    def perform(self, form: Any) -> Coop:
        data = dict(form.cleaned_data)
        if not data.pop("same"):
            self.look_for_twins(data["legal_name"], form)
        data["city"] = data["commune"]
        return actions.create_coop(**data, **self.act())

    def look_for_twins(self, name: str, form: Any) -> None:
        found = actions.likely_duplicates(name, user=self.request.user)
        if not found:
            return
        # The next click says it is another one.
        form.data = form.data.copy()
        form.data["same"] = "on"
        raise Refused(
            [
                Missing(
                    "twin",
                    _("“%(name)s” is already known. Save again if it is another one.")
                    % {"name": twin},
                    twin.get_absolute_url(),
                )
                for twin in found
            ]
        )


class TakeOver(FormPage):
    title, form_class = _("Take over a coop under way"), forms.TakeOverForm
    explains = _("It is placed at its stage; earlier kit items are marked “before the take-over”.")
    submit_label = _("Take the coop over")
    success_message = _("The coop is taken over.")

    def get_back(self) -> Any:
        return (reverse("crm:board"), _("Coops"))

    def perform(self, form: Any) -> Coop:
        data = dict(form.cleaned_data)
        data["city"] = data["commune"]
        return actions.take_over(**data, **self.act())


class CoopEdit(CoopForm):
    model, pk_kwarg, form_class = Coop, "coop_pk", forms.CoopEditForm
    title, success_message = _("Facts of the coop"), _("Saved.")
    explains = _("What everybody reads of the coop; its stage and its owner change elsewhere.")
    select_related = ("organisation",)

    def perform(self, form: Any) -> Coop:
        return actions.edit_coop(self.object, **form.cleaned_data, **self.act())


class Members(CoopForm):
    form_class, title = forms.MembersForm, _("Member count")
    explains = _("Two numbers and their source: registered members, and those who are active.")
    success_message = _("The count is noted.")

    def perform(self, form: Any) -> Any:
        return actions.count_members(self.parent, **form.cleaned_data, **self.act())


class DateMilestone(CoopForm):
    form_class, title = forms.MilestoneForm, _("Date a milestone")
    explains = _("Company founded, doors opened: deadlines and reports count from these dates.")
    success_message = _("The milestone is dated.")

    def get_initial(self) -> dict[str, Any]:
        return {"kind": self.request.GET.get("kind", "")}

    def perform(self, form: Any) -> Any:
        return actions.date_milestone(self.accompaniment, **form.cleaned_data, **self.act())


class Block(CoopForm):
    form_class, title = forms.BlockForm, _("Say what blocks")
    explains = _("The reason shows on the board until you say that nothing blocks any more.")

    def get_initial(self) -> dict[str, Any]:
        return {"reason": self.accompaniment.blocked_reason}

    def perform(self, form: Any) -> Any:
        return actions.block(self.accompaniment, **form.cleaned_data, **self.act())


class Unblock(CoopForm):
    title, submit_label = _("Nothing blocks any more"), _("Unblock")
    explains = _("The coop leaves the list of blocked ones; how long it was blocked stays known.")

    def perform(self, form: Any) -> Any:
        return actions.unblock(self.accompaniment, **self.act())


class NextAction(CoopForm):
    form_class, title = forms.NextForm, _("Next action")
    explains = _("One action, one date: the board shows it, and says so when it is late.")

    def get_initial(self) -> dict[str, Any]:
        row = self.accompaniment
        return {"next_action": row.next_action, "next_action_on": row.next_action_on}

    def perform(self, form: Any) -> Any:
        return actions.plan_next(self.accompaniment, **form.cleaned_data, **self.act())


class Assign(CoopForm):
    form_class, title = forms.AssignForm, _("Who follows this coop")
    explains = _("Whoever follows the coop sees it among theirs, and receives what it needs.")

    def get_initial(self) -> dict[str, Any]:
        team = [str(pk) for pk in self.accompaniment.team.values_list("pk", flat=True)]
        return {"owner": self.accompaniment.owner, "team": team}

    def perform(self, form: Any) -> Any:
        return actions.assign(self.accompaniment, **form.cleaned_data, **self.act())


class Offer(CoopForm):
    title, submit_label = _("Offer the accompaniment"), _("Offer")
    explains = _("The accompaniment costs the coop nothing: no agreement is asked to go on.")
    success_message = _("The accompaniment is offered.")

    def perform(self, form: Any) -> Any:
        return actions.offer(self.accompaniment, **self.act())
