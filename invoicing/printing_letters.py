"""Letters and statements on paper: the words already written, laid out once and kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.models import IssuerProfile, Organisation
from essaim import pdf
from invoicing.printing import LANGUAGE
from invoicing.wording import day, euros, iban, siren

CSS: Final = (pdf.PRINT_CSS, "invoicing/letters.css")


def _seller(profile: IssuerProfile) -> dict[str, Any]:
    reach = " · ".join(part for part in (profile.phone, profile.email) if part)
    place = f"{profile.postcode} {profile.city}".strip()
    lines = [*profile.street.splitlines(), place, reach]
    legal = [profile.legal_name, profile.legal_form, profile.registration]
    if profile.siren:
        legal.append(f"SIREN\u00a0{siren(profile.siren)}")
    return {
        "name": profile.legal_name,
        "lines": [line for line in lines if line],
        "legal": " · ".join(part for part in legal if part),
        "city": profile.city,
        "iban": iban(profile.iban),
        "bic": profile.bic,
    }


def _recipient(client: Organisation) -> list[str]:
    """The billing address of a client, else its seat."""
    if client.billing_street or client.billing_city:
        name = client.billing_name
        place = (client.billing_street, client.billing_postcode, client.billing_city)
    else:
        name, place = "", (client.street, client.postcode, client.city)
    street, postcode, city = place
    return [line for line in (name, *street.splitlines(), f"{postcode} {city}".strip()) if line]


def _print(template: str, context: Mapping[str, Any], *, epoch: int) -> bytes:
    with override(LANGUAGE):
        html = render_to_string(template, dict(context))
    return pdf.render(html, css=CSS, epoch=epoch)


def render_letter(*, profile: IssuerProfile, draft: Any, epoch: int) -> bytes:
    """The letter of a reminder: its words, and what is owed in a small table."""
    one = draft.one
    rows = [
        (_("Document"), f"{one.invoice.number} – {one.invoice.title}".rstrip(" –")),
        (_("Issue date"), day(one.invoice.issued_on)),
        (_("Due on"), day(one.instalment.due_on)),
        (_("Left to pay"), euros(one.left)),
    ]
    if draft.late.interest:
        rows.append((_("Late interest to this day"), euros(draft.late.interest)))
    if draft.late.fee:
        rows.append((_("Recovery fee"), euros(draft.late.fee)))
    context = {
        "seller": _seller(profile),
        "client": one.invoice.client_copy.get("name") or one.invoice.client.legal_name,
        "address": _recipient(one.invoice.client),
        "on": day(one.on),
        "subject": draft.subject,
        "paragraphs": [p for p in draft.body.split("\n\n") if p.strip()],
        "rows": rows,
    }
    return _print("invoicing/print/letter.html", context, epoch=epoch)


def render_statement(
    *, profile: IssuerProfile, client: Organisation, statement: Any, on: date, epoch: int
) -> bytes:
    """The statement of a client's account: opening, movements, running balance."""
    context = {
        "seller": _seller(profile),
        "client": client.legal_name,
        "address": _recipient(client),
        "on": day(on),
        "first": day(statement.first),
        "last": day(statement.last),
        "opening": euros(statement.opening),
        "closing": euros(statement.closing),
        "rows": [
            {
                "on": day(line.on),
                "label": line.label,
                "due": day(line.due_on) if line.due_on else "",
                "debit": euros(line.debit) if line.debit else "",
                "credit": euros(line.credit) if line.credit else "",
                "balance": euros(line.balance),
            }
            for line in statement.lines
        ],
        "owes": statement.closing > 0,
        "debit": euros(statement.debit),
        "credit": euros(statement.credit),
    }
    return _print("invoicing/print/statement.html", context, epoch=epoch)
