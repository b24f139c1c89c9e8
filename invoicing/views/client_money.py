"""One client's account: what it owes, what it has with us, its statement, its reminders."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.models import Organisation
from essaim.formats import date_fr, money
from essaim.money import ZERO, cents
from essaim.tongue import in_french
from essaim.views import Action, DetailPage, FormPage, file_response
from essaim.workflow import Missing, Refused
from invoicing.actions import holding, refunding, sending
from invoicing.addresses import addresses_of
from invoicing.balances import Source, sources_of
from invoicing.forms_reminders import RefundForm, SpreadForm, StatementForm
from invoicing.models import AutoRemind as AutoRemindRow
from invoicing.models import Invoice, MailText, Refund, Sending
from invoicing.printing_letters import render_statement
from invoicing.receivables import Statement, aged_balance, statement_of
from invoicing.rules_texts import fill
from invoicing.standing import stand, with_standing
from invoicing.texts import profile_of, statement_facts, text_for
from invoicing.views.books import PeriodPage
from invoicing.views.receivables import column_words, table_file

SHOWN = 30


class ClientMoney(DetailPage):
    """What a client owes by age, its balance, its last documents and mails."""

    explains = gettext_lazy(
        "What this client owes and since when, what it paid, what we wrote to it."
    )

    model = Organisation
    template_name = "invoicing/client.html"

    def get_facts(self) -> str:
        return _("Account of the client, VAT included")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:receivables"), _("Receivables"))

    def get_primary(self) -> Action:
        url = f"{reverse('invoicing:payment_new')}?client={self.object.pk}"
        return Action(_("Record a payment"), url, "banknote", "invoicing.record_payment")

    def get_actions(self) -> Sequence[Action]:
        key = (self.object.pk,)
        found = [
            Action(_("Statement"), reverse("invoicing:account_statement", args=key), "scroll-text")
        ]
        if self.sources:
            spread = reverse("invoicing:spread", args=key)
            back = reverse("invoicing:refund", args=key)
            found.append(Action(_("Use the balance"), spread, "link", "invoicing.record_payment"))
            found.append(Action(_("Pay back"), back, "undo-2", "invoicing.record_payment"))
        return found

    @cached_property
    def sources(self) -> list[Source]:
        return sources_of(self.object.pk)

    def get_context(self, **more: Any) -> dict[str, Any]:
        aged = aged_balance(as_of=self.today, clients=[self.object.pk])
        rows = with_standing(Invoice.objects.visible_to(self.request.user).issued())
        rows = rows.filter(client=self.object).order_by("-issued_on", "-pk")[:SHOWN]
        words = column_words()
        automatic = AutoRemindRow.objects.filter(client=self.object).select_related("by").first()
        more |= {
            "ages": [(words[c], a) for c, a in aged.total.amounts.items() if a],
            "owed": aged.total.owed,
            "total": aged.total.total,
            "held": cents(sum((s.left for s in self.sources), ZERO)),
            "sources": self.sources,
            "invoices": [stand(row, on=self.today) for row in rows],
            "refunds": Refund.objects.filter(client=self.object)[:SHOWN],
            "sendings": Sending.objects.filter(client=self.object, invoice=None).select_related(
                "message", "by"
            )[:5],
            "automatic": automatic,
            "may_remind": self.request.user.has_perm("invoicing.remind"),
        }
        return super().get_context(**more)


class _OfClient(FormPage):
    model = Organisation

    def get_facts(self) -> str:
        return str(self.object)

    def get_back(self) -> tuple[str, Any]:
        return (self.get_success_url(None), str(self.object))

    def get_success_url(self, done: Any) -> str:
        return reverse("invoicing:client", args=(self.object.pk,))


class _WithBalance(_OfClient):
    """A form that draws on the client's balances."""

    @cached_property
    def sources(self) -> list[Source]:
        return sources_of(self.object.pk)

    def check(self) -> None:
        super().check()
        if not self.sources:
            raise Refused([Missing("source", _("This client has no balance to use."))])

    def chosen(self, keys: Sequence[str]) -> list[Any]:
        return [source.row for source in self.sources if source.key in keys]


class Spread(_WithBalance):
    """« Affecter »: balances against several invoices at once."""

    form_class = SpreadForm
    template_name = "invoicing/spread.html"
    title = gettext_lazy("Use the balance")
    explains = gettext_lazy("Use what the client paid too much on the invoices it still owes.")
    about = "solde-client"
    submit_label = gettext_lazy("Set against the invoices")
    submit_icon = "link"
    success_message = gettext_lazy("The balance is set against these invoices.")

    @cached_property
    def owed(self) -> list[Any]:
        rows = Invoice.objects.visible_to(self.request.user).filter(client=self.object).unpaid()
        return list(rows.order_by("due_on", "pk")[:SHOWN])

    def check(self) -> None:
        super().check()
        if not self.owed:
            words = _("This client owes nothing: its balance waits, or is paid back.")
            back = reverse("invoicing:refund", args=(self.object.pk,))
            raise Refused([Missing("invoices", words, back)])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"held": self.sources, "owed": self.owed}

    def perform(self, form: Any) -> Any:
        sources = self.chosen(form.cleaned_data["sources"])
        return refunding.spread(sources=sources, invoices=form.parts, **self.act())


