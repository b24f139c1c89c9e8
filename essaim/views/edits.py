"""Forms that call one action, and moves along the edges of a state machine."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import BaseForm, BaseModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_fsm import FSMFieldMixin

from essaim import form_tokens, workflow
from essaim.forms import EmptyForm, Styled
from essaim.scope import state_fields
from essaim.tongue import in_french, kept
from essaim.views.pages import log_refusal
from essaim.views.resumed import Resumed, take_back, typed_again
from essaim.views.together import Together
from essaim.workflow import Missing, Refused, UnknownEdge

# Columns that no form may write, whoever posts them.
PROTECTED = frozenset(
    {
        "state",
        "stage",
        "activity",
        "number",
        "total",
        "net",
        "vat",
        "gross",
        "amount_due",
        "owner",
        "issued_on",
        "issued_at",
        "due_on",
        "created_by",
        "created_at",
        "validated_by",
        "hash",
        "is_administrator",
        "is_accountant",
        "is_coordinator",
        "is_consultant",
        "role",
        "roles",
    }
)


class FormPage(Resumed, Together):
    """A form that calls ONE action.

    Set `form_class` (and `model` to edit an object), write `perform(form)`: it calls the action
    with `**self.act()` and returns the object. A bad field answers 422, a `Refused` 409.
    """

    template_name = "essaim/form.html"
    counts_sendings = True
    asks_again = True
    form_class: type[BaseForm] = EmptyForm
    submit_label: Any = gettext_lazy("Save")
    submit_icon: str = ""
    success_message: Any = ""
    success_url: str = ""
    missing: list[Missing]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.missing = []

    # -- the form -------------------------------------------------------------

    def get_form_class(self) -> type[BaseForm]:
        return self.form_class

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        """Extra arguments of the form, given on GET and on POST."""
        return {}

    def get_form(self) -> Any:
        cls = self.get_form_class()
        with in_french():
            # Left as it is, it goes into a row.
            initial = self.get_initial()
        kwargs: dict[str, Any] = {"initial": initial, **self.get_form_kwargs()}
        if issubclass(cls, Styled):
            kwargs |= {"user": self.request.user, "on": self.today}
        if issubclass(cls, BaseModelForm) and self.object is not None:
            kwargs.setdefault("instance", self.object)
        if self.request.method == "POST":
            kwargs |= {"data": self.request.POST, "files": self.request.FILES}
        return cls(**kwargs)

    def get_formsets(self) -> dict[str, Any]:
        """Formsets judged with the form, by name; kept in `self.formsets`."""
        return {}

    @cached_property
    def formsets(self) -> dict[str, Any]:
        return self.get_formsets()

    @cached_property
    def reasons(self) -> dict[str, str]:
        """The sentences typed for warnings: code -> words. Pass them to the action.

        A field of the form that is named likewise is an answer, no sentence.
        """
        fields = getattr(self.get_form_class(), "base_fields", {})
        posted = [(k, v) for k, v in self.request.POST.items() if k not in fields]
        found = {k.removeprefix("reason_"): v.strip() for k, v in posted if k.startswith("reason_")}
        return {code: words[:500] for code, words in found.items() if words}

    # -- the answer -----------------------------------------------------------

    def perform(self, form: Any) -> Any:
        """Call the action and return the object."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (held := take_back(request)) is not None:
            return self.resume(held)
        return self.show(form=self.get_form(), missing=self.missing)

    def resume(self, held: dict[str, Any]) -> HttpResponseBase:
        """Show the form with what was typed before the person had to sign in again."""
        self.resumed = held
        typed_again(self.request, held)
        self.sent = form_tokens.read(self.request)
        return self.show(form=self.get_form(), missing=self.missing)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.merged():
            return self.changed_answer()
        form = self.get_form()
        self.note_protected(form)
        sets = [s.is_valid() for s in self.formsets.values()]
        if not form.is_valid() or not all(sets):
            return self.invalid(form)
        if self.used is not None:
            return self.sent_otherwise()
        try:
            return self.once(lambda: self.done(self.record(form)))
        except Refused as refused:
            return self.not_done(form, refused.missing)
        except ValidationError as error:
            # A rule of the model that no field of the form had judged.
            self.add_errors(form, error)
            return self.invalid(form)

    def record(self, form: Any) -> Any:
        self.hold_still()
        return kept(lambda: self.perform(form))

    def sent_otherwise(self) -> HttpResponse:
        """Answer 409: this page recorded something else before; what is typed now is kept."""
        log_refusal(self.request, "refused:sent_before")
        return self.show(status=409, form=self.get_form(), missing=self.missing)

    def note_protected(self, form: Any) -> None:
        names = {form.add_prefix(name) for name in form.fields}
        if ignored := sorted(PROTECTED.intersection(self.request.POST) - names):
            log_refusal(self.request, "ignored:" + ",".join(ignored))

    def add_errors(self, form: Any, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            form.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)

    def invalid(self, form: Any) -> HttpResponse:
        names = [n for n in form.errors if n != "__all__"]
        log_refusal(self.request, "invalid:" + ",".join(names or ["form"]))
        return self.show(status=422, form=form, missing=self.missing)

    def not_done(self, form: Any, missing: list[Missing]) -> HttpResponse:
        """Answer 409: what belongs to a field beside it, the rest as a list."""
        log_refusal(self.request, "refused:" + ",".join(m.code for m in missing))
        for item in missing:
            if item.code in form.fields and item.level == "bar":
                form.add_error(item.code, str(item.text))
        self.missing = [m for m in missing if m.code not in form.fields or m.level != "bar"]
        return self.show(status=409, form=form, missing=self.missing)

    def get_success_message(self, done: Any) -> Any:
        return self.success_message

    def get_success_url(self, done: Any) -> str:
        if self.success_url:
            return self.success_url
        if hasattr(done, "get_absolute_url"):
            return done.get_absolute_url()
        held = self.object if self.object is not None else self.parent
        return held.get_absolute_url()

    def done(self, done: Any) -> HttpResponseBase:
        if message := self.get_success_message(done):
            messages.success(self.request, str(message))
        return redirect(self.get_success_url(done))

    def get_back(self) -> tuple[str, Any] | None:
        held = self.object if self.object is not None else self.parent
        if self.back is None and hasattr(held, "get_absolute_url"):
            return (held.get_absolute_url(), str(held))
        return self.back

    def get_context(self, **more: Any) -> dict[str, Any]:
        context = super().get_context(**more)
        context |= {
            "submit_label": self.get_submit_label(),
            "submit_icon": self.submit_icon,
            "formsets": self.formsets,
            "set_errors": self.set_errors(),
            "reasons": self.reasons,
            # Refused, the form keeps its key: nothing was recorded under it.
            "kept_key": self.sent.value if self.sent and not self.used else "",
            "sent_before": self.used,
            "resumed": self.resumed,
            "files_lost": bool(self.request.FILES) and not self.used,
        }
        context |= self.together_context(more["form"])
        return context

    def set_errors(self) -> list[tuple[str, str, str]]:
        """(id of the field, label with its row, error) of everything wrong in the formsets."""
        found: list[tuple[str, str, str]] = []
        for formset in self.formsets.values():
            if not formset.is_bound:
                continue
            found += [("", "", error) for error in formset.non_form_errors()]
            for rank, form in enumerate(formset.forms, 1):
                found += [("", f"{rank}", error) for error in form.non_field_errors()]
                found += [
                    (item.auto_id, f"{item.label} ({rank})", error)
                    for item in form
                    for error in item.errors
                ]
        return found

    def get_submit_label(self) -> Any:
        return self.submit_label


