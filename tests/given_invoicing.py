"""What invoicing tests start from, made through the actions."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.actions import write_issuer_profile
from crm.models import Coop, IssuerProfile, Organisation
from essaim.models import User
from essaim.series import open_series
from grants.models import GrantApplication
from invoicing import actions
from invoicing.models import Invoice, SubsidyShareClause
from missions.models import Agreement
from tests.conftest import acting
from tests.given_crm import given_organisation

TODAY = date(2026, 11, 23)


def given_bookkeeper() -> User:
    """Somebody who keeps the books."""
    found = User.objects.with_role("accountant").first()
    return found or User.objects.create_user("books@essaim.test", name="Books", is_accountant=True)


def given_issuer(on: date = date(2026, 1, 1), **facts: Any) -> IssuerProfile:
    """Our own details, complete, and an open series of invoices."""
    open_series("invoice", pattern="FA-{year}-{number:04d}")
    values: dict[str, Any] = {
        "effective_from": on,
        "legal_name": "Les Passeurs d’épicerie",
        "legal_form": "Association de droit local",
        "registration": "Registre des associations de Strasbourg, vol. 97, fol. 214",
        "siren": "732829320",
        "siret": "73282932000074",
        "vat_number": "FR44732829320",
        "street": "12 rue du Marais vert",
        "postcode": "67000",
        "city": "Strasbourg",
        "iban": "FR1420041010050500013M02606",
        "contact_name": "Chloé Weiss",
        **facts,
    }
    return write_issuer_profile(**acting(given_bookkeeper(), on), **values)


def given_client(name: str = "Coop’Épi du Ried", **fields: Any) -> Organisation:
    """A client with an address."""
    values = {"street": "8 rue Haute", "postcode": "67600", "city": "Sélestat", **fields}
    return given_organisation(name, **values)


def given_invoice(
    amount: Decimal | int | str = 1000,
    client: Organisation | None = None,
    on: date = TODAY,
    *,
    issued: bool = True,
    by: User | None = None,
) -> Invoice:
    """A free invoice of one line."""
    if not IssuerProfile.objects.exists():
        given_issuer()
    act = acting(by or given_bookkeeper(), on)
    invoice = actions.draft_free(
        client=client or given_client(), title="Formation", period_from=on, period_to=on, **act
    )
    actions.add_line(
        invoice=invoice,
        label="Formation",
        quantity=Decimal(1),
        unit="C62",
        unit_price=Decimal(amount),
        **act,
    )
    invoice.refresh_from_db()
    return actions.issue(invoice=invoice, **act) if issued else invoice


def given_clause(
    agreement: Agreement,
    application: GrantApplication,
    base: str = "paid",
    *,
    active: bool = True,
    by: User | None = None,
    on: date = TODAY,
    **facts: Any,
) -> SubsidyShareClause:
    """The golden clause: 5 %, fixed part 300 added, cap 2,000, floor 0."""
    act = acting(by or given_bookkeeper(), on)
    values: dict[str, Any] = {
        "rate": Decimal(5),
        "base": base,
        "fixed_part": Decimal(300),
        "fixed_part_is": "added",
        "cap": Decimal(2000),
        "floor": Decimal(0),
        "tail_months": 12,
        "on_reduction": "La part suit l’aide.",
        "on_withdrawal": "La part reste due sur ce qui est versé.",
        "payment_days": 30,
        **facts,
    }
    clause = actions.save_clause(agreement=agreement, applications=[application], **values, **act)
    if active:
        actions.activate_clause(clause=clause, **act)
        clause.refresh_from_db()
    return clause


def client_of(coop: Coop) -> Organisation:
    """The organisation of a coop, with the address an invoice needs."""
    organisation = coop.organisation
    organisation.street, organisation.city = "8 rue Haute", organisation.city or "Sélestat"
    organisation.save()
    return organisation
