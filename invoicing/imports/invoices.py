"""Open invoices of an earlier tool: what is left of each is claimed here, under its own number."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.finding import Organisations
from crm.models import Coop, Organisation
from essaim.formats import money
from essaim.imports.plan import SAME, Column, Judged, Line, Made
from essaim.imports.rehearse import rehearse, write_each
from essaim.imports.values import Cells
from essaim.models import User
from essaim.models.legal import vat_rates
from essaim.money import ZERO, cents
from invoicing.actions.adopting import take_over_invoice
from invoicing.models import Invoice

COLUMNS = (
    Column(
        "number",
        gettext_lazy("Number on the invoice"),
        ("numéro", "n°", "facture", "numéro de facture", "n° facture"),
        required=True,
        example="2025-041",
    ),
    Column(
        "client",
        gettext_lazy("Client"),
        ("client", "débiteur", "organisation"),
        required=True,
        help=gettext_lazy("Its name, SIRET or reference."),
        example="Ville de Forbach",
    ),
    Column(
        "issued_on",
        gettext_lazy("Issued on"),
        ("date", "date de facture", "émise le"),
        required=True,
        example="30/09/2025",
    ),
    Column(
        "due_on",
        gettext_lazy("Due on"),
        ("échéance", "date d’échéance", "à payer avant"),
        required=True,
        example="30/10/2025",
    ),
    Column("net", gettext_lazy("Total before VAT"), ("ht", "montant ht", "total ht")),
    Column("vat", gettext_lazy("VAT"), ("tva", "montant tva")),
    Column(
        "gross",
        gettext_lazy("Total including VAT"),
        ("ttc", "montant ttc", "total ttc", "montant"),
        required=True,
        example="1200,00",
    ),
    Column("paid", gettext_lazy("Paid so far"), ("réglé", "déjà réglé", "payé", "encaissé")),
    Column(
        "vat_rate",
        gettext_lazy("VAT rate"),
        ("taux", "taux de tva"),
        same_for_all=True,
        help=gettext_lazy("20 or 0; worked out of the amounts when it is not said."),
    ),
    Column("title", gettext_lazy("Subject"), ("objet", "libellé", "intitulé")),
    Column("coop", gettext_lazy("Coop"), ("coop", "bénéficiaire")),
)
MAINLAND = "75000"  # rates of mainland France
REFUSED = {"left": "gross", "state": "number"}


class OpenInvoiceImporter:
    kind = "invoices"
    permission = "invoicing.take_over_invoice"
    order = 70
    # An invoice that was taken over is frozen like any other.
    final = gettext_lazy(
        "Invoices taken over are final, as any invoice: look at the rows before you confirm. A"
        " mistake is mended on each by a write-off or a credit note."
    )

    def label(self) -> str:
        return _("Open invoices of the earlier tool")

    def help(self) -> str:
        return _(
            "Invoices not wholly paid yet. They keep their number, take none of ours, and are"
            " followed here: payments, reminders, late interest."
        )

    def columns(self) -> Sequence[Column]:
        return COLUMNS

    def judge(
        self, lines: Sequence[Line], *, by: User, on: date, at: datetime, dry: bool
    ) -> list[Judged]:
        known = Organisations(by)
        rates = [*vat_rates(MAINLAND, on), Decimal(0)]
        taken = Invoice.objects.filter(kind=Invoice.Kind.TAKEN_OVER, state=Invoice.State.ISSUED)
        there = set(taken.values_list("client", "number"))
        seen: dict[tuple[Any, str], int] = {}
        judged = []
        for line in lines:
            one = Judged(line)
            self._read(one, known, rates, on)
            if not one.faults:
                key = (one.data["client"], one.data["number"])
                first = seen.setdefault(key, one.number)
                if key in there:
                    one.verdict = SAME
                elif first != one.number:
                    one.fault("number", _("row %(row)s already says the same.") % {"row": first})
            judged.append(one)
        if dry:
            rehearse(judged, self._writer(by, on, at), REFUSED)
        return judged

    def _read(self, one: Judged, known: Organisations, rates: Sequence[Decimal], on: date) -> None:
        cells = Cells(one)
        data: dict[str, Any] = {
            "number": cells.needed("number", 35),
            "issued_on": cells.day("issued_on", latest=on),
            "due_on": cells.day("due_on"),
            "title": cells.text("title"),
        }
        for name in ("client", "issued_on", "due_on", "gross"):
            if not one.line.get(name):
                cells.needed(name)
        data["client"], data["coop"] = _found(one, cells, known)
        gross, paid = cells.amount("gross"), cells.amount("paid") or ZERO
        net, vat = cells.amount("net"), cells.amount("vat")
        rate = cells.number("vat_rate")
        if gross is not None:
            data["total"], data["left"] = gross, cents(gross - paid)
            data["vat_rate"] = _rate(one, gross, net, vat, rate, rates)
            _amounts(one, gross, paid)
            one.detail = _("left to pay: %(left)s") % {"left": money(data["left"])}
        name = known.by_key[data["client"]].name if data["client"] else ""
        one.title = " · ".join(filter(None, (data["number"], name)))
        one.data = data

    def write(self, judged: Sequence[Judged], *, by: User, on: date, at: datetime) -> list[Made]:
        return write_each(judged, self._writer(by, on, at), REFUSED)

    def _writer(self, by: User, on: date, at: datetime) -> Any:
        def write(one: Judged) -> Made:
            data = dict(one.data)
            client = Organisation.objects.get(pk=data.pop("client"))
            key = data.pop("coop")
            coop = Coop.objects.get(pk=key) if key else None
            invoice = take_over_invoice(client=client, coop=coop, **data, by=by, on=on, at=at)
            return Made(one.number, invoice)

        return write


def _found(one: Judged, cells: Cells, known: Organisations) -> tuple[int | None, int | None]:
    client, coop = None, None
    try:
        if said := cells.text("client"):
            client = known.find(said).key
    except LookupError as error:
        one.fault("client", str(error))
    try:
        if said := cells.text("coop"):
            coop = known.coop(said).coop
    except LookupError as error:
        one.fault("coop", str(error))
    return client, coop


def _amounts(one: Judged, gross: Decimal, paid: Decimal) -> None:
    if gross <= 0:
        one.fault("gross", _("the amount must be positive."))
    elif paid < 0 or paid > gross:
        one.fault("paid", _("more was paid than what was asked."))
    elif paid == gross:
        one.fault("paid", _("this invoice is wholly paid: there is nothing to take over."))


def _rate(
    one: Judged,
    gross: Decimal,
    net: Decimal | None,
    vat: Decimal | None,
    rate: Decimal | None,
    rates: Sequence[Decimal],
) -> Decimal:
    """The rate that is said, else the one of ours that the amounts give."""
    if rate is not None:
        if rate not in rates:
            one.fault("vat_rate", _("this is no VAT rate."))
        return rate
    if net is None and vat is None:
        return Decimal(0)
    vat = gross - net if vat is None and net is not None else vat or ZERO
    net = gross - vat if net is None else net
    if net + vat != gross:
        one.fault("gross", _("the total is not what comes before VAT plus VAT."))
        return Decimal(0)
    near = [r for r in rates if abs(cents(net * r / 100) - vat) <= Decimal("0.05")]
    if not near:
        one.fault("vat", _("these amounts are of no single VAT rate: take this one over by hand."))
    return near[0] if near else Decimal(0)
