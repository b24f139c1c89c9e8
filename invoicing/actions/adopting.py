"""Open invoices of an earlier tool: their number is kept, they are claimed, never numbered here."""

from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Coop, IssuerProfile, Organisation
from essaim.models import User
from essaim.money import cents
from essaim.workflow import Missing, Refused, perform
from invoicing import rules
from invoicing.actions.drafting import new_draft, profile_on, put_line
from invoicing.assembly import sealed
from invoicing.copies import client_copy, issuer_copy, terms_copy, vat_copy
from invoicing.models import FrozenFile, Instalment, Invoice
from invoicing.wording import day, euros

LONGEST_NUMBER = 35
RULES_VERSION = "2"


def _bars(
    client: Organisation, number: str, issued_on: date, due_on: date, left: Decimal, on: date
) -> list[Missing]:
    """What can't be taken over."""
    found = []
    if not number or len(number) > LONGEST_NUMBER:
        found.append(Missing("number", _("The number is needed, at most 35 characters.")))
    if issued_on > on:
        found.append(Missing("issued_on", _("The date can't be in the future.")))
    if due_on < issued_on:
        found.append(Missing("due_on", _("An invoice is not due before it was issued.")))
    if left <= 0 or left != cents(left):
        found.append(Missing("left", _("The amount must be positive, in euros and cents.")))
    twice = Invoice.objects.filter(
        client=client, kind=Invoice.Kind.TAKEN_OVER, number=number, state=Invoice.State.ISSUED
    )
    if row := twice.first():
        words = _("Invoice %(number)s of this client was taken over already.")
        found.append(Missing("number", words % {"number": number}, row.get_absolute_url()))
    return found


@transaction.atomic
def take_over_invoice(
    *,
    client: Organisation,
    number: str,
    issued_on: date,
    due_on: date,
    left: Decimal,
    vat_rate: Decimal,
    by: User,
    on: date,
    at: datetime,
    total: Decimal | None = None,
    title: str = "",
    coop: Coop | None = None,
    copy: bytes = b"",
) -> Invoice:
    """Take over what is still owed of an earlier tool's invoice.

    `left` is what remains to pay, VAT included, at `vat_rate`; `total` what was asked then.
    """
    number = number.strip()
    client = Organisation.objects.select_for_update(of=("self",)).get(pk=client.pk)
    if found := _bars(client, number, issued_on, due_on, left, on):
        raise Refused(found)
    invoice = new_draft(
        client=client,
        kind=Invoice.Kind.TAKEN_OVER,
        by=by,
        on=on,
        at=at,
        title=title.strip() or _named(number),
        coop=coop,
        period_from=issued_on,
        period_to=issued_on,
    )
    invoice.due_on = due_on
    _write(invoice, profile_on(on), number, left, vat_rate, total, on)
    _adopt(invoice, number, issued_on, by=by, on=on, at=at)
    _keep(invoice, copy, at)
    return invoice


def _named(number: str) -> str:
    return _("Invoice %(number)s, taken over") % {"number": number}


def _keep(invoice: Invoice, copy: bytes, at: datetime) -> None:
    """The paper of the earlier tool, kept as it came."""
    if not copy:
        return
    FrozenFile.objects.create(
        invoice=invoice,
        kind=FrozenFile.Kind.COPY,
        content=copy,
        sha256=sha256(copy).hexdigest(),
        size=len(copy),
        rendered_at=at,
    )


def _write(
    invoice: Invoice,
    profile: IssuerProfile,
    number: str,
    left: Decimal,
    vat_rate: Decimal,
    total: Decimal | None,
    on: date,
) -> None:
    """One line of what is left, its VAT taken out of it, its one due date, and the copies."""
    issued_on, due_on = invoice.period_from, invoice.due_on
    assert issued_on is not None
    assert due_on is not None
    net = cents(left * 100 / (100 + vat_rate))
    rate = rules.RateTotal("S" if vat_rate else "E", vat_rate, net, left - net)
    totals = rules.total_of([rate])
    detail = _("Asked then: %(total)s") % {"total": euros(total)} if total is not None else ""
    label = _("Left to pay of invoice %(number)s of %(day)s")
    line = rules.Line(
        rules.FREE,
        label % {"number": number, "day": day(issued_on)},
        Decimal(1),
        rules.PIECE,
        net,
        net,
        vat_rate,
        rate.category,
        detail=detail,
    )
    put_line(invoice, line, position=1)
    Instalment.objects.create(invoice=invoice, due_on=due_on, amount=left)
    invoice.rules_version = RULES_VERSION
    invoice.net, invoice.vat, invoice.gross = totals.net, totals.vat, totals.gross
    invoice.vat_copy, invoice.client_copy = vat_copy(totals), client_copy(invoice.client)
    invoice.issuer_copy = issuer_copy(profile)
    invoice.terms_copy = terms_copy(invoice, profile, on)
    invoice.save()


def _adopt(
    invoice: Invoice, number: str, issued_on: date, *, by: User, on: date, at: datetime
) -> None:
    """Move the row to issued, sealed by itself, without a series."""
    invoice.refresh_from_db()
    invoice.number, invoice.issued_on, invoice.issued_at = number, issued_on, at
    invoice.year = issued_on.year
    digest = rules.chain_hash(rules.GENESIS, sealed(invoice))
    perform(
        invoice,
        "adopt",
        by=by,
        on=on,
        at=at,
        number=number,
        issued_on=issued_on,
        digest=digest,
    )
