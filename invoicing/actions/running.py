"""Billing runs: launched once, advanced by whoever passes, ended whatever dies on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from essaim.formats import money
from essaim.models import User
from essaim.money import ZERO, cents
from essaim.workflow import Act, Missing, Refused, perform, perform_many, record
from invoicing.actions.desk import draft_payers
from invoicing.actions.issuing import NotReady, post, render_pending
from invoicing.billing import proposals
from invoicing.models import BillingRun, BillingRunPayer, Invoice

BATCH: Final = 50  # payers billed in one transaction: what a kill undoes
LEASE: Final = timedelta(minutes=2)
State = BillingRunPayer.State
OPEN: Final = (State.WAITING, State.LEASED)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one step did: payers it took, and those that are not settled yet."""

    taken: int
    left: int


# -- launched ----------------------------------------------------------------------------------
@transaction.atomic
def start_run(
    *,
    key: str,
    payers: Mapping[int, Decimal],
    until: date,
    by: User,
    on: date,
    at: datetime,
) -> BillingRun:
    """Launch a run over these payers, each for the net amount that was previewed.

    The same `key` is the same run, however often it is asked for. Raises Refused when a payer
    owes another amount by now or lacks what an invoice needs; nothing is numbered yet.
    """
    facts = {"until": until, "created_by": by, "created_at": at}
    run, made = BillingRun.objects.get_or_create(key=key, defaults=facts)
    if not made:
        return run
    refuse_what_changed(payers, until=until, on=on)
    BillingRunPayer.objects.bulk_create(
        BillingRunPayer(run=run, payer_id=payer, amount=amount) for payer, amount in payers.items()
    )
    record(run, "launch", by=by, on=on, at=at, codes={"payers": len(payers)})
    return run


def refuse_what_changed(payers: Mapping[int, Decimal], *, until: date, on: date) -> None:
    """Raise Refused unless these payers owe what was previewed, and lack nothing."""
    if not payers:
        raise Refused([Missing("payers", _("Choose at least one payer."))])
    found = {p.key: p for p in proposals(until=until, on=on, keys=list(payers))}
    bars: list[Missing] = []
    for key, amount in payers.items():
        proposal = found.get(key)
        if proposal is None:
            words = _("Nothing is left to bill to one of these payers: look at the preview again.")
            bars.append(Missing("payers", words))
        elif proposal.bars:
            bars += [
                Missing(m.code, f"{proposal.organisation} : {m.text}", m.url) for m in proposal.bars
            ]
        elif proposal.amount != amount:
            bars.append(Missing("amount", _changed(amount, proposal.amount, proposal.organisation)))
    if bars:
        raise Refused(bars)


def _changed(before: Decimal, now: Decimal, payer: object) -> str:
    return _("%(payer)s: %(now)s to bill by now, and not %(before)s any more. Check it again.") % {
        "payer": payer,
        "now": money(now),
        "before": money(before),
    }


# -- advanced ----------------------------------------------------------------------------------
def advance(*, run: BillingRun, by: User, on: date, at: datetime, batch: int = BATCH) -> Advanced:
    """Bill the next payers of a run that nobody else is billing; end it when all are settled.

    Safe to call from anywhere, as often as one likes: a payer is taken under a lease, and issued
    in the transaction that marks it. What a killed process had leased is taken again once its
    lease is over.
    """
    act: Act = {"by": by, "on": on, "at": at}
    keys = _lease(run, batch, **act)
    if keys:
        _settle(run, keys, until=at + LEASE, **act)
    return Advanced(len(keys), _finish(run, **act))


@transaction.atomic
def _lease(run: BillingRun, batch: int, *, by: User, on: date, at: datetime) -> list[int]:
    free = Q(state=State.WAITING) | Q(state=State.LEASED, lease_until__lte=at)
    rows = BillingRunPayer.objects.filter(free, run=run).order_by("pk")
    locked = rows.select_for_update(of=("self",), no_key=True, skip_locked=True)
    keys = list(locked.values_list("pk", flat=True)[:batch])
    chosen = BillingRunPayer.objects.filter(pk__in=keys)
    perform_many(chosen, "lease", by=by, on=on, at=at, until=at + LEASE)
    return keys


