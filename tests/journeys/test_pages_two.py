"""Each page of the table is accessible, light and dark, desk and phone: the second half of them."""

import pytest

from tests.journeys.pages import Shower, shown_rows
from tests.url_table import Row


@pytest.mark.parametrize("row", shown_rows()[1::2], ids=str)
def test_a_page_is_accessible_and_narrow_and_silent(row: Row, shower: Shower, db: None) -> None:
    assert shower.show(row) == []
