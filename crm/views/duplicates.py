"""Pages of duplicates: proposed, compared side by side, joined or said to be two."""

from typing import Any

from django.http import Http404, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import actions, forms_people
from crm.duplicates import KINDS, proposals
from crm.models import Contact, Coop, Organisation
from essaim import joining
from essaim.formats import date_fr
from essaim.views import FormPage, Page

LISTS = {"organisation": "crm:organisations", "contact": "crm:contacts"}


class Possible(Page):
    """« Doublons possibles »: pairs that look alike, each with why."""

    title, template_name = gettext_lazy("Possible duplicates"), "crm/duplicates.html"
    explains = gettext_lazy(
        "Two records of one person or body split what you know: join them, or say they differ."
    )

    @cached_property
    def kind(self) -> str:
        asked = self.request.GET.get("kind", "")
        return asked if asked in KINDS else "organisation"

    def get_facts(self) -> Any:
        return _("Blind to accents, capitals and punctuation")

    def get_back(self) -> Any:
        return (
            reverse(LISTS[self.kind]),
            _("Organisations") if self.kind == "organisation" else _("Contacts"),
        )

    def get_context(self, **more: Any) -> dict[str, Any]:
        here = reverse("crm:duplicates")
        tabs = [
            (_("Organisations"), here, self.kind == "organisation", None),
            (_("Contacts"), f"{here}?kind=contact", self.kind == "contact", None),
        ]
        found = proposals(self.kind, user=self.request.user)
        return super().get_context(**more) | {"kind": self.kind, "found": found, "tabs": tabs}


class Pair(FormPage):
    """Two rows of one kind, both in sight of the person."""

    source: Any = None
    target: Any = None

    def load(self) -> None:
        model = KINDS.get(self.kwargs["kind"])
        if model is None:
            raise Http404(self.kwargs["kind"])
        rows: Any = model.objects.visible_to(self.request.user)
        self.source = self.pick(rows, self.kwargs["source"])
        self.target = self.pick(rows, self.kwargs["target"])

    def get_back(self) -> Any:
        return (f"{reverse('crm:duplicates')}?kind={self.kwargs['kind']}", _("Possible duplicates"))


class Distinct(Pair):
    title = gettext_lazy("These are two")
    explains = gettext_lazy("This pair will not be proposed again; both records stay as they are.")
    submit_label = gettext_lazy("These are two")
    success_message = gettext_lazy("Noted: they are not proposed again.")

    def get_facts(self) -> Any:
        return f"{self.source} · {self.target}"

    def get_success_url(self, done: Any) -> str:
        return str(self.get_back()[0])

    def perform(self, form: Any) -> Any:
        return actions.say_distinct(self.source, self.target, **self.act())


class Join(Pair):
    """Side by side: which value is kept, what follows; then one click."""

    title, template_name = gettext_lazy("Join two rows"), "crm/join.html"
    explains = gettext_lazy("Read both sides before you confirm: joining cannot be undone.")
    form_class = forms_people.JoinForm
    submit_label, submit_icon = gettext_lazy("Join the rows"), "merge"

    def get_facts(self) -> Any:
        return _("“%(source)s” into “%(target)s”") % {"source": self.source, "target": self.target}

    @cached_property
    def differences(self) -> dict[str, tuple[Any, str, str]]:
        model = type(self.target)
        found = {}
        for name in actions.groups_of(model):
            kept, other = (_written(row, name) for row in (self.target, self.source))
            if kept != other:
                label = capfirst(str(model._meta.get_field(name).verbose_name))
                found[name] = (label, kept, other)
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"differences": self.differences}

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.missing = actions.troubles(self.source, self.target, by=request.user, on=self.today)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> Any:
        both = {"into": self.target, "take": form.take, **self.act()}
        if isinstance(self.source, Contact):
            return actions.join_contacts(self.source, **both)
        return actions.join_organisations(self.source, **both)

    def get_success_message(self, done: Any) -> Any:
        words = _("“%(source)s” was joined to “%(target)s”.")
        return words % {"source": self.source, "target": done}

    def get_context(self, **more: Any) -> dict[str, Any]:
        kind = self.kwargs["kind"]
        swapped = (kind, self.target.pk, self.source.pk)
        return super().get_context(**more) | {
            "source": self.source,
            "target": self.target,
            "follows": self.following(),
            "is_organisation": kind == "organisation",
            "swap": reverse("crm:join", args=swapped),
            "distinct": reverse("crm:distinct", args=(kind, self.source.pk, self.target.pk)),
            "barred": any(m.level == "bar" for m in self.missing),
        }

    def following(self) -> list[joining.Following]:
        if self.missing:
            return []
        found = joining.count(self.source, self.target)
        if isinstance(self.source, Organisation):
            coops = [
                Coop.objects.filter(organisation=r).first() for r in (self.source, self.target)
            ]
            if coops[0] is not None and coops[1] is not None:
                found += joining.count(coops[0], coops[1])
        return found


def _written(row: Any, name: str) -> str:
    """A fact as it is read, with the dates that go with it."""
    shown = getattr(row, f"get_{name}_display", None)
    parts = []
    for column in actions.groups_of(type(row))[name]:
        value = shown() if shown is not None and column == name else getattr(row, column)
        if isinstance(value, bool):
            value = _("yes") if value else _("no")
        parts.append(date_fr(value) if hasattr(value, "isoformat") else str(value or ""))
    return " · ".join(part for part in parts if part)


class Twin(FormPage):
    """« C'est un doublon de… »: from the page of the row that goes."""

    form_class, title = forms_people.TwinForm, gettext_lazy("It is a duplicate of…")
    submit_label = gettext_lazy("Compare")

    def get_facts(self) -> Any:
        return str(self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"model": type(self.object)}

    def perform(self, form: Any) -> Any:
        return form.cleaned_data["target"]

    def get_success_url(self, done: Any) -> str:
        kind = "contact" if isinstance(done, Contact) else "organisation"
        return reverse("crm:join", args=(kind, self.object.pk, done.pk))


class OrganisationTwin(Twin):
    explains = gettext_lazy("Find the other record; you compare both before anything is joined.")
    model = Organisation


class ContactTwin(Twin):
    explains = gettext_lazy("Find the other record; you compare both before anything is joined.")
    model = Contact