@transaction.atomic
def _settle(
    run: BillingRun, keys: Sequence[int], *, until: datetime, by: User, on: date, at: datetime
) -> None:
    """Bill leased payers and mark them, in one transaction: killed in it, nothing happened."""
    rows = BillingRunPayer.objects.filter(pk__in=keys, state=State.LEASED, lease_until=until)
    locked = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    mine = {row.payer_id: row for row in locked}
    issued, stopped = _bill(mine, run.until, by=by, on=on, at=at)
    _mark(mine, issued, stopped, by=by, on=on, at=at)


def _bill(
    rows: Mapping[int, BillingRunPayer], until: date, *, by: User, on: date, at: datetime
) -> tuple[dict[int, list[Invoice]], dict[int, list[Missing]]]:
    """Draft and issue what payers owe; those in whose way something stands come back with it."""
    act: Act = {"by": by, "on": on, "at": at}
    left, stopped = dict(rows), dict[int, list[Missing]]()
    while left:
        try:
            return _bill_together(left, until, **act), stopped
        except _Unready as unready:
            stopped |= unready.by_payer
        except Refused as refused:
            if len(left) == 1:
                return {}, stopped | {next(iter(left)): refused.missing}
            # Who stands in the way is not said: each is tried alone.
            return _bill_apart(left, until, stopped, **act)
        left = {key: row for key, row in left.items() if key not in stopped}
    return {}, stopped


def _bill_apart(
    rows: Mapping[int, BillingRunPayer],
    until: date,
    stopped: dict[int, list[Missing]],
    *,
    by: User,
    on: date,
    at: datetime,
) -> tuple[dict[int, list[Invoice]], dict[int, list[Missing]]]:
    issued: dict[int, list[Invoice]] = {}
    for key, row in rows.items():
        done, why = _bill({key: row}, until, by=by, on=on, at=at)
        issued |= done
        stopped |= why
    return issued, stopped


class _Unready(Exception):
    """Payers that can't be billed as they were previewed, and why; the others may be."""

    def __init__(self, by_payer: Mapping[int, list[Missing]]) -> None:
        self.by_payer = dict(by_payer)
        super().__init__(sorted(self.by_payer))


@transaction.atomic
def _bill_together(
    rows: Mapping[int, BillingRunPayer],
    until: date,
    *,
    by: User,
    on: date,
    at: datetime,
    reasons: Mapping[str, str] | None = None,
) -> dict[int, list[Invoice]]:
    """Issue all of them, or nothing: drafts that were never to be leave no trace."""
    drafts = draft_payers(list(rows), until=until, by=by, on=on, at=at)
    if changed := _not_as_previewed(rows, drafts):
        raise _Unready(changed)
    ordered = [draft for key in rows for draft in drafts[key]]
    payer_of = {draft.pk: key for key in rows for draft in drafts[key]}
    try:
        issued = post(ordered, by=by, on=on, at=at, reasons=reasons)
    except NotReady as unready:
        found: dict[int, list[Missing]] = {}
        for draft, missing in unready.by_draft.items():
            found.setdefault(payer_of[draft], []).extend(missing)
        raise _Unready(found) from unready
    done: dict[int, list[Invoice]] = {key: [] for key in rows}
    for invoice in issued:
        done[payer_of[invoice.pk]].append(invoice)
    return done


def _not_as_previewed(
    rows: Mapping[int, BillingRunPayer], drafts: Mapping[int, Sequence[Invoice]]
) -> dict[int, list[Missing]]:
    found = {}
    keys = [draft.pk for made in drafts.values() for draft in made]
    # A draft may have taken expenses since it was made.
    nets = dict(Invoice.objects.filter(pk__in=keys).values_list("pk", "net"))
    for key, row in rows.items():
        made = drafts.get(key, ())
        net = cents(sum((nets[draft.pk] for draft in made), ZERO))
        if not made:
            words = _("Nothing is left to bill to this payer.")
            found[key] = [Missing("shares", words)]
        elif net != row.amount:
            found[key] = [Missing("amount", _changed(row.amount, net, row.payer))]
    return found


