"""What a background worker does: a nudge, since the truth of a run is in its own rows."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks import task

from invoicing.actions.issuing import render_pending
from invoicing.actions.running import advance, documents_of
from invoicing.models import BillingRun


def now_by(run: BillingRun) -> dict[str, Any]:
    """Who acts and when, as actions take it: the person who launched the run, now."""
    return {"by": run.created_by, "on": timezone.localdate(), "at": timezone.now()}


@task()
def carry_run(pk: int) -> None:
    """Bill what is left of a run, then print its documents; harmless when others do it too."""
    run = BillingRun.objects.select_related("created_by").get(pk=pk)
    while advance(run=run, **now_by(run)).taken:
        pass
    render_pending(
        at=timezone.now(),
        workers=settings.PDF_WORKERS,
        within=documents_of(run),
    )
