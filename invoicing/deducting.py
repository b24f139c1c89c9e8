"""Deposits that a draft takes off, per rate: read from what is reserved, put on the row."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from essaim.workflow import Missing
from invoicing import rules
from invoicing.copies import totals_of, vat_copy
from invoicing.models import DepositUse, Invoice
from invoicing.wording import euros, percent


def rates_of(copy: Iterable[dict[str, Any]]) -> rules.Totals:
    """Totals per rate stored as plain data."""
    return rules.total_of(
        rules.RateTotal(r["category"], Decimal(r["rate"]), Decimal(r["base"]), Decimal(r["vat"]))
        for r in copy
    )


def deposits_of(invoice: Invoice) -> list[rules.Totals]:
    """What an issued final invoice took off, deposit by deposit."""
    return [rates_of(row["by_rate"]) for row in invoice.deposits_copy]


def credits_of(invoice: Invoice) -> list[rules.Totals]:
    """What issued credit notes took back of an invoice."""
    return [totals_of(c) for c in invoice.credit_notes.all() if c.is_issued and c.is_credit_note]


def deductible(deposit: Invoice) -> rules.Totals:
    """What an issued deposit still holds once its credit notes are taken off."""
    return rules.still_deductible(totals_of(deposit), credits_of(deposit))


def alive_uses(deposit: Invoice) -> QuerySet[DepositUse, DepositUse]:
    """The use that holds a deposit now: on a draft, or on a document not given back."""
    return DepositUse.objects.filter(deposit=deposit, release=None)


def free_deposits(invoice: Invoice) -> list[Invoice]:
    """Issued deposits of the client that this draft may take off, with what is left of each.

    Those of another agreement are left to it.
    """
    rows = Invoice.objects.issued().filter(client=invoice.client_id, kind=Invoice.Kind.DEPOSIT)
    held = DepositUse.objects.filter(release=None).exclude(invoice=invoice)
    rows = rows.exclude(pk__in=held.values("deposit"))
    if invoice.agreement_id is not None:
        rows = rows.filter(agreement__in=(invoice.agreement_id,)) | rows.filter(agreement=None)
    found = []
    for row in rows.order_by("issued_on", "pk"):
        left = deductible(row)
        if left.gross > 0:
            row.still = left  # type: ignore[attr-defined]
            found.append(row)
    return found


def _reserved(invoice: Invoice) -> list[Invoice]:
    """The deposits a draft takes off; a corrective invoice those of the one it replaces."""
    if invoice.pk is None:
        return []
    found = [use.deposit for use in invoice.deposit_uses.all()]
    if invoice.kind == Invoice.Kind.CORRECTIVE and not found:
        uses = DepositUse.objects.filter(invoice=invoice.origin_id)
        found = [use.deposit for use in uses.select_related("deposit")]
    return sorted(found, key=lambda deposit: (str(deposit.issued_on), deposit.pk))


def _copy(deposit: Invoice, left: rules.Totals) -> dict[str, Any]:
    assert deposit.issued_on is not None
    return {
        "deposit": deposit.pk,
        "number": deposit.number,
        "issued_on": deposit.issued_on.isoformat(),
        "by_rate": vat_copy(left),
    }


def deduct_on(invoice: Invoice, totals: rules.Totals) -> list[Missing]:
    """Put on a draft, in memory, the deposits it takes off; says why they can't be.

    The VAT of the invoice is that of the whole less that of the deposits (law: T08).
    """
    invoice.deposits_copy, invoice.deducted = [], Decimal(0)
    invoice.deducted_vat = Decimal(0)
    if invoice.is_credit_note:
        copies, found = _given_back(invoice, totals)
    else:
        kept = [(d, deductible(d)) for d in _reserved(invoice)]
        taken = [rules.Deposit(str(d.number), left) for d, left in kept]
        within = rules.within_vat(totals, [left for _deposit, left in kept])
        copies = [_copy(d, left) for (d, _left), left in zip(kept, within, strict=True)]
        found = [_words(p) for p in rules.check_deposits(totals, taken)]
    if not found and copies:
        whole = [rates_of(copy["by_rate"]) for copy in copies]
        invoice.deposits_copy = copies
        invoice.deducted = sum((t.gross for t in whole), Decimal(0))
        invoice.deducted_vat = sum((t.vat for t in whole), Decimal(0))
    return found


def _given_back(
    credit: Invoice, totals: rules.Totals
) -> tuple[list[dict[str, Any]], list[Missing]]:
    """The credit note that closes a final invoice puts its deposits back; a part stays within."""
    origin = credit.origin
    assert origin is not None
    if not origin.deposits_copy:
        return [], []
    whole, credited = totals_of(origin), credits_of(origin)
    if rules.closes(whole, credited, totals):
        return list(origin.deposits_copy), []
    problems = rules.check_credit_with_deposits(whole, deposits_of(origin), credited, totals)
    return [], [_words(p) for p in problems]


def _words(problem: rules.Problem) -> Missing:
    words = {
        "deposit_of_another_rate": _(
            "Deposit %(number)s was taxed at %(rate)s and nothing here is: take it off, or bill"
            " at this rate."
        ),
        "deposits_exceed_total": _(
            "Deposit %(number)s is %(over)s (net) more than what is billed at %(rate)s: take the"
            " deposit off, or bill more; what is too much is given back by crediting the deposit."
        ),
        "credit_exceeds_asked": _(
            "At %(rate)s this invoice asks %(left)s net once its deposits are taken off: credit at"
            " most that, or the whole invoice, whose deposits are then free again."
        ),
    }
    values: dict[str, Any] = dict(problem.values)
    values["rate"] = percent(values["rate"])
    values |= {name: euros(values[name]) for name in ("over", "left") if name in values}
    return Missing("deposits", words[problem.code] % values)