class RefundNew(_WithBalance):
    """Record money paid back to a client."""

    form_class = RefundForm
    title = gettext_lazy("Pay back")
    explains = gettext_lazy(
        "Note money already sent back: the balance goes down, nothing leaves the bank from here."
    )
    submit_label = gettext_lazy("Record the money paid back")
    submit_icon = "undo-2"
    success_message = gettext_lazy("The money paid back is recorded.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"held": self.sources}

    def get_initial(self) -> dict[str, Any]:
        first = self.sources[0]
        return {"source": first.key, "amount": first.left, "paid_on": self.today}

    def perform(self, form: Any) -> Any:
        given = dict(form.cleaned_data)
        source = self.chosen([given.pop("source")])[0]
        return refunding.refund(client=self.object, source=source, **given, **self.act())


class AutoRemind(_OfClient):
    """Let the reminders of a client leave by themselves, or not any more."""

    title = gettext_lazy("Reminders by themselves")
    explains = gettext_lazy("When on, reminders of this client leave by themselves on their day.")
    submit_icon = "bell-ring"

    @cached_property
    def automatic(self) -> bool:
        return AutoRemindRow.objects.filter(client=self.object).exists()

    def get_submit_label(self) -> str:
        return _("No more by themselves") if self.automatic else _("Let them leave by themselves")

    def get_context(self, **more: Any) -> dict[str, Any]:
        words = _("Each reminder is announced three days before to those who follow the client.")
        return super().get_context(help=words, **more)

    def perform(self, form: Any) -> Any:
        return holding.set_auto_remind(
            client=self.object, automatic=not self.automatic, **self.act()
        )


# -- the statement ------------------------------------------------------------------------------
class _OfStatement(PeriodPage):
    model: Any = Organisation
    default = 3  # of near_periods: this year

    def get_title(self) -> str:
        return _("Statement of account")

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:client", args=(self.object.pk,)), str(self.object))

    def found(self, period: tuple[date, date]) -> Statement:
        first, last = period
        return statement_of(self.object, first=first, last=min(last, self.today))


class StatementPage(_OfStatement):
    """Opening balance, documents, payments and running balance over a period."""

    explains = gettext_lazy("All documents and payments of a period, as the client may check them.")

    template_name = "invoicing/account_statement.html"

    def get_facts(self) -> str:
        return str(self.object)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form, period = self.read_period()
        more: dict[str, Any] = {"form": form, "periods": self.periods(period)}
        more["may_send"] = request.user.has_perm("invoicing.send_document")
        if period is not None:
            more["found"] = self.found(period)
            more["query"] = f"?start={period[0]:%Y-%m-%d}&end={period[1]:%Y-%m-%d}"
        return self.show(status=200 if period else 422, **more)


class StatementFile(_OfStatement):
    """The statement as PDF, CSV or XLSX."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        _form, period = self.read_period()
        if period is None:
            return self.bad_request("period")
        found, extension = self.found(period), kwargs["file_format"]
        if extension == "pdf":
            return file_response(self.pdf(found), statement_name(found), "application/pdf")
        header = [
            _("Date"),
            pgettext("statement", "What"),
            _("Due on"),
            pgettext("statement", "Owed"),
        ]
        header += [_("Paid or credited"), pgettext("account", "Balance")]
        rows = [(found.first, _("Opening balance"), None, None, None, found.opening)]
        rows += [(x.on, x.label, x.due_on, x.debit, x.credit, x.balance) for x in found.lines]
        name = statement_name(found).removesuffix(".pdf")
        return table_file(name, extension, header, rows, {3, 4, 5})

    def pdf(self, found: Statement) -> bytes:
        return render_statement(
            profile=profile_of(self.today),
            client=self.object,
            statement=found,
            on=self.today,
            epoch=0,
        )


def statement_name(found: Statement) -> str:
    """RELEVE-COOP-EPI-20261124.pdf."""
    client = slugify(found.client.legal_name)[:40].upper()
    return f"RELEVE-{client}-{found.last:%Y%m%d}.pdf"


class StatementSend(_OfClient):
    """Send a client the statement of its account from the first of January to today."""

    form_class = StatementForm
    title = gettext_lazy("Send the statement")
    explains = gettext_lazy(
        "The client receives the statement of its account since the first of January."
    )
    submit_label = gettext_lazy("Send")
    submit_icon = "send"
    success_message = gettext_lazy("The statement is on its way.")

    @cached_property
    def statement(self) -> Statement:
        first = self.today.replace(month=1, day=1)
        return statement_of(self.object, first=first, last=self.today)

    def get_facts(self) -> str:
        words = _("%(client)s: balance of %(amount)s on %(day)s")
        return words % {
            "client": self.object,
            "amount": money(self.statement.closing),
            "day": date_fr(self.today),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"addresses": addresses_of([self.object], on=self.today)[self.object.pk]}

    def get_initial(self) -> dict[str, Any]:
        profile, text = profile_of(self.today), text_for(MailText.Kind.STATEMENT)
        facts = statement_facts(self.object, self.statement.closing, profile, self.today)
        return {"subject": fill(text.subject, facts), "body": fill(text.body, facts)}

    def perform(self, form: Any) -> Any:
        act = self.act()
        content = render_statement(
            profile=profile_of(self.today),
            client=self.object,
            statement=self.statement,
            on=self.today,
            epoch=int(act["at"].timestamp()),
        )
        return sending.send_statement(
            client=self.object,
            content=content,
            name=statement_name(self.statement),
            to=form.recipient,
            subject=form.cleaned_data["subject"],
            body=form.cleaned_data["body"],
            **act,
        )
