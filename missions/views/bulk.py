"""Days and expenses decided many at once: a preview of each line, then one confirmation."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from essaim.formats import date_fr, money
from essaim.views import BulkPage, Line
from missions import actions
from missions.models import Expense, MissionDay
from missions.views.days import SEEN

OF_EXPENSES = ("consultant", "mission__coop__organisation")


class ValidateMany(BulkPage):
    """Days to validate: who will pay what of each, read before anything is kept."""

    model = MissionDay
    title = gettext_lazy("Validate these days?")
    select_related = SEEN
    unit = "days"
    figure_label = gettext_lazy("Days")
    success_url = reverse_lazy("missions:validation")
    back = (reverse_lazy("missions:validation"), gettext_lazy("Days to validate"))

    def in_order(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.order_by("worked_on", "pk")

    def line_of(self, row: Any) -> Line:
        detail = f"{row.consultant} · {row.mission}"
        mend = reverse("missions:day_validate", args=(row.pk,))
        return Line(row, date_fr(row.worked_on), row.get_absolute_url(), detail, mend=mend)

    def attempt(self, row: Any, data: Mapping[str, Any]) -> Line:
        plain = self.line_of(row)
        actions.validate(row, **self.act())
        shares = row.shares.current().select_related("payer")
        parts = [
            f"{share.payer or share.get_nature_display()} {money(share.amount)}"
            if share.amount
            else str(share.payer or share.get_nature_display())
            for share in shares
        ]
        return Line(
            row,
            plain.label,
            plain.url,
            plain.detail,
            words=" · ".join(dict.fromkeys(parts)),
            figure=row.quantity,
            seen=f"{row.quantity}/" + "/".join(f"{s.payer_id}={s.amount}" for s in shares),
        )

    def perform(self, rows: QuerySet[Any], data: Mapping[str, Any]) -> Any:
        return actions.validate_many(rows, **self.act())

    def get_submit_label(self, count: int, total: str) -> str:
        words = ngettext(
            "Validate %(count)s day (%(total)s)", "Validate %(count)s days (%(total)s)", count
        )
        return words % {"count": count, "total": total}

    def get_success_message(self, done: Any) -> str:
        words = ngettext("%(count)s day is validated.", "%(count)s days are validated.", len(done))
        return words % {"count": len(done)}


class _Expenses(BulkPage):
    """Expenses chosen in their list."""

    model = Expense
    select_related = OF_EXPENSES
    success_url = reverse_lazy("missions:expenses")
    back = (reverse_lazy("missions:expenses"), gettext_lazy("Expenses"))

    def in_order(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.order_by("spent_on", "pk")

    def line_of(self, row: Any) -> Line:
        detail = f"{date_fr(row.spent_on)} · {row.consultant}"
        return Line(row, row.label, row.get_absolute_url(), detail)

    def told(self, row: Any, words: Any, figure: Decimal) -> Line:
        plain = self.line_of(row)
        return Line(row, plain.label, plain.url, plain.detail, words, figure=figure)


class ExpensesValidate(_Expenses):
    """Expenses to validate: who bears each, and what it costs."""

    title = gettext_lazy("Validate these expenses?")

    def attempt(self, row: Any, data: Mapping[str, Any]) -> Line:
        actions.validate_expense(row, **self.act())
        amount = row.reimbursable if row.kind == Expense.Kind.KM else row.gross
        return self.told(row, row.get_treatment_display(), amount)

    def perform(self, rows: QuerySet[Any], data: Mapping[str, Any]) -> Any:
        return actions.validate_expenses(rows, **self.act())

    def get_submit_label(self, count: int, total: str) -> str:
        words = ngettext(
            "Validate %(count)s expense (%(total)s)",
            "Validate %(count)s expenses (%(total)s)",
            count,
        )
        return words % {"count": count, "total": total}

    def get_success_message(self, done: Any) -> str:
        words = ngettext(
            "%(count)s expense is validated.", "%(count)s expenses are validated.", len(done)
        )
        return words % {"count": len(done)}


class ExpensesReimburse(_Expenses):
    """Money given back to whoever paid: to whom, and how much."""

    title = gettext_lazy("Say that these expenses were given back?")
    submit_icon = "hand-coins"

    def attempt(self, row: Any, data: Mapping[str, Any]) -> Line:
        actions.reimburse_expenses([row], **self.act())
        words = _("given back to %(person)s") % {"person": row.consultant}
        return self.told(row, words, row.reimbursable)

    def perform(self, rows: QuerySet[Any], data: Mapping[str, Any]) -> Any:
        return actions.reimburse_expenses(rows, **self.act())

    def get_submit_label(self, count: int, total: str) -> str:
        words = ngettext(
            "%(count)s expense given back (%(total)s)",
            "%(count)s expenses given back (%(total)s)",
            count,
        )
        return words % {"count": count, "total": total}

    def get_success_message(self, done: Any) -> str:
        words = ngettext(
            "%(count)s expense is given back.", "%(count)s expenses are given back.", len(done)
        )
        return words % {"count": len(done)}
