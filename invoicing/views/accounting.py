"""Pages of the books that are set up: accounts, codes, journals, periods, profiles, losses."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.formats import date_fr, money
from essaim.views import Action, FormPage, Page
from invoicing.actions import books as verbs
from invoicing.chart import DEFAULTS, role_label
from invoicing.columns import USUAL
from invoicing.forms_books import (
    AccountForm,
    BooksForm,
    CloseForm,
    CodeForm,
    OpenForm,
    OwnAccountForm,
    ProfileForm,
    WriteOffForm,
)
from invoicing.models import (
    Account,
    AuxiliaryAccount,
    BookSettings,
    ExportProfile,
    Invoice,
    PeriodLock,
)

CODES_SHOWN = 200
_ORDER = {row.role: rank for rank, row in enumerate(DEFAULTS)}


def _to(name: str, words: Any) -> tuple[str, str]:
    return (reverse(f"invoicing:{name}"), str(words))


class Open:
    """Rows anybody who may open the page sees: the right is the page's."""

    model: Any

    def get_objects(self) -> Any:
        return self.model.objects.all()


class Accounts(Page):
    """The accounts of each role, those of analytic codes, the codes of clients."""

    template_name = "invoicing/accounts.html"
    title = gettext_lazy("Accounts")
    explains = gettext_lazy("Where each role is booked, as the firm numbers it.")

    def get_back(self) -> tuple[str, str]:
        return _to("exports", _("Exports"))

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("Account of an analytic code"), reverse("invoicing:account_new"), "plus"),
            Action(_("Code of a client"), reverse("invoicing:code_new"), "user-plus"),
            Action(_("Journals and firm"), reverse("invoicing:books"), "settings"),
        )

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = sorted(
            Account.objects.all(), key=lambda a: (_ORDER.get(a.role, 99), a.analytic_code)
        )
        more |= {
            "accounts": [(row, role_label(row.role)) for row in rows],
            "codes": list(AuxiliaryAccount.objects.select_related("organisation")[:CODES_SHOWN]),
            "more_codes": AuxiliaryAccount.objects.count() > CODES_SHOWN,
            "settings": BookSettings.current(),
        }
        return super().get_context(**more)


class AccountPage(Open, FormPage):
    """A form about accounts, that leads back to them."""

    template_name = "essaim/form.html"

    def get_back(self) -> tuple[str, str]:
        return _to("accounts", _("Accounts"))

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:accounts")


class AccountEdit(AccountPage):
    """Another number for a role; past exports made again will bear it."""

    explains = gettext_lazy("Past exports made again will bear the new number.")

    model = Account
    form_class = AccountForm
    success_message = gettext_lazy("The account is noted.")

    def get_title(self) -> str:
        words = role_label(self.object.role)
        return f"{words} · {self.object.analytic_code}" if self.object.analytic_code else words

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.object.number, "label": self.object.label}

    def perform(self, form: Any) -> Account:
        held = self.object
        where = {"role": held.role, "analytic_code": held.analytic_code}
        return verbs.set_account(**where, **form.cleaned_data, **self.act())


class AccountNew(AccountPage):
    """A product of one analytic code on its own account."""

    form_class = OwnAccountForm
    title = gettext_lazy("Account of an analytic code")
    explains = gettext_lazy("Income of one activity on its own account, when the firm asks for it.")
    success_message = gettext_lazy("The account is noted.")

    def perform(self, form: Any) -> Account:
        return verbs.set_account(**form.cleaned_data, **self.act())


class AccountDrop(AccountPage):
    """Give up the own account of an analytic code."""

    model = Account
    title = gettext_lazy("Give up this account")
    explains = gettext_lazy(
        "Income of this code goes back to the general account in the next exports."
    )
    submit_label = gettext_lazy("Give up")
    success_message = gettext_lazy("The product's usual account takes over.")

    def get_facts(self) -> str:
        return f"{role_label(self.object.role)} · {self.object.analytic_code} · {self.object}"

    def perform(self, form: Any) -> None:
        verbs.drop_account(account=self.object, **self.act())


class CodeNew(AccountPage):
    """The code a firm knows a client by."""

    form_class = CodeForm
    title = gettext_lazy("Code of a client")
    explains = gettext_lazy("The code under which your accountant’s firm knows this client.")
    success_message = gettext_lazy("The code is given.")

    def perform(self, form: Any) -> AuxiliaryAccount:
        return verbs.give_code(**form.cleaned_data, **self.act())


