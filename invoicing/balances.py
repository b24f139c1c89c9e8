"""What a client has with us: payments and credit notes with something left."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from essaim.formats import date_fr, money
from essaim.money import ZERO, cents, sql_cents
from invoicing.models import Allocation, ClaimSettlement, Invoice, Payment, Refund

_MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Source:
    """One balance: a payment or a credit note, and what is left of it."""

    key: str
    row: Any
    left: Decimal

    @property
    def label(self) -> str:
        if isinstance(self.row, Payment):
            words = _("payment of %(day)s") % {"day": date_fr(self.row.received_on)}
        else:
            words = _("credit note %(number)s") % {"number": self.row.number}
        return f"{words} · {money(self.left)}"


def _used(model: Any, field: str) -> Any:
    rows = model.objects.filter(**{field: OuterRef("pk")}).order_by().values(field)
    total = rows.annotate(total=Sum("amount")).values("total")
    return Coalesce(Subquery(total, output_field=_MONEY), ZERO, output_field=_MONEY)


def sources_of(client_id: int) -> list[Source]:
    """The balances of a client, oldest first; nothing of a payment that was undone. Two queries."""
    paid: Any = (
        Payment.objects.filter(client=client_id, reverses=None, reversed_by=None)
        .annotate(used=_used(Allocation, "payment"), back=_used(Refund, "payment"))
        .annotate(claims=_used(ClaimSettlement, "payment"))
        .annotate(left=sql_cents(F("amount") - F("used") - F("back") - F("claims")))
    )
    credits: Any = (
        Invoice.objects.issued()
        .filter(client=client_id, kind=Invoice.Kind.CREDIT_NOTE)
        .annotate(used=_used(Allocation, "credit_note"), back=_used(Refund, "credit_note"))
        .annotate(left=sql_cents(F("gross") - F("deducted") - F("used") - F("back")))
    )
    both: tuple[tuple[str, Any], ...] = (("payment", paid), ("credit_note", credits))
    return [
        Source(f"{kind}:{row.pk}", row, cents(row.left))
        for kind, rows in both
        for row in rows.filter(left__gt=0).order_by("pk")
    ]
