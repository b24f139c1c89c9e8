"""A process that carries a run on, a payer at a time, and says when it is about to issue.

python -m tests.dying_run RUN: to be killed.
"""

import sys
from datetime import UTC, date, datetime
from typing import Any

import django

django.setup()

from essaim.models import User  # noqa: E402
from invoicing.actions import running  # noqa: E402
from invoicing.models import BillingRun  # noqa: E402

_post = running.post


def told(*args: Any, **kwargs: Any) -> Any:
    print("posting", flush=True)
    return _post(*args, **kwargs)


running.post = told
run = BillingRun.objects.get(pk=int(sys.argv[1]))
act: dict[str, Any] = {"by": User.objects.get(pk=int(sys.argv[2])), "on": date(2026, 11, 23)}
while running.advance(run=run, batch=1, at=datetime(2026, 11, 23, 9, tzinfo=UTC), **act).taken:
    pass