def _mark(
    rows: Mapping[int, BillingRunPayer],
    issued: Mapping[int, Sequence[Invoice]],
    stopped: Mapping[int, Sequence[Missing]],
    **act: Any,
) -> None:
    through = BillingRunPayer.invoices.through
    through.objects.bulk_create(
        through(billingrunpayer_id=rows[key].pk, invoice_id=invoice.pk)
        for key, made in issued.items()
        for invoice in made
    )
    done = BillingRunPayer.objects.filter(pk__in=[rows[key].pk for key in issued])
    perform_many(done, "settle", **act)
    words = {
        rows[key].pk: {"problem": "\n".join(dict.fromkeys(str(m.text) for m in why))}
        for key, why in stopped.items()
    }
    halted = BillingRunPayer.objects.filter(pk__in=words)
    perform_many(halted, "stop", each=words, **act)


@transaction.atomic
def _finish(run: BillingRun, *, by: User, on: date, at: datetime) -> int:
    """End a run whose payers are all settled; how many are not."""
    locked = BillingRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    left = BillingRunPayer.objects.filter(run=run, state__in=OPEN).count()
    if not left and locked.is_running:
        perform(locked, "finish", by=by, on=on, at=at)
    return left


# -- tried again -------------------------------------------------------------------------------
@transaction.atomic
def retry_payer(*, row: BillingRunPayer, by: User, on: date, at: datetime) -> BillingRunPayer:
    """Put a refused payer back in its run, for what it owes by now. Raises Refused."""
    run = BillingRun.objects.select_for_update(of=("self",), no_key=True).get(pk=row.run_id)
    found = proposals(until=run.until, on=on, keys=[row.payer_id])
    if not found:
        raise Refused([Missing("shares", _("Nothing is left to bill to this payer."))])
    if found[0].bars:
        raise Refused(found[0].bars)
    perform(row, "retry", by=by, on=on, at=at)
    row.amount = found[0].amount
    row.save(update_fields=["amount"])
    if not run.is_running:
        perform(run, "resume", by=by, on=on, at=at)
    return row


def in_the_way(*, row: BillingRunPayer, by: User, on: date, at: datetime) -> list[Missing]:
    """What would refuse a payer now, for what it owes by now; nothing is kept of the trial.

    What is of the level "warn" passes with a sentence (`bill_all_the_same`).
    """
    found = proposals(until=row.run.until, on=on, keys=[row.payer_id])
    if not found:
        return [Missing("shares", _("Nothing is left to bill to this payer."))]
    row.amount = found[0].amount
    with transaction.atomic():
        try:
            _bill_together({row.payer_id: row}, row.run.until, by=by, on=on, at=at)
        except _Unready as unready:
            return unready.by_payer.get(row.payer_id, [])
        except Refused as refused:
            return refused.missing
        finally:
            transaction.set_rollback(True)
    return []


@transaction.atomic
def bill_all_the_same(
    *, row: BillingRunPayer, reasons: Mapping[str, str], by: User, on: date, at: datetime
) -> BillingRunPayer:
    """Bill a refused payer at once, each warning answered by a sentence that its trail keeps.

    Raises Refused with the warnings that have none, and with what no sentence lifts.
    """
    act: Act = {"by": by, "on": on, "at": at}
    found = in_the_way(row=row, **act)
    if left := [m for m in found if m.level == "bar" or not reasons.get(m.code, "").strip()]:
        raise Refused(left)
    row = retry_payer(row=row, **act)
    perform(row, "lease", until=at + LEASE, **act)
    issued = _bill_together({row.payer_id: row}, row.run.until, reasons=reasons, **act)
    _mark({row.payer_id: row}, issued, {}, **act)
    _finish(row.run, **act)
    row.refresh_from_db()
    return row


# -- from its page -----------------------------------------------------------------------------
def carry_on(
    *, run: BillingRun, by: User, on: date, at: datetime, batch: int = 20, prints: int = 2
) -> Advanced:
    """One short step of a run: some payers, or once all are settled some of its PDFs."""
    done = advance(run=run, by=by, on=on, at=at, batch=batch)
    if not done.left:
        waiting = documents_of(run).without_pdf().order_by("pk").values_list("pk", flat=True)
        some = Invoice.objects.filter(pk__in=list(waiting[:prints]))
        render_pending(at=at, within=some)
    return done


def documents_of(run: BillingRun) -> Any:
    """The invoices a run issued."""
    return Invoice.objects.filter(run_payers__run=run)
