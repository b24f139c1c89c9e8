"""What an envelope, a programme or an application shows of its reports and its funding."""

from typing import Any

from django import template
from django.urls import reverse

from invoicing.models import FunderReport, FundingLink
from missions.models import Envelope

register = template.Library()
NAMES = {"Envelope": "envelope", "GrantApplication": "application", "Programme": "programme"}


@register.inclusion_tag("invoicing/reports/panel.html", takes_context=True)
def report_panel(context: Any, of: Any) -> dict[str, Any]:
    """Reports made of it, the way to make one, and what an envelope is paid from."""
    user = context["user"]
    if not user.has_perm("invoicing.view_report"):
        return {"shown": False}
    name = NAMES[type(of).__name__]
    reports = FunderReport.objects.visible_to(user).standing().filter(**{name: of})
    may = user.has_perm("invoicing.make_report")
    is_envelope = isinstance(of, Envelope)
    links = FundingLink.objects.filter(envelope=of) if is_envelope else FundingLink.objects.none()
    may_link = is_envelope and user.has_perm("invoicing.change_clause")
    return {
        "shown": True,
        "reports": reports.order_by("-last", "-pk")[:6],
        "new_url": f"{reverse('invoicing:report_new')}?{name}={of.pk}" if may else "",
        "is_envelope": is_envelope,
        "links": links.select_related("programme", "application"),
        "link_url": reverse("invoicing:report_link_new", args=(of.pk,)) if may_link else "",
    }
