"""The objects that addresses of the table speak of: Ada's coop and what hangs on it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from crm import actions as crm
from crm.models import IssuerProfile, Path, Requirement
from invoicing import actions as invoicing
from missions import actions as missions
from tests.conftest import acting
from tests.given_crm import given_contact, given_coop, given_organisation, given_structure
from tests.given_grants import given_application, given_call, given_disbursement, given_programme
from tests.given_invoicing import client_of, given_clause, given_invoice
from tests.given_missions import given_agreement, given_day, given_envelope, given_mission
from tests.url_table import Objects

ON = date(2026, 11, 2)


def _today() -> date:
    return timezone.localdate()


def _by(objects: Objects, who: str) -> dict[str, Any]:
    return acting(objects.people[who], _today())


def _coop(o: Objects) -> Any:
    return given_coop(owner=o.people["ada"], by=o.people["basile"])


def _agreement(o: Objects) -> Any:
    return given_agreement(o["coop"], client_of(o["coop"]), by=o.people["basile"], on=ON)


def _mission(o: Objects) -> Any:
    return given_mission(o["agreement"], team=[o.people["ada"]], by=o.people["basile"], on=ON)


def _day(o: Objects) -> Any:
    return given_day(o.people["ada"], o["mission"], ON, validated=False, today=ON)


def _submitted(o: Objects) -> Any:
    missions.submit_days([o["day"]], **acting(o.people["ada"], ON))
    o["day"].refresh_from_db()
    return o["day"]


def _validated(o: Objects) -> Any:
    return given_day(o.people["ada"], o["mission"], ON, today=ON, by=o.people["basile"])


def _note(o: Objects) -> Any:
    return crm.write_note(o["coop"], title="Visite", text="Un mot.", **_by(o, "ada"))


def _task(o: Objects) -> Any:
    return crm.add_task(coop=o["coop"], what="Rappeler la mairie", **_by(o, "ada"))


def _document(o: Objects) -> Any:
    file = ContentFile(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF\n", "statuts.pdf")
    return crm.add_document(o["coop"], file=file, title="Statuts", **_by(o, "ada"))


def _payment(o: Objects) -> Any:
    invoice = o["issued"]
    return invoicing.record_payment(
        client=invoice.client,
        received_on=_today(),
        amount=Decimal(100),
        method="transfer",
        **_by(o, "chloe"),
    )


BUILDERS: dict[str, Callable[[Objects], Any]] = {
    # the ground
    "user": lambda o: o.people["ada"],
    # crm
    "structure": lambda o: given_structure(o.people["chloe"]),
    "issuer": lambda o: o["structure"] and IssuerProfile.objects.get(),
    "coop": _coop,
    "accompaniment": lambda o: o["coop"].current,
    "organisation": lambda o: o["coop"].organisation,
    "authority": lambda o: given_organisation(by=o.people["basile"]),
    "contact": lambda o: given_contact(organisation=o["coop"].organisation, by=o.people["basile"]),
    "note": _note,
    "task": _task,
    "document": _document,
    "path": lambda o: Path.objects.get(code="supermarket"),
    "item": lambda o: Requirement.objects.asked_of(o["coop"].current).first(),
    "requirement": lambda o: Requirement.objects.order_by("pk").first(),
    # missions
    "agreement": _agreement,
    "draft_agreement": lambda o: given_agreement(
        o["coop"], signed=False, by=o.people["basile"], on=ON
    ),
    "mission": _mission,
    "day": _day,
    "submitted": _submitted,
    "validated": _validated,
    "envelope": lambda o: given_envelope(given_organisation("Région"), by=o.people["basile"]),
    # grants
    "programme": lambda o: given_programme(),
    "call": lambda o: given_call(o["programme"]),
    "application": lambda o: given_application(o["coop"], o["programme"]),
    "agreed_application": lambda o: given_application(o["coop"], o["programme"], state="agreed"),
    "disbursement": lambda o: given_disbursement(o["agreed_application"]),
    # invoicing
    "draft": lambda o: given_invoice(
        client=client_of(o["coop"]), issued=False, by=o.people["chloe"]
    ),
    "invoice": lambda o: o["draft"],
    "line": lambda o: o["draft"].lines.get(),
    "issued": lambda o: given_invoice(client=client_of(o["coop"]), by=o.people["chloe"]),
    "clause": lambda o: given_clause(o["agreement"], o["agreed_application"], by=o.people["chloe"]),
    "payment": _payment,
}
