"""The proof pack of a funder: what was done with its money, in one zip whose bytes are stable."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from essaim.exports import csv_stream, xlsx_bytes
from essaim.formats import date_fr, plain_number
from essaim.money import ZERO
from essaim.sheets import still
from grants.models import GrantApplication, Programme
from invoicing.archive import plain_name
from invoicing.models import Allocation, FrozenFile, FundingLink, Invoice
from missions.models import Agreement, DayShare, Envelope, PaperFile, Timesheet

Perimeter = Envelope | GrantApplication | Programme
LANGUAGE: Final = "fr"


@dataclass(slots=True)
class Proof:
    """What a perimeter holds over a period: rows to list, files to join, what lacks in words."""

    title: str
    first: date
    last: date
    shares: list[Any]
    agreements: list[Agreement]
    invoices: list[Invoice]
    payments: list[Any]
    files: dict[str, bytes] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)

    @property
    def days(self) -> Decimal:
        return sum((share.days for share in self.shares), ZERO)


def _links(of: Perimeter) -> Any:
    if isinstance(of, GrantApplication):
        return FundingLink.objects.filter(application=of)
    return FundingLink.objects.filter(Q(programme=of) | Q(application__programme=of))


def _paid_from(of: Perimeter) -> Q:
    """The day shares a perimeter pays for: an envelope's own, or those its links lead to."""
    if isinstance(of, Envelope):
        return Q(envelope=of)
    links = _links(of)
    return (
        Q(envelope__in=links.filter(envelope__isnull=False).values("envelope"))
        | Q(funding_share__in=links.filter(funding_share__isnull=False).values("funding_share"))
        | Q(day__mission__agreement__in=links.filter(agreement__isnull=False).values("agreement"))
    )


def _shares(of: Perimeter, first: date, last: date) -> list[Any]:
    rows = DayShare.objects.current().filter(
        _paid_from(of),
        day__worked_on__range=(first, last),
        day__state__in=("validated", "billed"),
    )
    return list(
        rows.select_related(
            "day__consultant", "day__mission__agreement", "coop__organisation", "payer"
        )
        .prefetch_related("billed__line__invoice")
        .order_by("day__worked_on", "day_id", "pk")
    )


def proof_of(of: Perimeter, first: date, last: date) -> Proof:
    """Gather what proves the use of a funder's money, without opening any file."""
    shares = _shares(of, first, last)
    keys = {s.day.mission.agreement_id for s in shares if s.day.mission.agreement_id}
    if not isinstance(of, Envelope):
        linked = _links(of).filter(agreement__isnull=False)
        keys |= set(linked.values_list("agreement_id", flat=True))
    agreements = Agreement.objects.filter(pk__in=keys).select_related("signed_scan", "client")
    days = {s.day_id for s in shares}
    invoices = Invoice.objects.issued().filter(lines__billed_shares__share__day__in=days)
    claims = invoices.select_related("client").distinct().order_by("issued_on", "pk")
    found = list(claims)
    found += list(
        Invoice.objects.issued()
        .filter(origin__in=found)
        .exclude(pk__in=[i.pk for i in found])
        .select_related("client")
        .order_by("issued_on", "pk")
    )
    payments = Allocation.objects.filter(invoice__in=found, payment__isnull=False)
    proof = Proof(
        title=str(of),
        first=first,
        last=last,
        shares=shares,
        agreements=list(agreements.order_by("pk")),
        invoices=found,
        payments=list(payments.select_related("invoice", "payment__client").order_by("pk")),
    )
    if not shares:
        proof.lacking.append(_("No validated day in this period."))
    return proof


# -- the files ------------------------------------------------------------------------------------
def gather(proof: Proof) -> Proof:
    """Read every file of a proof and name what lacks; nothing is refused."""
    for name, content in (*_agreement_files(proof), *_sheets(proof), *_invoice_files(proof)):
        proof.files[name] = content
    for name, header, rows in _tables(proof):
        proof.files[f"{name}.csv"] = b"".join(csv_stream(header, rows, dates="french"))
        proof.files[f"{name}.xlsx"] = xlsx_bytes(header, rows, title=name)
    return proof


def _agreement_files(proof: Proof) -> Iterator[tuple[str, bytes]]:
    """The signed scan of each agreement, else the paper as it left."""
    papers = PaperFile.objects.filter(
        paper__agreement__in=proof.agreements, paper__kind="agreement"
    ).select_related("paper")
    printed = {row.paper.agreement_id: row for row in papers.order_by("pk")}
    for agreement in proof.agreements:
        label = agreement.reference or agreement.title
        name = f"conventions/{plain_name(f'{agreement.pk}-{label}')}"
        if agreement.signed_scan is not None:
            scan = agreement.signed_scan.file
            yield f"{name}-signee.{_suffix(scan)}", _read(scan)
        elif agreement.pk in printed:
            yield f"{name}.pdf", bytes(printed[agreement.pk].content)
            words = _("Agreement “%(agreement)s”: the signed copy is not scanned.")
            proof.lacking.append(words % {"agreement": label})
        else:
            words = _("Agreement “%(agreement)s”: no paper and no signed copy.")
            proof.lacking.append(words % {"agreement": label})


def _suffix(file: Any) -> str:
    return str(file.name).rsplit(".", 1)[-1]


def _read(file: Any) -> bytes:
    with file.open("rb") as source:
        return bytes(source.read())


