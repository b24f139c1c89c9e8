"""Membership calls of a year: who is called, who paid, and the calls to draft."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Membership, Organisation
from essaim.views import Action, Chips, Column, FormPage, ListPage
from invoicing import actions
from invoicing.forms_documents import CallsForm
from invoicing.models import Invoice
from invoicing.standing import stand, with_standing


class CallList(ListPage):
    """Membership calls, the newest first, with where each stands."""

    model = Invoice
    title = gettext_lazy("Membership calls")
    search_fields = ("number", "client__search_key")
    search_label = gettext_lazy("Number or client")
    empty_title = gettext_lazy("No membership call yet.")
    explains = gettext_lazy("One call per member and year, and whether it is paid.")
    about = "cotisation"
    empty_text = gettext_lazy("Call the members of a year in one go; each call is then issued.")
    empty_icon = "users"
    columns = (
        Column(gettext_lazy("Number"), template="invoicing/cells/number.html", phone="sub"),
        Column(gettext_lazy("Client"), template="invoicing/cells/client.html", phone="title"),
        Column(gettext_lazy("Subject"), "title", phone="hide"),
        Column(gettext_lazy("Due date"), template="invoicing/cells/due.html", phone="side"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
        Column(gettext_lazy("Amount"), "gross", "money", phone="amount"),
    )
    chips = (
        Chips(
            "show",
            (
                ("", gettext_lazy("All calls")),
                ("drafts", gettext_lazy("Drafts")),
                ("owed", gettext_lazy("To encash")),
            ),
            lambda rows, value, page: (
                rows.filter(state=Invoice.State.DRAFT) if value == "drafts" else rows.unpaid()
            ),
            gettext_lazy("State"),
        ),
    )

    def get_objects(self) -> Any:
        rows = Invoice.objects.visible_to(self.request.user)
        return rows.filter(kind=Invoice.Kind.MEMBERSHIP_CALL)

    def get_queryset(self) -> Any:
        return with_standing(self.get_objects()).select_related("client", "coop__organisation")

    def paged(self) -> tuple[list[Any], str]:
        rows, cursor = super().paged()
        return [stand(row, on=self.today) for row in rows], cursor

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:other_documents"), _("Other documents"))

    def get_primary(self) -> Action:
        url = reverse("invoicing:membership_calls_new")
        return Action(_("Call the members"), url, "plus", "invoicing.draft_invoice")

    def get_actions(self) -> Sequence[Action]:
        url = f"{reverse('invoicing:numbering')}?series=membership"
        return (Action(_("Numbering"), url, "hash", "crm.manage_issuer"),)


class CallsNew(FormPage):
    """Draft the calls of a year for those who were members the year before, and others."""

    form_class = CallsForm
    title = gettext_lazy("Call the members")
    explains = gettext_lazy(
        "Members of last year, and of this one, who were neither called nor paid."
    )
    submit_label = gettext_lazy("Prepare the calls")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:membership_calls"), _("Membership calls"))

    @property
    def year(self) -> int:
        typed = self.request.POST.get("year") or self.request.GET.get("year") or ""
        return (
            int(typed)
            if typed.isascii() and typed.isdigit() and len(typed) == 4
            else (self.today.year)
        )

    def members(self) -> Any:
        """Who was a member last year or is noted for this one, less who was called or paid."""
        rows = Membership.objects.filter(year__in=(self.year - 1, self.year))
        done = Membership.objects.filter(year=self.year).exclude(paid_on=None, calls=None)
        keys = rows.exclude(organisation__in=done.values("organisation"))
        found = Organisation.objects.visible_to(self.request.user).current()
        return found.filter(pk__in=keys.values("organisation")).order_by("legal_name", "pk")[:200]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"members": list(self.members())}

    def get_initial(self) -> dict[str, Any]:
        last = Membership.objects.filter(amount__gt=0).order_by("-year", "-pk").first()
        return {
            "year": self.year,
            "clients": [row.pk for row in self.members()],
            "amount": last.amount if last else None,
        }

    def perform(self, form: Any) -> list[Invoice]:
        facts = {name: form.cleaned_data[name] for name in ("year", "amount", "term_days", "words")}
        return actions.draft_membership_calls(clients=form.called, **facts, **self.act())

    def get_success_message(self, done: list[Invoice]) -> str:
        words = ngettext("%(count)s call drafted.", "%(count)s calls drafted.", len(done))
        return words % {"count": len(done)}

    def get_success_url(self, done: list[Invoice]) -> str:
        if len(done) == 1:
            return done[0].get_absolute_url()
        return f"{reverse('invoicing:membership_calls')}?show=drafts"
