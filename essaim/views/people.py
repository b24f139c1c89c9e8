"""Set-up of the office: its home, and the people who sign in with their roles."""

from collections.abc import Sequence
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.forms import CharField, ChoiceField, EmailField, MultipleChoiceField
from django.http import HttpResponseBase
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from essaim import forms, people
from essaim.handing import still_held
from essaim.models import User
from essaim.roles import Role
from essaim.tongue import OFFICE
from essaim.views.edits import FormPage
from essaim.views.lists import Chips, Column, ListPage
from essaim.views.pages import Action, Page

PEOPLE = reverse_lazy("users")


class SettingsPage(Page):
    """What this person may set up."""

    title = gettext_lazy("Set-up")
    explains = gettext_lazy("What you may set for the whole office.")
    template_name = "essaim/people/settings.html"


class PeopleList(ListPage):
    model = User
    title = gettext_lazy("People and roles")
    order = ("name",)
    search_fields = ("name", "email")
    columns = (
        Column(gettext_lazy("Name"), "name", phone="title"),
        Column(gettext_lazy("E-mail"), "email", phone="sub"),
        Column(gettext_lazy("Roles"), phone="sub", template="essaim/people/roles_cell.html"),
        Column(gettext_lazy("Account"), phone="badge", template="essaim/people/account_cell.html"),
    )
    chips = (
        Chips(
            "show",
            (
                ("active", gettext_lazy("Open accounts")),
                ("closed", gettext_lazy("Closed accounts")),
                ("all", pgettext_lazy("people", "All")),
            ),
            lambda rows, value, page: rows if value == "all" else rows.filter(is_active=False),
        ),
    )
    primary = Action(gettext_lazy("Invite a person"), reverse_lazy("user_invite"), "user-plus", "")
    empty_title = gettext_lazy("Nobody here yet.")
    explains = gettext_lazy(
        "Who may sign in and what each role opens; closed accounts keep their past."
    )
    about = "roles"

    def filtered(self) -> Any:
        rows = super().filtered()
        shown = self.chips[0].chosen(self.request.GET)
        return rows.filter(is_active=True) if shown == "active" else rows

    def row_url(self, row: User) -> str:
        return reverse("user_edit", args=(row.pk,))


class PersonForm(forms.Form):
    name = CharField(label=gettext_lazy("Name"), max_length=120)
    roles = MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=Role.choices,
        widget=forms.ChipsCheckbox,
        required=False,
        help_text=gettext_lazy(
            "Roles add up. Without a role a person signs in and sees an explanation."
        ),
    )


class InvitationForm(PersonForm):
    email = EmailField(label=gettext_lazy("E-mail"), max_length=254)
    language = ChoiceField(
        label=gettext_lazy("Language"),
        choices=settings.LANGUAGES,
        initial=OFFICE,
        widget=forms.ChipsRadio,
        required=False,
        help_text=gettext_lazy("Of the invitation and the screens; they may change it."),
    )
    field_order = ("email", "name", "roles", "language")


class PersonInvite(FormPage):
    form_class = InvitationForm
    title = gettext_lazy("Invite a person")
    explains = gettext_lazy(
        "They receive a mail to choose their password; roles decide what they see."
    )
    submit_label = gettext_lazy("Send the invitation")
    success_url = PEOPLE
    back = (PEOPLE, gettext_lazy("People and roles"))

    def perform(self, form: Any) -> User:
        return people.invite(**form.cleaned_data, link=self.link_for, **self.act())

    def link_for(self, user: User) -> str:
        """The page where they choose a password: the one a forgotten password leads to."""
        kwargs = {
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        }
        path = reverse("account_reset_password_from_key", kwargs=kwargs)
        return self.request.build_absolute_uri(path)

    def get_success_message(self, done: User) -> str:
        return _("%(name)s is invited: the message leaves with the next mail.") % {"name": done}


class OnePerson(FormPage):
    """A page about one person of the office, closed accounts included."""

    model = User
    success_url = PEOPLE
    back = (PEOPLE, gettext_lazy("People and roles"))


class PersonEdit(OnePerson):
    explains = gettext_lazy("A changed role counts from their next page on.")
    form_class = PersonForm
    success_message = gettext_lazy("Saved.")

    def get_initial(self) -> dict[str, Any]:
        user = self.object
        return {"name": user.name, "roles": [r for r in Role.values if getattr(user, f"is_{r}")]}

    def get_facts(self) -> Any:
        return self.object.email

    def get_actions(self) -> Sequence[Action]:
        user = self.object
        if not user.is_active:
            url = reverse("user_reactivate", args=(user.pk,))
            return (Action(_("Reopen the account"), url, "user-check"),)
        lost = reverse("user_second_factor", args=(user.pk,))
        url = reverse("user_deactivate", args=(user.pk,))
        give = reverse("hand_over", args=(user.pk,))
        return (
            Action(_("Hand over"), give, "arrow-right-left", "essaim.hand_over"),
            Action(_("Take the second factor off"), lost, "shield-off"),
            Action(_("Close the account"), url, "user-x"),
        )

    def perform(self, form: Any) -> User:
        return people.set_roles(user=self.object, **form.cleaned_data, **self.act())


class PersonDeactivate(OnePerson):
    template_name = "essaim/people/deactivate.html"
    title = gettext_lazy("Close the account")
    explains = gettext_lazy("For whoever left: hand over what they follow, if it is not done yet.")
    submit_label = gettext_lazy("Close the account")
    success_message = gettext_lazy("The account is closed.")

    def get_facts(self) -> Any:
        return str(self.object)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.missing = still_held(self.object)
        return super().get(request, *args, **kwargs)

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(**more) | {
            "held": bool(self.missing),
            "barred": bool(self.missing),
        }

    def perform(self, form: Any) -> User:
        return people.deactivate(user=self.object, **self.act())


class PersonReactivate(OnePerson):
    title = gettext_lazy("Reopen the account")
    explains = gettext_lazy("They sign in again with their former password and roles.")
    submit_label = gettext_lazy("Reopen the account")
    success_message = gettext_lazy("The account is open again.")

    def get_facts(self) -> Any:
        return str(self.object)

    def perform(self, form: Any) -> User:
        return people.reactivate(user=self.object, **self.act())
