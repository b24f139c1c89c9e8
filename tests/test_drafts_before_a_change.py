"""A draft written before our VAT regime changed is shown, completed and issued by the new one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from invoicing import actions
from invoicing.actions import issuing
from invoicing.models import Invoice
from tests.conftest import acting, signed_in
from tests.given_invoicing import given_invoice, given_issuer

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def quick(monkeypatch: Any) -> None:
    """Documents that these tests need not print."""
    monkeypatch.setattr(issuing, "render_one", lambda invoice, at: None)


@pytest.fixture
def on() -> date:
    return timezone.localdate()


def franchise(on: date) -> None:
    given_issuer(on, regime="franchise", vat_rate=D(0))


def page(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_the_total_read_before_issuing_is_the_total_issued(chloe: Any, on: date) -> None:
    draft = given_invoice(650, on=on, issued=False)
    assert draft.gross == D("780.00")
    franchise(on)
    browser = signed_in(chloe)
    for address in ("", "emettre/"):
        shown = page(browser.get(f"/facturation/factures/{draft.pk}/{address}"))
        assert "650,00 €" in shown
        assert "780,00 €" not in shown
    browser.post(f"/facturation/factures/{draft.pk}/emettre/")
    draft.refresh_from_db()
    assert (draft.state, draft.gross, draft.vat) == ("issued", D("650.00"), D(0))


def test_reading_such_a_draft_writes_nothing(chloe: Any, on: date) -> None:
    draft = given_invoice(650, on=on, issued=False)
    franchise(on)
    signed_in(chloe).get(f"/facturation/factures/{draft.pk}/")
    draft.refresh_from_db()
    assert draft.gross == D("780.00")


def test_a_line_added_afterwards_brings_the_others_to_the_new_rate(chloe: Any, on: date) -> None:
    draft = given_invoice(650, on=on, issued=False)
    franchise(on)
    actions.add_line(
        invoice=draft,
        label="Trajet",
        quantity=D(1),
        unit="C62",
        unit_price=D(10),
        **acting(chloe, on),
    )
    draft.refresh_from_db()
    assert (draft.net, draft.vat) == (D("660.00"), D(0))


def test_a_credit_note_keeps_the_regime_of_its_invoice(chloe: Any, on: date) -> None:
    origin = given_invoice(650, on=on)
    act = acting(chloe, on)
    credit = actions.draft_credit(origin=origin, words="Erreur", **act)
    franchise(on)
    credit = actions.issue(invoice=Invoice.objects.get(pk=credit.pk), **act)
    assert (credit.net, credit.vat) == (D("650.00"), D("130.00"))
    assert "vat_franchise" not in {m["code"] for m in credit.terms_copy["mentions"]}


def test_a_line_is_taken_off_a_credit_note_written_before(chloe: Any, on: date) -> None:
    draft = given_invoice(650, on=on, issued=False)
    act = acting(chloe, on)
    given = {"label": "Trajet", "quantity": D(1), "unit": "C62", "unit_price": D(10)}
    line = actions.add_line(invoice=draft, **given, **act)
    origin = actions.issue(invoice=draft, **act)
    credit = actions.draft_credit(origin=origin, words="Erreur", **act)
    franchise(on)
    actions.remove_line(line=credit.lines.get(origin=line), **act)
    credit.refresh_from_db()
    assert (credit.net, credit.vat) == (D("650.00"), D("130.00"))


def test_a_line_past_what_the_columns_hold_is_refused_beside_its_price(
    chloe: Any, on: date
) -> None:
    draft = given_invoice(650, on=on, issued=False)
    typed = {"label": "A", "quantity": "99999999", "unit": "C62", "unit_price": "9999999999"}
    answer = signed_in(chloe).post(f"/facturation/factures/{draft.pk}/lignes/nouvelle/", typed)
    assert answer.status_code == 409
    assert "Cette ligne est trop grande" in page(answer)
    assert draft.lines.count() == 1


def test_going_past_the_legal_term_is_told_in_the_trail_with_its_words(
    chloe: Any, on: date
) -> None:
    draft = given_invoice(650, on=on, issued=False)
    basis = "Accord de branche du 3 mai"
    actions.edit_draft(invoice=draft, title="Formation", term_basis=basis, **acting(chloe, on))
    shown = page(signed_in(chloe).get(f"/facturation/factures/{draft.pk}/"))
    assert "Base légale de l’échéance donnée" in shown
    assert basis in shown