def _sheets(proof: Proof) -> Iterator[tuple[str, bytes]]:
    """Signed timesheets: of the person for the coop, else of the person, else of the coop."""
    wanted = sorted(
        {(s.day.worked_on.replace(day=1), s.day.consultant, s.coop) for s in proof.shares},
        key=lambda w: (w[0], str(w[1]), str(w[2] or "")),
    )
    signed: dict[tuple[date, int | None, int | None], Timesheet] = {}
    months = {month for month, _who, _coop in wanted}
    rows = Timesheet.objects.filter(month__in=months).select_related("document")
    for row in rows.order_by("pk"):
        signed[row.month, row.consultant_id, row.coop_id] = row
    done: set[int] = set()
    for month, who, coop in wanted:
        place = coop.pk if coop is not None else None
        keys = [(month, who.pk, place), (month, who.pk, None), (month, None, place)]
        found = next((signed[key] for key in keys if key in signed), None)
        if found is None:
            words = _("Timesheet of %(month)s, %(person)s, %(coop)s: not signed.")
            proof.lacking.append(
                words % {"month": f"{month:%m/%Y}", "person": who, "coop": coop or "—"}
            )
        elif found.pk not in done:
            done.add(found.pk)
            label = plain_name(f"{month:%Y-%m}-{found.consultant or ''}-{found.coop or ''}")
            yield f"releves/{label}.{_suffix(found.document.file)}", _read(found.document.file)


def _invoice_files(proof: Proof) -> Iterator[tuple[str, bytes]]:
    files = FrozenFile.objects.filter(invoice__in=proof.invoices, kind=FrozenFile.Kind.PDF)
    by_key = {file.invoice_id: file for file in files}
    for invoice in proof.invoices:
        file = by_key.get(invoice.pk)
        if file is None:
            words = _("Invoice %(number)s: its PDF is still to be made.")
            proof.lacking.append(words % {"number": invoice.number})
            continue
        yield f"factures/{plain_name(str(invoice.number))}.pdf", bytes(file.content)


# -- the tables -----------------------------------------------------------------------------------
Table = tuple[str, list[str], list[list[Any]]]


def _tables(proof: Proof) -> list[Table]:
    return [_days_table(proof), _invoices_table(proof), _payments_table(proof)]


def _days_table(proof: Proof) -> Table:
    header = [
        _("Date"), _("Coop"), _("Person"), _("Moment"), _("Work"), _("Subject"), _("Days"),
        _("Nature"), _("Payer"), _("Amount, net"), _("Agreement"), _("Invoice"),
    ]  # fmt: skip
    return "journees", header, [_day_row(share) for share in proof.shares]


def _day_row(share: Any) -> list[Any]:
    day, agreement = share.day, share.day.mission.agreement
    billed = getattr(share, "billed", None)
    issued = billed is not None and billed.line.invoice.is_issued
    return [
        day.worked_on,
        str(share.coop or ""),
        day.consultant.name,
        str(day.get_moment_display()),
        str(day.get_work_display()),
        day.subject,
        share.days,
        str(share.get_nature_display()),
        str(share.payer or ""),
        share.amount,
        (agreement.reference or agreement.title) if agreement is not None else "",
        billed.line.invoice.number if billed is not None and issued else "",
    ]


def _invoices_table(proof: Proof) -> Table:
    header = [
        _("Number"), _("Kind"), _("Issued on"), _("Client"), _("Net"), _("VAT"), _("Gross"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            i.number, str(i.get_kind_display()), i.issued_on, i.client_copy["name"],
            i.net, i.vat, i.gross,
        ]
        for i in proof.invoices
    ]  # fmt: skip
    return "factures", header, rows


def _payments_table(proof: Proof) -> Table:
    header = [
        _("Credited on"), _("Invoice"), _("Client"), _("Amount"), _("Method"), _("Reference"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            a.payment.received_on, a.invoice.number, str(a.payment.client), a.amount,
            str(a.payment.get_method_display()), a.payment.reference,
        ]
        for a in proof.payments
    ]  # fmt: skip
    return "reglements", header, rows


# -- the zip --------------------------------------------------------------------------------------
def _lines(proof: Proof) -> Iterable[str]:
    yield _("Proof pack: %(title)s") % {"title": proof.title}
    words = {"first": date_fr(proof.first), "last": date_fr(proof.last)}
    yield _("Days from %(first)s to %(last)s") % words
    yield _("%(days)s d, %(invoices)s invoices, %(payments)s payments") % {
        "days": plain_number(proof.days),
        "invoices": len(proof.invoices),
        "payments": len(proof.payments),
    }
    yield ""
    yield _("What is missing:") if proof.lacking else _("Nothing is missing.")
    yield from (f"- {words}" for words in proof.lacking)


def pack(of: Perimeter, first: date, last: date) -> tuple[Proof, bytes]:
    """Give a proof and its zip; the same rows and files give the same bytes.

    `LISEZ-MOI.txt` says what is missing, `manifest.csv` names each file with its SHA-256.
    """
    with override(LANGUAGE):
        proof = gather(proof_of(of, first, last))
        text = "\r\n".join(_lines(proof)) + "\r\n"
    proof.files["LISEZ-MOI.txt"] = ("\ufeff" + text).encode()
    rows = [
        [name, sha256(content).hexdigest(), len(content)]
        for name, content in sorted(proof.files.items())
    ]
    proof.files["manifest.csv"] = b"".join(csv_stream(["Fichier", "SHA-256", "Octets"], rows))
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(proof.files.items()):
            archive.writestr(still(name), content, ZIP_DEFLATED)
    return proof, target.getvalue()
