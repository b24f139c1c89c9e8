"""What is issued stays: attacks on frozen rows, each refused by the database itself."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from crm.models import Organisation
from essaim import hooks, immutability
from essaim.models import Event, EventText, Series, SeriesYear, User
from invoicing.models import (
    Allocation,
    BilledShare,
    FrozenFile,
    Instalment,
    Invoice,
    InvoiceLine,
    Payment,
)
from tests.issued import AT, DAY, FROZEN, Books, books, contents

pytestmark = pytest.mark.django_db
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own words")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's words")
MONEY = Decimal("1.00")


@pytest.fixture
def kept(chloe: User) -> Books:
    return books(chloe)


def refused(attack: Callable[[], Any]) -> None:
    """The attack ends in an error of the database and changes nothing."""
    before = contents()
    with pytest.raises(IntegrityError), transaction.atomic():
        attack()
    assert contents() == before


def run(sql: str, ids: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(**ids))


# -- raw SQL, in words both engines know ----------------------------------------------------


def issue(
    number: str = "FA-2026-0002",
    rank: str = "2",
    used: str = "{series}",
    previous: str = "e" * 63 + "1",
    on: str = "2026-11-23",
) -> str:
    """A draft issued by hand, with these numbers."""
    given = {
        "state": "'issued'",
        "number": f"'{number}'",
        "year": "2026",
        "rank": rank,
        "series_id_used": used,
        "previous": f"'{previous}'",
        "digest": "'x'",
        "issued_on": f"'{on}'",
        "issued_at": "'2026-11-23'",
        "due_on": "'2026-11-23'",
        "issuer_id": "{profile}",
    }
    sets = ", ".join(f"{column} = {value}" for column, value in given.items())
    return f"UPDATE invoicing_invoice SET {sets} WHERE id = {{draft}}"


SQL = {
    "un-issue": "UPDATE invoicing_invoice SET state = 'draft', number = NULL, issued_on = NULL,"
    " digest = '' WHERE id = {issued}",
    "state": "UPDATE invoicing_invoice SET state = 'draft' WHERE id = {issued}",
    "number": "UPDATE invoicing_invoice SET number = 'FA-2026-0009' WHERE id = {issued}",
    "rank": "UPDATE invoicing_invoice SET rank = 9 WHERE id = {issued}",
    "date": "UPDATE invoicing_invoice SET issued_on = '2026-01-01' WHERE id = {issued}",
    "due date": "UPDATE invoicing_invoice SET due_on = '2027-01-01' WHERE id = {issued}",
    "amounts": "UPDATE invoicing_invoice SET net = 1, vat = 0, gross = 1 WHERE id = {issued}",
    "digest": "UPDATE invoicing_invoice SET digest = 'f' WHERE id = {issued}",
    "previous": "UPDATE invoicing_invoice SET previous = 'f' WHERE id = {issued}",
    "one space": "UPDATE invoicing_invoice SET title = title || ' ' WHERE id = {issued}",
    "copied party": "UPDATE invoicing_invoice SET client_copy = '{{}}', words = 'x'"
    " WHERE id = {issued}",
    "client and a word": "UPDATE invoicing_invoice SET client_id = {client}, words = 'x'"
    " WHERE id = {issued}",
    "key": "UPDATE invoicing_invoice SET id = 987 WHERE id = {issued}",
    "key of a draft": "UPDATE invoicing_invoice SET id = 987 WHERE id = {draft}",
    "all rows": "UPDATE invoicing_invoice SET words = 'x'",
    "delete": "DELETE FROM invoicing_invoice WHERE id = {issued}",
    "delete all": "DELETE FROM invoicing_invoice",
    "line amount": "UPDATE invoicing_invoiceline SET net = 1 WHERE id = {line}",
    "line words": "UPDATE invoicing_invoiceline SET label = 'x' WHERE id = {line}",
    "line out": "UPDATE invoicing_invoiceline SET invoice_id = {draft}, position = 7"
    " WHERE id = {line}",
    "line in": "UPDATE invoicing_invoiceline SET invoice_id = {issued}, position = 7"
    " WHERE id = {spare}",
    "line key": "UPDATE invoicing_invoiceline SET id = 987 WHERE id = {spare}",
    "line deleted": "DELETE FROM invoicing_invoiceline WHERE id = {line}",
    "lines swapped": "UPDATE invoicing_invoiceline SET position = position + 10",
    "instalment": "UPDATE invoicing_instalment SET amount = 1 WHERE id = {instalment}",
    "instalment in": "UPDATE invoicing_instalment SET invoice_id = {issued}, position = 2"
    " WHERE id = {spare_instalment}",
    "instalment deleted": "DELETE FROM invoicing_instalment WHERE id = {instalment}",
    "billed share out": "UPDATE invoicing_billedshare SET line_id = {spare} WHERE id = {billed}",
    "billed share deleted": "DELETE FROM invoicing_billedshare WHERE id = {billed}",
    "fee amount": "UPDATE invoicing_subsidyfee SET amount = 1 WHERE id = {fee}",
    "fee out": "UPDATE invoicing_subsidyfee SET line_id = {spare2} WHERE id = {fee}",
    "fee deleted": "DELETE FROM invoicing_subsidyfee WHERE id = {fee}",
    "PDF swapped": "UPDATE invoicing_frozenfile SET content = '%PDF' WHERE id = {file}",
    "PDF's hash": "UPDATE invoicing_frozenfile SET sha256 = 'f' WHERE id = {file}",
    "PDF moved": "UPDATE invoicing_frozenfile SET invoice_id = {draft} WHERE id = {file}",
    "PDF deleted": "DELETE FROM invoicing_frozenfile WHERE id = {file}",
    "payment": "UPDATE invoicing_payment SET amount = 1 WHERE id = {payment}",
    "payment deleted": "DELETE FROM invoicing_payment WHERE id = {payment}",
    "allocation": "UPDATE invoicing_allocation SET amount = 1 WHERE id = {allocation}",
    "allocation moved": "UPDATE invoicing_allocation SET invoice_id = {draft}"
    " WHERE id = {allocation}",
    "allocation deleted": "DELETE FROM invoicing_allocation WHERE id = {allocation}",
    "export log": "UPDATE invoicing_exportlog SET rows = 0 WHERE id = {log}",
    "event": "UPDATE essaim_event SET verb = 'x' WHERE id = {event}",
    "event's author": "UPDATE essaim_event SET by_id = {user} WHERE id = {event}",
    "event deleted": "DELETE FROM essaim_event WHERE id = {event}",
    "counter back": "UPDATE essaim_seriesyear SET counter = 0 WHERE id = {year}",
    "counter skips": "UPDATE essaim_seriesyear SET counter = 3 WHERE id = {year}",
    "counter for nothing": "UPDATE essaim_seriesyear SET counter = 3, last_on = '2026-12-01'"
    " WHERE id = {year}",
    "counter's date back": "UPDATE essaim_seriesyear SET last_on = '2026-01-01' WHERE id = {year}",
    "counter of another year": "UPDATE essaim_seriesyear SET year = 2025 WHERE id = {year}",
    "counter deleted": "DELETE FROM essaim_seriesyear WHERE id = {year}",
    "counter born full": "INSERT INTO essaim_seriesyear (series_id, year, counter, closed)"
    " VALUES ({series}, 2030, 41, {false})",
    "head": "UPDATE essaim_series SET head = 'f' WHERE id = {series}",
    "pattern": "UPDATE essaim_series SET pattern = 'X{{number}}' WHERE id = {series}",
    "series deleted": "DELETE FROM essaim_series WHERE id = {series}",
    "number skipped": issue("FA-2026-0003", rank="3"),
    "number reused": issue("FA-2026-0001", rank="1"),
    "rank reused": issue(rank="1"),
    "no counter behind": issue(),
    "no series": issue(used="NULL"),
    "out of the chain": issue(previous="f" * 64),
    "dated back": issue(on="2026-11-01"),
    "draft with a rank": "UPDATE invoicing_invoice SET rank = 2, series_id_used = {series},"
    " year = 2026 WHERE id = {draft}",
}


@pytest.mark.parametrize("name", SQL)
def test_the_database_refuses_by_sql(kept: Books, name: str) -> None:
    false = "0" if connection.vendor == "sqlite" else "false"
    refused(lambda: run(SQL[name], kept.ids | {"false": false}))


def test_two_numbers_cannot_be_taken_for_one_document(kept: Books) -> None:
    def attack() -> None:
        for counter in (2, 3):
            run(f"UPDATE essaim_seriesyear SET counter = {counter} WHERE id = {{year}}", kept.ids)

    refused(attack)


# -- the ORM ----------------------------------------------------------------------------------


def _born(kept: Books, **more: Any) -> Any:
    return lambda: Invoice.objects.create(
        client=kept.issued.client, created_by=kept.by, created_at=AT, **more
    )


def _line(invoice: Invoice, **more: Any) -> InvoiceLine:
    money = {"unit_price": MONEY, "net": MONEY, "vat_rate": MONEY}
    return InvoiceLine(invoice=invoice, position=9, label="x", **money, **more)


ORM: dict[str, Callable[[Books], Any]] = {
    "save": lambda k: Invoice(
        **{f.attname: getattr(k.issued, f.attname) for f in Invoice._meta.concrete_fields}
        | {"title": "x", "state": "issued"}
    ).save_base(raw=True, force_update=True),
    "update": lambda k: Invoice.objects.update(title="x"),
    "update of one": lambda k: Invoice.objects.filter(pk=k.issued.pk).update(net=MONEY),
    "bulk_update": lambda k: Invoice.objects.bulk_update([_titled(k.issued)], ["title"]),
    "delete": lambda k: k.issued.delete(),
    "delete many": lambda k: Invoice.objects.all().delete(),
    "raw delete": lambda k: Invoice.objects.filter(pk=k.issued.pk)._raw_delete("default"),
    "line saved": lambda k: InvoiceLine.objects.filter(pk=k.ids["line"]).update(label="x"),
    "line added": lambda k: _line(k.issued).save(),
    "lines added": lambda k: InvoiceLine.objects.bulk_create([_line(k.issued)]),
    "line upserted": lambda k: InvoiceLine.objects.bulk_create(
        [_line(k.issued, id=k.ids["line"])],
        update_conflicts=True,
        update_fields=["net"],
        unique_fields=["id"],
    ),
    "line deleted": lambda k: InvoiceLine.objects.filter(pk=k.ids["line"]).delete(),
    "cascade": lambda k: models.QuerySet(InvoiceLine).filter(invoice=k.issued).delete(),
    "instalment added": lambda k: Instalment.objects.create(
        invoice=k.issued, position=5, due_on=DAY, amount=MONEY
    ),
    "share billed on an issued line": lambda k: BilledShare.objects.create(
        line_id=k.ids["line2"], share_id=_other_share(k)
    ),
    "share moved onto an issued line": lambda k: BilledShare.objects.filter(
        pk=BilledShare.objects.create(line_id=k.ids["spare"], share_id=_other_share(k)).pk
    ).update(line_id=k.ids["line2"]),
    "share billed twice": lambda k: BilledShare.objects.create(
        line_id=k.ids["spare"], share_id=k.ids["share"]
    ),
    "second PDF": lambda k: FrozenFile.objects.create(
        invoice=k.issued, content=b"x", sha256="", size=1, rendered_at=AT
    ),
    "PDF of a draft": lambda k: FrozenFile.objects.create(
        invoice=k.draft, content=b"x", sha256="", size=1, rendered_at=AT
    ),
    "PDF bytes": lambda k: FrozenFile.objects.update(content=b"other"),
    "event": lambda k: Event.objects.update(verb="x"),
    "event deleted": lambda k: Event.objects.all()._raw_delete("default"),
    "allocation": lambda k: Allocation.objects.update(amount=MONEY),
    "allocation on a draft": lambda k: Allocation.objects.create(
        invoice=k.draft, payment_id=k.ids["payment"], amount=MONEY, on=DAY, by=k.by, at=AT
    ),
    "payment deleted": lambda k: Payment.objects.all()._raw_delete("default"),
    "payer deleted": lambda k: k.issued.client.delete(),
    "author deleted": lambda k: k.by.delete(),
    "series deleted": lambda k: Series.objects.all()._raw_delete("default"),
    "counter": lambda k: SeriesYear.objects.update(counter=0),
    "second open series": lambda k: Series.objects.create(kind="invoice", pattern="{number}"),
    "born with a number": lambda k: _born(k, number="FA-2026-0002")(),
    "born with a rank": lambda k: _born(k, series_id_used=k.ids["series"], year=2026, rank=2)(),
    "born again": lambda k: _born(k, pk=k.ids["issued"])(),
}


def _titled(invoice: Invoice) -> Invoice:
    invoice.title = "x"
    return invoice


def _other_share(kept: Books) -> int:
    share = BilledShare.objects.get().share
    share.pk = None
    share._state.adding = True
    share.save()
    return int(share.pk)


@pytest.mark.parametrize("name", ORM)
def test_the_database_refuses_through_the_orm(kept: Books, name: str) -> None:
    refused(lambda: ORM[name](kept))


# -- each engine's own words --------------------------------------------------------------------

REPLACE = {
    "invoice": "REPLACE INTO invoicing_invoice SELECT * FROM invoicing_invoice WHERE id = {issued}",
    "line": "REPLACE INTO invoicing_invoiceline SELECT * FROM invoicing_invoiceline"
    " WHERE id = {line}",
    "line by a draft's": "UPDATE OR REPLACE invoicing_invoiceline SET id = {line}"
    " WHERE id = {spare}",
    "line by its place": "UPDATE OR REPLACE invoicing_invoiceline SET invoice_id = {issued}"
    " WHERE id = {spare}",
    "invoice by a draft's": "UPDATE OR REPLACE invoicing_invoice SET id = {issued}"
    " WHERE id = {draft}",
    "number": issue("FA-2026-0001", rank="1").replace("UPDATE", "UPDATE OR REPLACE"),
    "PDF": "REPLACE INTO invoicing_frozenfile (invoice_id, kind, content, sha256, size,"
    " rendered_at) VALUES ({issued}, 'pdf', 'x', 'x', 1, '2026-11-23')",
    "billed share": "REPLACE INTO invoicing_billedshare (line_id, share_id)"
    " VALUES ({spare}, {share})",
    "event": "REPLACE INTO essaim_event SELECT * FROM essaim_event WHERE id = {event}",
    "allocation": "REPLACE INTO invoicing_allocation SELECT * FROM invoicing_allocation",
    "counter": "REPLACE INTO essaim_seriesyear (series_id, year, counter, closed)"
    " VALUES ({series}, 2026, 0, 0)",
    "series": "REPLACE INTO essaim_series (kind, pattern, restarts, head, closed)"
    " VALUES ('invoice', 'x', 1, 'x', 0)",
    "upsert": "INSERT INTO essaim_event SELECT * FROM essaim_event WHERE id = {event}"
    " ON CONFLICT (id) DO UPDATE SET verb = 'x'",
}


@pytest.fixture(params=["ON", "OFF"])
def recursive_triggers(request: Any) -> Iterator[None]:
    """Another program may open the file without this setting."""
    run(f"PRAGMA recursive_triggers = {request.param}", {})
    yield
    run("PRAGMA recursive_triggers = ON", {})


@on_sqlite
@pytest.mark.parametrize("name", REPLACE)
@pytest.mark.usefixtures("recursive_triggers")
def test_sqlite_refuses_to_replace(kept: Books, name: str) -> None:
    refused(lambda: run(REPLACE[name], kept.ids))


TRUNCATE = ("invoicing_invoice", "invoicing_frozenfile", "essaim_event", "essaim_user")
MERGE = {
    "update": "MERGE INTO invoicing_invoice t USING (SELECT 1) s ON t.id = {issued}"
    " WHEN MATCHED THEN UPDATE SET words = 'x'",
    "delete": "MERGE INTO essaim_event t USING (SELECT 1) s ON t.id = {event}"
    " WHEN MATCHED THEN DELETE",
    "upsert": "INSERT INTO essaim_event SELECT * FROM essaim_event WHERE id = {event}"
    " ON CONFLICT (id) DO UPDATE SET verb = 'x'",
    "with": "WITH gone AS (DELETE FROM invoicing_allocation RETURNING 1) SELECT * FROM gone",
}


@on_postgresql
@pytest.mark.parametrize("table", TRUNCATE)
def test_postgresql_refuses_to_truncate(kept: Books, table: str) -> None:
    # Keys still to be checked at the end would refuse before the trigger does.
    run("SET CONSTRAINTS ALL IMMEDIATE", {})
    refused(lambda: run(f"TRUNCATE {table} CASCADE", {}))


@on_postgresql
@pytest.mark.parametrize("name", MERGE)
def test_postgresql_refuses_to_merge(kept: Books, name: str) -> None:
    refused(lambda: run(MERGE[name], kept.ids))


@on_postgresql
def test_a_session_that_plays_replica_is_refused_too(kept: Books) -> None:
    def attack() -> None:
        run("SET LOCAL session_replication_role = replica", {})
        run(SQL["one space"], kept.ids)

    refused(attack)


# -- what stays free ------------------------------------------------------------------------------


def test_a_draft_changes_and_goes(kept: Books) -> None:
    InvoiceLine.objects.filter(invoice=kept.draft).update(label="autre")
    kept.draft.delete()
    assert Invoice.objects.get() == kept.issued


def test_the_payers_key_follows_a_join_of_duplicates(kept: Books) -> None:
    client = kept.issued.client
    client.pk, client._state.adding = None, True
    client.save()
    attack = Invoice.objects.filter(pk=kept.issued.pk)
    refused(lambda: attack.update(client=client))
    Organisation.objects.filter(pk=kept.issued.client_id).update(duplicate_of=client)
    attack.update(client=client)
    assert Invoice.objects.get(pk=kept.issued.pk).client_id == client.pk


def test_the_words_of_people_can_be_erased(kept: Books) -> None:
    EventText.objects.all().delete()
    assert Event.objects.count() == 1


def test_later_days_move_the_counters_date_only_with_a_number(kept: Books) -> None:
    later = DAY + timedelta(days=1)
    refused(lambda: SeriesYear.objects.update(last_on=later))


# -- the guards themselves ------------------------------------------------------------------------


def _first() -> Any:
    return immutability._triggers(connection)[0]


def test_every_frozen_table_has_its_triggers() -> None:
    names = {t.table for t in immutability._triggers(connection)}
    assert names == {_table(f.model) for f in hooks.frozen_tables.all()}
    assert names >= set(FROZEN)
    assert immutability.missing(connection) == []
    assert not run_checks(tags=["database"], databases=["default"])


def _table(label: str) -> str:
    room, name = label.lower().split(".")
    return f"{room}_{name}"


def _drop_one() -> str:
    trigger = _first()
    on = "" if connection.vendor == "sqlite" else f' ON "{trigger.table}"'
    run(f'DROP TRIGGER "{trigger.name}"{on}', {})
    return str(trigger.name)


def test_a_missing_trigger_is_named_by_the_check() -> None:
    name = _drop_one()
    assert immutability.missing(connection) == [name]
    (error,) = run_checks(tags=["database"], databases=["default"])
    assert error.id == "essaim.E001"
    assert name in error.msg


def test_a_trigger_that_says_something_else_counts_as_missing() -> None:
    trigger = _first()
    if connection.vendor == "sqlite":
        run(f'DROP TRIGGER "{trigger.name}"', {})
        run(
            f'CREATE TRIGGER "{trigger.name}" BEFORE {trigger.event} ON "{trigger.table}"'
            " BEGIN SELECT 1; END",
            {},
        )
    else:
        run(
            f'CREATE OR REPLACE FUNCTION "{trigger.name}"() RETURNS trigger AS'
            " 'BEGIN RETURN NEW; END' LANGUAGE plpgsql",
            {},
        )
    assert immutability.missing(connection) == [trigger.name]
    immutability.install(connection)
    assert immutability.missing(connection) == []


@on_postgresql
def test_a_disabled_trigger_counts_as_missing() -> None:
    trigger = _first()
    run(f'ALTER TABLE "{trigger.table}" DISABLE TRIGGER "{trigger.name}"', {})
    assert immutability.missing(connection) == [trigger.name]


@pytest.mark.django_db(transaction=True)
def test_migrate_runs_without_the_triggers_and_puts_them_back() -> None:
    _drop_one()
    call_command("migrate", verbosity=0, skip_checks=False)
    assert immutability.missing(connection) == []
