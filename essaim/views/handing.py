"""The page on which a leaving colleague's work is handed over, and their account closed."""

from collections.abc import Sequence
from typing import Any

from django.forms import BooleanField, ChoiceField, HiddenInput
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms, people
from essaim.handing import held_by
from essaim.hooks import Held
from essaim.models import User
from essaim.views.edits import FormPage
from essaim.views.lists import Column, ListPage
from essaim.workflow import Refused


class HandOverForm(forms.Form):
    """To whom everything goes, and for each kind to whom else; `sure` once the preview was read."""

    everything = ChoiceField(label=gettext_lazy("Everything to"), required=False)
    close = BooleanField(label=gettext_lazy("Close the account as well"), required=False)
    sure = BooleanField(required=False, widget=HiddenInput)

    def __init__(self, *args: Any, held: Sequence[Held], leaving: User, **kwargs: Any) -> None:
        self.held, self.leaving = held, leaving
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        self.others = {
            str(u.pk): u for u in User.objects.active().exclude(pk=self.leaving.pk) if u.role_codes
        }
        everything: Any = self.fields["everything"]
        everything.choices = [("", "—"), *((k, str(u)) for k, u in self.others.items())]
        for held in self.held:
            able = [
                (k, str(u))
                for k, u in self.others.items()
                if not held.permission or u.has_perm(held.permission)
            ]
            self.fields[f"to_{held.code}"] = ChoiceField(
                label=f"{held.label} ({held.count})",
                choices=[("", _("like the rest")), ("keep", _("not now")), *able],
                required=False,
                help_text=held.help,
            )
        if not self.user.has_perm("essaim.manage_users") or not self.leaving.is_active:
            del self.fields["close"]
        order = ["everything", *(f"to_{h.code}" for h in self.held), "close", "sure"]
        self.order_fields(order)

    @property
    def chosen(self) -> dict[str, User]:
        """Kind -> who takes it; kinds left for later are absent."""
        found = {}
        for held in self.held:
            key = self.cleaned_data.get(f"to_{held.code}") or self.cleaned_data["everything"]
            if key in self.others:
                found[held.code] = self.others[key]
        return found


class HandOver(FormPage):
    """What this person holds, to whom each kind goes, then one action."""

    model, form_class = User, HandOverForm
    template_name = "essaim/people/hand_over.html"
    title = gettext_lazy("Hand over")
    explains = gettext_lazy(
        "Somebody leaves or is away: what they follow goes to others, nothing is lost."
    )
    preview: Any = ()

    def get_facts(self) -> Any:
        return f"{self.object} · {self.object.email}"

    def get_back(self) -> Any:
        if self.request.user.has_perm("essaim.manage_users"):
            return (reverse("user_edit", args=(self.object.pk,)), str(self.object))
        return (reverse("leaving"), _("Hand over"))

    def get_success_url(self, done: Any) -> str:
        may = self.request.user.has_perm("essaim.manage_users")
        return reverse("users") if may else reverse("leaving")

    @cached_property
    def held(self) -> list[Held]:
        return held_by(self.object)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"held": self.held, "leaving": self.object}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form()
        if form.is_valid() and form.chosen and not form.cleaned_data["sure"]:
            close = form.cleaned_data.get("close", False)
            try:
                people.rehearse_leaving(user=self.object, to=form.chosen, close=close, **self.act())
            except Refused as refused:
                return self.not_done(form, refused.missing)
            self.preview = [(h, form.chosen[h.code]) for h in self.held if h.code in form.chosen]
            form.data = form.data.copy()
            form.data["sure"] = "on"
            return self.show(form=form, missing=[])
        return super().post(request, *args, **kwargs)

    def perform(self, form: Any) -> Any:
        close = form.cleaned_data.get("close", False)
        return people.leave(user=self.object, to=form.chosen, close=close, **self.act())

    def get_success_message(self, done: Any) -> Any:
        count = sum(done.values())
        if self.request.POST.get("close"):
            words = _("%(count)s handed over; the account of %(name)s is closed.")
        else:
            words = _("%(count)s handed over from %(name)s.")
        return words % {"count": count, "name": self.object}

    def get_submit_label(self) -> Any:
        return _("Hand over now") if self.preview else _("See what will change")

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {"held": self.held, "preview": self.preview}


class Leaving(ListPage):
    """Everybody of the office, closed accounts last, with the way to hand over what they hold."""

    model, title, order = User, gettext_lazy("Hand over"), ("-is_active", "name")
    columns = (
        Column(gettext_lazy("Name"), "name", phone="title"),
        Column(gettext_lazy("Roles"), phone="sub", template="essaim/people/roles_cell.html"),
        Column(gettext_lazy("Account"), phone="badge", template="essaim/people/account_cell.html"),
    )
    search_fields = ("name", "email")
    empty_title = gettext_lazy("Nobody here yet.")
    explains = gettext_lazy(
        "Choose who leaves: you see what they hold before anything is handed over."
    )

    def get_facts(self) -> Any:
        return _("Choose whose coops, tasks, missions and applications go to somebody else.")

    def get_back(self) -> Any:
        return (reverse("settings"), _("Set-up"))

    def row_url(self, row: User) -> str:
        return reverse("hand_over", args=(row.pk,))
