"""`verify` finds every change of what was issued, and names the document."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

from crm.models import IssuerProfile, Organisation
from essaim import immutability
from essaim.models import Series, SeriesYear
from invoicing import actions, rules
from invoicing.assembly import sealed
from invoicing.models import (
    Allocation,
    BilledShare,
    FrozenFile,
    Instalment,
    Invoice,
    InvoiceLine,
    Payment,
    SubsidyFee,
)
from invoicing.verification import verify
from missions.models import DayShare
from tests.conftest import acting
from tests.given_crm import given_coop
from tests.given_grants import given_application, given_disbursement
from tests.given_invoicing import client_of, given_clause, given_client, given_issuer
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission

pytestmark = pytest.mark.django_db
D = Decimal

# Columns that no hash covers, and why: any other one is found when it changes.
EXEMPT: dict[type[models.Model], set[str]] = {
    Invoice: {
        "id",  # others point at it: the database keeps it
        "client_id",  # may follow a deduplication; the copied party is sealed
        "state",  # a document un-issued leaves a gap: tested apart
    },
    InvoiceLine: {"id"},
    Instalment: {"id"},
    SubsidyFee: {"id"},
    BilledShare: {"id"},
    FrozenFile: {"id", "rendered_at"},  # the bytes say when they were made
}


def _print(doc: Any) -> bytes:
    return f"%PDF- {doc.number}".encode()


@pytest.fixture
def issued(
    ada: Any,
    chloe: Any,
    today: date,
    monkeypatch: Any,
    django_capture_on_commit_callbacks: Any,
) -> list[Invoice]:
    """Four documents: two days, a fee, an invoice with an order number, its credit note.

    Beside them a draft, and a day that waits.
    """
    monkeypatch.setattr("invoicing.actions.issuing.render_invoice", _print)
    act, before = acting(chloe, today), acting(chloe, today - timedelta(days=2))
    given_issuer()
    given_issuer(on=date(2026, 1, 2))
    coop, other = given_coop(owner=ada), given_coop("La Cantine")
    agreement = given_agreement(coop, client_of(coop), on=date(2026, 9, 1))
    given_agreement(other, client_of(other), on=date(2026, 9, 1))
    mission = given_mission(agreement, team=[ada], on=date(2026, 9, 1))
    for day in (5, 6):
        given_day(ada, mission, on=date(2026, 10, day))
    grant, second = (given_application(coop, state="running", title=t) for t in "AB")
    rows = [
        given_disbursement(a, amount=D(9000), received=True, received_on=date(2026, 5, 4))
        for a in (grant, second)
    ]
    clause = given_clause(agreement, grant)
    given_clause(agreement, second)
    with django_capture_on_commit_callbacks(execute=True):
        drafts = [
            actions.draft_from_days(payer=agreement.client, agreement=agreement, **before),
            actions.draft_fee(clause=clause, disbursement=rows[0], **before),
        ]
        found = [actions.issue(invoice=draft, **before) for draft in drafts]
        free = actions.draft_free(
            client=given_client(), title="Formation", period_from=today, period_to=today, **act
        )
        actions.add_line(
            invoice=free, label="Formation", quantity=D(1), unit="C62", unit_price=D(100), **act
        )
        free = actions.edit_draft(invoice=free, title="Formation", order_number="BC 7", **act)
        found.append(actions.issue(invoice=free, **act))
        credit = actions.draft_credit(origin=free, words="Annulée", **act)
        found.append(actions.issue(invoice=credit, **act))
    given_day(ada, mission, on=date(2026, 10, 7))
    actions.draft_free(client=free.client, title="Brouillon", **act)
    return found


@contextmanager
def without_triggers() -> Iterator[None]:
    """Somebody who may do anything in the database, and puts the guards back behind them."""
    connection.check_constraints()
    immutability.drop(connection)
    yield
    connection.check_constraints()
    immutability.install(connection)


@contextmanager
def undone() -> Iterator[None]:
    """What happens here is rolled back."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