class TransitionPage(FormPage):
    """One page for every edge of a model: `<pk>/move/<edge>/`.

    `forms`: edge -> form class (its cleaned data are the move's data). `actions`: edge -> callable
    `(obj, *, by, on, at, **data)`; the door's `run` by default. The right asked is the edge's own
    (its page right is `permission`, in urls.py). GET shows what is missing, POST moves.
    """

    template_name = "essaim/transition.html"
    edits = False
    explains = gettext_lazy(
        "Nothing moves before you confirm; the history keeps who did it and when."
    )
    edge_kwarg: str = "edge"
    forms: Mapping[str, type[BaseForm]] = {}
    actions: Mapping[str, Callable[..., Any]] = {}
    helps: Mapping[str, Any] = {}

    @property
    def edge(self) -> str:
        return str(self.kwargs[self.edge_kwarg])

    def load(self) -> None:
        super().load()
        if self.object is None:
            raise Http404(self.edge)

    def check(self) -> None:
        super().check()
        user = self.request.user
        if not any(_may(user, move, self.object) for move in self.moves):
            raise PermissionDenied(self.edge)

    @cached_property
    def moves(self) -> list[Any]:
        """The transitions of this name, whatever the state; UnknownEdge when there is none."""
        model = type(self.object)
        machines = [f for f in state_fields(model) if isinstance(f, FSMFieldMixin)]
        found = [t for f in machines for t in f.get_all_transitions(model) if t.name == self.edge]
        if not found:
            raise UnknownEdge(f"{model.__name__} has no move {self.edge}")
        return found

    def get_form_class(self) -> type[BaseForm]:
        return self.forms.get(self.edge, EmptyForm)

    def get_initial(self) -> dict[str, Any]:
        """Fields may be chosen by the link that leads here: `?to=premises`."""
        names = self.get_form_class().base_fields
        return {name: self.request.GET[name] for name in names if name in self.request.GET}

    def get_missing(self) -> list[Missing]:
        act = self.act()
        return workflow.missing(self.object, self.edge, by=act["by"], on=act["on"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.missing = self.get_missing()
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> Any:
        data = {**form.cleaned_data}
        if self.reasons:
            data["reasons"] = self.reasons
        action = self.actions.get(self.edge)
        if action is None:
            workflow.run(self.object, self.edge, **self.act(), **data)
        else:
            action(self.object, **self.act(), **data)
        return self.object

    def get_title(self) -> Any:
        return self.title or self.moves[0].custom.get("label", self.edge)

    def get_facts(self) -> Any:
        return str(self.object)

    def get_submit_label(self) -> Any:
        return self.get_title()

    def get_success_message(self, done: Any) -> Any:
        return self.success_message or _("Done: %(move)s.") % {"move": self.get_title()}

    def get_context(self, **more: Any) -> dict[str, Any]:
        context = super().get_context(**more)
        bars = [m for m in self.missing if m.level == "bar"]
        context["help"] = self.helps.get(self.edge, "")
        # With a form the answer may lift a bar; without one, nothing here can.
        context["barred"] = bool(bars) and self.edge not in self.forms
        return context


def _may(user: Any, move: Any, obj: Any) -> bool:
    if callable(move.permission):
        return bool(move.permission(obj, user))
    return not move.permission or user.has_perm(str(move.permission))
