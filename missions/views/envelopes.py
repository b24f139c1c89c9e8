"""Pages of envelopes: quotas of payers across coops, and what was drawn on them."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop
from essaim.views import Action, Column, DetailPage, FormPage, ListPage
from missions import actions
from missions.forms.terms import EnvelopeForm
from missions.models import Envelope
from missions.rules_funding import EnvelopeState, check_envelope
from missions.usage import drawn_on
from missions.views.tabs import Tabbed
from missions.words import missing_of


class EnvelopeList(Tabbed, ListPage):
    tab = "envelopes"
    template_name = "missions/list.html"
    model = Envelope
    title = gettext_lazy("Envelopes")
    order = ("-starts_on",)
    select_related = ("payer",)
    search_fields = ("reference", "payer__search_key")
    columns = (
        Column(gettext_lazy("Envelope"), "reference", phone="title"),
        Column(gettext_lazy("Payer"), "payer", phone="sub"),
        Column(gettext_lazy("Basis"), "get_basis_display", phone="sub"),
        Column(gettext_lazy("Used"), template="missions/_drawn.html", phone="amount"),
        Column(gettext_lazy("Report due on"), "report_due_on", "when", phone="side"),
    )
    empty_title = gettext_lazy("No envelope yet.")
    explains = gettext_lazy(
        "What a payer takes on in a year, across coops, and what is left of it."
    )
    about = "enveloppe"
    empty_text = gettext_lazy("Open one for each payer that takes on a number of days a year.")

    def get_primary(self) -> Action:
        return Action(
            _("New envelope"), reverse("missions:envelope_new"), "plus", "missions.change_envelope"
        )

    def paged(self) -> Any:
        rows, cursor = super().paged()
        drawn = drawn_on(rows)
        for row in rows:
            row.drawn = drawn[row.pk]
        return rows, cursor


class EnvelopePage(DetailPage):
    explains = gettext_lazy(
        "What this payer takes on, what days have used of it, and what is left."
    )
    about = "enveloppe"
    model = Envelope
    template_name = "missions/envelope.html"
    select_related = ("payer",)

    def get_facts(self) -> str:
        envelope = self.object
        period = [date_format(d, "d/m/Y") for d in (envelope.starts_on, envelope.ends_on)]
        return f"{envelope.payer} · {period[0]} – {period[1]} · {envelope.get_basis_display()}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:envelopes"), _("Envelopes"))

    def get_actions(self) -> list[Action]:
        url = reverse("missions:envelope_edit", args=(self.object.pk,))
        return [Action(_("Edit"), url, "pencil", "missions.change_envelope")]

    def get_context(self, **more: Any) -> dict[str, Any]:
        envelope = self.object
        drawn = drawn_on([envelope])[envelope.pk]
        coops = Coop.objects.filter(pk__in=drawn.coops).select_related("organisation")
        state = EnvelopeState(
            quota_days=envelope.quota_days,
            used_days=drawn.total,
            quota_coops=envelope.quota_coops,
            coops=len(drawn.coops),
        )
        return super().get_context(
            drawn=drawn,
            left=envelope.quota_days - drawn.total,
            warnings=missing_of(check_envelope(state)),
            coops=[(coop, drawn.days[coop.pk]) for coop in coops],
            agreements=envelope.funding_shares.select_related("agreement__client"),
            **more,
        )


class EnvelopeNew(FormPage):
    form_class = EnvelopeForm
    title = gettext_lazy("New envelope")
    explains = gettext_lazy(
        "Agreements draw on it until it is empty; its page says how much is left."
    )
    back = ("/journees/enveloppes/", gettext_lazy("Envelopes"))
    success_message = gettext_lazy("The envelope is open.")

    def get_initial(self) -> dict[str, Any]:
        year = self.today.year
        return {"starts_on": f"{year}-01-01", "ends_on": f"{year}-12-31"}

    def perform(self, form: Any) -> Envelope:
        return actions.create_envelope(**form.cleaned_data, **self.act())


class EnvelopeEdit(FormPage):
    model = Envelope
    form_class = EnvelopeForm
    title = gettext_lazy("Edit the envelope")
    explains = gettext_lazy("Its ceiling and its period decide which days it still covers.")

    def perform(self, form: Any) -> Envelope:
        return actions.edit_envelope(self.object, **form.cleaned_data, **self.act())
