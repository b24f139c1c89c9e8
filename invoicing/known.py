"""What the copies of many documents need, read for all of them in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from crm.models import Organisation
from essaim.models import SampleRow
from essaim.models.legal import FiguresRead
from essaim.money import ZERO, cents
from invoicing.claim_dates import Claim, claims_of
from invoicing.models import BilledShare, Invoice
from missions.models import Agreement, DayShare, MissionDay

_Covered = list[tuple[int | None, int, str, Decimal]]  # coop, payer, nature, amount


class Known:
    """The legal figures of a day, who else pays the days billed, the days used of agreements."""

    def __init__(self, invoices: Sequence[Invoice], on: date) -> None:
        self.on = on
        self.figures = FiguresRead()
        # What the year made so far, read when a threshold asks for it.
        self.turnover: Decimal | None = None
        keys = [invoice.pk for invoice in invoices]
        self._days: dict[int, set[int]] = defaultdict(set)
        billed = BilledShare.objects.filter(line__invoice__in=keys)
        for invoice, day in billed.values_list("line__invoice_id", "share__day_id"):
            self._days[invoice].add(day)
        self._shares = _shares(keys)
        self._names = {o.pk: o.name for o in Organisation.objects.filter(pk__in=self._payers())}
        self._agreements = {i.agreement_id for i in invoices if i.agreement_id}
        self._used = _days_used(self._agreements)
        # Claims of funders that repay paid expenses only, read when a doubt asks for them.
        self._claims: Mapping[int, list[Claim]] | None = None
        self._parties = {i.client_id for i in invoices} | {
            i.coop.organisation_id for i in invoices if i.coop is not None
        }
        self._examples: frozenset[int] | None = None

    @property
    def examples(self) -> frozenset[int]:
        """Of the clients and coops billed, the organisations that are only examples."""
        if self._examples is None:
            rows = SampleRow.objects.filter(model="crm.Organisation", object_id__in=self._parties)
            self._examples = frozenset(rows.values_list("object_id", flat=True))
        return self._examples

    @property
    def claims(self) -> Mapping[int, list[Claim]]:
        """By agreement, the claims before which the client must have paid."""
        if self._claims is None:
            self._claims = claims_of(self._agreements)
        return self._claims

    def _payers(self) -> set[int]:
        return {payer for rows in self._shares.values() for _coop, payer, *_rest in rows}

    def covers(self, invoice: Invoice) -> dict[str, Decimal]:
        """What others pay of the days an invoice bills, by their name (euros, net)."""
        found: dict[str, Decimal] = {}
        for payer, _nature, amount in self._others(invoice):
            name = self._names[payer]
            found[name] = found.get(name, ZERO) + amount
        return found

    def billed_to_others(self, invoice: Invoice) -> list[Decimal]:
        """What is billed to each other payer of the days of an invoice: each its own VAT."""
        found: dict[int, Decimal] = {}
        for payer, nature, amount in self._others(invoice):
            if nature == "billed":
                found[payer] = found.get(payer, ZERO) + amount
        return list(found.values())

    def _others(self, invoice: Invoice) -> Iterator[tuple[int, str, Decimal]]:
        for day in self._days[invoice.pk]:
            for coop, payer, nature, amount in self._shares[day]:
                elsewhere = invoice.coop_id is not None and coop != invoice.coop_id
                if payer != invoice.client_id and not elsewhere:
                    yield payer, nature, amount

    def used(self, agreement: Agreement) -> Decimal:
        """Billable days of an agreement validated so far."""
        works = set(agreement.billable_works)
        days = (v for k, v in self._used[agreement.pk].items() if k in works)
        return cents(sum(days, ZERO))


def _shares(invoices: Sequence[int]) -> dict[int, _Covered]:
    days = DayShare.objects.filter(billed__line__invoice__in=invoices).values("day_id")
    rows = DayShare.objects.current().filter(
        day__in=days, nature__in=("billed", "covered"), payer__isnull=False
    )
    found: dict[int, _Covered] = defaultdict(list)
    for day, coop, payer, nature, amount in rows.order_by().values_list(
        "day_id", "coop_id", "payer_id", "nature", "amount"
    ):
        found[day].append((coop, payer or 0, nature, amount))
    return found


def _days_used(agreements: set[int]) -> dict[int, dict[str, Decimal]]:
    rows = (
        MissionDay.objects.filter(
            mission__agreement__in=agreements,
            state__in=(MissionDay.State.VALIDATED, MissionDay.State.BILLED),
        )
        .order_by()
        .values_list("mission__agreement_id", "work")
        .annotate(total=Sum("quantity"))
    )
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for agreement, work, total in rows:
        found[agreement][work] = total
    return found
