"""What a reminder quotes of late interest is what its statement counts, half-year by half-year."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from essaim.models import LegalFigure
from invoicing import actions
from invoicing.actions import issuing, reminding
from invoicing.actions.lateness import claim_interest
from invoicing.lateness import standing_of
from invoicing.models import Instalment, Invoice
from invoicing.rules_schedule import PlannedPart
from tests.conftest import acting
from tests.given_invoicing import given_client, given_invoice, given_issuer
from tests.given_receivables import given_payment

pytestmark = pytest.mark.django_db
ISSUED, ON = date(2026, 11, 1), date(2027, 2, 20)


@pytest.fixture
def late(chloe: Any, monkeypatch: Any) -> Invoice:
    """Two instalments of 600.00, the first paid in part, late over two half-years."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)
    monkeypatch.setattr(reminding, "render_letter", lambda **given: b"%PDF-1.7 letter")
    given_issuer(penalty_rate=D("7.86"))
    for kind, value in (("ecb_rate", "3.15"), ("legal_interest_professional", "2.75")):
        LegalFigure.objects.create(
            kind=kind,
            value=D(value),
            effective_from=date(2027, 1, 1),
            source="Essai",
            noted_on=ISSUED,
        )
    client = given_client(kind="coop", billing_email="compta@epi.test")
    draft = given_invoice(1000, client, ISSUED, issued=False, by=chloe)
    rows = [PlannedPart("percent", D(50), days=10), PlannedPart("remainder", days=30)]
    actions.plan_schedule(invoice=draft, rows=rows, **acting(chloe, ISSUED))
    invoice = actions.issue(invoice=draft, **acting(chloe, ISSUED))
    given_payment(client, "100", date(2026, 12, 15), to={invoice: "100"})
    return invoice


def test_the_letter_and_the_statement_give_one_figure(late: Invoice, chloe: Any) -> None:
    first, second = Instalment.objects.filter(invoice=late).order_by("position")
    letters = [reminding.remind(instalment=part, **acting(chloe, ON)) for part in (first, second)]
    counted = standing_of(late, ON)
    assert {span.rate for span in counted.computed.spans} == {D("7.86"), D("8.25")}
    assert {span.position for span in counted.computed.spans} == {1, 2}
    for letter in letters:
        assert (letter.interest, letter.fee) == (counted.interest, counted.fee)
        assert "7,86\xa0% puis 8,25\xa0%" in letter.body.replace(" %", "\xa0%")
    made = claim_interest(invoice=late, **acting(chloe, ON))
    assert (made.interest, made.fee) == (letters[0].interest, letters[0].fee)


def test_what_was_claimed_is_not_asked_twice(late: Invoice, chloe: Any) -> None:
    made = claim_interest(invoice=late, **acting(chloe, ON))
    part = Instalment.objects.filter(invoice=late).order_by("position").first()
    assert part is not None
    letter = reminding.remind(instalment=part, **acting(chloe, ON))
    assert (letter.interest, letter.fee) == (D(0), D(0))
    told = f"{made.total:.2f}".replace(".", ",")
    assert told in letter.body.replace("\u202f", "").replace("\xa0", " ")
