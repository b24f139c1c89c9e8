"""Grants tied to an agreement that a commitment made too early would lose."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.workflow import Missing
from grants.models import GrantApplication
from invoicing.models import FundingLink


def early_commitments(agreement: Any, *, on: date, sees: bool) -> list[Missing]:
    """WARN: for LEADER-like funders a commitment before the acknowledgement loses the grant.

    A signature and a deposit are commitments. `sees` says whether the grant may be named.
    """
    links = FundingLink.objects.filter(
        Q(agreement=agreement)
        | Q(funding_share__agreement=agreement)
        | Q(envelope__funding_shares__agreement=agreement)
    )
    return _told(GrantApplication.objects.filter(pk__in=links.values("application")), on, sees=sees)


def early_quote(quote: Any, *, on: date, sees: bool) -> list[Missing]:
    """WARN: a quote signed is a commitment too, for each grant its coop still asks for."""
    if quote.coop_id is None:
        return []
    over = ("refused", "withdrawn", "settled", "closed")
    asked = GrantApplication.objects.filter(coop=quote.coop_id).exclude(state__in=over)
    return _told(asked, on, sees=sees)


def _told(applications: Any, on: date, *, sees: bool) -> list[Missing]:
    """One warning for each grant that forbids commitments and was not acknowledged by then."""
    waiting = Q(acknowledged_on=None) | Q(acknowledged_on__gt=on)
    rows = applications.filter(waiting, programme__no_early_commitment=True).order_by("pk")
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
        for row in rows
    ]
