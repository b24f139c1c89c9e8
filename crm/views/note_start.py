"""A note from anywhere: first of which coop."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Coop
from essaim import forms
from essaim.views import FormPage

SUGGESTED = 8


class WhichCoop(forms.Form):
    """The coop a note is about: those one follows come first."""

    coop = forms.PickField(search="organisation__search_key", label=_("Of which coop?"))

    def setup(self) -> None:
        rows = Coop.objects.visible_to(self.user).select_related("organisation")
        field: Any = self.fields["coop"]
        field.rows = rows
        mine = rows.filter(accompaniments__owner=self.user, accompaniments__activity="active")
        field.suggestions = mine.order_by("organisation__search_key")[:SUGGESTED]


class NoteStart(FormPage):
    """What the key N opens on pages that are of no coop."""

    title, form_class = _("Write a note"), WhichCoop
    explains = _("Choose the coop, then write: from the page of a coop, N begins at once.")
    submit_label, submit_icon = _("Go on"), "arrow-right"

    def perform(self, form: Any) -> Coop:
        coop: Coop = form.cleaned_data["coop"]
        return coop

    def get_success_url(self, done: Coop) -> str:
        return reverse("crm:note_new", args=(done.pk,))

    def get_back(self) -> Any:
        return (reverse("crm:board"), _("Coops"))