class BooksEdit(AccountPage):
    """Journals, codes of clients, and where exports are sent."""

    form_class = BooksForm
    title = gettext_lazy("Journals and firm")
    explains = gettext_lazy(
        "How exports are written for your accountant’s firm, and where they are sent."
    )
    success_message = gettext_lazy("The books are set up.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"instance": BookSettings.current()}

    def perform(self, form: Any) -> BookSettings:
        return verbs.set_books(**form.cleaned_data, **self.act())


# -- the period -----------------------------------------------------------------------------


class Lock(FormPage):
    """Up to when the books are closed, and every time they were opened again."""

    form_class = CloseForm
    template_name = "invoicing/lock.html"
    title = gettext_lazy("Period lock")
    explains = gettext_lazy(
        "Close a period once its figures are with the accountant: they stay true."
    )
    about = "cloture"
    submit_label = gettext_lazy("Close the period")
    success_message = gettext_lazy("The period is closed.")

    def get_facts(self) -> str:
        until = PeriodLock.objects.until()
        if until is None:
            return _("No period is closed.")
        return _("The books are closed up to %(until)s.") % {"until": date_fr(until)}

    def get_back(self) -> tuple[str, str]:
        return _to("exports", _("Exports"))

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:lock")

    def perform(self, form: Any) -> PeriodLock:
        return verbs.close_period(**form.cleaned_data, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        more |= {
            "history": list(PeriodLock.objects.select_related("by")[:50]),
            "is_closed": PeriodLock.objects.until() is not None,
        }
        return super().get_context(**more)


class Reopen(Lock):
    """Open the books again, with the reason that is kept."""

    form_class = OpenForm
    title = gettext_lazy("Open the period again")
    explains = gettext_lazy("Only for a correction: the reason and your name are kept.")
    submit_label = gettext_lazy("Open again")
    success_message = gettext_lazy("The period is open again.")

    def get_back(self) -> tuple[str, str]:
        return _to("lock", _("Period lock"))

    def perform(self, form: Any) -> PeriodLock:
        return verbs.open_period(**form.cleaned_data, **self.act())


# -- profiles -------------------------------------------------------------------------------


class ProfilePage(Open, FormPage):
    """A form about how a CSV is written."""

    def get_back(self) -> tuple[str, str]:
        return _to("exports", _("Exports"))

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:exports")


class ProfileNew(ProfilePage):
    """A new profile, from the usual columns."""

    form_class = ProfileForm
    template_name = "invoicing/profile_form.html"
    title = gettext_lazy("New CSV profile")
    explains = gettext_lazy(
        "A layout of columns for one accounting tool; it then shows among the exports."
    )
    success_message = gettext_lazy("The profile is kept: choose it among the formats.")

    def get_initial(self) -> dict[str, Any]:
        return {"columns": list(USUAL)}

    def values(self, form: Any) -> dict[str, Any]:
        places = {n: v for n, v in form.cleaned_data.items() if not n.startswith("column_")}
        return {**places, "columns": form.columns()}

    def perform(self, form: Any) -> ExportProfile:
        return verbs.save_profile(**self.values(form), **self.act())


class ProfileEdit(ProfileNew):
    """Change a profile; past exports keep how they were written."""

    model = ExportProfile
    title = gettext_lazy("CSV profile")
    explains = gettext_lazy("Exports to come follow; past ones keep how they were written.")

    def get_initial(self) -> dict[str, Any]:
        return {"columns": self.object.columns}

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:profile_delete", args=(self.object.pk,))
        return (Action(_("Delete"), url, "trash-2"),)

    def perform(self, form: Any) -> ExportProfile:
        row = ExportProfile.objects.get(pk=self.object.pk)
        return verbs.save_profile(profile=row, **self.values(form), **self.act())


class ProfileDelete(ProfilePage):
    """Remove a profile."""

    model = ExportProfile
    title = gettext_lazy("Delete this profile")
    explains = gettext_lazy(
        "It is no longer offered; exports already made with it stay in the history."
    )
    submit_label = gettext_lazy("Delete")
    success_message = gettext_lazy("The profile is deleted.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> None:
        verbs.delete_profile(profile=self.object, **self.act())


# -- losses ---------------------------------------------------------------------------------


class WriteOffPage(FormPage):
    """Give up what is left of an invoice as a bad debt."""

    model = Invoice
    form_class = WriteOffForm
    template_name = "invoicing/write_off.html"
    title = gettext_lazy("Write off as a bad debt")
    explains = gettext_lazy("For money that will never come, once you have done all to get it.")
    about = "passer-en-perte"
    submit_label = gettext_lazy("Write off")
    success_message = gettext_lazy("What was left is written off.")

    def get_objects(self) -> Any:
        return super().get_objects().with_left()

    def get_facts(self) -> str:
        return f"{self.object} · {money(self.object.left)}"

    def perform(self, form: Any) -> Invoice:
        verbs.write_off(invoice=self.object, **form.cleaned_data, **self.act())
        return self.object
