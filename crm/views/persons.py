"""Pages of people over time: roles, archives, what is held about a person, how long it is kept."""

import json
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm import actions, forms_people
from crm.models import Contact, ContactRole, Organisation, Retention, Structure
from crm.person import all_of, notes_of
from crm.retention import limit, months_kept, past_retention
from essaim.tongue import kept
from essaim.views import Action, Column, FormPage, ListPage, file_response
from essaim.workflow import Refused


class OfContact(FormPage):
    """A form about one person."""

    model = Contact

    def get_facts(self) -> Any:
        return str(self.object)


class RoleNew(FormPage):
    parent_model, parent_kwarg, form_class = Contact, "contact_pk", forms_people.RoleForm
    title, success_message = _("Give a role"), _("Saved.")
    explains = _("A role says what this person does where, and from when on.")

    def get_facts(self) -> Any:
        return str(self.parent)

    def get_success_url(self, done: Any) -> str:
        return str(self.parent.get_absolute_url())

    def perform(self, form: Any) -> ContactRole:
        return actions.give_role(self.parent, **form.cleaned_data, **self.act())


class RoleEdit(FormPage):
    """Correct or end a role."""

    model, form_class, title = ContactRole, forms_people.RoleEditForm, _("Correct or end a role")
    explains = _("End a role rather than change it: who held it when stays readable.")
    success_message = _("Saved.")

    def get_objects(self) -> Any:
        user = self.request.user
        return ContactRole.objects.filter(
            contact__in=Contact.objects.visible_to(user),
            organisation__in=Organisation.objects.visible_to(user),
        ).select_related("contact", "organisation")

    def get_facts(self) -> Any:
        return f"{self.object.contact} · {self.object.organisation}"

    def get_back(self) -> Any:
        return (self.object.contact.get_absolute_url(), str(self.object.contact))

    def get_success_url(self, done: Any) -> str:
        return str(self.object.contact.get_absolute_url())

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        return {"role": row.role, "since": row.since, "until": row.until}

    def perform(self, form: Any) -> ContactRole:
        return actions.correct_role(self.object, **form.cleaned_data, **self.act())


# -- archives ---------------------------------------------------------------------------------


class Archive(FormPage):
    """Take out of the lists: what is still under way is listed first."""

    form_class, title = forms_people.ArchiveForm, _("Archive")
    submit_label, submit_icon = _("Archive"), "archive"
    template_name = "crm/archive.html"

    def get_facts(self) -> Any:
        return str(self.object)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.missing = actions.archive_troubles(self.object, by=request.user, on=self.today)
        return super().get(request, *args, **kwargs)

    def get_success_message(self, done: Any) -> Any:
        return _("“%(name)s” left the lists; everything that points to it stays.") % {"name": done}

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {"barred": bool(self.missing)}


class OrganisationArchive(Archive):
    explains = _("For what you no longer work with: it can come back at any time.")
    model = Organisation

    def perform(self, form: Any) -> Organisation:
        return actions.archive_organisation(self.object, **form.cleaned_data, **self.act())


class ContactArchive(Archive):
    explains = _("For whom you no longer work with: they can come back at any time.")
    model = Contact

    def perform(self, form: Any) -> Contact:
        return actions.archive_contact(self.object, **form.cleaned_data, **self.act())


class OrganisationRestore(FormPage):
    model, title, submit_label = Organisation, _("Put back in the lists"), _("Put back")
    explains = _("It shows again in lists, choices and searches, with all its history.")
    success_message = _("It is back in the lists.")

    def get_facts(self) -> Any:
        return str(self.object)

    def perform(self, form: Any) -> Organisation:
        return actions.restore_organisation(self.object, **self.act())


class ContactRestore(OfContact):
    title, submit_label = _("Put back in the lists"), _("Put back")
    explains = _("They show again in lists, choices and searches, with all their history.")
    success_message = _("It is back in the lists.")

    def perform(self, form: Any) -> Contact:
        return actions.restore_contact(self.object, **self.act())


