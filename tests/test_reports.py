"""« Bilans »: totals count every line, also those that are not listed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from invoicing import figures
from tests.given_crm import given_coop
from tests.given_invoicing import client_of, given_issuer
from tests.given_missions import given_agreement, given_day, given_mission

pytestmark = pytest.mark.django_db
YEAR = date(2026, 1, 1), date(2026, 12, 31)


def test_totals_count_the_lines_that_are_not_listed(ada: Any, monkeypatch: Any) -> None:
    given_issuer()
    for number in range(3):
        coop = given_coop(f"Coop {number}", owner=ada)
        agreement = given_agreement(coop, client_of(coop), rate=600, on=date(2026, 9, 1))
        mission = given_mission(agreement, team=[ada], on=date(2026, 9, 1))
        given_day(ada, mission, on=date(2026, 10, 5 + number))
    monkeypatch.setattr(figures, "ROWS", 2)
    coops, payers = figures.by_coop(*YEAR), figures.by_payer(*YEAR)
    for found in (coops, payers):
        assert len(found.lines) == 2
        assert found.hidden == 1
        assert found.total.billed == Decimal("1800.00")
        assert found.total.days["billed"] == 3
        assert all(line.label and line.url for line in found.lines)
