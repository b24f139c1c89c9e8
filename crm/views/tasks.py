"""Pages of tasks, and what one wants to be reminded of."""

from datetime import date
from typing import Any

from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_notes
from crm.models import Coop, Task, TaskMailing
from crm.views.coop import CoopForm
from essaim.views import Action, Chips, Column, FormPage, ListPage

FAR = date(9999, 12, 31)


def _kept(rows: Any, value: str, page: Any) -> Any:
    """The choice is made before, where the first option narrows too."""
    return rows


class TaskList(ListPage):
    """One's own tasks or everybody's; to do, late or done; of one coop when the address says so."""

    model, title, order = Task, _("Tasks"), ("by", "pk")
    select_related = ("coop__organisation", "owner")
    columns = (
        Column(_("What"), "what", phone="title"),
        Column(_("Coop"), "coop", phone="sub"),
        Column(_("Due on"), "due_on", "when", phone="side", due="is_open"),
        Column(_("Who"), "owner", "person", phone="amount"),
        Column(_("Done"), template="crm/cells/task_done.html", phone="badge"),
    )
    search_fields = ("what", "coop__organisation__search_key")
    chips = (
        Chips("of", (("", _("Mine")), ("all", _("Everybody’s"))), _kept, _("Tasks of")),
        Chips(
            "state",
            (("", _("To do")), ("late", _("Late")), ("done", _("Done"))),
            _kept,
            _("State"),
        ),
    )
    empty_title = _("Nothing to do.")
    explains = _("What there is to do and by when; a late task also shows on “Today”.")
    empty_text = _("Add a task here, from the page of a coop, or as the next action of a note.")
    empty_icon = "list-todo"

    @cached_property
    def coop(self) -> Coop | None:
        key = self.request.GET.get("coop", "")
        if not (key.isascii() and key.isdigit()):
            return None
        rows = Coop.objects.visible_to(self.request.user).select_related("organisation")
        return rows.filter(pk=key[:15]).first()

    def get_facts(self) -> str:
        return str(self.coop) if self.coop is not None else ""

    def get_queryset(self) -> Any:
        given = self.request.GET
        rows: Any = super().get_queryset().annotate(by=Coalesce("due_on", FAR))
        if self.coop is not None:
            rows = rows.filter(coop=self.coop)
        if given.get("of") != "all":
            rows = rows.filter(owner=self.request.user)
        if given.get("state") == "done":
            return rows.exclude(done_on=None)
        return rows.late(self.today) if given.get("state") == "late" else rows.open()

    def row_url(self, row: Task) -> str:
        return reverse("crm:task", args=(row.pk,))

    def get_primary(self) -> Action:
        address = reverse("crm:task_add")
        if self.coop is not None:
            address = reverse("crm:task_new", args=(self.coop.pk,))
        return Action(_("New task"), address, "plus", "crm.change_task")

    def get_actions(self) -> list[Action]:
        address = reverse("crm:task_mailing")
        return [Action(_("My reminders"), address, "bell", "crm.change_task")]

    def get_back(self) -> Any:
        return (self.coop.get_absolute_url(), str(self.coop)) if self.coop is not None else None


class TaskNew(CoopForm):
    form_class, title = forms_notes.TaskForm, _("New task")
    explains = _("Whoever it is given to finds it on “Today” when its day comes.")
    success_message = _("The task is noted.")

    def perform(self, form: Any) -> Task:
        return actions.add_task(coop=self.parent, **form.cleaned_data, **self.act())


class TaskAdd(FormPage):
    """A task of no coop: the office's own."""

    form_class, title = forms_notes.TaskForm, _("New task")
    success_message = _("The task is noted.")
    explains = _("For a task of one coop, start from the coop’s page.")

    def get_back(self) -> Any:
        return (reverse("crm:tasks"), _("Tasks"))

    def perform(self, form: Any) -> Task:
        return actions.add_task(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Task) -> str:
        return reverse("crm:tasks") + ("" if done.owner == self.request.user else "?of=all")


class TaskEdit(FormPage):
    """A task: its words, its date, who does it; done or to do again."""

    model, form_class, title = Task, forms_notes.TaskForm, _("Task")
    explains = _("Change its words, its date, or who does it.")
    template_name = "crm/task.html"
    select_related = ("coop__organisation", "owner", "note")
    success_message = _("Saved.")

    def get_facts(self) -> str:
        return str(self.object.coop) if self.object.coop_id else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kept": self.object.owner}

    def get_initial(self) -> dict[str, Any]:
        task = self.object
        return {"what": task.what, "due_on": task.due_on, "owner": task.owner}

    def get_context(self, **more: Any) -> dict[str, Any]:
        task = self.object
        note = task.note
        seen = note is not None and type(note).objects.visible_to(self.request.user)
        told = task.reminders.order_by("told_on", "pk").select_related("owner", "message")
        return super().get_context(**more) | {
            "note": note if seen and seen.filter(pk=note.pk).exists() else None,
            "reminders": list(told[:10]),
        }

    def perform(self, form: Any) -> Task:
        data = dict(form.cleaned_data)
        data["owner"] = data["owner"] or self.object.owner
        return actions.edit_task(self.object, **data, **self.act())


class TaskDone(FormPage):
    """The plain button of a task says which of the two is wanted: pressed twice, it is so once."""

    model, title, submit_label = Task, _("Task done"), _("Done")
    explains = _("A task done leaves the list; it can be taken up again.")
    form_class = forms_notes.TaskDoneForm
    select_related = ("coop__organisation",)

    def get_title(self) -> Any:
        return _("Do it again") if self.object.done_on else self.title

    def get_submit_label(self) -> Any:
        return _("Put it back among the tasks to do") if self.object.done_on else self.submit_label

    def get_facts(self) -> str:
        return self.object.what

    def get_initial(self) -> dict[str, Any]:
        return {"again": bool(self.object.done_on)}

    def perform(self, form: Any) -> Task:
        verb = actions.reopen_task if form.cleaned_data["again"] else actions.finish_task
        return verb(self.object, **self.act())

    def get_success_message(self, done: Task) -> Any:
        return _("The task is done.") if done.done_on else _("The task is to be done again.")

    def get_success_url(self, done: Task) -> str:
        given = self.request.POST.get("next", "")
        return given if given == reverse("crm:tasks") else done.get_absolute_url()


class Mailing(FormPage):
    """When a late task comes back by mail; whether mails come is chosen in one's account."""

    form_class, title = forms_notes.MailingForm, _("My reminders")
    explains = _(
        "One mail a day at most, with what is due and what is late; paused coops are silent."
    )
    success_message = _("Saved.")

    def get_back(self) -> Any:
        return (reverse("crm:tasks"), _("Tasks"))

    def get_form_kwargs(self) -> dict[str, Any]:
        kept = TaskMailing.objects.filter(user=self.request.user).first()
        return {"instance": kept} if kept is not None else {}

    def perform(self, form: Any) -> TaskMailing:
        return actions.set_task_mailing(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:tasks")