# -- what is held about a person ---------------------------------------------------------------


class PersonExport(OfContact):
    """Everything held about a person, as one JSON file to hand to them."""

    title, submit_label, submit_icon = _("Their data"), _("Download (JSON)"), "download"
    explains = _("The right of access (GDPR, art. 15): hand this file to the person who asks.")
    template_name = "crm/person_export.html"

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            found = kept(lambda: actions.export_person(self.object, **self.act()))
        except Refused as refused:
            return self.refused(refused)
        content = json.dumps(found, ensure_ascii=False, indent=2).encode()
        name = f"personne-{self.object.pk}-{self.today:%Y-%m-%d}.json"
        return file_response(content, name, "application/json")


class PersonErase(OfContact):
    title, form_class = _("Erase this person"), forms_people.EraseForm
    explains = _("The right to be forgotten (GDPR, art. 17): what the law makes us keep stays.")
    submit_label, submit_icon = _("Erase for good"), "eraser"
    template_name = "crm/person_erase.html"
    success_message = _("The person is erased; issued documents stay as they are.")

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.missing = actions.erase_troubles(self.object, by=request.user, on=self.today)
        return super().get(request, *args, **kwargs)

    def perform(self, form: Any) -> Contact:
        return actions.erase_person(
            self.object, **form.cleaned_data, reasons=self.reasons, **self.act()
        )

    def get_context(self, **more: Any) -> dict[str, Any]:
        notes = notes_of(all_of(self.object)).order_by("-at")[:20]
        return super().get_context(**more) | {"notes": list(notes)}


# -- how long they are kept --------------------------------------------------------------------


class RetentionList(ListPage):
    """Persons without a sign for longer than the office keeps them."""

    model, title, order = Contact, _("Persons without news"), ("last_sign",)
    template_name = "crm/retention.html"
    columns = (
        Column(_("Name"), str, phone="title"),
        Column(_("Last sign"), "last_sign", "date", phone="sub"),
        Column(_("State"), template="crm/cells/retention_state.html", phone="badge"),
        Column(_("What to do"), template="crm/cells/retention_moves.html", phone="side"),
    )
    search_fields = ("search_key",)
    empty_title = _("Nobody to look at again.")
    explains = _("Data of people are not kept for ever: decide here for those long unheard of.")
    empty_text = _("Persons who have not written or met us for long are listed here.")

    def get_queryset(self) -> Any:
        return past_retention(on=self.today, rows=self.get_objects()).prefetch_related("retentions")

    def get_facts(self) -> Any:
        months = months_kept()
        words = ngettext("No sign for %(n)s month", "No sign for %(n)s months", months)
        return words % {"n": months} + f" ({limit(self.today):%d/%m/%Y})"

    def get_back(self) -> Any:
        return (reverse("crm:contacts"), _("Contacts"))

    def get_actions(self) -> list[Action]:
        if not Structure.objects.exists():
            return []
        address, may = reverse("crm:structure"), "essaim.manage_tables"
        return [Action(_("Change the number of months"), address, "settings", may)]


class PersonKeep(OfContact):
    title, form_class = _("Keep this person"), forms_people.KeepForm
    explains = _("Say why their data are still needed: the reason and its date are kept.")
    success_message = _("Kept, with the reason and the date.")

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:retention")

    def perform(self, form: Any) -> Retention:
        return actions.keep_person(self.object, **form.cleaned_data, **self.act())


class PersonTell(OfContact):
    title, submit_label, submit_icon = _("Tell this person"), _("Tell them"), "mail"
    explains = _("The person learns that their data will be erased unless they answer.")
    template_name = "crm/person_tell.html"

    def get_success_url(self, done: Any) -> str:
        return reverse("crm:retention")

    def get_success_message(self, done: Retention) -> Any:
        if self.object.email:
            return _("The message leaves with the next post; they have a month to answer.")
        return _("Noted: they are told by other means, and have a month to answer.")

    def perform(self, form: Any) -> Retention:
        return actions.tell_person(self.object, **self.act())
