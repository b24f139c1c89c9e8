"""Pages of organisations and of people."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import actions, forms_journal
from crm.models import Contact, Organisation
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage


def _by_kind(rows: Any, value: str, page: Any) -> Any:
    return rows.filter(kind=value)


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
    )
    search_fields = ("search_key", "siren")
    search_label = _("Name or SIREN")
    empty_title = _("No organisation yet.")
    empty_text = _("Coops, town halls, funders and partners are kept here.")

    def get_queryset(self) -> Any:
        rows: Any = super().get_queryset()
        return rows.current()

    def get_primary(self) -> Action:
        address = reverse("crm:organisation_new")
        return Action(_("New organisation"), address, "plus", "crm.change_organisation")


class OrganisationDetail(DetailPage):
    model, template_name = Organisation, "crm/organisation.html"
    select_related = ("client_kind_by", "coop")

    def get_facts(self) -> str:
        row = self.object
        return " · ".join(str(p) for p in (row.get_kind_display(), row.city) if p)

    def get_back(self) -> Any:
        return (reverse("crm:organisations"), _("Organisations"))

    def get_primary(self) -> Action:
        address = reverse("crm:organisation_edit", args=(self.object.pk,))
        return Action(_("Edit"), address, "pencil", "crm.change_organisation")

    def get_actions(self) -> list[Action]:
        key = (self.object.pk,)
        change = "crm.change_organisation"
        return [
            Action(
                _("Client kind"), reverse("crm:client_kind", args=key), "", "crm.set_client_kind"
            ),
            Action(_("Legal form"), reverse("crm:legal_form", args=key), "", change),
            Action(_("Membership"), reverse("crm:membership", args=key), "", change),
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        row = self.object
        seen = Contact.objects.visible_to(self.request.user)
        people = row.people.filter(contact__in=seen).select_related("contact")
        may_people = self.request.user.has_perm("crm.view_contact")
        return super().get_context(**more) | {
            "coop": getattr(row, "coop", None),
            "legal_forms": list(row.legal_forms.order_by("-since")),
            "memberships": list(row.memberships.order_by("-year")[:5]),
            "people": list(people.order_by("contact__sort_key")[:30]) if may_people else [],
        }


class OrganisationForm(FormPage):
    form_class: Any = forms_journal.OrganisationForm
    success_message = _("Saved.")

    def get_back(self) -> Any:
        if self.object is not None:
            return (self.object.get_absolute_url(), str(self.object))
        return (reverse("crm:organisations"), _("Organisations"))


class OrganisationNew(OrganisationForm):
    title = _("New organisation")

    def perform(self, form: Any) -> Organisation:
        return actions.create_organisation(**form.cleaned_data, **self.act())


class OrganisationEdit(OrganisationForm):
    model, title = Organisation, _("Edit the organisation")

    def perform(self, form: Any) -> Organisation:
        return actions.edit_organisation(self.object, **form.cleaned_data, **self.act())


class ClientKind(OrganisationForm):
    model, form_class, title = Organisation, forms_journal.ClientKindForm, _("Client kind")

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

    def perform(self, form: Any) -> Organisation:
        actions.set_legal_form(self.object, **form.cleaned_data, **self.act())
        return self.object


class MembershipOf(OrganisationForm):
    model, form_class, title = Organisation, forms_journal.MembershipForm, _("Membership")

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
    search_fields = ("search_key",)
    empty_title = _("No contact yet.")
    empty_text = _("Founders, treasurers, elected representatives: write down who they are.")

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(archived_on=None)

    def get_primary(self) -> Action:
        return Action(_("New contact"), reverse("crm:contact_new"), "plus", "crm.change_contact")


class ContactDetail(DetailPage):
    model, template_name = Contact, "crm/contact.html"

    def get_back(self) -> Any:
        return (reverse("crm:contacts"), _("Contacts"))

    def get_primary(self) -> Action:
        address = reverse("crm:contact_edit", args=(self.object.pk,))
        return Action(_("Edit"), address, "pencil", "crm.change_contact")

    def get_context(self, **more: Any) -> dict[str, Any]:
        seen = Organisation.objects.visible_to(self.request.user)
        roles = self.object.roles.filter(organisation__in=seen).select_related("organisation")
        return super().get_context(**more) | {"roles": list(roles.order_by("-since", "-pk"))}


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


class ContactNew(ContactForm):
    title = _("New contact")

    def save(self, data: dict[str, Any]) -> Contact:
        return actions.create_contact(**data, **self.act())


class ContactEdit(ContactForm):
    model, title = Contact, _("Edit the contact")

    def save(self, data: dict[str, Any]) -> Contact:
        return actions.edit_contact(self.object, **data, **self.act())
