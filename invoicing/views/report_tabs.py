"""The row of tabs that the pages of « Bilans » share."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from essaim.views import Page


def report_tabs(page: Page, current: str) -> list[tuple[Any, str, bool, None]]:
    """The pages of the entry, those this person may open."""
    entries = (
        ("home", "invoicing:report_home", _("Overview"), "invoicing.view_report"),
        ("list", "invoicing:report_list", _("Reports to funders"), "invoicing.view_report"),
        ("own", "invoicing:report_own", _("Our own funding"), "invoicing.view_report"),
        ("totals", "invoicing:reports", _("Totals"), "invoicing.view_report"),
        ("models", "invoicing:report_models", _("Columns and rates"), "invoicing.view_report"),
        ("costs", "missions:cost_rates", _("What work costs"), "missions.view_cost_rate"),
    )
    may = page.request.user.has_perm
    return [
        (label, reverse(name), key == current, None)
        for key, name, label, permission in entries
        if may(permission)
    ]
