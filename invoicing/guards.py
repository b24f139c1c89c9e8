"""What issuing an invoice and activating a clause ask for."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from essaim.workflow import Missing
from invoicing import rules
from invoicing.clause_facts import drafting_is_paid, due_after_claim
from invoicing.refusals import problem_words


def ready_to_issue(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Lines, copies and amounts are there; the action that numbers has checked the rest."""
    return _ready_bulk((obj,), by=by, on=on, data=data)


def _ready_bulk(objs: Sequence[Any], *, by: Any, on: date, data: Any) -> list[Missing]:
    lines = type(objs[0])._meta.get_field("lines").related_model.objects
    filled = set(lines.filter(invoice__in=objs).order_by().values_list("invoice_id", flat=True))
    found = []
    if any(obj.kind == "taken_over" for obj in objs):
        found.append(Missing("kind", _("An invoice of an earlier tool keeps its number.")))
    if any(obj.pk not in filled for obj in objs):
        found.append(Missing("lines", _("The invoice has no line.")))
    if any(not o.issuer_copy or not o.client_copy or o.due_on is None for o in objs):
        found.append(Missing("copies", _("An invoice is issued by its own action.")))
    return found


ready_to_issue.bulk = _ready_bulk  # type: ignore[attr-defined]


def ready_to_adopt(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Only the action that takes an earlier tool's invoice over moves it this way."""
    if obj.kind != "taken_over" or not obj.client_copy or obj.due_on is None:
        return [Missing("copies", _("An invoice is taken over by its own action."))]
    return []


def clause_draft(obj: Any) -> rules.ClauseDraft:
    """A stored clause as the rules judge it."""
    grants = tuple(
        rules.CoveredGrant(
            name=str(a),
            kind=a.programme.kind,
            success_fee_allowed=a.programme.success_fee_allowed,
            applicant_is_issuer=a.is_ours,
        )
        for a in obj.applications.select_related("programme", "applicant")
    )
    return rules.ClauseDraft(
        grants=grants,
        rate=obj.rate,
        base=obj.base,
        trigger=rules.ON_PAYMENT if obj.base == rules.BASE_PAID else rules.ON_NOTIFICATION,
        cap=obj.cap,
        floor=obj.floor,
        fixed_part=obj.fixed_part,
        fixed_part_mode=obj.fixed_part_is,
        tail_months=obj.tail_months,
        reduction=obj.on_reduction,
        withdrawal=obj.on_withdrawal,
        payment_term_days=obj.payment_days,
        drafting_paid_by_funder=drafting_is_paid(obj),
        due_after_claim_date=due_after_claim(obj),
    )


def clause_is_complete(obj: Any, *, by: Any, on: date, data: Any) -> list[Missing]:
    """Everything a lawful clause says before a subsidy share may be billed."""
    kept = {"clause_delicate_grant": obj.covers_donations_why}
    problems = rules.standing(rules.check_clause(clause_draft(obj)), kept)
    found = [Missing(p.code, problem_words(p), level=p.level) for p in problems]
    return found + _covered_already(obj)


def _covered_already(obj: Any) -> list[Missing]:
    """One grant pays one share: a second active clause on it would bill the same aid twice."""
    others = type(obj).objects.filter(state="active", applications__in=obj.applications.all())
    return [
        Missing(
            "applications",
            _("“%(clause)s” already covers one of these grants.") % {"clause": other},
            other.get_absolute_url(),
        )
        for other in others.exclude(pk=obj.pk).distinct()
    ]
