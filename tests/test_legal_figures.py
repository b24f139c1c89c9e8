"""The dated table of legal figures: what is in force on a day, what lacks, what has aged."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from essaim import terms
from essaim.legal_figures import DEFAULTS, Kind, install_defaults, vat_kinds_at
from essaim.models.legal import LegalFigure, NoFigure, caps, figure, late_rates, vat_rates

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def table(db):
    LegalFigure.objects.all().delete()
    install_defaults(LegalFigure)


def add(kind, value, start, **fields):
    fields = {"source": "JO", "noted_on": start} | fields
    return LegalFigure.objects.create(
        kind=kind, value=Decimal(value), effective_from=start, **fields
    )


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.LEGAL_INTEREST, "2.62"),
        (Kind.ECB_RATE, "2.15"),
        (Kind.VAT_STANDARD, "20.00"),
        (Kind.VAT_REDUCED, "5.50"),
        (Kind.VAT_OVERSEAS, "8.50"),
        (Kind.CAP_PROFESSIONAL, "60.00"),
        (Kind.RECOVERY_FEE, "40.00"),
        (Kind.FRANCHISE_BASE, "37500.00"),
        (Kind.FRANCHISE_CEILING, "41250.00"),
        (Kind.ASSOCIATION_RECEIPTS, "80011.00"),
        (Kind.DE_MINIMIS, "300000.00"),
    ],
)
def test_the_figures_of_the_law_are_there_from_the_start(kind, value):
    assert str(figure(kind, TODAY)) == value


def test_every_kind_has_a_row_and_every_row_a_source_and_a_day():
    assert {row.kind for row in DEFAULTS} == set(Kind.values)
    for row in LegalFigure.objects.all():
        assert row.source
        assert row.noted_on
        assert row.effective_from <= TODAY


def test_installing_again_keeps_what_the_office_edited():
    row = LegalFigure.objects.row(Kind.RECOVERY_FEE, TODAY)
    row.value, row.source = Decimal(50), "décret à venir"
    row.save()
    before = LegalFigure.objects.count()
    install_defaults(LegalFigure)
    assert LegalFigure.objects.count() == before == len(DEFAULTS)
    assert figure(Kind.RECOVERY_FEE, TODAY) == 50
    assert LegalFigure.objects.source_of(Kind.RECOVERY_FEE, TODAY) == "décret à venir"


def test_the_latest_earlier_row_is_in_force_and_a_later_one_is_not_yet():
    add(Kind.LEGAL_INTEREST, "2.75", date(2026, 7, 1))
    add(Kind.LEGAL_INTEREST, "2.80", date(2027, 1, 1))
    assert figure(Kind.LEGAL_INTEREST, date(2026, 6, 30)) == Decimal("2.62")
    assert figure(Kind.LEGAL_INTEREST, TODAY) == Decimal("2.75")
    assert figure(Kind.LEGAL_INTEREST, date(2027, 1, 1)) == Decimal("2.80")


def test_a_figure_that_lacks_is_named_with_the_day():
    with pytest.raises(NoFigure, match=r"legal_interest_professional.*2025-12-31") as caught:
        figure(Kind.LEGAL_INTEREST, date(2025, 12, 31))
    assert isinstance(caught.value, LookupError)


def test_a_figure_keeps_four_decimals_when_it_needs_them():
    add(Kind.ECB_RATE, "2.1234", date(2026, 9, 1))
    assert figure(Kind.ECB_RATE, TODAY) == Decimal("2.1234")


def test_rates_of_an_elapsed_half_year_are_stale():
    objects = LegalFigure.objects
    assert objects.is_stale(Kind.LEGAL_INTEREST, TODAY)
    assert objects.is_stale(Kind.ECB_RATE, TODAY)
    assert not objects.is_stale(Kind.LEGAL_INTEREST, date(2026, 6, 30))
    assert not objects.is_stale(Kind.ECB_RATE, date(2026, 6, 30))
    add(Kind.LEGAL_INTEREST, "2.75", date(2026, 7, 1))
    add(Kind.ECB_RATE, "2.15", date(2026, 7, 1))
    assert not objects.is_stale(Kind.LEGAL_INTEREST, TODAY)
    assert not objects.is_stale(Kind.ECB_RATE, TODAY)


def test_the_yearly_threshold_is_stale_the_next_year_and_a_cap_never_is():
    assert LegalFigure.objects.is_stale(Kind.ASSOCIATION_RECEIPTS, TODAY)
    assert not LegalFigure.objects.is_stale(Kind.ASSOCIATION_RECEIPTS, date(2025, 12, 31))
    assert not LegalFigure.objects.is_stale(Kind.CAP_PROFESSIONAL, date(2040, 1, 1))


def test_the_caps_of_the_table_are_those_the_pure_law_defaults_to():
    assert caps(TODAY) == terms.Caps()


def test_late_interest_takes_the_figures_of_the_half_years_first_day():
    add(Kind.ECB_RATE, "4.00", date(2026, 2, 1))
    rates = late_rates(date(2026, 3, 15))
    assert rates == terms.LateRates(ecb=Decimal("2.15"), legal=Decimal("2.62"))
    assert rates.floor == Decimal("7.86")
    assert late_rates(TODAY).ecb == Decimal("4.00")


def test_vat_follows_the_place_of_the_client():
    assert vat_rates("67000", TODAY) == (
        Decimal(20),
        Decimal(10),
        Decimal("5.5"),
        Decimal("2.1"),
    )
    assert vat_rates("97400", TODAY) == (Decimal("8.5"), Decimal("2.1"))
    for outside in ("97300", "97600", "97150", "98800"):
        assert vat_rates(outside, TODAY) == (Decimal(0),)
    assert vat_kinds_at("97110") == (Kind.VAT_OVERSEAS, Kind.VAT_SUPER_REDUCED)


def test_the_caps_cost_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        caps(TODAY)


def test_the_database_refuses_twice_the_same_day_a_negative_value_or_no_source():
    for kind, value, start, fields in (
        (Kind.RECOVERY_FEE, "41", date(2013, 1, 1), {}),
        (Kind.RECOVERY_FEE, "-1", date(2027, 1, 1), {}),
        (Kind.RECOVERY_FEE, "41", date(2027, 1, 1), {"source": ""}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            add(kind, value, start, **fields)
