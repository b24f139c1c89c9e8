"""Late invoices, their clients and their mail, for tests of reminders and receivables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from essaim import immutability
from invoicing import actions
from invoicing.models import FrozenFile, Instalment, Invoice, Payment
from tests.conftest import acting
from tests.given_invoicing import given_bookkeeper, given_client, given_invoice

ISSUED = date(2026, 9, 1)
DUE = ISSUED + timedelta(days=30)


def given_late(amount: Decimal | int | str = 1000, on: date = ISSUED, **more: Any) -> Invoice:
    """An invoice of a client with an address, due thirty days after it was issued."""
    client = more.pop("client", None) or given_client(kind="coop", billing_email="compta@epi.test")
    return given_invoice(amount, client, on, **more)


def part_of(invoice: Invoice) -> Instalment:
    return Instalment.objects.get(invoice=invoice)


def given_payment(
    client: Any, amount: Any, on: date, *, to: dict[Invoice, Any] | None = None, **more: Any
) -> Payment:
    """Money received, set against invoices when said."""
    parts = {invoice: Decimal(part) for invoice, part in (to or {}).items()}
    return actions.record_payment(
        client=client,
        amount=Decimal(amount),
        received_on=more.pop("received_on", on),
        method="transfer",
        invoices=parts,
        **acting(more.pop("by", None) or given_bookkeeper(), on),
    )


def quick_pdf(invoice: Invoice, at: Any) -> None:
    """A few bytes stand for the PDF of a document that a test need not print."""
    content = f"%PDF-1.7 {invoice.number}".encode()
    FrozenFile.objects.create(
        invoice=invoice,
        content=content,
        sha256=sha256(content).hexdigest(),
        size=len(content),
        rendered_at=at,
    )


@contextmanager
def without_triggers() -> Iterator[None]:
    """Write what no action writes yet on issued rows, for the length of a test's set-up."""
    connection.check_constraints()
    immutability.drop(connection)
    yield
    connection.check_constraints()
    immutability.install(connection)


def send_outbox() -> str:
    out = StringIO()
    call_command("send_outbox", stdout=out)
    return out.getvalue().strip()
