"""Pages of organisations and of people."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_journal
from crm.duplicates import alike, asked_about
from crm.field_rights import writable_fields
from crm.models import Contact, Organisation, end_of
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage
from essaim.views.pages import log_refusal
from essaim.workflow import Refused


def _by_kind(rows: Any, value: str, page: Any) -> Any:
    return rows.filter(kind=value)


def _archived(rows: Any, value: str, page: Any) -> Any:
    return rows.exclude(archived_on=None)


SHOW = Chips("show", (("", _("In use")), ("archived", _("Archived"))), _archived, _("Show"))


class NoTwin(FormPage):
    """A page that writes somebody down: those who look alike are shown first."""

    template_name = "crm/known_already.html"
    kind = ""
    alike: Any = ()

    def another(self, fields: dict[str, Any]) -> str:
        """The sentence that says it is another one; refused while rows look alike without it."""
        said = str(self.reasons.get("duplicate", ""))
        if not said:
            self.alike = alike(self.kind, fields, user=self.request.user)
            if missing := asked_about(self.alike):
                raise Refused(missing)
        return said


class KeptApart(DetailPage):
    """The page of a row that was joined to another leads there; `?old=1` shows it as it was."""

    @cached_property
    def end(self) -> Any:
        return end_of(self.object)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.object.duplicate_of_id is None or request.GET.get("old"):
            return super().get(request, *args, **kwargs)
        seen: Any = type(self.object).objects.visible_to(request.user)
        if not seen.filter(pk=self.end.pk).exists():
            return super().get(request, *args, **kwargs)
        words = gettext("“%(name)s” was joined to this row.") % {"name": self.object}
        messages.info(request, words)
        return redirect(self.end.get_absolute_url())

    def is_kept(self) -> bool:
        """Whether it still takes changes."""
        row = self.object
        return row.duplicate_of_id is None and getattr(row, "erased_on", None) is None

    def get_context(self, **more: Any) -> dict[str, Any]:
        joined: Any = type(self.object).objects.filter(duplicate_of=self.object)
        return super().get_context(**more) | {
            "end": self.end,
            "joined": list(joined.order_by("pk")[:20]),
        }


class OrganisationList(ListPage):
    model, title, order = Organisation, _("Organisations"), ("sort_key",)
    columns = (
        Column(_("Name"), "name", phone="title"),
        Column(_("Kind"), "get_kind_display", phone="sub"),
        Column(_("City"), "city", phone="side"),
        Column("SIREN", "siren", phone="hide"),
        Column(_("Client kind"), "get_client_kind_display", phone="hide"),
    )
    chips = (
        Chips(
            "kind", (("", _("All organisations")), *Organisation.Kind.choices), _by_kind, _("Kind")
        ),
        SHOW,
    )
    search_fields = ("search_key", "siren")
    search_label = _("Name or SIREN")
    empty_title = _("No organisation yet.")
    explains = _("Whoever can be billed, fund or help: each organisation once, with its SIREN.")
    empty_text = _("Coops, town halls, funders and partners are kept here.")

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.current() if SHOW.chosen(self.request.GET) == "" else rows

    def get_actions(self) -> list[Action]:
        address = reverse("crm:duplicates")
        return [Action(_("Possible duplicates"), address, "copy", "crm.join_duplicates")]

    def get_primary(self) -> Action:
        address = reverse("crm:organisation_new")
        return Action(_("New organisation"), address, "plus", "crm.change_organisation")


class OrganisationDetail(KeptApart):
    explains = _("Its identity, its people, and all that ties it to us.")
    model, template_name = Organisation, "crm/organisation.html"
    select_related = ("client_kind_by", "coop")

    def get_facts(self) -> str:
        row = self.object
        return " · ".join(str(p) for p in (row.get_kind_display(), row.city) if p)

    def get_back(self) -> Any:
        return (reverse("crm:organisations"), _("Organisations"))

    def get_primary(self) -> Action | None:
        row = self.object
        if not self.is_kept() or not writable_fields(self.request.user, row):
            return None
        address = reverse("crm:organisation_edit", args=(row.pk,))
        return Action(_("Edit"), address, "pencil", "crm.change_organisation")

    def get_actions(self) -> list[Action]:
        key = (self.object.pk,)
        change = "crm.change_organisation"
        if not self.is_kept():
            return []
        if self.object.archived_on is not None:
            back = reverse("crm:organisation_restore", args=key)
            return [Action(_("Put back in the lists"), back, "archive-restore", "crm.archive")]
        twin, archive = (reverse(f"crm:organisation_{n}", args=key) for n in ("twin", "archive"))
        return [
            Action(
                _("Client kind"), reverse("crm:client_kind", args=key), "", "crm.set_client_kind"
            ),
            Action(_("Legal form"), reverse("crm:legal_form", args=key), "", change),
            Action(_("Membership"), reverse("crm:membership", args=key), "", change),
            Action(_("It is a duplicate of…"), twin, "", "crm.join_duplicates"),
            Action(_("Archive"), archive, "", "crm.archive"),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        row = self.object
        seen = Contact.objects.visible_to(self.request.user)
        people = row.people.filter(contact__in=seen).select_related("contact", "organisation")
        may_people = self.request.user.has_perm("crm.view_contact")
        return super().get_context(**more) | {
            "coop": getattr(row, "coop", None),
            "legal_forms": list(row.legal_forms.order_by("-since")),
            "memberships": list(row.memberships.order_by("-year")[:5]),
            **in_order(people.order_by("contact__sort_key", "-pk")[:60], self.today, may_people),
        }


def in_order(roles: Any, on: Any, may: bool = True) -> dict[str, list[Any]]:  # noqa: FBT001, FBT002
    """Roles held now, then those that are over."""
    found = list(roles) if may else []
    now = [role for role in found if role.is_current(on)]
    return {"people": now, "people_before": [r for r in found if r not in now]}


class OrganisationForm(FormPage):
    form_class: Any = forms_journal.OrganisationForm
    success_message = _("Saved.")

    def get_back(self) -> Any:
        if self.object is not None:
            return (self.object.get_absolute_url(), str(self.object))
        return (reverse("crm:organisations"), _("Organisations"))


class OwnFields(OrganisationForm):
    """The form holds what this person's role may write; what else is posted is noted."""

    def note_protected(self, form: Any) -> None:
        super().note_protected(form)
        every = set(self.form_class.base_fields)
        if stray := sorted(every.intersection(self.request.POST) - set(form.fields)):
            log_refusal(self.request, "ignored:" + ",".join(stray))


