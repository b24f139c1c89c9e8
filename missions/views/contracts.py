"""Pages of quotes: written, sent, answered, made an agreement."""

from datetime import timedelta
from typing import Any

from django.forms import formset_factory
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.models import Coop
from essaim.views import (
    Action,
    Chips,
    Column,
    DetailPage,
    FormPage,
    ListPage,
    Page,
    TransitionPage,
)
from essaim.workflow import edges
from missions import actions
from missions.actions import PricedLine, ProposedShare
from missions.compose import quote_paper
from missions.forms.contracts import (
    AnswerForm,
    QuoteForm,
    QuoteLineForm,
    QuoteShareForm,
    ScanForm,
    VersionForm,
)
from missions.models import Agreement, Quote
from missions.views.papers import paper_response, preview_response
from missions.views.tabs import Tabbed

VALID_FOR = timedelta(days=30)
LINE_NAMES = ("kind", "label", "quantity", "unit_price", "planned_on")
AHEAD = ("send_quote", "accept_quote", "decline_quote", "expire_quote")


class QuoteList(Tabbed, ListPage):
    tab = "quotes"
    template_name = "missions/list.html"
    model = Quote
    title = gettext_lazy("Quotes")
    order = ("-created_on",)
    select_related = ("client", "coop__organisation")
    search_fields = ("title", "number", "client__search_key")
    chips = (
        Chips(
            "show",
            (
                ("", pgettext_lazy("quotes", "All")),
                ("draft", gettext_lazy("Drafts")),
                ("waiting", gettext_lazy("Waiting for an answer")),
                ("accepted", gettext_lazy("Accepted quotes")),
                ("expired", gettext_lazy("Expired quotes")),
            ),
            lambda rows, value, page: {
                "draft": lambda: rows.filter(state="draft"),
                "waiting": lambda: rows.waiting(on=page.today),
                "accepted": lambda: rows.filter(state="accepted"),
                "expired": lambda: rows.expired(on=page.today),
            }[value](),
            gettext_lazy("Quotes"),
        ),
    )
    columns = (
        Column(gettext_lazy("Quote"), "title", phone="title"),
        Column(gettext_lazy("Number"), "reference", phone="sub"),
        Column(gettext_lazy("Client"), "client", phone="sub"),
        Column(gettext_lazy("Valid until"), "valid_until", "date", phone="side"),
        Column(gettext_lazy("Total, net"), "net", "money", phone="amount"),
        Column(gettext_lazy("State"), template="missions/_quote_state.html", phone="badge"),
    )
    empty_title = gettext_lazy("No quote yet.")
    explains = gettext_lazy("What was offered, and what each client answered.")
    about = "devis"
    empty_text = gettext_lazy("Write what you propose: days, phases or a pack, and until when.")

    def get_primary(self) -> Action:
        url = reverse("missions:quote_new")
        return Action(_("New quote"), url, "plus", "missions.change_quote")


class QuotePage(DetailPage):
    explains = gettext_lazy("Once accepted, a quote becomes an agreement in one click.")
    about = "devis"
    model = Quote
    template_name = "missions/quote.html"
    select_related = ("client", "coop__organisation", "agreement", "signed_scan", "supersedes")

    def get_facts(self) -> str:
        quote = self.object
        parts = [quote.reference or _("without a number"), str(quote.client)]
        parts.append(_("valid until %(day)s") % {"day": date_format(quote.valid_until, "d/m/Y")})
        return " · ".join(parts)

    def get_title(self) -> str:
        return str(self.object.title)

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:quotes"), _("Quotes"))

    def _to(self, name: str, label: str, icon: str, right: str = "change_quote") -> Action:
        url = reverse(f"missions:{name}", args=(self.object.pk,))
        return Action(label, url, icon, f"missions.{right}")

    def get_primary(self) -> Action | None:
        quote = self.object
        if quote.state == Quote.State.ACCEPTED and quote.agreement_id is None:
            words = _("Make it an agreement")
            return self._to("quote_agreement", words, "file-check", "change_agreement")
        return None

    def get_actions(self) -> list[Action]:
        quote = self.object
        found = [self._to("quote_pdf", "PDF", "file-text", "view_quote")]
        if quote.state == Quote.State.DRAFT:
            found.append(self._to("quote_edit", _("Edit"), "pencil"))
            found.append(self._to("quote_delete", _("Throw away"), "trash-2"))
        else:
            found.append(self._to("quote_scan", _("Signed paper"), "upload", "decide_quote"))
        replaced = hasattr(quote, "superseded_by")
        if quote.state in ("sent", "declined", "expired") and not replaced:
            found.append(self._to("quote_version", _("New version"), "copy-plus"))
        return found

    def get_context(self, **more: Any) -> dict[str, Any]:
        quote = self.object
        allowed = [e for e in edges(quote, self.act()["by"]) if e.allowed and e.name in AHEAD]
        return super().get_context(
            lines=list(quote.lines.all()),
            shares=list(quote.shares.select_related("payer")),
            moves=[
                (e, reverse("missions:quote_move", args=(quote.pk, e.name)))
                for e in sorted(allowed, key=lambda e: AHEAD.index(e.name))
            ],
            expired=quote.is_expired(self.today),
            later=Quote.objects.filter(supersedes=quote).first(),
            **more,
        )


