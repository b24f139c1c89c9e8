"""The bank of the story: a statement with its credits, a cheque paid in on a slip."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from essaim.money import cents
from invoicing.actions import banking, cheques
from invoicing.demo.stage import Stage
from invoicing.matching import Matcher
from invoicing.models import ChequeBatch, Invoice
from invoicing.rules_matching import SURE


def plan(stage: Stage) -> None:
    """A cheque and its slip in the autumn, a statement imported yesterday."""
    stage.later(-52, partial(_cheque, stage))
    stage.later(-1, partial(_statement, stage))


def _cheque(stage: Stage) -> None:
    """Half of the oldest invoice still owed is paid by cheque."""
    owed = Invoice.objects.unpaid().filter(issued_on__lte=stage.on(-60)).order_by("due_on", "pk")
    invoice: Any = owed.first()
    if invoice is None:
        return
    on = stage.on(-52)
    act = stage.act("chloe", on, 15)
    cheque = cheques.receive_cheque(
        client=invoice.client,
        amount=cents(Decimal(invoice.left) / 2),
        number="0048213",
        bank="Caisse d’Alsace",
        received_on=on,
        **act,
    )
    slip = cheques.make_slip(cheques=[cheque], reference="Remise 1", **act)
    stage.later(-49, partial(_credited, stage, slip.pk))


def _credited(stage: Stage, slip: int) -> None:
    on = stage.on(-49)
    row = ChequeBatch.objects.get(pk=slip)
    cheques.credit_slip(slip=row, credited_on=on, **stage.act("chloe", on, 9))


def _row(on: date, label: str, amount: Decimal) -> str:
    return f"{on:%d/%m/%Y};{label};{amount:.2f}".replace(".", ",")


def _statement(stage: Stage) -> None:
    """Yesterday's export of the bank: one line is certain and recorded, the others wait."""
    on = stage.on(-1)
    act = stage.act("chloe", on, 17)
    owed: list[Any] = list(Invoice.objects.unpaid().order_by("-due_on", "-pk")[:3])
    rows = [_row(stage.on(-5), "PRLV ASSURANCE LOCAL", Decimal("-84.20"))]
    words = ("VIR SEPA {number} {client}", "VIR SEPA {client}", "VIREMENT RECU")
    for invoice, text in zip(owed, words, strict=False):
        label = text.format(number=invoice.number, client=invoice.client.legal_name.upper())
        rows.append(_row(stage.on(-3), label, Decimal(invoice.left)))
    rows.append(f"{stage.on(-2):%d/%m/%Y};VIR EN FRANCS;cent")
    content = "\n".join(["Date;Libellé;Montant", *rows]).encode("cp1252", "replace")
    statement = banking.import_statement(content=content, name="releve-courant.csv", **act)
    matcher = Matcher(act["by"])
    sure = [
        line.pk
        for line in statement.lines.filter(amount__gt=0)
        if any(found.strength == SURE for found in matcher.of(line))
    ]
    banking.book_sure(statement=statement, lines=sure[:1], **act)
