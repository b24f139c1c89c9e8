"""One issued invoice with everything that hangs on it, and a draft beside it, by plain rows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from crm.models import IssuerProfile, Organisation
from essaim import series
from essaim.models import NumberSlot, User
from essaim.workflow import record
from invoicing.models import (
    Allocation,
    BilledShare,
    ExportLog,
    FrozenFile,
    Instalment,
    Invoice,
    InvoiceLine,
    Payment,
    SubsidyFee,
    SubsidyShareClause,
)
from missions.models import Agreement, DayShare, Mission, MissionDay

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
FROZEN = (
    "invoicing_invoice",
    "invoicing_invoiceline",
    "invoicing_instalment",
    "invoicing_billedshare",
    "invoicing_subsidyfee",
    "invoicing_frozenfile",
    "invoicing_payment",
    "invoicing_allocation",
    "invoicing_exportlog",
    "essaim_event",
    "essaim_series",
    "essaim_seriesyear",
    "essaim_numberslot",
)


@dataclass(frozen=True)
class Books:
    """What the attacks aim at."""

    issued: Invoice
    draft: Invoice
    by: User
    ids: dict[str, Any]


def _draft(by: User, client: Organisation, agreement: Agreement) -> Invoice:
    invoice = Invoice.objects.create(
        client=client,
        agreement=agreement,
        created_by=by,
        created_at=AT,
        net=Decimal(100),
        vat=Decimal(20),
        gross=Decimal(120),
    )
    for position in (1, 2):
        InvoiceLine.objects.create(
            invoice=invoice,
            position=position,
            label="Journées",
            unit_price=Decimal(50),
            net=Decimal(50),
            vat_rate=Decimal(20),
        )
    Instalment.objects.create(invoice=invoice, due_on=DAY, amount=Decimal(120))
    return invoice


def _issue(invoice: Invoice, profile: IssuerProfile) -> None:
    """The statements by which the door issues, without its checks."""
    with transaction.atomic(), connection.cursor() as cursor:
        held = series.hold("invoice", on=DAY)
        rank = held.year.counter + 1
        slot = NumberSlot(
            series=held.series,
            year=held.year.year,
            rank=rank,
            number=held.number(rank),
            document=invoice.pk,
            on=DAY,
            previous=held.series.head,
            digest=f"{rank:x}".rjust(64, "e"),
        )
        series.put_slots(held, [slot])
        cursor.execute(
            "UPDATE invoicing_invoice SET state = 'issued', number = %s, year = %s, rank = %s,"
            " series_id_used = %s, previous = %s, digest = %s, issued_on = %s, issued_at = %s,"
            " due_on = %s, issuer_id = %s WHERE id = %s",
            [
                slot.number,
                slot.year,
                slot.rank,
                held.series.pk,
                slot.previous,
                slot.digest,
                *(DAY, AT, DAY, profile.pk, invoice.pk),
            ],
        )
        series.give(held, [slot])
    invoice.refresh_from_db()


def _hang(invoice: Invoice, agreement: Agreement, by: User) -> dict[str, Any]:
    """A billed share on the first line, a fee on the second."""
    first, second = invoice.lines.all()
    mission = Mission.objects.create(kind="internal", title="Équipe", opened_on=DAY)
    day = MissionDay.objects.create(
        consultant=by, mission=mission, worked_on=DAY, logged_at=AT, quantity=Decimal("1.00")
    )
    share = DayShare.objects.create(
        day=day,
        nature="billed",
        payer=invoice.client,
        quantity=1,
        rate=Decimal(50),
        amount=Decimal(50),
        rules_version="1",
    )
    clause = SubsidyShareClause.objects.create(agreement=agreement)
    fee = SubsidyFee.objects.create(
        line=second, clause=clause, is_fixed_part=True, base=Decimal(50), amount=Decimal(50)
    )
    billed = BilledShare.objects.create(line=first, share=share)
    return {"share": share.pk, "billed": billed.pk, "fee": fee.pk, "clause": clause.pk}


def _around(invoice: Invoice, by: User) -> dict[str, Any]:
    file = FrozenFile.objects.create(
        invoice=invoice, content=b"%PDF-1.7 one", sha256="0" * 64, size=12, rendered_at=AT
    )
    payment = Payment.objects.create(
        client=invoice.client,
        received_on=DAY,
        amount=Decimal(120),
        recorded_by=by,
        recorded_at=AT,
    )
    allocation = Allocation.objects.create(
        invoice=invoice, payment=payment, amount=Decimal(120), on=DAY, by=by, at=AT
    )
    log = ExportLog.objects.create(
        kind="sales", file_format="csv", period_from=DAY, period_to=DAY, rows=1, by=by, at=AT
    )
    event = record(invoice, "show", by=by, on=DAY, at=AT, text="quelques mots")
    return {
        "file": file.pk,
        "payment": payment.pk,
        "allocation": allocation.pk,
        "log": log.pk,
        "event": event.pk,
    }


def books(by: User) -> Books:
    """An issued invoice of 120.00 euros, paid, and a draft of as much."""
    client = Organisation.objects.create(legal_name="Coop'Épi")
    profile = IssuerProfile.objects.create(
        effective_from=DAY,
        legal_name="L'Essaimerie",
        legal_form="SCOP",
        street="1 rue des Jardins",
        postcode="67000",
        city="Strasbourg",
    )
    agreement = Agreement.objects.create(title="Convention", client=client, starts_on=DAY)
    opened = series.open_series("invoice", pattern="FA-{year}-{number:04d}")
    issued, draft = (_draft(by, client, agreement) for _ in range(2))
    hung = _hang(issued, agreement, by)
    _issue(issued, profile)
    lines, spare = list(issued.lines.all()), list(draft.lines.all())
    ids = {
        "issued": issued.pk,
        "draft": draft.pk,
        "series": opened.pk,
        "year": opened.years.get().pk,
        "profile": profile.pk,
        "client": client.pk,
        "user": by.pk,
        "line": lines[0].pk,
        "line2": lines[1].pk,
        "spare": spare[0].pk,
        "spare2": spare[1].pk,
        "instalment": issued.instalments.get().pk,
        "spare_instalment": draft.instalments.get().pk,
    }
    return Books(issued, draft, by, ids | hung | _around(issued, by))


def contents() -> dict[str, list[Any]]:
    """Every row of every frozen table, as the database holds it."""
    found = {}
    with connection.cursor() as cursor:
        for table in FROZEN:
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY id')
            found[table] = [
                tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
                for row in cursor.fetchall()
            ]
    return found