class _QuoteForm(FormPage):
    """The quote, its lines and the payers proposed."""

    form_class = QuoteForm
    template_name = "missions/quote_form.html"
    submit_label = gettext_lazy("Save the draft")
    success_message = gettext_lazy("The quote is kept.")

    def held(self) -> Quote | None:
        return None

    def get_formsets(self) -> dict[str, Any]:
        quote = self.held()
        lines = quote.lines.all() if quote else ()
        shares = quote.shares.all() if quote else ()
        return {
            "lines": self._many(QuoteLineForm, "lines", lines, LINE_NAMES),
            "shares": self._many(
                QuoteShareForm, "shares", shares, ("payer", "percent", "cap_eur", "takes_remainder")
            ),
        }

    def _many(self, form: Any, prefix: str, rows: Any, names: tuple[str, ...]) -> Any:
        initial = [{n: getattr(r, "payer_id" if n == "payer" else n) for n in names} for r in rows]
        extra = 3 if prefix == "lines" else 2
        many = formset_factory(form, extra=extra, max_num=30, validate_max=True)
        return many(
            self.request.POST or None,
            initial=initial,
            prefix=prefix,
            form_kwargs={"user": self.request.user, "on": self.today},
        )

    def perform(self, form: Any) -> Quote:
        lines = [one.cleaned_data for one in self.formsets["lines"] if one.cleaned_data]
        shares = [one.cleaned_data for one in self.formsets["shares"]]
        return actions.save_quote(
            quote=self.held(),
            lines=[PricedLine(**line) for line in lines],
            shares=[ProposedShare(**s) for s in shares if s.get("payer")],
            **form.cleaned_data,
            **self.act(),
        )


class QuoteNew(_QuoteForm):
    title = gettext_lazy("New quote")
    explains = gettext_lazy(
        "A price offered before any agreement; it gets its number when it is sent."
    )
    back = ("/journees/devis/", gettext_lazy("Quotes"))

    def get_initial(self) -> dict[str, Any]:
        start: dict[str, Any] = {"valid_until": self.today + VALID_FOR}
        given = self.request.GET.get("coop", "")
        coops = Coop.objects.visible_to(self.request.user)
        coop = coops.filter(pk=given).first() if given.isdecimal() else None
        return start | ({"coop": coop.pk, "client": coop.organisation_id} if coop else {})


class QuoteEdit(_QuoteForm):
    model = Quote
    title = gettext_lazy("Edit the quote")
    explains = gettext_lazy("Free to change until it is sent; then a new version is made.")

    def held(self) -> Quote | None:
        return self.object


class QuoteDelete(FormPage):
    model = Quote
    title = gettext_lazy("Throw the quote away")
    explains = gettext_lazy("Only a draft goes away; a quote that was sent is kept.")
    submit_label = gettext_lazy("Throw away")
    success_message = gettext_lazy("The draft is thrown away.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> None:
        actions.delete_quote(self.object, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("missions:quotes")


class QuoteVersion(FormPage):
    model = Quote
    form_class = VersionForm
    title = gettext_lazy("New version of the quote")
    explains = gettext_lazy("The one that was sent stays readable; you change the new one.")
    submit_label = gettext_lazy("Write the new version")
    success_message = gettext_lazy("The new version is a draft: change it, then send it.")

    def get_facts(self) -> str:
        return _("It keeps the number %(number)s; the earlier version is replaced once sent.") % {
            "number": self.object.number
        }

    def get_initial(self) -> dict[str, Any]:
        return {"valid_until": self.today + VALID_FOR}

    def perform(self, form: Any) -> Quote:
        return actions.new_version(self.object, **form.cleaned_data, **self.act())


class QuoteAgreement(FormPage):
    """One click: the accepted quote becomes a draft agreement with its terms."""

    model = Quote
    title = gettext_lazy("Make it an agreement")
    explains = gettext_lazy(
        "Lines, price and payers are taken over; the agreement stays a draft to read again."
    )
    submit_label = gettext_lazy("Make it an agreement")
    success_message = gettext_lazy("The agreement is a draft with the terms of the quote.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> Agreement:
        return actions.make_agreement(self.object, **self.act())


class QuoteScan(FormPage):
    model = Quote
    form_class = ScanForm
    title = gettext_lazy("Signed paper")
    explains = gettext_lazy("The signed paper is the proof of what was agreed: keep it here.")
    submit_label = gettext_lazy("Keep it")
    success_message = gettext_lazy("The signed paper is kept.")

    def perform(self, form: Any) -> Quote:
        actions.attach_scan(self.object, form.cleaned_data["file"], **self.act())
        return self.object


class QuoteMove(TransitionPage):
    model = Quote
    forms = {"accept_quote": AnswerForm, "decline_quote": AnswerForm}
    actions = {
        "send_quote": actions.send_quote,
        "accept_quote": actions.accept_quote,
        "decline_quote": actions.decline_quote,
    }
    helps = {
        "send_quote": gettext_lazy(
            "It takes its number and its words are frozen; a change is a new version."
        ),
    }

    def get_initial(self) -> dict[str, Any]:
        return {"decided_on": self.today} | super().get_initial()


class QuotePdf(Page):
    """The frozen bytes of a quote that was sent; a draft is printed on demand and kept nowhere."""

    model = Quote
    select_related = ("client", "coop__organisation")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        quote = self.object
        name = slugify(f"{quote.reference or 'brouillon'} {quote.client.name}")
        paper = quote.papers.last()
        if paper is not None:
            return paper_response(self, paper, name)
        return preview_response(quote_paper(quote, on=self.today), name)
