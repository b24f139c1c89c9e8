"""Statements of the bank: read, and booked line by line on somebody's word."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Organisation
from essaim.formats import date_fr, money
from essaim.models import User
from essaim.workflow import Act, Missing, Refused, record
from invoicing.actions.cheques import credit_slip
from invoicing.actions.desk import encash
from invoicing.matching import Matcher, slip_total
from invoicing.models import BankLine, BankStatement, ChequeBatch, Invoice, Payment
from invoicing.statements import RefusedLine, StatementLine, Unreadable, read_statement

_REFERENCE = 80


@transaction.atomic
def import_statement(
    *, content: bytes, name: str, by: User, on: date, at: datetime
) -> BankStatement:
    """Read a file of the bank; nothing is booked. Refused when it is unreadable or known.

    A line already imported, in another currency, of another account or dated in the future is
    kept aside with its reason; the others wait to be looked at.
    """
    digest = sha256(content).hexdigest()
    if BankStatement.objects.filter(sha256=digest).exists():
        raise Refused([Missing("file", _("This very file was imported already."))])
    profile = IssuerProfile.objects.at(on)
    try:
        found = read_statement(content, iban=profile.iban if profile else "", today=on)
    except Unreadable as error:
        raise Refused([Missing("file", str(error))]) from error
    fresh, known = _sorted_out(found.lines)
    statement = BankStatement.objects.create(
        name=name[-120:],
        kind=found.kind,
        sha256=digest,
        iban=found.iban,
        first_on=min((line.booked_on for line in found.lines), default=None),
        last_on=max((line.booked_on for line in found.lines), default=None),
        refused=[
            {"row": r.row, "why": r.why, "text": r.text}
            for r in sorted((*found.refused, *known), key=lambda r: r.row)
        ],
        imported_by=by,
        imported_at=at,
    )
    BankLine.objects.bulk_create(_row(statement, line) for line in fresh)
    codes = {"lines": len(fresh), "refused": len(statement.refused)}
    record(statement, "import", by=by, on=on, at=at, codes=codes)
    return statement


def _sorted_out(
    lines: Iterable[StatementLine],
) -> tuple[list[StatementLine], list[RefusedLine]]:
    rows = list(lines)
    days = [line.booked_on for line in rows]
    there: set[str] = set()
    if days:
        near = BankLine.objects.filter(booked_on__range=(min(days), max(days)))
        there = set(near.values_list("fingerprint", flat=True))
    known = [
        RefusedLine(
            line.row,
            _("This line was imported already."),
            f"{line.booked_on:%d/%m/%Y} · {line.label} · {line.amount}",
        )
        for line in rows
        if line.fingerprint in there
    ]
    return [line for line in rows if line.fingerprint not in there], known


def _row(statement: BankStatement, line: StatementLine) -> BankLine:
    return BankLine(
        statement=statement,
        row=line.row,
        booked_on=line.booked_on,
        amount=line.amount,
        label=line.label,
        counterparty=line.counterparty,
        reference=line.reference,
        fingerprint=line.fingerprint,
    )


@transaction.atomic
def forget_statement(*, statement: BankStatement, by: User, on: date, at: datetime) -> None:
    """Throw an import away while none of its lines was recorded."""
    statement = BankStatement.objects.select_for_update(of=("self",)).get(pk=statement.pk)
    if statement.lines.filter(fate=BankLine.Fate.BOOKED).exists():
        words = _("Lines of this statement are recorded: undo those payments first.")
        raise Refused([Missing("statement", words)])
    record(statement, "forget", by=by, on=on, at=at)
    statement.delete()


def _open_line(line: BankLine) -> BankLine:
    """The line under lock; refused when somebody settled its fate meanwhile."""
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    if line.fate == BankLine.Fate.BOOKED:
        raise Refused([Missing("line", _("This line is recorded already."))])
    return line


def _to_book(line: BankLine) -> BankLine:
    line = _open_line(line)
    if not line.is_credit:
        words = _("This money left the account: only what came in settles invoices.")
        raise Refused([Missing("line", words)])
    return line


def _booked(line: BankLine, *, act: Act, payment: Payment | None = None) -> BankLine:
    line.fate, line.payment, line.why = BankLine.Fate.BOOKED, payment, ""
    line.save(update_fields=["fate", "payment", "cheques", "why"])
    record(line, "book", codes={"payment": payment and payment.pk}, **act)
    return line


@transaction.atomic
def book_line(
    *,
    line: BankLine,
    client: Organisation,
    invoices: Mapping[Invoice, Decimal],
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> Payment:
    """Record the payment a line is, dated as the bank credited it, and what it settles."""
    act: Act = {"by": by, "on": on, "at": at}
    line = _to_book(line)
    payment = encash(
        client=client,
        amount=line.amount,
        received_on=line.booked_on,
        method=Payment.Method.TRANSFER,
        reference=(line.label or line.reference)[:_REFERENCE],
        invoices=invoices,
        reasons=reasons,
        **act,
    )
    _booked(line, act=act, payment=payment)
    return payment


@transaction.atomic
def tie_line(*, line: BankLine, payment: Payment, by: User, on: date, at: datetime) -> BankLine:
    """Say that a line is a payment recorded by hand before: nothing new is written."""
    line = _to_book(line)
    payment = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
    undone = payment.reverses_id or Payment.objects.filter(reverses=payment).exists()
    tied = BankLine.objects.filter(payment=payment).exists()
    if payment.amount != line.amount or undone or tied:
        raise Refused([Missing("payment", _("This payment is not the one of this line."))])
    return _booked(line, act={"by": by, "on": on, "at": at}, payment=payment)


@transaction.atomic
def book_slip(*, line: BankLine, slip: ChequeBatch, by: User, on: date, at: datetime) -> BankLine:
    """Say that a line is the credit of a slip: each of its cheques becomes a payment."""
    act: Act = {"by": by, "on": on, "at": at}
    line = _to_book(line)
    if slip_total(slip) != line.amount:
        words = _("The cheques of this slip do not add up to this line.")
        raise Refused([Missing("slip", words)])
    line.cheques = credit_slip(slip=slip, credited_on=line.booked_on, **act)
    return _booked(line, act=act)


@transaction.atomic
def set_aside(*, line: BankLine, why: str, by: User, on: date, at: datetime) -> BankLine:
    """Take a line off the list: it settles nothing of ours."""
    line = _open_line(line)
    line.fate, line.why = BankLine.Fate.IGNORED, why.strip()
    line.save(update_fields=["fate", "why"])
    record(line, "set_aside", by=by, on=on, at=at)
    return line


@transaction.atomic
def look_again(*, line: BankLine, by: User, on: date, at: datetime) -> BankLine:
    """Look at a line again: one set aside, or one whose payment was undone since."""
    line = BankLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    undone = line.payment_id and Payment.objects.filter(reverses=line.payment_id).exists()
    if line.fate == BankLine.Fate.BOOKED and not undone:
        raise Refused([Missing("line", _("Undo its payment first: the line comes back then."))])
    line.fate, line.payment, line.why = BankLine.Fate.NEW, None, ""
    line.save(update_fields=["fate", "payment", "why"])
    record(line, "take_back", by=by, on=on, at=at)
    return line


def book_sure(
    *, statement: BankStatement, lines: Iterable[int], by: User, on: date, at: datetime
) -> tuple[list[Payment], list[str]]:
    """Record the ticked lines whose proposal is certain; gives what was recorded, and refusals.

    Each line stands alone: one that is refused leaves the others recorded.
    """
    act: Act = {"by": by, "on": on, "at": at}
    booked: list[Payment] = []
    told: list[str] = []
    wanted = statement.lines.filter(pk__in=list(lines), fate=BankLine.Fate.NEW, amount__gt=0)
    for line in wanted.order_by("booked_on", "pk"):
        # What the line before settled is no longer owed.
        best = next((p for p in Matcher(by).of(line) if p.is_sure), None)
        if best is None:
            told.append(_line_words(line, _("Nothing certain is recognised in it any more.")))
            continue
        try:
            parts = dict(best.parts)
            booked.append(book_line(line=line, client=best.client, invoices=parts, **act))
        except Refused as refused:
            told += [_line_words(line, missing.text) for missing in refused.missing]
    return booked, told


def _line_words(line: BankLine, said: str) -> str:
    """What is said of one line of the bank, by its day and its amount."""
    values = {"day": date_fr(line.booked_on), "amount": money(line.amount), "said": said}
    return _("Line of %(day)s, %(amount)s: %(said)s") % values
