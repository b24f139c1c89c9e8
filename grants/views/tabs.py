"""The row of tabs that the lists of the room share."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


class Tabbed:
    """Adds `tabs` to the page: the lists this person may open."""

    tab: str = ""
    request: Any

    def get_tabs(self) -> list[tuple[str, str, bool, None]]:
        ways = (
            ("applications", _("Applications"), "grants.view_application"),
            ("disbursements", _("Awaited payments"), "grants.view_disbursement"),
            ("programmes", _("Programmes"), "grants.view_programme"),
            ("calls", _("Calls"), "grants.view_programme"),
            ("calendar", _("Deadlines"), "grants.view_programme"),
            ("rates", _("Success rates"), "grants.view_application"),
        )
        may = self.request.user.has_perm
        return [
            (label, reverse(f"grants:{name}"), name == self.tab, None)
            for name, label, permission in ways
            if may(permission)
        ]

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(tabs=self.get_tabs(), **more)  # type: ignore[misc]