class OrganisationNew(OwnFields, NoTwin):
    title, kind, template_name = _("New organisation"), "organisation", NoTwin.template_name
    explains = _("Looks like one we know? You are told before a second record is made.")

    def perform(self, form: Any) -> Organisation:
        data = form.cleaned_data
        said = self.another(data)
        return actions.create_organisation(another=said, **data, **self.act())


class OrganisationEdit(OwnFields):
    model, title = Organisation, _("Edit the organisation")
    explains = _("The next documents bear these facts; those already issued keep theirs.")

    def check(self) -> None:
        super().check()
        if not writable_fields(self.request.user, self.object):
            raise PermissionDenied("crm.change_organisation")

    def perform(self, form: Any) -> Organisation:
        return actions.edit_organisation(self.object, **form.cleaned_data, **self.act())


class ClientKind(OrganisationForm):
    model, form_class, title = Organisation, forms_journal.ClientKindForm, _("Client kind")
    explains = _("It decides the legal time to pay, late interest, and how the invoice travels.")

    def get_facts(self) -> str:
        return str(self.object)

    def get_initial(self) -> dict[str, Any]:
        return {
            "client_kind": self.object.client_kind,
            "reason": self.object.client_kind_reason,
        }

    def perform(self, form: Any) -> Organisation:
        return actions.set_client_kind(self.object, **form.cleaned_data, **self.act())


class LegalForm(OrganisationForm):
    model, form_class, title = Organisation, forms_journal.LegalFormForm, _("Legal form")
    explains = _("From which date this form holds: an invoice bears the form of its day.")

    def perform(self, form: Any) -> Organisation:
        actions.set_legal_form(self.object, **form.cleaned_data, **self.act())
        return self.object


class MembershipOf(OrganisationForm):
    model, form_class, title = Organisation, forms_journal.MembershipForm, _("Membership")
    explains = _("Whether it is a member this year, and what it paid.")

    def perform(self, form: Any) -> Organisation:
        actions.set_membership(self.object, **form.cleaned_data, **self.act())
        return self.object


