"""Issued and paid invoices by the thousand, past the door: for memory and figures only."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, models

from crm.models import IssuerProfile, Organisation
from essaim import immutability
from essaim.models import User
from invoicing.models import Allocation, AuxiliaryAccount, Invoice, InvoiceLine, Payment

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
NOW = datetime(2026, 12, 31, 12, tzinfo=UTC)
CLIENTS = 50
_BATCH = 2000


def _put(model: type[models.Model], rows: list[Any]) -> list[Any]:
    return list(models.QuerySet(model).bulk_create(rows, batch_size=400))


def _clients() -> list[Any]:
    names = [f"Épicerie coopérative n° {rank}" for rank in range(CLIENTS)]
    rows = _put(
        Organisation,
        [Organisation(legal_name=n, search_key=n.lower(), sort_key=n.lower()) for n in names],
    )
    _put(
        AuxiliaryAccount,
        [
            AuxiliaryAccount(organisation=row, code=f"C{rank:04d}", name=row.legal_name)
            for rank, row in enumerate(rows, 1)
        ],
    )
    return rows


def _invoice(rank: int, count: int, client: Any, us: IssuerProfile, by: User) -> Invoice:
    on = FIRST + timedelta(days=364 * rank // count)
    row = Invoice(
        client=client, issuer=us, title="Accompagnement", period_from=on, period_to=on,
        created_by=by, created_at=NOW, net=1000, vat=200, gross=1200,
        number=f"FA-2026-{rank + 1:06d}", year=2026, rank=rank + 1, series_id_used=1,
        issued_on=on, issued_at=NOW, due_on=on + timedelta(days=30), digest=f"{rank:064d}",
        issuer_copy={"regime": "receipts", "name": "Nous"},
        client_copy={"name": client.legal_name, "siren": ""},
        terms_copy={"agreement": None, "beneficiary": "Coop", "mentions": []},
        vat_copy=[{"category": "S", "rate": "20", "base": "1000.00", "vat": "200.00"}],
    )  # fmt: skip
    row.__dict__["state"] = "issued"
    return row


def fill(count: int, by: User, *, paid: bool = True) -> None:
    """Put `count` issued invoices of one line each, paid the same day unless said otherwise."""
    immutability.drop(connection)
    clients = _clients()
    us = IssuerProfile.objects.create(
        effective_from=date(2020, 1, 1), legal_name="Nous", legal_form="Association",
        siren="732829320", street="1 rue", postcode="67000", city="Strasbourg",
    )  # fmt: skip
    for start in range(0, count, _BATCH):
        ranks = range(start, min(start + _BATCH, count))
        rows = _put(Invoice, [_invoice(r, count, clients[r % CLIENTS], us, by) for r in ranks])
        _put(
            InvoiceLine,
            [
                InvoiceLine(
                    invoice=row, kind="days", label="Jours", unit_price=1000, net=1000,
                    vat_rate=20, analytic_code=f"A{row.rank % 9}",
                )
                for row in rows
            ],
        )  # fmt: skip
        if paid:
            _pay(rows, by)


def _pay(rows: list[Any], by: User) -> None:
    payments = _put(
        Payment,
        [
            Payment(
                client_id=row.client_id, received_on=row.issued_on, amount=row.gross,
                reference=row.number, recorded_by=by, recorded_at=NOW,
            )
            for row in rows
        ],
    )  # fmt: skip
    _put(
        Allocation,
        [
            Allocation(
                invoice=row, payment=payment, amount=row.gross, on=row.issued_on, by=by, at=NOW
            )
            for row, payment in zip(rows, payments, strict=True)
        ],
    )


def plain_rows(count: int) -> Iterator[tuple[object, ...]]:
    """Rows as a sales journal has them, from nowhere: what writing alone costs."""
    for rank in range(count):
        yield (
            FIRST, "VE", f"FA-2026-{rank:06d}", "Facture", "Épicerie coopérative", "732829320",
            Decimal("1000.00"), Decimal("200.00"), Decimal("1200.00"), LAST,
        )  # fmt: skip
