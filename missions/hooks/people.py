"""People and organisations seen from the missions: agreements that run, what a colleague holds."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.person import all_of
from essaim import hooks
from essaim.hooks import Held
from essaim.identifiers import search_key
from essaim.roles import Role
from essaim.workflow import Missing, Refused, record
from missions.actions import submit_days, submit_expenses
from missions.models import Agreement, Expense, Mission, MissionDay, Quote

hooks.row_names.update(
    {
        "missions.Agreement": gettext_lazy("agreements"),
        "missions.DayBeneficiary": gettext_lazy("days it benefited from"),
        "missions.DayShare": gettext_lazy("shares of days"),
        "missions.Envelope": gettext_lazy("envelopes"),
        "missions.Expense": gettext_lazy("expenses"),
        "missions.FundingShare": gettext_lazy("shares it pays"),
        "missions.Mission": gettext_lazy("missions"),
        "missions.MissionDay": gettext_lazy("days it pays by arbitration"),
        "missions.Quote": gettext_lazy("quotes"),
        "missions.QuoteShare": gettext_lazy("shares of quotes"),
        "missions.Timesheet": gettext_lazy("timesheets"),
    }
)
_BINDS = ("sent", "signed", "running")


@hooks.guards.register(("crm.Organisation", "archive"))
def agreement_runs(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """No agreement binds it, as a client, as the coop or as one who pays."""
    theirs = Q(client=obj) | Q(coop__organisation=obj) | Q(shares__payer=obj)
    rows = Agreement.objects.filter(theirs, state__in=_BINDS).distinct().order_by("pk")
    seen = by.has_perm("missions.view_agreement")
    words = _("The agreement “%(title)s” is not over: complete or terminate it first.")
    return [
        Missing(
            "agreement",
            words % {"title": row.title} if seen else _("An agreement is not over."),
            row.get_absolute_url() if seen else "",
        )
        for row in rows[:10]
    ]


class Signatures:
    """Quotes a person answered; kept when the person is erased: they prove the contract."""

    def export(self, contact: Any) -> Mapping[str, Any]:
        names = {search_key(str(person)) for person in all_of(contact) if str(person)}
        rows = Quote.objects.exclude(decided_by="").order_by("pk")
        return {
            "quotes_answered": [
                {
                    "number": row.number,
                    "title": row.title,
                    "as": row.decided_by,
                    "on": row.decided_on.isoformat() if row.decided_on else None,
                }
                for row in rows
                if search_key(row.decided_by) in names
            ]
        }

    def erase(self, contact: Any, *, by: Any, on: date, at: datetime) -> Mapping[str, int]:
        return {}


hooks.person_data.register(Signatures())


class MissionsAndDays:
    """Open missions they are on, days and expenses not sent yet, quotes they are writing."""

    def find(self, user: Any) -> list[Held]:
        days = reverse("missions:days")
        found = [
            Held(
                "missions",
                _("Open missions they are on"),
                self._missions(user).count(),
                reverse("missions:missions"),
                "missions.log_day",
            ),
            Held(
                "days",
                _("Days noted and not sent"),
                self._days(user).count(),
                days,
                "missions.validate_day",
                _("They are sent to be validated; who worked stays the same."),
            ),
            Held(
                "expenses",
                _("Expenses noted and not sent"),
                self._expenses(user).count(),
                reverse("missions:expenses"),
                "missions.validate_expense",
                _("They are sent to be validated; they stay this person's."),
            ),
            Held(
                "quotes",
                _("Quotes being written"),
                self._quotes(user).count(),
                reverse("missions:quotes"),
                "missions.change_quote",
            ),
        ]
        return [held for held in found if held.count]

    def _missions(self, user: Any) -> Any:
        return Mission.objects.open().filter(team=user)

    def _days(self, user: Any) -> Any:
        return MissionDay.objects.filter(consultant=user, state=MissionDay.State.LOGGED)

    def _expenses(self, user: Any) -> Any:
        return Expense.objects.filter(consultant=user, state=Expense.State.LOGGED)

    def _quotes(self, user: Any) -> Any:
        return Quote.objects.filter(created_by=user, state=Quote.State.DRAFT)

    def give(self, user: Any, code: str, *, to: Any, by: Any, on: date, at: datetime) -> int | None:
        act: dict[str, Any] = {"by": by, "on": on, "at": at}
        if code in ("days", "expenses") and not by.has_role(Role.COORDINATOR):
            words = _("Days and expenses of somebody else are sent by a coordinator.")
            raise Refused([Missing(code, words)])
        if code == "days":
            return len(submit_days(list(self._days(user)), **act))
        if code == "expenses":
            return len(submit_expenses(list(self._expenses(user)), **act))
        if code == "missions":
            return self._give_missions(user, to, act)
        return self._give_quotes(user, to, act) if code == "quotes" else None

    def _give_missions(self, user: Any, to: Any, act: dict[str, Any]) -> int:
        rows = list(self._missions(user).select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            row.team.remove(user)
            row.team.add(to)
            record(row, "hand_over", codes={"from": user.pk, "to": to.pk}, **act)
        return len(rows)

    def _give_quotes(self, user: Any, to: Any, act: dict[str, Any]) -> int:
        rows = list(self._quotes(user).select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            row.created_by = to
            row.save(update_fields=["created_by"])
            record(row, "hand_over", codes={"from": user.pk, "to": to.pk}, **act)
        return len(rows)


hooks.hand_overs.register(MissionsAndDays())
