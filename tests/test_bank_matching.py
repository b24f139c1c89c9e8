"""What a line of the bank may settle is proposed by number, amount and name, never guessed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.rules_matching import (
    LIKELY,
    SURE,
    WEAK,
    Owed,
    Payer,
    named_in,
    numbers_in,
    proposals,
    shared,
    sum_of,
)

D = Decimal
OWED = (
    Owed(1, 10, "FA-2026-0001", D("1200.00")),
    Owed(2, 10, "FA-2026-0012", D("300.00")),
    Owed(3, 20, "FA-2026-0013", D("480.00")),
    Owed(4, 30, "FA-2026-0014", D("480.00")),
)
PAYERS = (
    Payer(10, ("Coop’Épi du Ried", "Coop’Épi")),
    Payer(20, ("Communauté de communes du Val de Seille",)),
    Payer(30, ("L’Échalote",)),
)


@pytest.mark.parametrize(
    ("amount", "text", "client", "parts", "strength"),
    [
        ("1200.00", "VIR FA-2026-0001", 10, ((1, D(1200)),), SURE),
        ("1200.00", "vir fa 2026 0001 merci", 10, ((1, D(1200)),), SURE),
        ("1500.00", "FA-2026-0001 + FA2026-0012", 10, ((1, D(1200)), (2, D(300))), SURE),
        ("500.00", "acompte FA-2026-0001", 10, ((1, D(500)),), LIKELY),
        ("480.00", "VIR DE VAL DE SEILLE", 20, ((3, D(480)),), LIKELY),
        ("480.00", "ECHALOTE", 30, ((4, D(480)),), LIKELY),
        ("1500.00", "COOP EPI DU RIED", 10, ((1, D(1200)), (2, D(300))), LIKELY),
        ("100.00", "EPI RIED", 10, ((1, D(100)),), WEAK),
        ("300.00", "virement", 10, ((2, D(300)),), WEAK),
    ],
)
def test_the_best_proposal(
    amount: str, text: str, client: int, parts: tuple[tuple[int, Decimal], ...], strength: str
) -> None:
    best = proposals(D(amount), text, OWED, PAYERS)[0]
    assert (best.client, best.parts, best.strength) == (client, parts, strength)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("480.00", "virement reçu"),  # two invoices have this amount
        ("-1200.00", "FA-2026-0001"),
        ("77.00", "FA-2026-00019"),
        ("77.00", "la coop les amis"),
    ],
)
def test_nothing_is_proposed_in_doubt(amount: str, text: str) -> None:
    assert proposals(D(amount), text, OWED, PAYERS) == ()


def test_a_number_inside_a_longer_one_is_not_that_number() -> None:
    rows = [Owed(1, 1, "FA-2026-1", D(1)), Owed(2, 1, "FA-2026-12", D(1))]
    assert [row.invoice for row in numbers_in("FA-2026-12", rows)] == [2]


def test_common_words_name_nobody() -> None:
    assert named_in("ASSOCIATION EPICERIE COOP", [Payer(1, ("Association Épicerie Coop",))]) == []


def test_a_sum_found_in_two_ways_is_no_sum() -> None:
    rows = [Owed(i, 1, f"N{i}", D(left)) for i, left in enumerate(("10", "20", "20", "30"))]
    assert sum_of(D(30), rows) == ()
    assert {row.invoice for row in sum_of(D(80), rows)} == {0, 1, 2, 3}


amounts = st.decimals(D("0.01"), D("5000"), places=2)


@given(amounts, st.lists(amounts, min_size=1, max_size=8))
def test_a_proposal_never_settles_more_than_the_line_nor_than_an_invoice(
    amount: Decimal, lefts: list[Decimal]
) -> None:
    rows = [Owed(i, 1, f"FA-{i:04d}", left) for i, left in enumerate(lefts)]
    text = " ".join(row.number for row in rows)
    left = {row.invoice: row.left for row in rows}
    found = [p.parts for p in proposals(amount, text, rows, [])] + [shared(amount, rows)]
    for parts in found:
        assert sum(part for _i, part in parts) <= amount
        assert all(0 < part <= left[invoice] for invoice, part in parts)
