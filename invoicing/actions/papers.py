"""Papers that join an agreement and its clauses, frozen as they leave."""

from datetime import date, datetime

from essaim.models import User
from invoicing.annex import agreement_contents, annex_contents
from invoicing.models import SubsidyShareClause
from missions.actions import freeze
from missions.models import Agreement, FrozenPaper


def freeze_agreement(
    agreement: Agreement, *, by: User, on: date, at: datetime
) -> FrozenPaper | None:
    """Keep what the agreement says; None where it left already and says the same."""
    contents = agreement_contents(agreement, on=on)
    last = agreement.papers.filter(kind=FrozenPaper.Kind.AGREEMENT).last()
    if last is not None and agreement.state != Agreement.State.SENT:
        return None
    return freeze(FrozenPaper.Kind.AGREEMENT, contents, agreement=agreement, by=by, at=at)


def freeze_annex(clause: SubsidyShareClause, *, by: User, on: date, at: datetime) -> FrozenPaper:
    """Keep the page that explains a clause, as it takes effect."""
    return freeze(
        FrozenPaper.Kind.ANNEX,
        annex_contents(clause, on=on),
        agreement=clause.agreement,
        clause_key=clause.pk,
        by=by,
        at=at,
    )
