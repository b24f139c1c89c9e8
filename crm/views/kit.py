"""Pages of the kit: what the office asks, what one coop has of an item, what it is told."""

from typing import Any

from django import forms as plain
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_kit
from crm.expected import Expected, expected_of
from crm.expected_print import expected_name, render_expected
from crm.kit_effect import Effect, effect_of
from crm.models import Coop, Document, KitFile, Requirement
from crm.stages import Stage
from crm.views.coop import CoopPart
from essaim.models import Event
from essaim.tongue import in_french
from essaim.views import Action, Chips, Column, FormPage, ListPage, Page, file_response, stored_file

HISTORY = ("crm.Accompaniment.tick", "crm.Accompaniment.waive", "crm.Accompaniment.untick")
BACK = _("Starting kit")


def _by_stage(rows: Any, value: str, page: Any) -> Any:
    return rows.filter(stage=value) if value in Stage.values else rows.filter(milestone=value)


def _in_use(rows: Any, value: str, page: Any) -> Any:
    return rows.filter(is_active=False) if value == "off" else rows.filter(is_shared=False)


class KitList(ListPage):
    model, title, order, page_size = Requirement, BACK, ("position",), 100
    explains = _(
        "What each stage asks for. Required items bar the next stage, advised ones ask why."
    )
    about = "kit"
    columns = (
        Column(_("Item"), "title", phone="title"),
        Column(_("Stage"), "place"),
        Column(_("Level"), "get_level_display", phone="side"),
        Column(_("Templates"), "templates", "number", phone="hide"),
        Column(_("Questions"), "asked", "number", phone="hide"),
        Column(_("In use"), template="crm/cells/in_use.html", phone="side"),
    )
    chips = (
        Chips("stage", (("", _("Every stage")), *Stage.choices), _by_stage, _("Stage")),
        Chips(
            "show",
            (("", _("All")), ("off", _("No longer in use")), ("inside", _("Not told to coops"))),
            _in_use,
            _("Show"),
        ),
    )
    search_fields = ("title",)

    def get_queryset(self) -> Any:
        files = Count("files", filter=Q(files__withdrawn_on=None), distinct=True)
        rows: Any = super().get_queryset()
        return rows.annotate(templates=files, asked=Count("questions", distinct=True))

    def row_url(self, row: Requirement) -> str:
        return reverse("crm:kit_edit", args=(row.pk,))

    def get_primary(self) -> Action:
        return Action(_("New item"), reverse("crm:kit_new"), "plus", "crm.manage_kit")

    def get_actions(self) -> list[Action]:
        return [Action(_("Paths"), reverse("crm:paths"), "route", "crm.manage_kit")]


class KitForm(FormPage):
    """An item of the kit with its questions; what it changes for coops is read before it is."""

    template_name = "crm/kit_form.html"
    success_message = _("The kit is saved.")
    effect: Effect | None = None

    def get_back(self) -> Any:
        return (reverse("crm:kit"), BACK)

    def get_formsets(self) -> dict[str, Any]:
        made = plain.formset_factory(forms_kit.QuestionForm, extra=2, max_num=20)
        known = self.object.questions.all() if self.object is not None else ()
        questions: Any = made(
            self.request.POST if self.request.method == "POST" else None,
            initial=[{"question": q.question, "answer": q.answer} for q in known],
            prefix="questions",
            form_kwargs={"user": self.request.user, "on": self.today},
        )
        questions.label = _("Questions that come back")
        return {"questions": questions}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        form = self.get_form()
        if form.is_valid() and all(s.is_valid() for s in self.formsets.values()):
            data = dict(form.cleaned_data)
            effect = effect_of(self.object or Requirement(), data)
            if effect and data["confirmed"] != effect.mark:
                self.effect = effect
                return self.show(status=409, form=form, missing=[])
        return super().post(request, *args, **kwargs)

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {"effect": self.effect}

    def save(self, data: dict[str, Any]) -> Requirement:
        raise NotImplementedError

    def perform(self, form: Any) -> Requirement:
        data = {k: v for k, v in form.cleaned_data.items() if k != "confirmed"}
        rows = [row.cleaned_data for row in self.formsets["questions"]]
        data["questions"] = [(r["question"], r["answer"]) for r in rows if r.get("question")]
        return self.save(data)


class KitNew(KitForm):
    form_class, title = forms_kit.NewRequirementForm, _("New item")
    explains = _("Every coop that reaches this stage will be asked for it, from now on.")

    def get_initial(self) -> dict[str, Any]:
        return {"is_shared": True, "is_active": True, "level": Requirement.Level.ADVISED}

    def save(self, data: dict[str, Any]) -> Requirement:
        return actions.write_requirement(**data, **self.act())


class KitEdit(KitForm):
    explains = _("Changing an item makes a new version; what coops already gave stays valid.")
    model, form_class = Requirement, forms_kit.RequirementForm

    def get_actions(self) -> list[Action]:
        address = reverse("crm:kit_file_new", args=(self.object.pk,))
        return [Action(_("Add a template file"), address, "file-plus", "crm.manage_kit")]

    def get_context(self, **more: Any) -> dict[str, Any]:
        item = self.object
        versions = item.versions.select_related("by").order_by("-number")
        return super().get_context(**more) | {
            "files": list(item.files.in_use()),
            "versions": list(versions) if item.version > 1 else [],
        }

    def save(self, data: dict[str, Any]) -> Requirement:
        return actions.write_requirement(self.object, **data, **self.act())


