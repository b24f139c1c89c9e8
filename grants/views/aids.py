"""De minimis aids of an organisation: what counts on a day, and aids obtained elsewhere."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.views import Action, DetailPage, FormPage
from grants import actions, aids, forms_files
from grants.models import OtherAid
from grants.rules_aid import years_before


def _page(organisation: Any) -> str:
    return reverse("grants:de_minimis", args=(organisation.pk,))


class DeMinimis(DetailPage):
    explains = gettext_lazy(
        "Aids received over three years, against the ceiling one undertaking may reach."
    )
    about = "de-minimis"
    model = Organisation
    template_name = "grants/de_minimis.html"

    def get_title(self) -> str:
        return _("De minimis aids")

    def get_facts(self) -> str:
        return str(self.object)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("grants:applications"), _("Funding"))

    def get_primary(self) -> Action:
        url = reverse("grants:other_aid_add", args=(self.object.pk,))
        return Action(_("Aid obtained elsewhere"), url, "plus", "grants.change_application")

    @property
    def day(self) -> date:
        """The day asked by the address, between 2000 and a few years from now."""
        try:
            asked = parse_date(self.request.GET.get("on", ""))
        except ValueError:
            asked = None
        if asked is None or not 2000 <= asked.year <= self.today.year + 10:
            return self.today
        return asked

    def get_context(self, **more: Any) -> dict[str, Any]:
        day = self.day
        found = aids.counter(self.object, on=day)
        others = {aid.pk: aid for aid in OtherAid.objects.filter(organisation=self.object)}
        rows = [
            (aid, None if aid.url else others.get(aid.key), _until(aid.on)) for aid in found.counted
        ]
        return super().get_context(
            day=day,
            counter=found,
            rows=rows,
            may_change=self.request.user.has_perm("grants.change_application"),
            since=date_fr(years_before(day)),
            **more,
        )


def _until(day: date) -> date:
    """The last day an aid counts: its third anniversary."""
    try:
        return day.replace(year=day.year + 3)
    except ValueError:
        return day.replace(year=day.year + 3, day=28)


class OtherAidAdd(FormPage):
    parent_model, parent_kwarg = Organisation, "organisation_pk"
    form_class, title = forms_files.OtherAidForm, gettext_lazy("Aid obtained elsewhere")
    explains = gettext_lazy("An aid we did not file also counts towards the ceiling.")

    def get_facts(self) -> str:
        return str(self.parent)

    def get_back(self) -> tuple[str, Any]:
        return (_page(self.parent), _("De minimis aids"))

    def perform(self, form: Any) -> OtherAid:
        return actions.add_other_aid(self.parent, **form.cleaned_data, **self.act())


class OtherAidEdit(FormPage):
    model, form_class = OtherAid, forms_files.OtherAidForm
    title = gettext_lazy("Aid obtained elsewhere")
    explains = gettext_lazy(
        "Its amount and its date decide how much room is left under the ceiling."
    )
    select_related = ("organisation",)

    def get_back(self) -> tuple[str, Any]:
        return (_page(self.object.organisation), _("De minimis aids"))

    def get_actions(self) -> list[Action]:
        url = reverse("grants:other_aid_remove", args=(self.object.pk,))
        return [Action(_("Remove"), url, "trash-2", "grants.change_application")]

    def perform(self, form: Any) -> OtherAid:
        return actions.edit_other_aid(self.object, **form.cleaned_data, **self.act())


class OtherAidRemove(FormPage):
    model, title = OtherAid, gettext_lazy("Remove this aid")
    explains = gettext_lazy(
        "It no longer counts towards the ceiling; the history keeps who removed it."
    )
    submit_label, submit_icon = gettext_lazy("Remove"), "trash-2"
    select_related = ("organisation",)

    def get_facts(self) -> str:
        return f"{self.object.giver} · {date_fr(self.object.granted_on)}"

    def get_back(self) -> tuple[str, Any]:
        return (_page(self.object.organisation), _("De minimis aids"))

    def perform(self, form: Any) -> Organisation:
        return actions.remove_other_aid(self.object, **self.act())

    def get_success_url(self, done: Any) -> str:
        return _page(done)