class ContactList(ListPage):
    model, title, order = Contact, _("Contacts"), ("sort_key",)
    columns = (
        Column(_("Name"), str, phone="title"),
        Column(_("E-mail"), "email", phone="sub"),
        Column(_("Phone"), "phone", phone="side"),
        Column(_("Last contact by them"), "last_contact_on", "date", phone="hide"),
    )
    chips = (SHOW,)
    search_fields = ("search_key",)
    empty_title = _("No contact yet.")
    explains = _("Everybody you meet, with their roles; one record each, even in several coops.")
    empty_text = _("Founders, treasurers, elected representatives: write down who they are.")

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.current() if SHOW.chosen(self.request.GET) == "" else rows

    def get_actions(self) -> list[Action]:
        twins = f"{reverse('crm:duplicates')}?kind=contact"
        return [
            Action(_("Possible duplicates"), twins, "copy", "crm.join_duplicates"),
            Action(
                _("Persons without news"),
                reverse("crm:retention"),
                "hourglass",
                "crm.export_person",
            ),
        ]

    def get_primary(self) -> Action:
        return Action(_("New contact"), reverse("crm:contact_new"), "plus", "crm.change_contact")


class ContactDetail(KeptApart):
    explains = _("How to reach this person, and the role they hold in each coop or body.")
    model, template_name = Contact, "crm/contact.html"

    def get_back(self) -> Any:
        return (reverse("crm:contacts"), _("Contacts"))

    def get_primary(self) -> Action | None:
        if not self.is_kept():
            return None
        address = reverse("crm:contact_edit", args=(self.object.pk,))
        return Action(_("Edit"), address, "pencil", "crm.change_contact")

    def get_actions(self) -> list[Action]:
        if not self.is_kept():
            return []
        names = ("role_new", "twin", "archive", "restore", "export", "erase")
        paths = {"role_new": "role_new", "export": "person_export", "erase": "person_erase"}
        to = {
            n: reverse(f"crm:{paths.get(n, f'contact_{n}')}", args=(self.object.pk,)) for n in names
        }
        held = [
            Action(_("Their data"), to["export"], "", "crm.export_person"),
            Action(_("Erase this person"), to["erase"], "", "crm.erase_person"),
        ]
        if self.object.archived_on is not None:
            return [Action(_("Put back in the lists"), to["restore"], "", "crm.archive"), *held]
        return [
            Action(_("Give a role"), to["role_new"], "plus", "crm.change_contact"),
            Action(_("It is a duplicate of…"), to["twin"], "", "crm.join_duplicates"),
            Action(_("Archive"), to["archive"], "", "crm.archive"),
            *held,
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        seen = Organisation.objects.visible_to(self.request.user)
        roles = self.object.roles.filter(organisation__in=seen).select_related("organisation")
        return super().get_context(**more) | in_order(roles.order_by("-since", "-pk"), self.today)


class ContactForm(FormPage):
    form_class, success_message = forms_journal.ContactForm, _("Saved.")

    def get_back(self) -> Any:
        if self.object is not None:
            return (self.object.get_absolute_url(), str(self.object))
        return (reverse("crm:contacts"), _("Contacts"))

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("organisation", "")
        if not asked.isascii() or not asked.isdigit():
            return {}
        rows = Organisation.objects.visible_to(self.request.user)
        return {"organisation": rows.filter(pk=asked[:15]).first()}

    def save(self, data: dict[str, Any]) -> Contact:
        raise NotImplementedError

    def perform(self, form: Any) -> Contact:
        data = dict(form.cleaned_data)
        organisation, role = data.pop("organisation"), data.pop("role")
        contact = self.save(data)
        if organisation is not None:
            actions.give_role(contact, organisation=organisation, role=role, **self.act())
        return contact


class ContactNew(ContactForm, NoTwin):
    title, kind, template_name = _("New contact"), "contact", NoTwin.template_name
    explains = _("Only what helps to work together: every person may ask to read it.")

    def save(self, data: dict[str, Any]) -> Contact:
        return actions.create_contact(another=self.another(data), **data, **self.act())


class ContactEdit(ContactForm):
    model, title = Contact, _("Edit the contact")
    explains = _("Mails and letters to come use these details; those already sent do not change.")

    def save(self, data: dict[str, Any]) -> Contact:
        return actions.edit_contact(self.object, **data, **self.act())
