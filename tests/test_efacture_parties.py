"""What is written of us and of our clients is checked before an invoice carries it."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from crm.actions import create_organisation, edit_organisation
from essaim.workflow import Refused
from invoicing import actions
from invoicing.models import FrozenFile, InvoiceLine
from tests.conftest import acting, signed_in
from tests.given_crm import given_organisation
from tests.given_invoicing import given_client, given_invoice, given_issuer

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(chloe: Any, today: date) -> dict[str, Any]:
    return acting(chloe, today)


WRONG_CLIENTS = [
    ({"country": "XX"}, "country"),
    ({"e_address": "552100554 COMPTA"}, "e_address"),
    ({"siren": "552100554", "e_address": "732829320"}, "e_address"),
    ({"e_address": "compta@"}, "e_address"),
    ({"country": "DE", "vat_number": "FR44732829320"}, "vat_number"),
    ({"country": "DE", "chorus": "service"}, "chorus"),
    ({"siren": "552100555"}, "siren"),
]


@pytest.mark.parametrize(("facts", "field"), WRONG_CLIENTS)
def test_a_client_no_platform_would_find_is_refused(facts, field, act):
    with pytest.raises(Refused) as refusal:
        create_organisation(legal_name="Coop", **facts, **act)
    assert [m.code for m in refusal.value.missing] == [field]


@pytest.mark.parametrize(
    "facts",
    [
        {"siren": "552100554", "e_address": "552100554_COMPTA"},
        {"e_address": "compta@coop.example"},
        {"country": "de", "vat_number": "DE136695976"},
        {"country": "GR", "vat_number": "EL094259216"},
    ],
)
def test_a_client_that_can_be_found_is_taken(facts, act):
    row = create_organisation(legal_name="Coop", **facts, **act)
    assert row.country == facts.get("country", "FR").upper()


def test_the_client_page_writes_what_the_electronic_invoice_needs(chloe, act):
    client = given_organisation("Ville de Barr", kind="authority")
    browser = signed_in(chloe)
    address = f"/coops/organisations/{client.pk}/modifier/"
    page = browser.get(address).content.decode()
    for name in ("country", "e_address", "chorus", "chorus_service", "vat_status"):
        assert f'name="{name}"' in page, name
    values = {
        "legal_name": "Ville de Barr", "kind": "authority", "country": "FR",
        "siret": "20006710600001", "vat_status": "out_of_scope", "chorus": "both",
        "chorus_service": "COMPTA", "e_address": "200067106_COMPTA",
    }  # fmt: skip
    assert browser.post(address, values).status_code == 302
    client.refresh_from_db()
    assert (client.chorus, client.chorus_service, client.e_address) == (
        "both", "COMPTA", "200067106_COMPTA",
    )  # fmt: skip
    answer = browser.post(address, {**values, "e_address": "une adresse"})
    assert answer.status_code == 409
    assert "lettres, des chiffres" in answer.content.decode()


WRONG_PROFILES = [
    ({"iban": "FR7630006000011234567890188"}, "iban"),
    ({"bic": "AGRI"}, "bic"),
    ({"siren": "732829321", "siret": ""}, "siren"),
    ({"siret": "55210055400013"}, "siret"),
    ({"vat_number": "FR39552100554"}, "vat_number"),
    ({"regime": "franchise", "vat_rate": D(20)}, "vat_rate"),
    ({"is_cooperative": True, "operations": ""}, "operations"),
    ({"e_address": "552100554"}, "e_address"),
]


@pytest.mark.parametrize(("facts", "field"), WRONG_PROFILES)
def test_a_wrong_profile_is_refused(facts, field):
    with pytest.raises(Refused) as refusal:
        given_issuer(**facts)
    assert field in [m.code for m in refusal.value.missing]


def test_a_cooperative_that_hides_it_says_so_after_its_name(chloe, today):
    given_issuer(is_cooperative=True, operations="accompagnement d’épiceries participatives")
    invoice = given_invoice(100, None, today, by=chloe)
    said = "Société coopérative, accompagnement d’épiceries participatives"
    assert invoice.issuer_copy["standing"] == said
    assert said in bytes(FrozenFile.objects.get(kind="xml").content).decode()


def test_a_cooperative_whose_name_says_it_prints_nothing_more(chloe, today):
    given_issuer(legal_name="Coopérative Essaim", is_cooperative=True)
    assert given_invoice(100, None, today, by=chloe).issuer_copy["standing"] == ""


def test_a_sole_trader_is_named_so(chloe, today):
    given_issuer(legal_name="Jeanne Bœuf", is_sole_trader=True)
    invoice = given_invoice(100, None, today, by=chloe)
    assert invoice.issuer_copy["name"] == "Jeanne Bœuf EI"
    assert b"Jeanne B\xc5\x93uf EI" in bytes(FrozenFile.objects.get(kind="xml").content)


PLACES = [
    ({"country": "DE", "vat_number": "DE136695976"}, "AE", "reverse_charge"),
    ({"country": "DE"}, "S", ""),
    ({"country": "CH"}, "O", "vat_outside_union"),
    ({"country": "FR", "postcode": "97300"}, "O", "vat_not_overseas"),
    ({"country": "DE", "postcode": "97300"}, "S", ""),
]


@pytest.mark.parametrize(("facts", "category", "mention"), PLACES)
def test_vat_follows_the_place_of_the_client(facts, category, mention, chloe, today):
    given_issuer()
    invoice = given_invoice(100, given_client("Client", **facts), today, by=chloe)
    assert [r["category"] for r in invoice.vat_copy] == [category]
    mentions = {m["code"] for m in invoice.terms_copy["mentions"]}
    assert not mention or mention in mentions


def test_a_private_person_abroad_pays_our_vat(chloe, today, act):
    given_issuer()
    client = given_client("Mme Weber", country="DE", vat_number="DE136695976")
    client.client_kind = "consumer"
    client.save()
    assert given_invoice(100, client, today, by=chloe).vat == D("20.00")


def test_a_membership_beside_services_is_refused_with_a_way_out(chloe, today, act):
    given_issuer()
    draft = given_invoice(100, None, today, issued=False, by=chloe)
    InvoiceLine.objects.create(
        invoice=draft, position=2, kind="membership", label="Cotisation", unit_price=D(50),
        net=D(50), vat_rate=D(0), vat_category="O",
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        actions.issue(invoice=draft, **act)
    assert "out_of_scope_is_mixed" in [m.code for m in refusal.value.missing]


def test_a_client_that_moves_keeps_its_issued_documents(chloe, today, act):
    client = given_client("Coop", siren="552100554", vat_status="liable")
    invoice = given_invoice(100, client, today, by=chloe)
    edit_organisation(client, country="DE", siren="", **act)
    invoice.refresh_from_db()
    assert invoice.client_copy["country"] == "FR"


def test_each_dated_profile_opens_with_all_it_says(chloe):
    given_issuer(date(2026, 1, 1), bic="PSSTFRPPXXX")
    browser = signed_in(chloe)
    page = browser.get("/coops/emetteur/").content.decode()
    assert "emetteur/nouveau/?on=2026-01-01" in page
    form = browser.get("/coops/emetteur/nouveau/?on=2026-01-01").content.decode()
    for said in ("PSSTFRPPXXX", 'value="2026-01-01"', 'name="operations"', 'name="e_address"'):
        assert said in form, said
    for odd in ("2026-02-30", "x", "1900-01-01"):
        assert browser.get(f"/coops/emetteur/nouveau/?on={odd}").status_code == 200
