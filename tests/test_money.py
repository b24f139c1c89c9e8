"""Money: one rounding, splits that sum exactly, and SQL that agrees on both engines."""

import random
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from essaim.money import ZERO, add_up, cents, cumulative, parse_amount, percent_of, split, sql_cents

amounts = st.decimals("-1000000", "1000000", places=2, allow_nan=False)
weights = st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any)


def test_it_rounds_half_up_and_not_half_even():
    assert cents("0.125") == Decimal("0.13")
    assert cents(Decimal("333.33") * Decimal("0.5")) == Decimal("166.67")
    assert cents("-0.125") == Decimal("-0.13")
    assert str(cents("-0.001")) == "0.00"
    assert str(cents(40)) == "40.00"


@pytest.mark.parametrize("bad", [0.1, True])
def test_it_refuses_floats_and_booleans(bad):
    with pytest.raises(TypeError):
        cents(bad)


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "1e400", "twelve"])
def test_it_refuses_what_is_no_finite_amount(bad):
    with pytest.raises(ValueError, match="not an amount"):
        cents(bad)


def test_vat_is_a_percentage_to_the_cent():
    assert percent_of(Decimal("2427.64"), 20) == Decimal("485.53")
    assert percent_of(Decimal("25.00"), "2.1") == Decimal("0.53")
    assert percent_of(Decimal("3.00"), "5.5") == Decimal("0.17")


def test_an_empty_sum_is_zero_with_two_decimals():
    assert str(add_up([])) == "0.00"
    assert add_up([Decimal("0.10")] * 3) == Decimal("0.30")


@given(amounts, weights, st.data())
def test_a_split_sums_exactly_and_never_changes_sign(total, parts, data):
    last = data.draw(st.integers(-len(parts), len(parts) - 1))
    given_out = split(total, parts, last=last)
    assert sum(given_out, ZERO) == total
    assert all(part * total >= 0 for part in given_out)
    assert all(part == cents(part) for part in given_out)


def test_the_named_last_share_takes_the_remainder():
    assert split(Decimal(100), [1, 1, 1]) == (
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    )
    assert split(Decimal(100), [1, 1, 1], last=0)[0] == Decimal("33.34")
    assert split(Decimal("0.03"), [1] * 5)[-1] == ZERO


@pytest.mark.parametrize("bad", [[], [0, 0], [2, -1]])
def test_a_split_without_positive_weights_is_refused(bad):
    with pytest.raises(ValueError, match="weights"):
        split(Decimal(1), bad)


def test_cumulative_rounding_gives_the_slices_of_the_law():
    payments = ["3333.33", "3333.33", "3333.34"]
    assert [str(part) for part in cumulative("7.25", 100, payments)] == [
        "241.67",
        "241.66",
        "241.67",
    ]
    receipts = cumulative("485.53", "2913.17", ["1000", "1913.17"])
    assert receipts == (Decimal("166.67"), Decimal("318.86"))


@given(amounts, st.lists(st.integers(1, 100_000), min_size=1, max_size=20))
def test_the_last_part_closes_the_total(amount, parts):
    assert sum(cumulative(amount, sum(parts), parts), ZERO) == amount


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1 200,50", "1200.50"),
        ("1\u00a0200,50\u00a0€", "1200.50"),
        ("1\u202f234\u202f567,8", "1234567.80"),
        ("1.200,50", "1200.50"),
        ("1200.5", "1200.50"),
        ("-12", "-12.00"),
        ("\u221212,34", "-12.34"),
    ],
)
def test_it_reads_amounts_as_french_people_type_them(typed, read):
    assert str(parse_amount(typed)) == read


@pytest.mark.parametrize("typed", ["", "1.200", "12,345", "1,2,3", "NaN", "1e400", "douze", "€"])
def test_it_says_which_amount_it_cannot_read(typed):
    with pytest.raises(ValidationError) as caught:
        parse_amount(typed)
    assert caught.value.code == "amount"


def test_it_refuses_an_amount_no_column_can_hold():
    with pytest.raises(ValidationError) as caught:
        parse_amount("9" * 13)
    assert caught.value.code == "amount_too_large"


def test_a_thousand_random_amounts_come_back_as_typed():
    dice = random.Random(2026)
    for _ in range(1000):
        amount = Decimal(dice.randrange(-(10**9), 10**9)).scaleb(-2)
        typed = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")
        assert parse_amount(typed) == amount


@pytest.fixture
def invoices(db):
    """Give a throwaway table whose constraint says gross = net + vat, as real tables do."""
    with isolate_apps("essaim"), connection.cursor() as cursor:

        class Sum(models.Model):  # noqa: DJ008
            net = models.DecimalField(max_digits=14, decimal_places=2)
            vat = models.DecimalField(max_digits=14, decimal_places=2)
            gross = models.DecimalField(max_digits=14, decimal_places=2)

            class Meta:
                app_label = "essaim"
                db_table = "money_sum_of_a_test"

        check = models.CheckConstraint(
            condition=models.Q(gross=sql_cents(F("net") + F("vat"))), name="gross_is_net_plus_vat"
        )
        editor = connection.SchemaEditorClass(connection)
        condition = check._get_check_sql(Sum, editor)
        kind = Sum._meta.get_field("net").db_type(connection)
        key = Sum._meta.pk.db_type(connection)
        if connection.vendor == "postgresql":
            key = "bigserial"
        cursor.execute(
            f"CREATE TEMP TABLE {Sum._meta.db_table} (id {key} PRIMARY KEY, net {kind} NOT NULL,"
            f" vat {kind} NOT NULL, gross {kind} NOT NULL, CHECK ({condition}))"
        )
        yield Sum
        cursor.execute(f"DROP TABLE {Sum._meta.db_table}")


def test_the_database_takes_a_thousand_right_sums_and_finds_them_again(invoices):
    dice = random.Random(293)
    rows = []
    for _ in range(1000):
        net = Decimal(dice.randrange(1, 10**8)).scaleb(-2)
        vat = percent_of(net, dice.choice(["20", "10", "5.5", "2.1", "8.5"]))
        rows.append(invoices(net=net, vat=vat, gross=net + vat))
    invoices.objects.bulk_create(rows)
    assert invoices.objects.filter(gross=sql_cents(F("net") + F("vat"))).count() == 1000
    owed = invoices.objects.annotate(owed=sql_cents(F("gross") - F("net")))
    assert all(row.owed == row.vat for row in owed)


def test_the_database_refuses_a_sum_one_cent_off(invoices):
    for off in (Decimal("0.01"), Decimal("-0.01")):
        with pytest.raises(IntegrityError), transaction.atomic():
            invoices.objects.create(net=Decimal("0.10"), vat=Decimal("0.20"), gross=off)
        with pytest.raises(IntegrityError), transaction.atomic():
            invoices.objects.create(
                net=Decimal("83333.33"), vat=Decimal("16666.67"), gross=100_000 + off
            )
