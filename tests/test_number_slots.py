"""The slots behind a number: put in order, used exactly, passed by the counter, gone after."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from essaim.models import NumberSlot, Series, SeriesYear, User
from essaim.series import open_series
from essaim.workflow import Refused
from invoicing import actions
from invoicing.models import Invoice
from invoicing.verification import verify
from tests.conftest import acting
from tests.given_invoicing import given_invoice, given_issuer
from tests.issued import AT, DAY, Books, books, contents

pytestmark = pytest.mark.django_db
HEAD, NEXT, LAST = "e" * 63 + "1", "a" * 64, "b" * 64


@pytest.fixture
def kept(chloe: User) -> Books:
    return books(chloe)


def another(kept: Books) -> Invoice:
    """A second draft, empty."""
    return Invoice.objects.create(client=kept.draft.client, created_by=kept.by, created_at=AT)


def slot(kept: Books, rank: int = 2, **facts: Any) -> NumberSlot:
    """The slot that would follow the issued invoice, or what `facts` make of it."""
    values: dict[str, Any] = {
        "series_id": kept.ids["series"],
        "year": 2026,
        "rank": rank,
        "number": f"FA-2026-{rank:04d}",
        "document": kept.draft.pk,
        "on": DAY,
        "previous": HEAD,
        "digest": NEXT,
    }
    return NumberSlot.objects.create(**{**values, **facts})


def issue(kept: Books, **facts: Any) -> int:
    """The draft issued by hand as its slot says, or as `facts` say."""
    values = {
        "state": "issued",
        "number": "FA-2026-0002",
        "year": 2026,
        "rank": 2,
        "series_id_used": kept.ids["series"],
        "previous": HEAD,
        "digest": NEXT,
        "issued_on": DAY,
        "issued_at": AT,
        "due_on": DAY,
        "issuer_id": kept.ids["profile"],
        **facts,
    }
    pk = values.pop("pk", kept.draft.pk)
    return update(Invoice.objects.filter(pk=pk), **values)


def update(rows: Any, **values: Any) -> int:
    """An UPDATE as SQL says it, past the ORM's own guards."""
    table = rows.model._meta.db_table
    sets = ", ".join(f'"{column}" = %s' for column in values)
    keys = list(rows.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(f'UPDATE "{table}" SET {sets} WHERE id = %s', [*values.values(), key])
    return len(keys)


def refused(attack: Callable[[], Any]) -> None:
    """The attack ends in an error of the database and changes nothing."""
    before = contents()
    with pytest.raises(IntegrityError), transaction.atomic():
        attack()
    assert contents() == before


def year(kept: Books, **values: Any) -> None:
    update(SeriesYear.objects.filter(pk=kept.ids["year"]), **values)


def head(kept: Books, digest: str) -> None:
    update(Series.objects.filter(pk=kept.ids["series"]), head=digest)


def test_by_hand_there_is_one_way_in_slot_document_counter_head(kept: Books) -> None:
    with transaction.atomic():
        slot(kept)
        issue(kept)
        year(kept, counter=2)
        head(kept, NEXT)
        NumberSlot.objects.all().delete()
    assert Invoice.objects.get(pk=kept.draft.pk).number == "FA-2026-0002"


SLOTS: dict[str, Callable[[Books], Any]] = {
    "a number skipped": lambda k: slot(k, 3),
    "a number given already": lambda k: slot(k, 1),
    "rank zero": lambda k: slot(k, 0),
    "out of the chain": lambda k: slot(k, previous=LAST),
    "before the last date": lambda k: slot(k, on=DAY - timedelta(days=1)),
    "another year's without its counter": lambda k: slot(k, year=2027, rank=1),
    "twice one rank": lambda k: [slot(k), slot(k, document=another(k).pk)],
    "twice one document": lambda k: [slot(k), slot(k, 3, previous=NEXT, digest=LAST)],
    "a hole between two": lambda k: [slot(k), slot(k, 4, document=another(k).pk, previous=NEXT)],
    "two that do not follow": lambda k: [slot(k), slot(k, 3, document=another(k).pk)],
    "two of two dates": lambda k: [
        slot(k),
        slot(k, 3, document=another(k).pk, previous=NEXT, on=DAY + timedelta(days=1)),
    ],
    "changed": lambda k: [slot(k), update(NumberSlot.objects.all(), digest=LAST)],
    "given to another": lambda k: [slot(k), update(NumberSlot.objects.all(), document=9)],
}


@pytest.mark.parametrize("name", SLOTS)
def test_the_database_refuses_a_slot(kept: Books, name: str) -> None:
    refused(lambda: SLOTS[name](kept))


WRONG: dict[str, dict[str, Any]] = {
    "number": {"number": "FA-2026-0009"},
    "rank": {"rank": 3},
    "year": {"year": 2025},
    "series": {"series_id_used": 987},
    "previous": {"previous": LAST},
    "digest": {"digest": LAST},
    "date": {"issued_on": DAY + timedelta(days=1)},
}


@pytest.mark.parametrize("name", WRONG)
def test_a_document_is_issued_exactly_as_its_slot_says(kept: Books, name: str) -> None:
    slot(kept)
    refused(lambda: issue(kept, **WRONG[name]))


def test_a_slot_serves_its_own_document_only(kept: Books) -> None:
    slot(kept)
    other = another(kept)
    refused(lambda: issue(kept, pk=other.pk))


def test_the_counter_passes_no_slot_whose_document_is_not_issued(kept: Books) -> None:
    slot(kept)
    refused(lambda: year(kept, counter=2))


def test_the_counter_passes_exactly_the_documents_that_stand(kept: Books) -> None:
    other = another(kept)
    slot(kept)
    slot(kept, 3, document=other.pk, previous=NEXT, digest=LAST)
    issue(kept)
    refused(lambda: year(kept, counter=3))
    refused(lambda: year(kept, counter=2, last_on=DAY + timedelta(days=1)))


def test_the_head_stays_until_the_counter_has_passed(kept: Books) -> None:
    slot(kept)
    issue(kept)
    refused(lambda: head(kept, NEXT))


def test_the_head_goes_to_the_end_and_never_back(kept: Books) -> None:
    other = another(kept)
    slot(kept)
    slot(kept, 3, document=other.pk, previous=NEXT, digest=LAST)
    issue(kept)
    issue(kept, pk=other.pk, number="FA-2026-0003", rank=3, previous=NEXT, digest=LAST)
    year(kept, counter=3)
    refused(lambda: head(kept, NEXT))
    head(kept, LAST)
    refused(lambda: head(kept, HEAD))
    # A head left behind lets no fork begin.
    NumberSlot.objects.all().delete()
    refused(lambda: slot(kept, 4, document=9, previous=NEXT))


def test_no_fork_begins_while_the_head_is_left_behind(kept: Books) -> None:
    slot(kept)
    issue(kept)
    year(kept, counter=2)
    NumberSlot.objects.all().delete()
    refused(lambda: slot(kept, 3, document=another(kept).pk))


def test_a_slot_of_a_closed_series_serves_nothing(kept: Books) -> None:
    slot(kept)
    update(Series.objects.filter(pk=kept.ids["series"]), closed=True)
    refused(lambda: issue(kept))


def test_a_slot_left_by_hand_is_named_and_lets_no_number_pass(chloe: User) -> None:
    given_issuer()
    first, draft = given_invoice(), given_invoice(issued=False)
    series, of = Series.objects.get(), SeriesYear.objects.get()
    NumberSlot.objects.create(
        series=series,
        year=of.year,
        rank=2,
        number="FA-2026-0002",
        document=draft.pk,
        on=DAY,
        previous=first.digest,
        digest=NEXT,
    )
    with pytest.raises(Refused) as stopped:
        actions.issue(invoice=draft, **acting(chloe, DAY))
    assert stopped.value.missing[0].code == "series"
    assert first.issued_at is not None
    _count, findings = verify(at=first.issued_at)
    assert [f.words for f in findings if f.is_error and "FA-2026-0002" in f.document] == [
        "its number was set aside and nothing was issued"
    ]
    NumberSlot.objects.all().delete()
    assert actions.issue(invoice=draft, **acting(chloe, DAY)).number == "FA-2026-0002"


def test_what_has_no_chain_still_counts_one_by_one() -> None:
    opened = open_series("trial", pattern="{year}-{number}")
    of = SeriesYear.objects.create(series=opened, year=2026)
    with pytest.raises(IntegrityError), transaction.atomic():
        update(SeriesYear.objects.filter(pk=of.pk), counter=2, last_on=DAY)
