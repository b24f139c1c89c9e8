"""Papers frozen as they leave: their words in the transaction, their PDF right after it."""

import logging
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from essaim.models import User
from essaim.workflow import perform
from missions.actions.common import lock_agreements
from missions.compose import amendment_paper, quote_paper
from missions.models import Amendment, FrozenPaper, PaperFile, Quote
from missions.printing import canonical, render_paper

log = logging.getLogger("essaim.papers")


def freeze(
    kind: str, contents: dict[str, Any], *, by: User, at: datetime, **of: Any
) -> FrozenPaper:
    """Keep what a paper says; its PDF is made once the transaction stands."""
    rank = FrozenPaper.objects.filter(kind=kind, **of).count() + 1
    paper = FrozenPaper.objects.create(
        kind=kind,
        contents=contents,
        digest=sha256(canonical(contents)).hexdigest(),
        rank=rank,
        frozen_at=at,
        by=by,
        **of,
    )
    transaction.on_commit(lambda: print_paper(paper, at=at))
    return paper


def print_paper(paper: FrozenPaper, *, at: datetime) -> PaperFile | None:
    """Print a frozen paper once; a failure leaves it to the next who asks for it."""
    found = PaperFile.objects.filter(paper=paper).first()
    if found is not None:
        return found
    try:
        content = render_paper(paper.contents, epoch=int(paper.frozen_at.timestamp()))
    except Exception:
        log.exception("the PDF of %s waits", paper.pk)
        return None
    digest = sha256(content).hexdigest()
    return PaperFile.objects.get_or_create(
        paper=paper,
        defaults={
            "content": content,
            "sha256": digest,
            "size": len(content),
            "rendered_at": at,
        },
    )[0]


def freeze_quote(quote: Quote, *, by: User, on: date, at: datetime) -> FrozenPaper:
    """The quote as it is sent."""
    contents = quote_paper(quote, on=on)
    return freeze(FrozenPaper.Kind.QUOTE, contents, quote=quote, by=by, at=at)


def send_amendment(amendment: Amendment, *, by: User, on: date, at: datetime) -> Amendment:
    """The amendment leaves for its signatures: its paper is frozen. Raises Refused."""
    with transaction.atomic():
        lock_agreements([amendment.agreement_id])
        perform(amendment, "send_amendment", by=by, on=on, at=at)
        freeze_amendment(amendment, by=by, on=on, at=at)
    return amendment


def freeze_amendment(amendment: Amendment, *, by: User, on: date, at: datetime) -> None:
    """Keep what the amendment says, unless it left already and says the same."""
    if amendment.papers.exists():
        return
    contents = amendment_paper(amendment, on=on)
    freeze(FrozenPaper.Kind.AMENDMENT, contents, amendment=amendment, by=by, at=at)
