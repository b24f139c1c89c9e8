"""Pages of agreements: terms, payers, signature, amendments, unbilled days at a new rate."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.forms import formset_factory
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import Action, Chips, Column, DetailPage, FormPage, ListPage, TransitionPage
from essaim.why import ways
from missions import actions
from missions.actions import ShareLine
from missions.compose import amendment_rows
from missions.forms.terms import AgreementForm, AmendForm, ShareForm, SignAmendmentForm, SignForm
from missions.models import Agreement, Amendment, DayShare
from missions.usage import days_used
from missions.views.tabs import Tabbed

SHOWN = 20
AHEAD = ("sign", "start", "send", "complete", "take_back", "terminate")


class AgreementList(Tabbed, ListPage):
    tab = "agreements"
    template_name = "missions/list.html"
    model = Agreement
    title = gettext_lazy("Agreements")
    order = ("-starts_on",)
    select_related = ("client", "coop__organisation")
    search_fields = ("title", "reference", "client__search_key")
    chips = (
        Chips(
            "show",
            (
                ("", gettext_lazy("All")),
                ("draft", gettext_lazy("Drafts")),
                ("live", gettext_lazy("In force")),
                ("ended", gettext_lazy("Ended")),
            ),
            lambda rows, value, page: rows.filter(
                state__in={
                    "draft": ("draft", "sent"),
                    "live": ("signed", "running"),
                    "ended": ("completed", "terminated"),
                }[value]
            ),
            gettext_lazy("Agreements"),
        ),
    )
    columns = (
        Column(gettext_lazy("Agreement"), "title", phone="title"),
        Column(gettext_lazy("Client"), "client", phone="sub"),
        Column(gettext_lazy("In force from"), "starts_on", "date", phone="side"),
        Column(gettext_lazy("Daily rate"), "daily_rate", "money", phone="hide"),
        Column(gettext_lazy("Used"), template="missions/_used.html", phone="amount"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    empty_title = gettext_lazy("No agreement yet.")
    explains = gettext_lazy(
        "What was agreed with each client: without a signed agreement, no day is billed."
    )
    about = "convention"
    empty_text = gettext_lazy(
        "Write the first one: who is billed, at what rate, for how many days."
    )

    def get_primary(self) -> Action:
        return Action(
            _("New agreement"),
            reverse("missions:agreement_new"),
            "plus",
            "missions.change_agreement",
        )

    def paged(self) -> Any:
        rows, cursor = super().paged()
        used = days_used(rows)
        for row in rows:
            row.used = used[row.pk]
        return rows, cursor


class AgreementPage(DetailPage):
    explains = gettext_lazy("The price, who pays which part, and how much of it is used.")
    about = "convention"
    model = Agreement
    template_name = "missions/agreement.html"
    select_related = ("client", "coop__organisation", "signed_scan", "report")

    def get_facts(self) -> str:
        agreement = self.object
        since = date_format(agreement.starts_on, "d/m/Y")
        return f"{agreement.client} · {agreement.get_kind_display()} · {since}"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:agreements"), _("Agreements"))

    def get_actions(self) -> list[Action]:
        agreement, change = self.object, "missions.change_agreement"

        def to(name: str, label: str, icon: str, key: Any = None) -> Action:
            args = (key or agreement.pk,)
            return Action(label, reverse(f"missions:{name}", args=args), icon, change)

        found = [to("agreement_edit", _("Edit"), "pencil")]
        if agreement.state == "draft":
            found.append(to("agreement_shares", _("Payers"), "split"))
        if agreement.state == "draft" and agreement.kind != "offered":
            found.append(to("phases", _("Phases and instalments"), "list-ordered"))
        if agreement.rhythm == "report" and agreement.state not in ("draft", "sent"):
            found.append(to("report_delivered", _("The report is delivered"), "file-check"))
        if agreement.is_signed:
            found.append(to("amendment_new", _("Amendment"), "file-plus"))
            found.append(to("rerate", _("Unbilled days at this rate"), "refresh-cw"))
        if agreement.state not in ("completed", "terminated"):
            url = reverse("missions:mission_new") + f"?agreement={agreement.pk}"
            found.append(Action(_("New mission"), url, "plus", "missions.change_mission"))
        return found

    def get_context(self, **more: Any) -> dict[str, Any]:
        agreement = self.object
        wanted = [(n, reverse("missions:agreement_move", args=(agreement.pk, n))) for n in AHEAD]
        used = days_used([agreement])[agreement.pk]
        sums = (
            DayShare.objects.current()
            .filter(day__mission__agreement=agreement)
            .values_list("nature")
            .annotate(days=Sum("days"), amount=Sum("amount"))
        )
        return super().get_context(
            moves=ways(agreement, wanted, user=self.request.user, on=self.today),
            is_over=agreement.days_budgeted is not None and used > agreement.days_budgeted,
            shares=agreement.shares.select_related("payer", "envelope"),
            amendments=[(one, amendment_rows(one)) for one in _amendments(agreement)],
            left=(agreement.days_budgeted or used) - used,
            missions=agreement.missions.select_related("coop__organisation")[:SHOWN],
            used=used,
            sums={n: (d, a) for n, d, a in sums},
            **more,
        )


def _amendments(agreement: Agreement) -> list[Amendment]:
    """Each with the agreement at hand, which its old terms may be read from."""
    found = list(agreement.amendments.select_related("signed_scan"))
    for one in found:
        one.agreement = agreement
    return found


class AgreementNew(FormPage):
    form_class = AgreementForm
    title = gettext_lazy("New agreement")
    explains = gettext_lazy(
        "A draft first: you read it again and choose who pays before it is sent."
    )
    back = ("/journees/conventions/", gettext_lazy("Agreements"))
    success_message = gettext_lazy("The draft is written.")

    def get_initial(self) -> dict[str, Any]:
        given = self.request.GET.get("coop", "")
        start: dict[str, Any] = {"starts_on": self.today, "title": _("Accompaniment agreement")}
        return start | ({"coop": given} if given.isdecimal() else {})

    def perform(self, form: Any) -> Agreement:
        return actions.create_agreement(**form.cleaned_data, **self.act())


class AgreementEdit(FormPage):
    model = Agreement
    form_class = AgreementForm
    title = gettext_lazy("Edit the agreement")
    explains = gettext_lazy("Free to change until it is signed; after that, an amendment does it.")

    def perform(self, form: Any) -> Agreement:
        return actions.edit_agreement(self.object, **form.cleaned_data, **self.act())


class AgreementShares(FormPage):
    """Who pays which part, before the signature."""

    model = Agreement
    title = gettext_lazy("Payers of the agreement")
    explains = gettext_lazy("The client, a town hall, a funder: each pays its part of every day.")
    about = "quote-part"
    template_name = "missions/shares.html"
    success_message = gettext_lazy("The payers are kept.")

    def get_facts(self) -> str:
        return str(self.object)

    def get_formsets(self) -> dict[str, Any]:
        rows = [
            {
                "payer": s.payer_id,
                "percent": s.percent,
                "basis": s.basis,
                "cap_eur": s.cap_eur,
                "cap_days": s.cap_days,
                "cap_per_day": s.cap_per_day,
                "cap_is": s.cap_is,
                "envelope": s.envelope_id,
                "takes_remainder": s.takes_remainder,
            }
            for s in self.object.shares.all()
        ]
        many = formset_factory(ShareForm, extra=2, max_num=8, validate_max=True)
        return {
            "shares": many(
                self.request.POST or None,
                initial=rows,
                prefix="shares",
                form_kwargs={"user": self.request.user, "on": self.today},
            )
        }

    def perform(self, form: Any) -> Agreement:
        lines = []
        for index, one in enumerate(self.formsets["shares"]):
            data = one.cleaned_data
            if not data or data.get("payer") is None:
                continue
            lines.append(ShareLine(**data, priority=index + 1))
        return actions.set_shares(self.object, lines, **self.act())


class AgreementMove(TransitionPage):
    model = Agreement
    forms = {"sign": SignForm}
    actions = {"sign": actions.sign_agreement}
    helps = {
        "sign": gettext_lazy("The terms are frozen from the signature on; amendments change them.")
    }

    def get_initial(self) -> dict[str, Any]:
        return {"signed_on": self.today} | super().get_initial()


class AmendmentNew(FormPage):
    parent_model = Agreement
    form_class = AmendForm
    title = gettext_lazy("New amendment")
    explains = gettext_lazy("It changes a signed agreement from a date on; what was billed stays.")
    about = "avenant"
    success_message = gettext_lazy("The amendment is written: record its signature.")

    def get_facts(self) -> str:
        return str(self.parent)

    def get_initial(self) -> dict[str, Any]:
        return {"effective_on": self.today}

    def perform(self, form: Any) -> Amendment:
        return actions.create_amendment(self.parent, **form.cleaned_data, **self.act())


class AmendmentSign(FormPage):
    model = Amendment
    form_class = SignAmendmentForm
    title = gettext_lazy("Record the signature")
    explains = gettext_lazy("Its terms count from its date on, once both have signed.")
    submit_label = gettext_lazy("Record the signature")
    success_message = gettext_lazy("The amendment is signed: the agreement has its new terms.")
    select_related = ("agreement",)

    def get_objects(self) -> Any:
        seen = Agreement.objects.visible_to(self.request.user)
        return Amendment.objects.filter(agreement__in=seen).select_related("agreement")

    def get_facts(self) -> str:
        return _("Amendment %(number)s of “%(agreement)s”") % {
            "number": self.object.number,
            "agreement": self.object.agreement,
        }

    def perform(self, form: Any) -> Amendment:
        return actions.sign_amendment(
            self.object, rearbitrate=form.cleaned_data["rearbitrate"], **self.act()
        )


class Rerate(FormPage):
    """Unbilled days under the present terms: what changes is shown before it is written."""

    model = Agreement
    template_name = "missions/rerate.html"
    title = gettext_lazy("Unbilled days at this rate")
    explains = gettext_lazy(
        "Days not billed yet take the present price; read the change, then confirm."
    )
    submit_label = gettext_lazy("Apply the present terms")
    success_message = gettext_lazy("The unbilled days follow the present terms.")

    def get_facts(self) -> str:
        return str(self.object)

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = actions.preview_rerate(self.object, on=self.today)
        changed = [r for r in rows if (r.old, r.old_rate) != (r.new, r.new_rate)]
        zero = Decimal("0.00")
        total = sum((r.new for r in changed), zero) - sum((r.old for r in changed), zero)
        return super().get_context(rows=changed, difference=total, **more)

    def perform(self, form: Any) -> Agreement:
        actions.rerate(self.object, **self.act())
        return self.object
