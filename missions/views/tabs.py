"""The row of tabs that the lists of the room share."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim import features
from missions.guards import validates_nothing


class Tabbed:
    """Adds `tabs` to the page: the lists this person may open."""

    tab: str = ""
    request: Any

    def get_tabs(self) -> list[tuple[str, str, bool, None]]:
        ways = (
            ("week", _("My week"), "missions.log_day"),
            ("my_month", _("My month"), "missions.log_day"),
            ("days", _("Mission days"), "missions.view_day"),
            ("agenda", _("My calendar"), "missions.log_day"),
            ("expenses", _("Expenses"), "missions.view_expense"),
            ("validation", _("To validate"), "missions.validate_day"),
            ("missions", _("Missions"), "missions.view_mission"),
            ("quotes", _("Quotes"), "missions.view_quote"),
            ("agreements", _("Agreements"), "missions.view_agreement"),
            ("envelopes", _("Envelopes"), "missions.view_envelope"),
            ("months", _("Closing of months"), "missions.lock_month"),
            ("timesheets", _("Timesheets"), "missions.view_timesheet"),
        )
        may = self.request.user.has_perm
        alone = not features.is_on(features.SEVERAL_PEOPLE)
        aside = {"validation"} - {self.tab} if alone and validates_nothing() else set()
        return [
            (label, reverse(f"missions:{name}"), name == self.tab, None)
            for name, label, permission in ways
            if may(permission) and name not in aside
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(tabs=self.get_tabs(), **more)  # type: ignore[misc]
