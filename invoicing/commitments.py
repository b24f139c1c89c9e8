"""Grants tied to an agreement that a commitment made too early would lose."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.workflow import Missing
from invoicing.models import FundingLink


def early_commitments(agreement: Any, *, on: date, sees: bool) -> list[Missing]:
    """WARN: for LEADER-like funders a commitment before the acknowledgement loses the grant.

    A signature and a deposit are commitments. `sees` says whether the grant may be named.
    """
    links = FundingLink.objects.filter(
        Q(agreement=agreement)
        | Q(funding_share__agreement=agreement)
        | Q(envelope__funding_shares__agreement=agreement),
        application__programme__no_early_commitment=True,
    ).filter(Q(application__acknowledged_on=None) | Q(application__acknowledged_on__gt=on))
    rows = links.select_related("application").order_by("application_id")
    applications: dict[Any, Any] = {link.application_id: link.application for link in rows}
    words = _(
        "“%(grant)s” forbids any commitment before its acknowledgement of receipt, not in yet."
    )
    return [
        Missing(
            "commitment_before_acknowledgement",
            words % {"grant": row if sees else _("A grant")},
            row.get_absolute_url() if sees else "",
            level="warn",
        )
        for row in applications.values()
    ]