class KitFileNew(FormPage):
    parent_model, parent_kwarg, form_class = Requirement, "pk", forms_kit.KitFileForm
    title, success_message = _("Add a template file"), _("The template file is kept.")
    explains = _("A model to start from, offered with this item in every coop.")

    def get_facts(self) -> str:
        return str(self.parent)

    def perform(self, form: Any) -> KitFile:
        return actions.add_kit_file(self.parent, **form.cleaned_data, **self.act())

    def get_success_url(self, done: KitFile) -> str:
        return self.parent.get_absolute_url() + "#files"


class KitFileWithdraw(FormPage):
    model, select_related = KitFile, ("requirement",)
    title, submit_label = _("Take the template file out of the kit"), _("Take out")
    explains = _("It is no longer offered to coops; what was made from it stays.")
    success_message = _("The template file is no longer offered.")

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.requirement}"

    def get_back(self) -> Any:
        return (self.object.requirement.get_absolute_url(), str(self.object.requirement))

    def perform(self, form: Any) -> KitFile:
        return actions.withdraw_kit_file(self.object, **self.act())

    def get_success_url(self, done: KitFile) -> str:
        return self.object.requirement.get_absolute_url() + "#files"


class KitFileGet(Page):
    """A template file, as an attachment."""

    model = KitFile

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        row = self.object
        return stored_file(row.file, row.original_name, row.content_type)


class KitItem(CoopPart):
    """One item for one coop: why, how, templates, questions, and a form to settle it.

    A POST with `do=tick` or `do=untick` is the plain button of the coop page.
    """

    explains = _(
        "Settle the item for this coop: it is there, it is waived with a reason, or not yet."
    )

    form_class, template_name = forms_kit.TickForm, "crm/kit_item.html"

    @cached_property
    def requirement(self) -> Requirement:
        told = Requirement.objects.told_to(self.accompaniment)
        return self.pick(told, self.kwargs["item_pk"])

    @cached_property
    def held(self) -> Any:
        rows = self.accompaniment.fulfilments.filter(requirement=self.requirement)
        found = rows.select_related("by", "version", "document", "document_version").first()
        return found if found is not None and found.is_settled else None

    def get_title(self) -> str:
        return self.held.version.title if self.held is not None else self.requirement.title

    def get_form_kwargs(self) -> dict[str, Any]:
        documents = Document.objects.visible_to(self.request.user).filter(coop=self.parent)
        kept = Q(archived_on=None)
        if self.held is not None and self.held.document_id:
            kept |= Q(pk=self.held.document_id)
        return {"documents": documents.filter(kept).order_by("-pk")}

    def get_initial(self) -> dict[str, Any]:
        held = self.held
        if held is None:
            return {}
        return {
            "done_on": held.on,
            "words": held.words,
            "document": held.document_id,
            "waive": held.status == held.Status.WAIVED,
        }

    def get_context(self, **more: Any) -> dict[str, Any]:
        item, row = self.requirement, self.accompaniment
        asked = Requirement.objects.asked_of(row).filter(pk=item.pk).exists()
        trail = Event.objects.filter(
            model="crm.Accompaniment",
            object_id=row.pk,
            verb__in=HISTORY,
            codes__requirement=item.code,
        )
        seen = Document.objects.visible_to(self.request.user)
        proof = self.held.document_version if self.held is not None else None
        return super().get_context(**more) | {
            "item": item,
            "held": self.held,
            "proof": proof if proof and seen.filter(pk=proof.document_id).exists() else None,
            "asked": asked,
            "may_settle": asked and not row.is_read_only,
            "files": list(item.files.in_use()),
            "questions": list(item.questions.all()),
            "trail": list(trail.select_related("by", "text").order_by("-pk")[:20]),
        }

    def perform(self, form: Any) -> Any:
        common = {"requirement": self.requirement, **self.act()}
        do = self.request.POST.get("do", "")
        if do == "untick":
            return actions.untick(self.accompaniment, **common)
        data = dict(form.cleaned_data)
        if data.pop("waive"):
            return actions.waive(self.accompaniment, words=data["words"], **common)
        return actions.tick(self.accompaniment, **data, **common)

    def get_success_url(self, done: Any) -> str:
        return super().get_success_url(done) + "#kit"


# -- what is expected of you -------------------------------------------------------------------


class ExpectedPage(CoopPart):
    """« Ce qui est attendu de vous »: the shared items of the kit, in words to the coop."""

    template_name = "crm/expected.html"
    title = _("What is expected of you")
    explains = _(
        "What the coop has to prepare, in words for its founders, ready to be given to them."
    )

    @cached_property
    def expected(self) -> Expected:
        return expected_of(self.accompaniment, on=self.today)

    def get_actions(self) -> list[Action]:
        address = reverse("crm:expected_pdf", args=(self.parent.pk,))
        return [Action(_("Print (PDF)"), address, "printer")]

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.show()

    def get_context(self, **more: Any) -> dict[str, Any]:
        return Page.get_context(self, **more) | {"expected": self.expected}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.http_method_not_allowed(request)


class ExpectedPdf(ExpectedPage):
    parent_model = Coop

    @in_french()
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        content = render_expected(self.expected)
        name = expected_name(self.expected)
        return file_response(content, name, "application/pdf", inline=True)
