"""Pages of expenses: noting one from a phone, the list, one and what may be done with it."""

from typing import Any

from django.http import Http404
from django.urls import reverse, reverse_lazy
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from essaim.views import (
    Action,
    Chips,
    Column,
    DetailPage,
    FormPage,
    ListPage,
    Page,
    TransitionPage,
    stored_file,
)
from essaim.workflow import UnknownEdge
from missions import actions
from missions.forms.days import missions_of
from missions.forms.expenses import ExpenseForm, SendBackForm
from missions.models import Expense, Mission
from missions.views.tabs import Tabbed

SEEN = ("consultant", "mission__coop__organisation")


def _show(rows: Any, value: str, page: Any) -> Any:
    return {
        "mine": lambda: rows.filter(consultant=page.request.user),
        "logged": lambda: rows.filter(state="logged"),
        "submitted": rows.to_validate,
        "validated": lambda: rows.filter(state="validated"),
        "billed": lambda: rows.filter(state="billed"),
        "back": rows.to_reimburse,
    }[value]()


def _amount(row: Expense) -> Any:
    """What it cost: the amount paid, or what the kilometres give back once validated."""
    return row.reimbursable if row.kind == Expense.Kind.KM else row.gross


class ExpenseList(Tabbed, ListPage):
    tab = "expenses"
    template_name = "missions/list.html"
    model = Expense
    title = gettext_lazy("Expenses")
    order = ("-spent_on",)
    select_related = SEEN
    search_fields = ("label", "mission__title", "mission__coop__organisation__search_key")
    columns = (
        Column(gettext_lazy("What for"), "label", phone="title"),
        Column(gettext_lazy("Date"), "spent_on", "date", phone="sub"),
        Column(gettext_lazy("Mission"), "mission.short_name", phone="sub"),
        Column(gettext_lazy("Who"), "consultant", "person", phone="side"),
        Column(gettext_lazy("Kind"), "get_kind_display", phone="hide"),
        Column(gettext_lazy("Who bears it"), "get_treatment_display", phone="sub"),
        Column(gettext_lazy("Amount"), _amount, "money", phone="amount"),
        Column(gettext_lazy("State"), "state", "badge", phone="badge"),
    )
    bulk = (
        Action(
            gettext_lazy("Validate the chosen expenses"),
            reverse_lazy("missions:expenses_validate"),
            "check",
            "missions.validate_expense",
        ),
        Action(
            gettext_lazy("Given back"),
            reverse_lazy("missions:expenses_reimburse"),
            "hand-coins",
            "missions.reimburse_expense",
        ),
    )
    ticked = Column("", _amount, "money")
    empty_title = gettext_lazy("No expense yet.")
    explains = gettext_lazy(
        "What you paid for the work: to be sent, validated, then reimbursed or billed."
    )
    about = "frais"
    empty_text = gettext_lazy("Note one from your phone: an amount and a picture of the receipt.")

    def get_chips(self) -> Any:
        ways = [
            ("", pgettext("expense", "All")),
            ("logged", pgettext("expense", "Logged")),
            ("submitted", _("To validate")),
            ("validated", pgettext("expense", "Validated")),
            ("back", _("To give back")),
            ("billed", pgettext("expense", "Billed")),
        ]
        if self.request.user.sees_everything:
            ways.insert(1, ("mine", pgettext("expense", "Mine")))
        return (Chips("show", ways, _show, _("Expenses")),)

    def get_primary(self) -> Action:
        url = reverse("missions:expense_new")
        return Action(_("Note an expense"), url, "plus", "missions.log_expense")

    def get_actions(self) -> list[Action]:
        send = Action(_("Send my expenses"), reverse("missions:expenses_send"), "send")
        mine = Expense.objects.filter(consultant=self.request.user, state="logged")
        return [send] if mine.exists() else []


class ExpenseNew(FormPage):
    """« Noter un frais »: usable with one hand."""

    template_name = "missions/expense_form.html"
    form_class = ExpenseForm
    title = gettext_lazy("Note an expense")
    explains = gettext_lazy(
        "A photo of the receipt and an amount; kilometres are reckoned for you."
    )
    back = (reverse_lazy("missions:expenses"), gettext_lazy("Expenses"))
    success_message = gettext_lazy("The expense is noted.")

    def get_initial(self) -> dict[str, Any]:
        me: Any = self.request.user
        last = Expense.objects.filter(consultant=me).order_by("-pk").first()
        car = Expense.objects.filter(consultant=me, kind="km").order_by("-pk").first()
        start: dict[str, Any] = {
            "spent_on": self.today,
            "kind": "train",
            "treatment": "rebilled",
            "paid_by": "person",
        }
        if car is not None:
            start |= {"power": str(car.power), "is_electric": car.is_electric}
        key = self.request.GET.get("mission", "")
        if key.isdecimal() and (found := missions_of(me).filter(pk=key).first()):
            start["mission"] = found.pk
        elif last is not None:
            start["mission"] = last.mission_id
        chosen = Mission.objects.filter(pk=start.get("mission")).first()
        if chosen is not None and chosen.agreement_id is None:
            # Nobody to bill it to: no agreement says who would pay.
            start["treatment"] = "kept"
        return start

    def perform(self, form: Any) -> Expense:
        return actions.log_expense(**form.facts(), **self.act())


