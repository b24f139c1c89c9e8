"""An invoice as it is printed: frozen copies of everything, so that nothing is looked up later."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from invoicing.rules import (
    TAXED,
    Instalment,
    Line,
    Mention,
    Problem,
    Totals,
    deduct,
)

INVOICE: Final = "invoice"
CREDIT_NOTE: Final = "credit_note"
CORRECTIVE: Final = "corrective"
DEPOSIT: Final = "deposit"
MEMBERSHIP_CALL: Final = "membership_call"
ELECTRONIC: Final = frozenset({INVOICE, CREDIT_NOTE, CORRECTIVE, DEPOSIT})
KINDS: Final = (INVOICE, CREDIT_NOTE, CORRECTIVE, DEPOSIT, MEMBERSHIP_CALL)


@dataclass(frozen=True, slots=True)
class Party:
    """One side of the document, as it was on the day; `registration` is the full printed text."""

    name: str
    address: tuple[str, ...] = ()
    billing_address: tuple[str, ...] = ()
    legal_form: str = ""
    capital: str = ""
    registration: str = ""
    siren: str = ""
    siret: str = ""
    vat_number: str = ""
    email: str = ""
    phone: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"
    e_address: str = ""
    kind: str = ""  # of a client: professional, public, consumer
    vat_status: str = ""
    standing: str = ""  # printed after the name: « société coopérative », nature of operations


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo: PNG or SVG bytes, already made safe."""

    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to call about the document."""

    name: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Bank:
    """Where to pay."""

    iban: str
    bic: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The contract the work was done under."""

    title: str
    number: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that a credit note or a corrective invoice takes back."""

    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class DeductedDeposit:
    """A deposit invoice that the final invoice takes off, rate by rate."""

    number: str
    issued_on: date
    totals: Totals


@dataclass(frozen=True, slots=True)
class Cover:
    """Who else pays, and how much (euros, net)."""

    payer: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Funding:
    """The whole cost of the work and who covers it; `remaining` is what this client pays (net).

    `split` and `whole`, where they differ: the gross of all payers' invoices, and of a single one.
    """

    total: Decimal
    covers: tuple[Cover, ...]
    remaining: Decimal
    split: Decimal | None = None
    whole: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """Days of the agreement used so far and left."""

    used: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True)
class DayRow:
    """One worked day on the second page; `share` is the part billed here (euros, net)."""

    on: date
    moment: str
    people: str
    subject: str
    quantity: Decimal
    share: Decimal | None = None
    coop: str = ""  # whose day it was, where a document bills those of several coops


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """Everything a document prints; without a number it is a draft.

    `epoch` is the instant of issue in seconds: it dates the file and makes it reproducible.
    """

    kind: str
    regime: str
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    totals: Totals
    mentions: tuple[Mention, ...]
    epoch: int
    number: str = ""
    issued_on: date | None = None
    service_from: date | None = None
    service_to: date | None = None
    instalments: tuple[Instalment, ...] = ()
    bank: Bank | None = None
    reference: str = ""
    order_number: str = ""
    agreement: Agreement | None = None
    beneficiary: str = ""
    origin: Origin | None = None
    reason: str = ""
    deposits: tuple[DeductedDeposit, ...] = ()
    funding: Funding | None = None
    budget: Budget | None = None
    days: tuple[DayRow, ...] = ()
    contact: Person | None = None
    note: str = ""
    gross_first: bool = False
    chain_hash: str = ""
    service_code: str = ""  # of the public client, at Chorus Pro
    paid_on: date | None = None  # wholly paid before it was issued
    logo: Picture | None = None

    @property
    def is_electronic(self) -> bool:
        """Whether it is exchanged as data too: a membership call is no invoice."""
        return self.kind in ELECTRONIC

    @property
    def is_draft(self) -> bool:
        """Whether the document has no number yet."""
        return not self.number

    @property
    def due(self) -> Totals:
        """What is left to pay once deposits are taken off."""
        return deduct(self.totals, *(deposit.totals for deposit in self.deposits))

    @property
    def is_settled(self) -> bool:
        """Whether the deposits taken off cover it wholly: nothing is left to pay."""
        return bool(self.deposits) and self.kind != CREDIT_NOTE and not self.due.gross


def missing_to_issue(doc: InvoiceDocument) -> tuple[Problem, ...]:
    """List the mandatory particulars that are absent (CGI ann. II 242 nonies A; C. com. L441-9).

    The number, the issue date and the chain hash are given by the issue itself and not asked.
    A buyer may have no SIREN yet; a credit note has no due date but names its origin.
    """
    return tuple(Problem(code) for code in _missing(doc))


def _missing(doc: InvoiceDocument) -> Iterator[str]:
    wanted: dict[str, object] = {
        "seller_name": doc.seller.name,
        "seller_address": doc.seller.address,
        "seller_siren": doc.seller.siren or doc.seller.siret,
        "seller_vat_number": doc.seller.vat_number or doc.regime not in TAXED,
        "buyer_name": doc.buyer.name,
        "buyer_address": doc.buyer.address or doc.buyer.billing_address,
        "lines": doc.lines,
        "service_date": doc.service_from or doc.kind == MEMBERSHIP_CALL,
        "mentions": doc.mentions,
    }
    if doc.kind == CREDIT_NOTE:
        wanted["origin"] = doc.origin
    else:
        wanted["due_date"] = doc.instalments
        wanted["bank"] = doc.bank
    if doc.kind == CORRECTIVE:
        wanted["origin"] = doc.origin
    return (f"{name}_missing" for name, there in wanted.items() if not there)
