"""Credit notes: full, partial, per line, with days billable again or not."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from essaim.models import User
from essaim.money import ZERO, cents
from essaim.workflow import Missing, Refused
from invoicing import rules
from invoicing.actions.drafting import new_draft, put_line
from invoicing.actions.expenses import free_expenses
from invoicing.actions.totals import refresh_totals
from invoicing.before_issue import deposit_is_held
from invoicing.copies import line_of
from invoicing.models import Allocation, Invoice, InvoiceLine, SubsidyFee
from missions.actions import mark_free, new_generation
from missions.models import DayShare, MissionDay


def credited_per_line(origin: Invoice, *, drafts: bool = True) -> dict[str, Decimal]:
    """Net already taken back of each line of an invoice, by line key."""
    lines = InvoiceLine.objects.filter(
        origin__invoice=origin, invoice__kind=Invoice.Kind.CREDIT_NOTE
    )
    if not drafts:
        lines = lines.filter(invoice__state=Invoice.State.ISSUED)
    rows = lines.values("origin_id").annotate(total=Sum("net"))
    return {str(row["origin_id"]): cents(row["total"]) for row in rows}


def _creditable(origin: Invoice, words: str) -> Invoice:
    """The invoice to credit, locked; refused unless it is issued and a reason is given."""
    origin = Invoice.objects.select_for_update(of=("self",)).get(pk=origin.pk)
    if not origin.is_issued or origin.is_credit_note:
        raise Refused([Missing("origin", _("Only an issued invoice is credited."))])
    if not words.strip():
        raise Refused([Missing("words", _("Say why in a sentence."))])
    if origin.kind == Invoice.Kind.TAKEN_OVER:
        lack = _("The earlier tool credits its own invoice; here, write off what is not paid.")
        raise Refused([Missing("origin", lack)])
    if origin.kind == Invoice.Kind.DEPOSIT and (held := deposit_is_held(origin)):
        raise Refused(held)
    return origin


def _asked(
    origin: Invoice,
    rows: Mapping[str, InvoiceLine],
    amounts: Mapping[int, Decimal] | None,
    again: Collection[str],
) -> dict[str, Decimal]:
    """The net to take back per line key; refused beyond what is left of a line."""
    lines = [line_of(line) for line in rows.values()]
    credited = credited_per_line(origin)
    left = rules.left_to_credit(lines, credited)
    wanted = left if amounts is None else {str(k): v for k, v in amounts.items()}
    asked = {k: v for k, v in wanted.items() if v}
    _check(lines, credited, asked, left)
    if any(asked[key] != rows[key].net for key in set(again) & set(asked)):
        words = _("Days become billable again only when their whole line is credited.")
        raise Refused([Missing("billable_again", words)])
    return asked


@transaction.atomic
def draft_credit(
    *,
    origin: Invoice,
    by: User,
    on: date,
    at: datetime,
    words: str,
    amounts: Mapping[int, Decimal] | None = None,
    billable_again: Collection[int] = (),
) -> Invoice:
    """Draft the credit note of an issued invoice (CGI ann. II 242 nonies A, BOI-TVA-DECLA-30).

    `amounts` gives the net to take back per line id (all that is left when absent);
    `billable_again` the lines whose days may be billed anew. Refused beyond what is left of each
    line, or for part of a line of days said billable again.
    """
    origin = _creditable(origin, words)
    rows = {str(line.pk): line for line in origin.lines.all()}
    again = {str(pk) for pk in billable_again}
    asked = _asked(origin, rows, amounts, again)
    same = ("agreement", "coop", "clause", "envelope", "period_from", "period_to", "title")
    facts = {name: getattr(origin, name) for name in same}
    facts |= {"origin": origin, "words": words.strip(), "kind": Invoice.Kind.CREDIT_NOTE}
    credit = new_draft(client=origin.client, by=by, on=on, at=at, **facts)
    lines = rules.credit_lines([line_of(line) for line in rows.values()], asked)
    _put_credit_lines(credit, rows, lines, again)
    return refresh_totals(credit, regime=str(origin.issuer_copy["regime"]))


def _check(
    lines: list[rules.Line],
    credited: Mapping[str, Decimal],
    asked: Mapping[str, Decimal],
    left: Mapping[str, Decimal],
) -> None:
    words = {
        "credit_of_nothing": _("Nothing is left to credit on this invoice."),
        "credit_line_unknown": _("This line is not on the invoice."),
        "credit_amount_invalid": _("The amount must be positive, in euros and cents."),
        "credit_exceeds_line": _("More than what is left of the line: %(left)s € at most."),
    }
    problems = rules.check_credit(lines, credited, asked)
    if problems:
        raise Refused(
            Missing("amounts", words[p.code] % {"left": left.get(str(p.values.get("line")), ZERO)})
            for p in problems
        )


def _put_credit_lines(
    credit: Invoice,
    rows: Mapping[str, InvoiceLine],
    lines: Collection[rules.Line],
    again: Collection[str],
) -> None:
    for position, line in enumerate(lines, start=1):
        origin = rows[line.key]
        whole = line.net == origin.net
        stored = put_line(
            credit,
            line,
            position=position,
            origin=origin,
            days=origin.days if whole else [],
            billable_again=line.key in again,
            analytic_code=origin.analytic_code,
        )
        stored.vat_category = origin.vat_category
        stored.save(update_fields=["vat_category"])
        fee = SubsidyFee.objects.filter(line=origin).first()
        if fee is not None:
            SubsidyFee.objects.create(
                line=stored,
                clause=fee.clause,
                application=fee.application,
                disbursement=fee.disbursement,
                is_fixed_part=fee.is_fixed_part,
                base=-fee.base if whole else ZERO,
                amount=-line.net,
            )


def settle_credit(credit: Invoice, *, by: User, on: date, at: datetime) -> None:
    """What issuing a credit note does: set against its origin, and its days freed when said so."""
    assert credit.origin is not None
    left = Invoice.objects.with_left().get(pk=credit.origin.pk).left
    amount = min(credit.asked, left)
    if amount > 0:
        Allocation.objects.create(
            invoice=credit.origin, credit_note=credit, amount=amount, on=on, by=by, at=at
        )
    free_expenses(credit, by=by, on=on, at=at)
    lines = credit.lines.filter(billable_again=True).values("origin_id")
    shares = DayShare.objects.filter(billed__line__in=lines).order_by("pk")
    days = set()
    for share in shares.select_related("day"):
        new_generation(share=share, by=by, on=on, at=at)
        days.add(share.day_id)
    # Another payer's issued share keeps the day billed.
    still = DayShare.objects.filter(
        day__in=days, replaced_by=None, billed__line__invoice__state=Invoice.State.ISSUED
    ).values("day_id")
    mark_free(
        MissionDay.objects.filter(pk__in=days, state=MissionDay.State.BILLED).exclude(pk__in=still),
        by=by,
        on=on,
        at=at,
    )
