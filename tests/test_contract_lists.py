"""Pages of contracts read a fixed number of times, whatever the rows."""

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from missions import actions
from tests.conftest import acting, signed_in
from tests.given_contracts import given_phases, given_quote
from tests.given_crm import given_coop, given_organisation
from tests.given_invoicing import client_of, given_issuer
from tests.test_invoice_list_queries import asked

pytestmark = pytest.mark.django_db


def test_the_list_of_quotes(chloe: Any) -> None:
    given_issuer()
    browser, on = signed_in(chloe), timezone.localdate()

    def more(first: int, last: int) -> None:
        for rank in range(first, last):
            client = given_organisation(f"Client {rank}", by=chloe)
            given_quote(client, state="sent" if rank % 2 else "draft", by=chloe, on=on)

    more(0, 4)
    few, _sql = asked(browser, reverse("missions:quotes"))
    more(4, 30)
    many, sql = asked(browser, reverse("missions:quotes"))
    assert many == few
    assert not [s for s in sql if "OFFSET" in s and "OFFSET 0" not in s]


def test_the_page_of_an_agreement_and_what_there_is_to_bill(chloe: Any) -> None:
    given_issuer()
    browser, on = signed_in(chloe), timezone.localdate()
    coop = given_coop()

    def priced(count: int) -> Any:
        agreement = given_phases(coop, client_of(coop), [100] * count, by=chloe, on=on)
        for phase in list(agreement.phases.all())[: count // 2]:
            actions.accept_phase(phase, accepted_by="Émile", **acting(chloe, on))
        return agreement

    small = priced(2)
    few, _sql = asked(browser, small.get_absolute_url())
    to_bill_few, _sql = asked(browser, "/facturation/")
    large = priced(20)
    many, _sql = asked(browser, large.get_absolute_url())
    assert many == few
    to_bill_many, _sql = asked(browser, "/facturation/")
    assert to_bill_many == to_bill_few
    (payer,) = browser.get("/facturation/").context["payers"]
    assert payer.amount == Decimal(1100)
