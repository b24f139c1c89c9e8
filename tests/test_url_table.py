"""Each address answers each persona as the table says, and none is left out of it."""

from collections import Counter

import pytest

from tests.url_objects import BUILDERS
from tests.url_table import Objects, Row, answered, names, people_of_the_table, room_files, rows

ROWS = rows()


@pytest.fixture
def objects(db: None) -> Objects:
    """Ada's coop and what hangs on it, made as rows ask for it."""
    own = {k: v for m in room_files() for k, v in getattr(m, "OBJECTS", {}).items()}
    return Objects(BUILDERS | own, people_of_the_table())


def test_every_address_has_a_row() -> None:
    assert sorted(set(names()) - {row.name for row in ROWS}) == []


def test_no_row_speaks_of_an_address_that_is_gone() -> None:
    assert sorted({row.name for row in ROWS} - set(names())) == []


def test_every_address_has_a_name() -> None:
    assert [name for name in names() if name.endswith("$") or "without a name" in name] == []


def test_no_row_stands_twice() -> None:
    seen = Counter((str(row), str(row.data)) for row in ROWS)
    assert [key for key, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_persona_is_answered_as_the_table_says(row: Row, objects: Objects) -> None:
    assert answered(row, objects) == row.played()