def told(*args: str) -> tuple[int, str]:
    """Exit code and words of the command."""
    out = StringIO()
    try:
        call_command("verify", *args, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def errors(at: datetime | None = None, anchors: Path | None = None) -> dict[str, list[str]]:
    """Words of each error, per document; missing triggers aside."""
    found: dict[str, list[str]] = {}
    for f in verify(at=at or timezone.now(), anchors=anchors)[1]:
        if f.is_error and f.document != "database":
            found.setdefault(f.document, []).append(f.words)
    return found


def of(invoice: Invoice) -> Any:
    return Invoice.objects.filter(pk=invoice.pk)


# -- nothing wrong -----------------------------------------------------------------------------
def test_all_is_well_and_counted(issued: list[Invoice], settings: Any) -> None:
    assert told() == (0, "4 documents verified, 0 errors\n")
    assert told("--anchors", str(settings.ANCHORS_LOG))[0] == 0
    lines = Path(settings.ANCHORS_LOG).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 8
    assert all(line.startswith("2026-11-2") for line in lines)


def test_an_empty_book_is_well(db: None) -> None:
    assert told() == (0, "0 documents verified, 0 errors\n")


def test_drafts_are_nobodys_business(issued: list[Invoice], chloe: Any, today: date) -> None:
    client = given_client("Autre")
    draft = actions.draft_free(client=client, title="x", **acting(chloe, today))
    of(draft).update(title="y")
    assert told()[0] == 0


# -- every column ------------------------------------------------------------------------------
def _another_row(field: Any, value: Any) -> Any:
    rows = field.related_model._base_manager.exclude(pk=value)
    return rows.order_by("-pk").values_list("pk", flat=True)[0]


def _another_json(_field: Any, value: Any) -> Any:
    return {**value, "name": "Autre"} if isinstance(value, dict) else [*value, {"day": "0"}]


def _another_text(field: Any, value: Any) -> Any:
    if field.name == "kind":
        return "deposit"
    if field.choices:
        return next(code for code, _label in field.flatchoices if code != value)
    return f"{value} "[-(field.max_length or 9999) :]


_OTHER: tuple[tuple[type, Callable[[Any, Any], Any]], ...] = (
    (models.ForeignKey, _another_row),
    (models.BooleanField, lambda _f, value: not value),
    (models.JSONField, _another_json),
    (models.BinaryField, lambda _f, value: bytes(value) + b"\n"),
    (models.DateTimeField, lambda _f, value: value + timedelta(microseconds=1)),
    (models.DateField, lambda _f, value: (value or date(2026, 1, 1)) + timedelta(days=1)),
    (models.DecimalField, lambda _f, value: (value or 0) + D("0.01")),
    (models.IntegerField, lambda _f, value: (value or 0) + 100),
    (models.Field, _another_text),
)


def _other(field: Any, value: Any) -> Any:
    """Another value that the column would take."""
    return next(change for cls, change in _OTHER if isinstance(field, cls))(field, value)


def _attacks(model: type[models.Model], row: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each column of a row with another value, and what must move along with it."""
    for field in model._meta.concrete_fields:
        if field.attname in EXEMPT[model]:
            continue
        change = {field.attname: _other(field, getattr(row, field.attname))}
        if model is Invoice and field.attname in ("net", "vat"):
            change["gross"] = row.gross + D("0.01")
        if model is Invoice and field.attname == "gross":
            change["net"] = row.net + D("0.01")
        yield field.attname, change


@pytest.mark.parametrize("model", EXEMPT)
def test_no_column_of_an_issued_document_changes_unseen(
    issued: list[Invoice], model: type[models.Model]
) -> None:
    unseen = []
    given_envelope(given_client("Une région"))
    rows = [row for row in model._base_manager.all() if getattr(row, "number", "") is not None]
    assert rows
    later = timezone.now() + timedelta(days=60)
    with without_triggers():
        for row in rows:
            for column, change in _attacks(model, row):
                with undone():
                    assert model._base_manager.filter(pk=row.pk).update(**change) == 1
                    if not errors(at=later):
                        unseen.append((row.pk, column))
    assert unseen == []
    assert not errors()


def test_a_document_of_the_first_rules_keeps_the_seal_it_was_issued_with(db: None) -> None:
    invoice = Invoice(rules_version="1")
    invoice.pk = 0
    assert b"deposits_copy" not in sealed(invoice)
    invoice.rules_version = "2"
    assert b"deposits_copy" in sealed(invoice)


def test_the_exceptions_are_columns_that_exist() -> None:
    for model, names in EXEMPT.items():
        assert names <= {f.attname for f in model._meta.concrete_fields}


# -- one by one, by the command ----------------------------------------------------------------
def test_one_space_in_a_line_is_found_and_the_document_named(issued: list[Invoice]) -> None:
    line = issued[0].lines.get()
    with without_triggers():
        InvoiceLine.objects.filter(pk=line.pk).update(label=line.label.replace(" ", "  ", 1))
    code, words = told()
    assert code == 1
    assert words == (
        f"ERROR {issued[0].number}: it was altered after it was issued\n"
        "4 documents verified, 1 errors\n"
    )


@pytest.mark.parametrize("part", ["name", "siren", "address"])
def test_a_copied_party_is_found(issued: list[Invoice], part: str) -> None:
    copy = issued[2].client_copy
    copy = copy | {part: ["9 rue Basse"] if part == "address" else f"{copy[part]}x"}
    with without_triggers():
        of(issued[2]).update(client_copy=copy)
    code, words = told()
    assert code == 1
    assert f"ERROR {issued[2].number}:" in words


def test_a_copy_made_unreadable_is_an_error_and_no_crash(issued: list[Invoice]) -> None:
    with without_triggers():
        of(issued[1]).update(vat_copy=[{"rate": "beaucoup"}])
        of(issued[2]).update(terms_copy={"x": 1.5})
    code, words = told()
    assert code == 1
    for invoice in issued[1:3]:
        assert f"ERROR {invoice.number}:" in words


def test_amounts_that_still_add_up_are_found(issued: list[Invoice]) -> None:
    """A line, the totals, the VAT and the schedule changed together."""
    invoice = issued[2]
    with without_triggers():
        invoice.lines.update(net=D(110), unit_price=D(110))
        invoice.instalments.update(amount=D(132))
        rate = {**invoice.vat_copy[0], "base": "110.00", "vat": "22.00"}
        of(invoice).update(net=D(110), vat=D(22), gross=D(132), vat_copy=[rate])
    assert errors() == {str(invoice.number): ["it was altered after it was issued"]}


def test_a_share_moved_to_another_line_is_found_in_both(issued: list[Invoice]) -> None:
    moved = BilledShare.objects.filter(line__invoice=issued[0]).first()
    assert moved is not None
    with without_triggers():
        BilledShare.objects.filter(pk=moved.pk).update(line=issued[2].lines.get())
    assert set(errors()) == {str(issued[0].number), str(issued[2].number)}


def test_the_amount_of_a_share_that_was_billed_is_found(issued: list[Invoice]) -> None:
    share = DayShare.objects.filter(billed__line__invoice=issued[0]).first()
    assert share is not None
    with without_triggers():
        DayShare.objects.filter(pk=share.pk).update(amount=share.amount - 1)
    assert set(errors()) == {str(issued[0].number)}


@pytest.mark.parametrize("model", [InvoiceLine, Instalment, SubsidyFee, BilledShare])
def test_a_row_taken_off_a_document_is_found(
    issued: list[Invoice], model: type[models.Model]
) -> None:
    field = "invoice" if model in (InvoiceLine, Instalment) else "line__invoice"
    row = model._base_manager.filter(**{f"{field}__in": issued[:2]}).order_by("-pk").first()
    assert row is not None
    invoice = row.invoice if field == "invoice" else row.line.invoice  # type: ignore[attr-defined]
    with without_triggers():
        row.delete()
    code, words = told()
    assert code == 1
    assert f"ERROR {invoice.number}:" in words


def test_a_line_added_to_a_document_is_found(issued: list[Invoice]) -> None:
    line = issued[2].lines.get()
    with without_triggers():
        line.pk, line.position, line.net, line.label = None, 2, D(0), "Offert"
        line.save()
    assert set(errors()) == {str(issued[2].number)}


# -- files ---------------------------------------------------------------------------------------
def test_one_byte_of_a_stored_pdf_is_found(issued: list[Invoice]) -> None:
    file = FrozenFile.objects.get(kind="pdf", invoice=issued[1])
    with without_triggers():
        FrozenFile.objects.filter(pk=file.pk).update(content=bytes(file.content)[:-1] + b"X")
    code, words = told()
    assert code == 1
    assert f"ERROR {issued[1].number}: its stored PDF" in words


def test_a_pdf_swapped_with_its_hash_is_found_by_its_anchor(
    issued: list[Invoice], settings: Any
) -> None:
    swapped = b"%PDF- another"
    with without_triggers():
        FrozenFile.objects.filter(invoice=issued[1]).update(
            content=swapped, sha256=sha256(swapped).hexdigest(), size=len(swapped)
        )
    assert told()[0] == 0
    code, words = told("--anchors", str(settings.ANCHORS_LOG))
    assert code == 1
    assert f"ERROR {issued[1].number}: its PDF is not the one that was anchored" in words


def test_a_pdf_that_waits_is_told_then_is_an_error_after_an_hour(
    issued: list[Invoice], monkeypatch: Any
) -> None:
    with without_triggers():
        FrozenFile.objects.filter(invoice=issued[3]).delete()
    at = issued[3].issued_at
    assert at is not None
    for wait, code, mark in ((59, 0, "pending"), (61, 1, "ERROR")):
        now = at + timedelta(minutes=wait)
        monkeypatch.setattr("django.utils.timezone.now", lambda now=now: now)
        found = told()
        assert found[0] == code
        assert f"{mark} {issued[3].number}: its PDF is not rendered yet" in found[1]


# -- the chain -------------------------------------------------------------------------------------
def erase(invoice: Invoice) -> None:
    """Delete a document with all that hangs on it."""
    invoice.allocations.all().delete()
    invoice.allocated_to.all().delete()
    invoice.files.all().delete()
    invoice.delete()


def test_a_document_taken_out_leaves_a_gap(issued: list[Invoice]) -> None:
    with without_triggers():
        erase(issued[1])
    code, words = told()
    assert code == 1
    assert f"ERROR {issued[2].number}: gap: rank 3 follows 1" in words
    assert f"ERROR {issued[2].number}: it does not follow the document before it" in words


def test_a_document_un_issued_leaves_a_gap(issued: list[Invoice]) -> None:
    with without_triggers():
        rows = models.QuerySet(Invoice).filter(pk=issued[1].pk)
        rows.update(state="draft", number=None, issued_on=None, digest="")
    code, words = told()
    assert code == 1
    assert f"ERROR {issued[2].number}: gap: rank 3 follows 1" in words


def test_a_rank_changed_is_a_gap(issued: list[Invoice]) -> None:
    with without_triggers():
        of(issued[3]).update(rank=7)
    found = errors()
    assert "gap: rank 7 follows 3" in found[str(issued[3].number)]


def test_a_document_moved_out_of_every_series_is_found(issued: list[Invoice]) -> None:
    with without_triggers():
        of(issued[3]).update(series_id_used=None)
    assert errors()[str(issued[3].number)] == ["it stands in no series"]


def test_a_cut_tail_is_found_by_the_counter_and_the_head(issued: list[Invoice]) -> None:
    with without_triggers():
        erase(issued[3])
    code, words = told()
    assert code == 1
    assert "4 numbers were taken in 2026, the last kept is 3" in words
    assert "the head of its chain is not its last document" in words


def test_a_cut_tail_with_a_forged_counter_is_found_by_the_anchors(
    issued: list[Invoice], settings: Any
) -> None:
    with without_triggers():
        erase(issued[3])
        SeriesYear.objects.update(counter=3)
        Series.objects.update(head=issued[2].digest)
    assert told() == (0, "3 documents verified, 0 errors\n")
    code, words = told("--anchors", str(settings.ANCHORS_LOG))
    assert code == 1
    assert f"ERROR {issued[3].number}: it is not the document that was anchored" in words


def forge(issued: list[Invoice]) -> None:
    """Seal every document again, so that the chain agrees with what was altered."""
    previous = rules.GENESIS
    for invoice in Invoice.objects.filter(pk__in=[i.pk for i in issued]).order_by("rank"):
        digest = rules.chain_hash(previous, sealed(invoice))
        of(invoice).update(previous=previous, digest=digest)
        previous = digest
    Series.objects.update(head=previous)


def test_a_recomputed_chain_is_found_by_the_anchors_alone(
    issued: list[Invoice], settings: Any
) -> None:
    with without_triggers():
        of(issued[1]).update(title="Autre chose")
        forge(issued)
    assert told()[0] == 0
    code, words = told("--anchors", str(settings.ANCHORS_LOG))
    assert code == 1
    assert issued[0].number is not None
    assert issued[0].number not in words
    for invoice in issued[1:]:
        assert f"ERROR {invoice.number}: it is not the document that was anchored" in words


def test_a_missing_trigger_is_named(issued: list[Invoice]) -> None:
    name = "essaim_keep_invoicing_invoiceline_update"
    on = "" if connection.vendor == "sqlite" else ' ON "invoicing_invoiceline"'
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"{on}')
    code, words = told()
    assert code == 1
    assert f"ERROR database: trigger {name} is missing" in words
    immutability.install(connection)
    assert told()[0] == 0


def test_the_payer_may_follow_a_deduplication(issued: list[Invoice]) -> None:
    """The one change of an issued row that the database takes and `verify` passes."""
    kept = given_client("Le même, en double")
    Organisation.objects.filter(pk=issued[2].client_id).update(duplicate_of=kept)
    of(issued[2]).update(client=kept)
    assert told()[0] == 0
    assert IssuerProfile.objects.count() == 2


def test_more_set_against_a_document_than_it_holds_is_found(
    issued: list[Invoice], chloe: Any, today: date
) -> None:
    act = acting(chloe, today)
    given = {"client": issued[0].client, "received_on": today, "method": "transfer"}
    paid = actions.record_payment(
        amount=issued[0].gross, invoices={issued[0]: issued[0].gross}, **given, **act
    )
    assert errors() == {}
    with without_triggers(), undone():
        Payment.objects.filter(pk=paid.pk).update(amount=D(1))
        assert errors() == {f"payment {paid.pk}": ["more of it was spent"]}
    with without_triggers(), undone():
        Allocation.objects.filter(payment=paid).update(amount=issued[0].gross + 1)
        assert errors()[str(issued[0].number)] == ["more was set against it than it asks"]
    with without_triggers(), undone():
        Allocation.objects.filter(credit_note=issued[3]).update(amount=issued[3].gross + 1)
        assert errors()[str(issued[3].number)] == ["more of it was set off than it gives back"]
