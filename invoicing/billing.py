"""What a billing run would issue: payers and amounts before anything is numbered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.workflow import Missing
from invoicing.waiting import Payer, payers


@dataclass(frozen=True, slots=True)
class Proposal:
    """One payer of a preview: what would be issued, what bars it, what is only noted."""

    payer: Payer
    bars: tuple[Missing, ...]
    notes: tuple[str, ...]

    @property
    def organisation(self) -> Organisation:
        return self.payer.organisation

    @property
    def key(self) -> int:
        return self.organisation.pk

    @property
    def amount(self) -> Decimal:
        return self.payer.amount

    @property
    def documents(self) -> int:
        """How many invoices it makes: one per agreement, per price, per envelope and per fee."""
        fees = [fee for fee in self.payer.fees if not fee.is_credit]
        agreements = {work.agreement.pk for work in self.payer.works}
        agreements |= self.payer.spent_agreements
        priced = len(self.payer.priced)
        return len(agreements) + len(self.payer.drawings) + priced + len(fees)

    @property
    def is_ready(self) -> bool:
        return not self.bars and self.documents > 0


def _bars(organisation: Organisation) -> tuple[Missing, ...]:
    there = organisation.street or organisation.billing_street
    where = organisation.city or organisation.billing_city
    if there and where:
        return ()
    words = _("Its address is missing: no invoice can be issued.")
    return (Missing("address", words, organisation.get_absolute_url()),)


def _notes(payer: Payer) -> tuple[str, ...]:
    found = []
    organisation = payer.organisation
    if not organisation.siren and organisation.client_kind != Organisation.ClientKind.CONSUMER:
        found.append(_("No SIREN: the invoice will be issued without it."))
    if any(fee.is_credit for fee in payer.fees):
        found.append(_("A credit note is due too: prepare it by itself."))
    return tuple(found)


def proposals(
    *, until: date, on: date, due: bool = False, keys: Collection[int] | None = None
) -> list[Proposal]:
    """What each payer owes of the work done `until` a day, those that lack something first.

    `due`: only what the rhythm of the contract asks to bill by now; `keys`: only these payers.
    """
    found = []
    for payer in payers(until=until, keys=keys):
        if due and not _is_due(payer, on):
            continue
        proposal = Proposal(payer, _bars(payer.organisation), _notes(payer))
        if proposal.documents:
            found.append(proposal)
    return sorted(found, key=lambda p: not p.bars)


def _is_due(payer: Payer, on: date) -> bool:
    fees = any(not fee.is_credit for fee in payer.fees)
    return fees or any(on >= day for day in payer.due_days)
