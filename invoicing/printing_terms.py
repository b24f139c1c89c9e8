"""On paper: a repayment plan to sign, and the statement of late interest that goes with a claim."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from essaim import pdf
from invoicing.models import Invoice, LateClaim, RepaymentPlan
from invoicing.printing import LANGUAGE
from invoicing.wording import day, euros, iban, percent, siren

CSS: Final = (pdf.PRINT_CSS, "invoicing/letters.css")


def _seller(copy: Mapping[str, Any]) -> dict[str, Any]:
    """Our side as the invoice copied it."""
    reach = " · ".join(part for part in (copy.get("phone", ""), copy.get("email", "")) if part)
    legal = [copy["name"], copy.get("legal_form", ""), copy.get("registration", "")]
    if copy.get("siren"):
        legal.append(f"SIREN\u00a0{siren(copy['siren'])}")
    return {
        "name": copy["name"],
        "lines": [line for line in (*copy["address"], reach) if line],
        "legal": " · ".join(part for part in legal if part),
        "iban": iban(copy.get("iban", "")),
        "bic": copy.get("bic", ""),
    }


def _parties(invoice: Invoice, on: date) -> dict[str, Any]:
    client = invoice.client_copy
    return {
        "seller": _seller(invoice.issuer_copy),
        "client": client["name"],
        "address": client.get("billing_address") or client["address"],
        "on": day(on),
        "invoice": invoice.number,
        "issued_on": day(invoice.issued_on or on),
    }


def _print(template: str, context: Mapping[str, Any], *, epoch: int) -> bytes:
    with override(LANGUAGE):
        html = render_to_string(template, dict(context))
    return pdf.render(html, css=CSS, epoch=epoch)


def plan_context(plan: RepaymentPlan) -> dict[str, Any]:
    """What the plan to sign says."""
    invoice = plan.invoice
    return _parties(invoice, plan.proposed_on) | {
        "total": euros(plan.total),
        "gross": euros(invoice.gross),
        "due": ", ".join(day(part.due_on) for part in invoice.instalments.all()),
        "rows": [
            {"position": row.position, "on": day(row.due_on), "amount": euros(row.amount)}
            for row in plan.rows.all()
        ],
    }


def render_plan(plan: RepaymentPlan) -> bytes:
    """Print a repayment plan for both sides to sign."""
    with override(LANGUAGE):
        context = plan_context(plan)
    return _print("invoicing/print/plan.html", context, epoch=int(plan.at.timestamp()))


def claim_context(claim: LateClaim) -> dict[str, Any]:
    """What the statement of interest says, from the amounts frozen with the claim."""
    computed = Decimal(claim.statement.get("interest", claim.interest))
    before = computed - claim.interest
    rows = [
        {
            "part": _("Instalment %(position)s") % {"position": span["position"]},
            "days": span["days"],
            "from": day(date.fromisoformat(span["first"])),
            "to": day(date.fromisoformat(span["last"])),
            "owed": euros(Decimal(span["owed"])),
            "rate": percent(Decimal(span["rate"])),
            "interest": euros(Decimal(span["interest"])),
        }
        for span in claim.statement.get("spans", [])
    ]
    return _parties(claim.invoice, claim.on) | {
        "reference": str(claim),
        "until": day(claim.until),
        "rows": rows,
        "computed": euros(computed),
        "before": euros(-before) if before and claim.interest else "",
        "interest": euros(claim.interest) if claim.interest else "",
        "fee": euros(claim.fee) if claim.fee else "",
        "total": euros(claim.total),
        "mentions": [m["text"] for m in claim.invoice.terms_copy["mentions"] if m.get("text")],
    }


def render_claim(claim: LateClaim) -> bytes:
    """Print the statement of interest of a claim: the same bytes for the same claim."""
    with override(LANGUAGE):
        context = claim_context(claim)
    return _print("invoicing/print/claim.html", context, epoch=int(claim.at.timestamp()))
