"""What « Tout préparer » drafts of a payer beside days of agreements: expenses and envelopes."""

from collections.abc import Iterable
from datetime import date, datetime

from crm.models import Organisation
from essaim.models import User
from essaim.workflow import Act
from invoicing.actions.envelopes import draft_from_envelope
from invoicing.actions.expenses import draft_from_expenses, take_expenses
from invoicing.models import Invoice
from invoicing.waiting_expenses import drawings, spent


def draft_costs(
    *,
    payer: Organisation,
    drafts: Iterable[Invoice],
    by: User,
    on: date,
    at: datetime,
    until: date | None = None,
) -> list[Invoice]:
    """Put a payer's expenses on the drafts of the same agreement, else on drafts of their own;
    then draft its envelopes. Gives the new drafts.
    """
    act: Act = {"by": by, "on": on, "at": at}
    by_agreement = {d.agreement_id: d for d in drafts}
    made = []
    for cost in spent(until=until, keys=[payer.pk]):
        draft = by_agreement.get(cost.agreement.pk)
        if draft is not None:
            take_expenses(invoice=draft, until=until, **act)
        else:
            made.append(
                draft_from_expenses(payer=payer, agreement=cost.agreement, until=until, **act)
            )
    for drawing in drawings(until=until, keys=[payer.pk]):
        made.append(draft_from_envelope(envelope=drawing.envelope, until=until, **act))
    return made
