"""People and organisations seen from the grants: applications under way, and who follows them."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import hooks
from essaim.hooks import Held
from essaim.workflow import Missing, record
from grants.models import GrantApplication
from grants.states import BEFORE_DECISION, UNDER_WAY

hooks.row_names.update(
    {
        "grants.AidQuestion": gettext_lazy("questions about a payment"),
        "grants.AmendmentNeed": gettext_lazy("amendments to ask for"),
        "grants.CoFunder": gettext_lazy("co-funders"),
        "grants.GrantApplication": gettext_lazy("grant applications"),
        "grants.ExerciseEnd": gettext_lazy("ends of exercises"),
        "grants.OtherAid": gettext_lazy("aids from elsewhere"),
        "grants.PlanNeed": gettext_lazy("needs of the financing plan"),
        "grants.PlanResource": gettext_lazy("resources of the financing plan"),
        "grants.Programme": gettext_lazy("programmes"),
    }
)
_OPEN = (*BEFORE_DECISION, *UNDER_WAY)


@hooks.guards.register(("crm.Organisation", "archive"))
def application_under_way(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """No application of theirs, or to them, is under way."""
    theirs = Q(applicant=obj) | Q(coop__organisation=obj) | Q(programme__funder=obj)
    rows = GrantApplication.objects.filter(theirs, state__in=_OPEN).order_by("pk")
    seen = by.has_perm("grants.view_application")
    words = _("The application “%(title)s” is under way.")
    return [
        Missing(
            "application",
            words % {"title": row} if seen else _("A grant application is under way."),
            row.get_absolute_url() if seen else "",
        )
        for row in rows[:10]
    ]


class Applications:
    """Grant applications a colleague follows."""

    def find(self, user: Any) -> list[Held]:
        count = self._rows(user).count()
        if not count:
            return []
        label, may = _("Grant applications they follow"), "grants.change_application"
        return [Held("applications", label, count, reverse("grants:applications"), may)]

    def _rows(self, user: Any) -> Any:
        return GrantApplication.objects.filter(owner=user, state__in=_OPEN)

    def give(self, user: Any, code: str, *, to: Any, by: Any, on: date, at: datetime) -> int | None:
        if code != "applications":
            return None
        rows = list(self._rows(user).select_for_update(of=("self",)).order_by("pk"))
        for row in rows:
            row.owner = to
            row.save(update_fields=["owner"])
            codes = {"from": user.pk, "to": to.pk}
            record(row, "hand_over", by=by, on=on, at=at, codes=codes)
        return len(rows)


hooks.hand_overs.register(Applications())
