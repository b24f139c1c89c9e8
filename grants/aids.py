"""De minimis aids of an organisation, read from its files and from what was typed."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from crm.models import Organisation
from essaim.legal_figures import Kind
from essaim.models.legal import figure
from essaim.money import ZERO, add_up
from grants.models import GrantApplication, OtherAid
from grants.rules_aid import Aid, Counter, count
from grants.states import GRANTED, ApplicationState

IN_FORCE: Final = date(2024, 1, 1)
_HELD = (*GRANTED, ApplicationState.CLAWBACK, ApplicationState.RENOUNCED, ApplicationState.LAPSED)


def counted_amount(application: GrantApplication) -> Decimal:
    """Euros of aid in one file: its grant equivalent, else the grant, else what was kept of it."""
    if application.state in (ApplicationState.RENOUNCED, ApplicationState.LAPSED):
        rows = [r for r in application.disbursements.all() if r.state == "received"]
        return max(add_up(row.received_amount or ZERO for row in rows), ZERO)
    if application.grant_equivalent is not None:
        return application.grant_equivalent
    final = application.final_amount
    return (final if final is not None else application.granted_amount) or ZERO


def right_on(application: GrantApplication) -> date | None:
    """The day the right to the aid was given."""
    return application.decided_on or application.notified_on


def de_minimis_files(organisation: Organisation) -> Any:
    """Files of an organisation whose aid is de minimis and was granted."""
    rows = GrantApplication.objects.filter(applicant=organisation, state__in=_HELD)
    rows = rows.filter(programme__is_de_minimis=True)
    return rows.select_related("programme__funder").prefetch_related("disbursements")


def aids_of(organisation: Organisation) -> list[Aid]:
    """Every de minimis aid known of an organisation, whatever its date."""
    found = [
        Aid(
            day,
            counted_amount(row),
            f"{row.title} · {row.programme}",
            row.get_absolute_url(),
            row.pk,
        )
        for row in de_minimis_files(organisation)
        if (day := right_on(row)) is not None
    ]
    found += [
        Aid(aid.granted_on, aid.amount, aid.giver, "", aid.pk)
        for aid in OtherAid.objects.filter(organisation=organisation)
    ]
    return [aid for aid in found if aid.amount]


def counter(organisation: Organisation, *, on: date) -> Counter:
    """What counts for an organisation on a date, below the ceiling of that date."""
    # Rights older than the regulation in force are held against its ceiling.
    ceiling = figure(Kind.DE_MINIMIS, max(on, IN_FORCE))
    return count(aids_of(organisation), on=on, ceiling=ceiling)
