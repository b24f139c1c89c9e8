"""The budget of a file as its rows: typed lines, the grant asked, and the other funders."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from essaim.formats import money
from essaim.money import ZERO
from grants.accounts import SUBSIDIES
from grants.models import BudgetLine, CoFunder, GrantApplication
from grants.rules_budget import Balance, BudgetRow, Limits, balance_of


def limits_of(application: GrantApplication) -> Limits:
    programme = application.programme
    return Limits(programme.public_aid_cap, programme.own_share_minimum)


def typed_rows(lines: Iterable[BudgetLine]) -> list[BudgetRow]:
    return [
        BudgetRow(line.side, line.account, line.label, line.planned, line.realised)
        for line in lines
    ]


def subsidy_rows(application: GrantApplication, co_funders: Iterable[CoFunder]) -> list[BudgetRow]:
    """Account 74: what is asked of this funder, then what the others bring."""
    programme = application.programme
    asked = application.requested or ZERO
    rows = [
        BudgetRow(
            side="product",
            account=SUBSIDIES,
            label=f"{programme.funder} · {programme}",
            planned=asked,
            realised=application.granted_amount,
            source="grant",
            is_public=programme.is_public_aid,
        )
    ]
    for co in co_funders:
        if co.standing == CoFunder.State.REFUSED:
            continue
        obtained = co.standing == CoFunder.State.OBTAINED
        rows.append(
            BudgetRow(
                side="product",
                account=SUBSIDIES,
                label=str(co.funder),
                planned=co.amount,
                realised=co.amount if obtained else None,
                source="co_funder",
                is_public=co.is_public,
                detail=str(co.get_standing_display()),
            )
        )
    return rows


def rows_of(
    application: GrantApplication,
    lines: Iterable[BudgetLine] | None = None,
    co_funders: Iterable[CoFunder] | None = None,
) -> list[BudgetRow]:
    """The whole budget; lines and funders already read are taken as they are."""
    if lines is None:
        lines = application.budget_lines.all()
    if co_funders is None:
        co_funders = application.co_funders.select_related("funder").order_by("pk")
    return [*typed_rows(lines), *subsidy_rows(application, co_funders)]


def balance(application: GrantApplication, rows: Iterable[BudgetRow]) -> Balance:
    return balance_of(rows, limits_of(application))


def off_words(found: Balance, application: GrantApplication) -> list[str]:
    """What is off in a budget, each with by how much."""
    off, words = found.off, []
    if (gap := off.get("gap", ZERO)) < 0:
        words.append(_("%(amount)s are missing: the charges pass the products.") % _m(-gap))
    elif gap > 0:
        words.append(_("%(amount)s too much: the products pass the charges.") % _m(gap))
    if off.get("in_kind"):
        text = _("Accounts 86 and 87 differ by %(amount)s: what is given is used.")
        words.append(text % _m(abs(off["in_kind"])))
    if "public_aid" in off:
        text = _("Public aid is %(amount)s above the programme's cap.")
        words.append(text % _m(off["public_aid"]))
    if "own_share" in off:
        text = _("The own share is %(amount)s below the programme's minimum.")
        words.append(text % _m(off["own_share"]))
    cost = application.total_cost
    if cost is not None and cost != found.charges:
        text = _("The file says a total cost of %(cost)s, the budget %(charges)s.")
        words.append(text % {"cost": money(cost), "charges": money(found.charges)})
    return words


def _m(amount: Any) -> dict[str, str]:
    return {"amount": money(amount)}
