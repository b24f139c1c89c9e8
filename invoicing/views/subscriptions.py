"""Subscriptions: what comes back, what is drafted next, and the button that drafts now."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.forms import EmptyForm
from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, TransitionPage
from invoicing import actions
from invoicing.actions.recurring import Drafted
from invoicing.forms_recurring import RecurringForm, TierFormSet
from invoicing.models import Invoice, Recurring, RecurringDraft
from invoicing.subscriptions import upcoming
from invoicing.trail import ICONS, entries_of


class RecurringList(ListPage):
    """Subscriptions, the newest first."""

    model = Recurring
    title = gettext_lazy("Subscriptions")
    template_name = "invoicing/recurrings.html"
    select_related = ("client", "coop__organisation")
    search_fields = ("label", "client__search_key")
    search_label = gettext_lazy("Description or client")
    empty_title = gettext_lazy("No subscription yet.")
    explains = gettext_lazy(
        "What is billed again each month or quarter: drafts come by themselves."
    )
    about = "abonnement"
    empty_text = gettext_lazy(
        "A subscription drafts an invoice every month, quarter or year; a person issues it."
    )
    empty_icon = "repeat"
    columns = (
        Column(gettext_lazy("Description"), "label", phone="title"),
        Column(gettext_lazy("Client"), "client", phone="sub"),
        Column(gettext_lazy("Period"), "get_period_display", phone="side"),
        Column(gettext_lazy("Price"), "get_pricing_display", phone="hide"),
        Column(gettext_lazy("First period from"), "starts_on", "date", phone="hide"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    chips = (
        Chips(
            "show",
            (("", gettext_lazy("All")), *Recurring.State.choices),
            lambda rows, value, page: rows.filter(state=value),
            gettext_lazy("State"),
        ),
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:other_documents"), _("Other documents"))

    def get_primary(self) -> Action:
        url = reverse("invoicing:recurring_new")
        return Action(_("New subscription"), url, "plus", "invoicing.change_recurring")

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:recurring_draft")
        return (Action(_("Draft what is due"), url, "file-plus", "invoicing.draft_invoice"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        waiting = RecurringDraft.objects.filter(invoice__state=Invoice.State.DRAFT)
        rows = waiting.select_related("invoice__client", "recurring").order_by("period_from", "pk")
        return super().get_context(waiting=list(rows[:20]), **more)


class RecurringPage(DetailPage):
    """One subscription: its terms, what it drafts next, what it drafted."""

    explains = gettext_lazy("What it drafts next and when, and what it has drafted so far.")

    model = Recurring
    select_related = ("client", "coop__organisation", "agreement")
    template_name = "invoicing/recurring.html"

    def get_title(self) -> str:
        return str(self.object.label)

    def get_facts(self) -> str:
        return f"{self.object.client} · {self.object.get_period_display()}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:recurrings"), _("Subscriptions"))

    def get_primary(self) -> Action | None:
        if not self.object.is_active:
            return None
        url = f"{reverse('invoicing:recurring_draft')}?only={self.object.pk}"
        return Action(_("Draft what is due"), url, "file-plus", "invoicing.draft_invoice")

    def get_actions(self) -> Sequence[Action]:
        if self.object.state == Recurring.State.ENDED:
            return ()
        url = reverse("invoicing:recurring_edit", args=(self.object.pk,))
        return (Action(_("Change"), url, "pencil", "invoicing.change_recurring"),)

    def get_context(self, **more: Any) -> dict[str, Any]:
        drafts = self.object.drafts.select_related("invoice")
        tiers = sorted(self.object.tiers.all(), key=lambda t: (t.up_to is None, t.up_to or 0))
        return super().get_context(
            recurring=self.object,
            tiers=tiers,
            upcoming=upcoming(self.object, on=self.today),
            drafts=list(drafts[:40]),
            may_draft=self.request.user.has_perm("invoicing.draft_invoice"),
            trail=entries_of(self.object),
            trail_icons=ICONS,
            **more,
        )


class RecurringNew(FormPage):
    """Write a subscription."""

    form_class = RecurringForm
    title = gettext_lazy("New subscription")
    explains = gettext_lazy(
        "Say what, to whom, how often: each period becomes a draft to read again."
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:recurrings"), _("Subscriptions"))

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today.replace(day=1), "period": Recurring.Period.MONTHLY}

    def get_formsets(self) -> dict[str, Any]:
        posted = self.request.POST if self.request.method == "POST" else None
        return {"tiers": TierFormSet(posted, prefix="tiers", initial=self.tiers())}

    def tiers(self) -> list[dict[str, Any]]:
        return []

    def perform(self, form: Any) -> Recurring:
        return actions.save_recurring(
            recurring=self.object,
            tiers=self.formsets["tiers"].tiers,
            **form.cleaned_data,
            **self.act(),
        )


class RecurringEdit(RecurringNew):
    """Change a subscription; what it drafted before does not change."""

    model = Recurring
    select_related = ("client", "coop__organisation", "agreement")
    title = gettext_lazy("Change the subscription")
    explains = gettext_lazy("Drafts to come follow; those already made do not change.")

    def get_back(self) -> tuple[str, Any]:
        return (self.object.get_absolute_url(), str(self.object))

    def get_initial(self) -> dict[str, Any]:
        found = {name: getattr(self.object, name) for name in RecurringForm.base_fields}
        rate = self.object.vat_rate
        return {**found, "vat_rate": "" if rate is None else f"{rate:.2f}"}

    def tiers(self) -> list[dict[str, Any]]:
        rows = sorted(self.object.tiers.all(), key=lambda t: (t.up_to is None, t.up_to or 0))
        return [{"up_to": row.up_to, "price": row.price} for row in rows]


class RecurringMove(TransitionPage):
    """Pause, go on, end."""

    model = Recurring
    select_related = ("client", "coop__organisation")
    actions = {"suspend": actions.suspend_recurring}
    helps = {
        "suspend": gettext_lazy("What is due now is drafted first; then nothing until it goes on."),
        "go_on": gettext_lazy("Periods begun during the pause are left out."),
        "close": gettext_lazy("No more drafts; what was billed stands."),
    }


class RecurringDraftNow(FormPage):
    """Draft every due period now, as the schedule does each night."""

    form_class = EmptyForm
    title = gettext_lazy("Draft what is due")
    explains = gettext_lazy("Drafts every period that is due, without waiting for the night.")
    submit_label = gettext_lazy("Draft what is due")
    template_name = "invoicing/recurring_draft.html"

    def load(self) -> None:
        super().load()
        self.only = None
        if key := self.request.GET.get("only", ""):
            self.only = self.pick(Recurring.objects.visible_to(self.request.user), key)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:recurrings"), _("Subscriptions"))

    def perform(self, form: Any) -> Drafted:
        act = self.act()
        return actions.draft_recurring(only=self.only, **act)

    def get_success_message(self, done: Drafted) -> str:
        count = len(done.invoices)
        words = ngettext("%(count)s draft made.", "%(count)s drafts made.", count)
        told = [words % {"count": count}]
        told += [f"{row}: {why}" for row, _period, why in done.skipped[:5]]
        return " ".join(told)

    def get_success_url(self, done: Drafted) -> str:
        return self.only.get_absolute_url() if self.only else reverse("invoicing:recurrings")

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = Recurring.objects.visible_to(self.request.user)
        rows = rows.filter(state=Recurring.State.ACTIVE).select_related("client", "coop")
        rows = rows.filter(pk=self.only.pk) if self.only else rows
        due = [(row, up) for row in rows[:100] for up in upcoming(row, on=self.today) if up.is_due]
        return super().get_context(due=due, **more)


class RecurringAgain(FormPage):
    """Draft a period anew whose draft was thrown away."""

    parent_model = Recurring
    form_class = EmptyForm
    title = gettext_lazy("Draft this period again")
    explains = gettext_lazy("For a period whose draft was thrown away: it is made anew.")
    submit_label = gettext_lazy("Draft it again")

    def load(self) -> None:
        super().load()
        rows = RecurringDraft.objects.filter(recurring=self.parent, invoice=None)
        found = rows.filter(pk=self.kwargs["draft_pk"]).first()
        if found is None:
            raise Http404("draft")
        self.draft = found

    def get_facts(self) -> str:
        return f"{self.parent} · {self.draft.period_from:%d/%m/%Y}"

    def perform(self, form: Any) -> Invoice:
        return actions.draft_again(draft=self.draft, **self.act())