STEPS = {
    "submit": (gettext_lazy("Send for validation"), "send", "missions.log_expense"),
    "validate": (gettext_lazy("Validate"), "check", "missions.validate_expense"),
    "withdraw": (gettext_lazy("Take back"), "undo-2", "missions.log_expense"),
    "reject": (gettext_lazy("Send back"), "reply", "missions.validate_expense"),
    "settle": (gettext_lazy("Settle"), "archive", "missions.reimburse_expense"),
}


class ExpensePage(DetailPage):
    explains = gettext_lazy(
        "The receipt, the amount kept, and where it stands: to validate, to reimburse, to bill."
    )
    model = Expense
    template_name = "missions/expense.html"
    select_related = (
        *SEEN, "mission__agreement__client", "receipt", "validated_by", "payer",
    )  # fmt: skip

    def get_title(self) -> str:
        return str(self.object.label)

    def get_facts(self) -> str:
        row = self.object
        said = (row.get_kind_display(), date_format(row.spent_on, "l j F Y"), row.mission)
        return " · ".join(map(str, said))

    def get_back(self) -> tuple[str, Any]:
        return (reverse("missions:expenses"), _("Expenses"))

    def get_actions(self) -> list[Action]:
        row = self.object
        if row.state != "logged" or row.consultant_id != self.request.user.pk:
            return []
        url = {
            n: reverse(f"missions:{n}", args=(row.pk,)) for n in ("expense_edit", "expense_delete")
        }
        return [
            Action(_("Edit"), url["expense_edit"], "pencil"),
            Action(_("Delete"), url["expense_delete"], "trash-2"),
        ]

    def get_steps(self) -> list[Action]:
        """What this person may do with the expense now."""
        row, user = self.object, self.request.user
        own, sent = row.consultant_id == user.pk, row.state == "submitted"
        settles = row.state == "validated" and row.treatment == "kept" and not row.reimbursable
        ways = (
            (own and row.state == "logged", "submit"),
            (sent, "validate"),
            (own and sent, "withdraw"),
            (sent or (row.state == "validated" and row.reimbursed_on is None), "reject"),
            (settles, "settle"),
        )
        return [
            Action(STEPS[n][0], reverse("missions:expense_move", args=(row.pk, n)), *STEPS[n][1:])
            for holds, n in ways
            if holds and user.has_perm(STEPS[n][2])
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        row, user = self.object, self.request.user
        waits = row.reimbursable and row.reimbursed_on is None and row.state != "settled"
        return super().get_context(
            steps=self.get_steps(),
            may_reimburse=bool(waits) and user.has_perm("missions.reimburse_expense"),
            shows_client=user.has_perm("missions.view_agreement"),
            **more,
        )


class ExpenseEdit(FormPage):
    model = Expense
    form_class = ExpenseForm
    template_name = "missions/expense_form.html"
    title = gettext_lazy("Edit the expense")
    explains = gettext_lazy("Correct it until it is sent; the receipt stays with it.")
    select_related = (*SEEN, "receipt")
    success_message = gettext_lazy("The expense is changed.")

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        names = ("kind", "spent_on", "label", "km", "is_electric", "treatment", "paid_by")
        start = {name: getattr(row, name) for name in names}
        start |= {"mission": row.mission_id, "payer": row.payer_id, "power": str(row.power or "")}
        return start | {"gross": row.gross or None, "vat": row.vat or None}

    def perform(self, form: Any) -> Expense:
        return actions.edit_expense(self.object, **form.facts(), **self.act())


class ExpenseDelete(FormPage):
    model = Expense
    title = gettext_lazy("Delete the expense")
    explains = gettext_lazy("Only an expense not sent yet goes away, with its receipt.")
    submit_label = gettext_lazy("Delete the expense")
    success_message = gettext_lazy("The expense is deleted.")
    success_url = reverse_lazy("missions:expenses")
    select_related = (*SEEN, "receipt")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> Any:
        actions.delete_expense(self.object, **self.act())


class ExpenseMove(TransitionPage):
    """Moves of an expense that stand alone; billing ones belong to invoices."""

    model = Expense
    select_related = SEEN
    forms = {"reject": SendBackForm}
    actions = {
        "submit": lambda row, **act: actions.submit_expenses([row], **act),
        "withdraw": actions.withdraw_expense,
        "validate": actions.validate_expense,
        "reject": actions.reject_expense,
        "settle": actions.settle_expense,
    }

    def load(self) -> None:
        super().load()
        if self.edge not in self.actions:
            raise UnknownEdge(self.edge)


class ExpensesSend(FormPage):
    """« Envoyer mes frais »: all that I noted, in one gesture."""

    title = gettext_lazy("Send my expenses")
    explains = gettext_lazy("All that you noted leaves at once, to be validated.")
    submit_label = gettext_lazy("Send my expenses")
    submit_icon = "send"
    back = (reverse_lazy("missions:expenses"), gettext_lazy("Expenses"))
    success_message = gettext_lazy("Your expenses are sent.")
    success_url = reverse_lazy("missions:expenses")

    def get_facts(self) -> str:
        mine = Expense.objects.filter(consultant=self.request.user, state="logged").count()
        return _("%(count)s to send") % {"count": mine}

    def perform(self, form: Any) -> Any:
        mine = Expense.objects.filter(consultant=self.request.user, state="logged")
        return actions.submit_expenses(mine, **self.act())


class ExpenseReceipt(Page):
    """The receipt itself, as an attachment, for those who may see the expense."""

    model = Expense
    select_related = ("receipt",)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        paper = self.object.receipt
        if paper is None:
            raise Http404("receipt")
        return stored_file(paper.file, paper.original_name, paper.content_type)
