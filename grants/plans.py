"""The financing plan of a coop, read from what was typed and from its applications."""

from collections.abc import Iterator
from typing import Any

from crm.models import Coop
from grants.models import CoFunder, GrantApplication, PlanNeed, PlanResource, Programme
from grants.rules_plan import SURE_OF, SURE_OF_FUNDER, Plan, PlanLine, plan_of

LOAN = "loan"
GRANT = "grant"


def plan_for(coop: Coop) -> Plan:
    """Four queries, whatever the number of files."""
    needs = [
        PlanLine(need.kind, need.label, need.amount, key=need.pk)
        for need in PlanNeed.objects.filter(coop=coop)
    ]
    typed = [
        PlanLine(row.kind, row.label, row.amount, row.certainty, key=row.pk)
        for row in PlanResource.objects.filter(coop=coop)
    ]
    files = list(
        GrantApplication.objects.filter(coop=coop, state__in=SURE_OF)
        .select_related("programme__funder")
        .prefetch_related("disbursements")
        .order_by("pk")
    )
    asked = [line for row in files if (line := _of_file(row)) is not None]
    return plan_of(needs, [*typed, *asked, *_of_funders(coop, files)])


def _of_file(row: GrantApplication) -> PlanLine | None:
    final = row.final_amount
    amount = final if final is not None else row.granted_amount
    amount = row.requested if amount is None else amount
    if not amount:
        return None
    kind = LOAN if row.programme.kind == Programme.Kind.LOAN else GRANT
    detail = f"{row.programme.funder} · {row.get_state_display()}"
    return PlanLine(
        kind, row.title, amount, SURE_OF[row.state], row.get_absolute_url(), None, detail
    )


def _of_funders(coop: Coop, files: list[GrantApplication]) -> Iterator[PlanLine]:
    """Other funders of its files that it asks through no file of ours; each counts once."""
    held = {row.programme.funder_id for row in files}
    rows: Any = (
        CoFunder.objects.filter(application__in=[row.pk for row in files], own_application=None)
        .exclude(funder__in=held)
        .filter(standing__in=SURE_OF_FUNDER)
        .select_related("funder", "application")
        .order_by("-amount", "pk")
    )
    seen: set[int] = set()
    for co in rows:
        if co.funder_id in seen or not co.amount:
            continue
        seen.add(co.funder_id)
        sure = SURE_OF_FUNDER[co.standing]
        url = co.application.get_absolute_url()
        detail = f"{co.application.title} · {co.get_standing_display()}"
        yield PlanLine(GRANT, str(co.funder), co.amount, sure, url, None, detail)
