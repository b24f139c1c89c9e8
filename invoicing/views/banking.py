"""Statements of the bank: import, look at each line, record on a click."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.models import Organisation
from essaim.form_keys import Step
from essaim.forms import EmptyForm
from essaim.templatetags.essaim_tags import date_fr, money
from essaim.uploads import shown_name
from essaim.views import Action, Column, DetailPage, FormPage, ListPage
from essaim.workflow import Missing, Refused
from invoicing.actions import banking
from invoicing.actions.desk import shared_out
from invoicing.forms import PickClientForm
from invoicing.forms_bank import LineForm, SetAsideForm, StatementForm
from invoicing.matching import Matcher, open_slips, payments_like, slips_like
from invoicing.models import BankLine, BankStatement, ChequeBatch, Payment
from invoicing.views.bill import found_or_404
from invoicing.views.payments import OWED_SHOWN, owed_by

SHOWN = 50


class StatementList(ListPage):
    """Statements imported, and what is left to look at in each."""

    model = BankStatement
    title = gettext_lazy("Bank statements")
    order = ("-imported_at", "-pk")
    empty_title = gettext_lazy("No statement imported yet.")
    explains = gettext_lazy("Import the bank’s file, then tell which invoice each receipt settles.")
    about = "lettrage"
    empty_text = gettext_lazy(
        "Export the movements from the bank’s site as CSV or CAMT.053, then import the file here: "
        "each credit is compared with what is owed."
    )
    empty_icon = "landmark"
    columns = (
        Column(gettext_lazy("File"), "name", phone="title"),
        Column(gettext_lazy("From"), "first_on", "date", phone="sub"),
        Column(gettext_lazy("To"), "last_on", "date", phone="sub"),
        Column(gettext_lazy("Credits to look at"), "waiting", "number", phone="side"),
        Column(gettext_lazy("Recorded"), "booked", "number", phone="hide"),
        Column(gettext_lazy("Lines refused"), lambda row: len(row.refused), "number", phone="hide"),
    )

    def get_queryset(self) -> Any:
        new = Q(lines__fate=BankLine.Fate.NEW, lines__amount__gt=0)
        booked = Q(lines__fate=BankLine.Fate.BOOKED)
        rows = super().get_queryset()
        return rows.annotate(
            waiting=Count("lines", filter=new), booked=Count("lines", filter=booked)
        )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:payments"), _("Payments"))

    def get_primary(self) -> Action:
        url = reverse("invoicing:statement_new")
        return Action(_("Import a statement"), url, "upload", "invoicing.record_payment")

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Cheques"), reverse("invoicing:cheques"), "banknote"),)


class StatementNew(FormPage):
    """Read a file; nothing is recorded."""

    form_class = StatementForm
    title = gettext_lazy("Import a statement")
    explains = gettext_lazy(
        "The file is read and its lines compared with what is owed; nothing is recorded yet."
    )
    submit_label = gettext_lazy("Read the file")
    submit_icon = "upload"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:statements"), _("Bank statements"))

    def perform(self, form: Any) -> BankStatement:
        file = form.cleaned_data["file"]
        name = shown_name(file.name or "")
        return banking.import_statement(content=file.read(), name=name, **self.act())

    def get_success_message(self, done: BankStatement) -> str:
        lines = done.lines.count()
        words = ngettext("%(count)s line read.", "%(count)s lines read.", lines)
        return words % {"count": lines}


class StatementPage(DetailPage):
    """The lines of one statement: credits to look at with what they may settle, then the rest."""

    explains = gettext_lazy(
        "Each receipt with the invoices it may settle: record the sure ones at once."
    )

    model = BankStatement
    template_name = "invoicing/statement.html"
    tabs = (
        ("", gettext_lazy("Credits to look at"), Q(fate="", amount__gt=0)),
        ("booked", gettext_lazy("Recorded"), Q(fate="booked")),
        ("aside", gettext_lazy("Set aside"), Q(fate="ignored")),
        ("out", gettext_lazy("What left the account"), Q(fate="", amount__lt=0)),
    )

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:statements"), _("Bank statements"))

    def get_facts(self) -> str:
        row = self.object
        if row.first_on is None:
            return ""
        return _("from %(first)s to %(last)s") % {
            "first": date_fr(row.first_on),
            "last": date_fr(row.last_on),
        }

    def get_actions(self) -> Sequence[Action]:
        url = reverse("invoicing:statement_forget", args=(self.object.pk,))
        return (Action(_("Throw this import away"), url, "trash-2", "invoicing.record_payment"),)

    @cached_property
    def shown(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in {key for key, *_rest in self.tabs} else ""

    def lines(self) -> list[Any]:
        chosen = next(where for key, _label, where in self.tabs if key == self.shown)
        rows = self.object.lines.filter(chosen).select_related("payment__client", "cheques")
        return list(rows.order_by("booked_on", "pk")[: SHOWN + 1])

    def counts(self) -> dict[str, int]:
        asked = {key or "new": Count("pk", filter=where) for key, _label, where in self.tabs}
        return self.object.lines.aggregate(**asked)

    def get_context(self, **more: Any) -> dict[str, Any]:
        lines, counts = self.lines(), self.counts()
        more |= {
            "tabs": [
                (label, f"?show={key}" if key else "?", key == self.shown, counts[key or "new"])
                for key, label, _where in self.tabs
            ],
            "statement": self.object,
            "shown": self.shown,
            "rows": self.proposed(lines[:SHOWN]) if not self.shown else [],
            "lines": lines[:SHOWN],
            "more": len(lines) > SHOWN,
        }
        more["sure"] = sum(bool(row["best"] and row["best"].is_sure) for row in more["rows"])
        return super().get_context(**more)

    def proposed(self, lines: list[Any]) -> list[dict[str, Any]]:
        """Each line with its best proposal, the payments it may be and the slips it may credit."""
        if not lines:
            return []
        matcher, slips = Matcher(self.request.user), open_slips()
        alike = payments_like(lines)
        found = []
        for line in lines:
            proposals = matcher.of(line)
            found.append(
                {
                    "line": line,
                    "best": proposals[0] if proposals else None,
                    "others": len(proposals) - 1,
                    "payments": alike.get(line.pk, []),
                    "slips": slips_like(line, slips),
                }
            )
        return found


class StatementForget(FormPage):
    """Throw an import away while nothing of it is recorded."""

    model = BankStatement
    form_class = EmptyForm
    title = gettext_lazy("Throw this import away?")
    explains = gettext_lazy("Its lines are forgotten; the same file may be imported again.")
    submit_label = gettext_lazy("Throw away")
    submit_icon = "trash-2"
    success_message = gettext_lazy("The import is thrown away.")

    def perform(self, form: Any) -> BankStatement:
        banking.forget_statement(statement=self.object, **self.act())
        return self.object

    def get_success_url(self, done: BankStatement) -> str:
        return reverse("invoicing:statements")


class BookSure(FormPage):
    """Record the ticked lines whose proposal is certain."""

    explains = gettext_lazy(
        "Only lines whose client and invoice leave no doubt; the others wait for you."
    )

    # Other lines are another choice.
    asks_again = False
    model = BankStatement
    form_class = EmptyForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(self.object.get_absolute_url())

    def perform(self, form: Any) -> BankStatement:
        keys = [int(k) for k in self.request.POST.getlist("line") if k.isdigit()]
        if not keys:
            raise Refused([Missing("line", _("Tick at least one line."))])
        booked, told = banking.book_sure(statement=self.object, lines=keys, **self.act())
        for words in told:
            messages.warning(self.request, words)
        self.count = len(booked)
        return self.object

    def get_success_message(self, done: BankStatement) -> str:
        words = ngettext("%(count)s payment recorded.", "%(count)s payments recorded.", self.count)
        return words % {"count": self.count}

    def not_done(self, form: Any, missing: list[Missing]) -> Any:
        return self.refused(Refused(missing))


class _OneLine(FormPage):
    """A gesture on one line of a statement."""

    model = BankLine
    select_related = ("statement", "payment")

    def get_back(self) -> tuple[str, Any]:
        return (self.object.statement.get_absolute_url(), str(self.object.statement))

    def get_facts(self) -> str:
        line = self.object
        return f"{date_fr(line.booked_on)} · {money(line.amount)} · {line.words}"

    def get_success_url(self, done: Any) -> str:
        return self.object.statement.get_absolute_url()


class LineBook(_OneLine):
    """Record one line: the client, then what it settles."""

    template_name = "invoicing/bank_line.html"
    title = gettext_lazy("Record this line")
    explains = gettext_lazy("Choose the client and the invoices this receipt settles.")
    about = "lettrage"
    submit_icon = "banknote"

    def load(self) -> None:
        super().load()
        user, key = self.request.user, self.request.GET.get("client")
        self.client = None
        if key:
            self.client = found_or_404(Organisation.objects.visible_to(user), key)

    def check(self) -> None:
        super().check()
        if self.object.fate == BankLine.Fate.BOOKED:
            raise Refused([Missing("line", _("This line is recorded already."))])

    @cached_property
    def owed(self) -> list[Any]:
        return list(owed_by(self.client, self.request.user)[:OWED_SHOWN]) if self.client else []

    def get_form_class(self) -> Any:
        return LineForm if self.client else PickClientForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"owed": self.owed} if self.client else {}

    def get_initial(self) -> dict[str, Any]:
        """What is recognised for this client is typed already."""
        if self.client is None:
            return {}
        for found in Matcher(self.request.user).of(self.object):
            if found.client.pk == self.client.pk:
                return {f"part_{invoice.pk}": part for invoice, part in found.parts}
        return {}

    def get_submit_label(self) -> Any:
        return _("Record the payment") if self.client else _("Go on")

    def perform(self, form: Any) -> Any:
        if self.client is None:
            return form.cleaned_data["client"]
        invoices = form.typed or shared_out(self.object.amount, self.owed)
        return banking.book_line(
            line=self.object,
            client=self.client,
            invoices=invoices,
            reasons=self.reasons,
            **self.act(),
        )

    def done(self, done: Any) -> HttpResponseBase:
        if isinstance(done, Organisation):
            return Step(f"{self.request.path}?client={done.pk}")
        return super().done(done)

    def get_success_message(self, done: Payment) -> str:
        return _("%(amount)s recorded.") % {"amount": money(done.amount)}

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(client=self.client, line=self.object, **more)


class LineTie(_OneLine):
    """Say that a line is a payment already recorded, or a slip of cheques."""

    form_class = EmptyForm
    title = gettext_lazy("This line is already recorded")
    explains = gettext_lazy("Tie it to what was recorded by hand: the money is not counted twice.")
    submit_label = gettext_lazy("It is this one")
    submit_icon = "link"
    success_message = gettext_lazy("The line is tied to what was recorded.")

    def load(self) -> None:
        super().load()
        kind, key = self.kwargs["kind"], self.kwargs["other_pk"]
        if kind not in ("payment", "slip"):
            raise Http404(kind)
        rows = Payment.objects if kind == "payment" else ChequeBatch.objects
        self.other = found_or_404(rows.visible_to(self.request.user), str(key))

    def get_facts(self) -> str:
        return f"{super().get_facts()} = {self.other}"

    def perform(self, form: Any) -> BankLine:
        if self.kwargs["kind"] == "payment":
            return banking.tie_line(line=self.object, payment=self.other, **self.act())
        return banking.book_slip(line=self.object, slip=self.other, **self.act())


class LineAside(_OneLine):
    """Take a line off the list."""

    form_class = SetAsideForm
    title = gettext_lazy("Set this line aside")
    explains = gettext_lazy("For what is no payment of a client; the line can be taken up again.")
    submit_label = gettext_lazy("Put aside")
    submit_icon = "archive"
    success_message = gettext_lazy("The line is set aside.")

    def perform(self, form: Any) -> BankLine:
        return banking.set_aside(line=self.object, why=form.cleaned_data["why"], **self.act())


class LineBack(_OneLine):
    """Look at a line again."""

    form_class = EmptyForm
    title = gettext_lazy("Look at this line again?")
    explains = gettext_lazy("The line comes back among those to look at.")
    submit_label = gettext_lazy("Look again")
    submit_icon = "undo-2"

    def perform(self, form: Any) -> BankLine:
        return banking.look_again(line=self.object, **self.act())
