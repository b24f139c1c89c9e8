"""Where a new office begins, and rows that keep fees tied to grants on screen."""

from typing import Any

from django.urls import reverse

from essaim import features, hooks
from invoicing.models import SubsidyShareClause
from invoicing.start import is_fresh


@hooks.feature_rows.register(features.LINKED_FEES)
def clauses() -> Any:
    return SubsidyShareClause.objects.all()


@hooks.beginnings.register
def first_step(user: Any) -> str:
    return reverse("start:issuer") if is_fresh(user) else ""
