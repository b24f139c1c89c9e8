"""Bank statements as files: CSV of any French bank and CAMT.053, read line by line."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from essaim import identifiers
from essaim.identifiers import search_key
from essaim.money import ZERO, parse_amount

CSV: Final = "csv"
CAMT: Final = "camt053"
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_LINES: Final = 5_000
_HEADER_WITHIN: Final = 40
_TEXT: Final = 300

# Headings met in exports of French banks, folded (no accent, no case, no punctuation).
_DATES: Final = (
    "date", "date operation", "date de l operation", "date comptable", "date de comptabilisation",
    "dateop", "date op", "booking date", "date d operation",
)  # fmt: skip
_LABELS: Final = (
    "libelle", "libelle operation", "libelle de l operation", "label", "description", "nature",
    "libelle simplifie", "details", "motif", "intitule",
)  # fmt: skip
_MORE: Final = (
    "reference", "ref", "infos complementaires", "informations complementaires", "commentaire",
    "libelle complementaire", "detail 1", "detail 2", "reference de l operation",
)  # fmt: skip
_NAMES: Final = ("contrepartie", "tiers", "emetteur", "nom", "donneur d ordre", "debiteur")
_AMOUNTS: Final = ("montant", "montant eur", "montant en euros", "amount", "montant operation")
_CREDITS: Final = ("credit", "credit eur", "credit euros", "montant credit", "recettes")
_DEBITS: Final = ("debit", "debit eur", "debit euros", "montant debit", "depenses")
_CURRENCIES: Final = ("devise", "currency", "monnaie")
_ACCOUNTS: Final = ("iban", "compte", "numero de compte", "account", "no de compte")
_DAY_FORMATS: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%Y%m%d")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}\b")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One booked movement: `amount` in euros, negative when it left the account."""

    row: int
    booked_on: date
    amount: Decimal
    label: str
    counterparty: str = ""
    reference: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that is not taken, and why."""

    row: int
    why: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file holds: the account it speaks of, the lines taken and the lines refused."""

    kind: str
    iban: str
    lines: tuple[StatementLine, ...]
    refused: tuple[RefusedLine, ...]


class Unreadable(ValueError):
    """The whole file is refused; the text says why and what to do."""


def read_statement(content: bytes, *, iban: str = "", today: date) -> Statement:
    """Read a statement; a line that is wrong is refused alone, with its row and its reason.

    `iban` is ours (no space): a file or a line of another account is refused. Raises
    `Unreadable` when nothing of the file can be understood.
    """
    if len(content) > MAX_BYTES:
        raise Unreadable(_("This file is too large for a statement: export a shorter period."))
    if not content.strip():
        raise Unreadable(_("This file is empty."))
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:200]
    if start.startswith((b"<", b"\xff\xfe<\x00")):
        kind, account, rows = CAMT, *_camt(content)
    else:
        kind, account, rows = CSV, *_csv(_decoded(content))
    if account and iban and account != iban:
        told = {"theirs": _shown(account), "ours": _shown(iban)}
        raise Unreadable(_("This statement is of the account %(theirs)s; ours is %(ours)s.") % told)
    return _judged(kind, account, rows, iban=iban, today=today)


def _shown(iban: str) -> str:
    return identifiers.grouped(iban, 4)


@dataclass(slots=True)
class _Raw:
    """One line as it is written, before it is judged."""

    row: int
    day: str = ""
    amount: str = ""
    label: str = ""
    counterparty: str = ""
    reference: str = ""
    currency: str = "EUR"
    account: str = ""
    problem: str = ""


def _judged(kind: str, account: str, rows: Sequence[_Raw], *, iban: str, today: date) -> Statement:
    lines: list[StatementLine] = []
    refused: list[RefusedLine] = []
    seen: dict[str, int] = {}
    for raw in rows:
        try:
            lines.append(_line(raw, seen, iban=iban, today=today))
        except ValidationError as error:
            text = " · ".join(p for p in (raw.day, raw.label, raw.amount) if p)
            refused.append(RefusedLine(raw.row, " ".join(error.messages), text[:_TEXT]))
    if not lines and not refused:
        raise Unreadable(_("No movement was found in this file."))
    return Statement(kind, account, tuple(lines), tuple(refused))


def _line(raw: _Raw, seen: dict[str, int], *, iban: str, today: date) -> StatementLine:
    if raw.problem:
        raise ValidationError(raw.problem)
    if raw.currency.strip().upper() not in ("", "EUR", "EURO", "€"):
        words = _("This line is in %(currency)s: only euros are booked.")
        raise ValidationError(words % {"currency": raw.currency[:10]})
    _check_account(raw.account, iban)
    booked_on = _day(raw.day)
    if booked_on > today:
        raise ValidationError(_("This line is dated in the future."))
    amount = parse_amount(raw.amount)
    if amount == ZERO:
        raise ValidationError(_("This line has no amount."))
    label, name = _clean(raw.label), _clean(raw.counterparty)
    reference = _clean(raw.reference)
    base = "|".join((booked_on.isoformat(), str(amount), label, name, reference))
    # Two movements alike on one day are two: the second has its rank in its fingerprint.
    seen[base] = seen.get(base, 0) + 1
    mark = sha256(f"{base}|{seen[base]}".encode()).hexdigest()
    return StatementLine(raw.row, booked_on, amount, label, name, reference, mark)


def _check_account(text: str, iban: str) -> None:
    bare = re.sub(r"\s", "", text).upper()
    if not bare or not re.match(r"[A-Z]{2}\d{2}", bare):
        return
    try:
        found = identifiers.iban(bare)
    except ValidationError:
        words = _("The IBAN of this line is not valid: %(iban)s.") % {"iban": bare[:34]}
        raise ValidationError(words) from None
    if iban and found != iban:
        words = _("This line is of another account: %(iban)s.") % {"iban": _shown(found)}
        raise ValidationError(words)


def _day(text: str) -> date:
    bare = text.strip().partition("T")[0]
    for pattern in _DAY_FORMATS:
        try:
            return datetime.strptime(bare, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise ValidationError(
        _("“%(text)s” is not a date. Write it like 16/02/2027.") % {"text": text[:40]}
    )


def _clean(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_TEXT]


# -- CSV -------------------------------------------------------------------------------------
def _decoded(content: bytes) -> str:
    """The text of a file, whatever the bank's encoding; refused when it is no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable(_("The encoding of this file can't be read.")) from None
    if b"\x00" in content:
        raise Unreadable(_("This is no statement: export it as CSV or as CAMT.053 (XML)."))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("The encoding of this file can't be read."))


def _csv(text: str) -> tuple[str, list[_Raw]]:
    """The account named above the table, and its rows."""
    best: tuple[int, dict[str, int], list[list[str]]] | None = None
    for delimiter in (";", "\t", ","):
        try:
            # Whatever ends the lines of a bank.
            rows = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter))
        except csv.Error:
            continue  # a cell without end: read so, this is no table
        for index, row in enumerate(rows[:_HEADER_WITHIN]):
            columns = _columns(row)
            if columns is not None and (best is None or len(columns) > len(best[1])):
                best = (index, columns, rows)
    if best is None:
        raise Unreadable(
            _(
                "No table of movements was found: the file needs a row of headings with a date "
                "(Date), a label (Libellé) and an amount (Montant, or Débit and Crédit)."
            )
        )
    header, columns, rows = best
    if len(rows) - header > MAX_LINES:
        raise Unreadable(_("More than %(most)s lines: export a shorter period.") % {"most": 5000})
    above = " ".join(" ".join(row) for row in rows[:header]).upper()
    return _iban_in(above), list(_csv_rows(rows, header, columns))


def _iban_in(text: str) -> str:
    for match in _IBAN.finditer(text):
        bare = re.sub(r"\s", "", match.group())
        for length in (27, len(bare)):  # a French IBAN may be followed by other words
            try:
                return identifiers.iban(bare[:length])
            except ValidationError:
                continue
    return ""


def _columns(row: Sequence[str]) -> dict[str, int] | None:
    """Where each fact stands; None when this row is no row of headings."""
    folded = [search_key(cell) for cell in row]

    def find(names: Sequence[str]) -> int | None:
        return next((folded.index(name) for name in names if name in folded), None)

    wanted = {
        "day": _DATES, "label": _LABELS, "amount": _AMOUNTS, "credit": _CREDITS, "debit": _DEBITS,
        "reference": _MORE, "counterparty": _NAMES, "currency": _CURRENCIES, "account": _ACCOUNTS,
    }  # fmt: skip
    found = {name: at for name, names in wanted.items() if (at := find(names)) is not None}
    has_amount = "amount" in found or {"credit", "debit"} <= set(found)
    return found if "day" in found and "label" in found and has_amount else None


def _csv_rows(
    rows: Sequence[Sequence[str]], header: int, columns: dict[str, int]
) -> Iterator[_Raw]:
    for number, cells in enumerate(rows[header + 1 :], start=header + 2):
        if not any(cell.strip() for cell in cells):
            continue
        values = {n: cells[at].strip() if at < len(cells) else "" for n, at in columns.items()}
        raw = _Raw(number, **{k: v for k, v in values.items() if k not in ("credit", "debit")})
        if not raw.amount:
            raw.amount = _of_two_columns(values.get("credit", ""), values.get("debit", ""))
        if not raw.day and not raw.amount:
            continue  # a total or a balance under the table
        if len(cells) <= max(columns["day"], columns["label"]):
            raw.problem = _("This line is cut: it has fewer columns than the headings.")
        yield raw


def _of_two_columns(credit: str, debit: str) -> str:
    """A signed amount from a credit and a debit column; a debit is negative however written."""
    if credit and credit.strip("0,. ") != "":
        return credit
    bare = debit.lstrip("-+\u2212 ")
    return f"-{bare}" if bare else credit


# -- CAMT.053 --------------------------------------------------------------------------------
def _camt(content: bytes) -> tuple[str, list[_Raw]]:
    """The account of an ISO 20022 statement, and its booked entries."""
    try:
        root: Any = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Unreadable(_("This XML can't be read: ask the bank for a CAMT.053 file.")) from None
    for node in root.iter():
        node.tag = str(node.tag).rpartition("}")[2]
    statements = list(root.iter("Stmt"))
    if not statements:
        raise Unreadable(_("This XML is no CAMT.053 statement."))
    accounts = {_text(s, "Acct/Id/IBAN") for s in statements}
    rows: list[_Raw] = []
    for statement in statements:
        account = _text(statement, "Acct/Id/IBAN")
        for entry in statement.findall("Ntry"):
            rows += _entry(entry, len(rows) + 1, account)
            if len(rows) > MAX_LINES:
                words = _("More than %(most)s lines: export a shorter period.")
                raise Unreadable(words % {"most": MAX_LINES})
    return (accounts.pop() if len(accounts) == 1 else ""), rows


def _text(node: Element, *paths: str) -> str:
    """The first text found at one of these places."""
    for path in paths:
        found = node.find(path)
        if found is not None and found.text and found.text.strip():
            return found.text.strip()
    return ""


def _entry(entry: Element, row: int, account: str) -> list[_Raw]:
    """One entry, or its transactions when each has its amount and they add up to it."""
    amount = entry.find("Amt")
    raw = _Raw(
        row,
        day=_text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"),
        amount=_signed(entry, _text(entry, "Amt")),
        currency="" if amount is None else amount.get("Ccy", ""),
        account=account,
        reference=_text(entry, "AcctSvcrRef", "NtryRef"),
        label=_text(entry, "AddtlNtryInf"),
    )
    if _text(entry, "Sts/Cd", "Sts") not in ("BOOK", ""):
        raw.problem = _("The bank has not booked this line yet.")
    details = entry.findall("NtryDtls/TxDtls")
    parts = [_signed(entry, _text(d, "Amt", "AmtDtls/TxAmt/Amt")) for d in details]
    if len(details) > 1 and all(parts) and _adds_up(parts, raw.amount):
        split = []
        for index, (detail, part) in enumerate(zip(details, parts, strict=True)):
            one = _Raw(row + index, raw.day, part, raw.label, currency=raw.currency)
            one.account, one.problem, one.reference = account, raw.problem, raw.reference
            split.append(_detailed(one, detail))
        return split
    return [_detailed(raw, details[0]) if details else raw]


def _signed(entry: Element, amount: str) -> str:
    """A debit is negative, and so is a credit taken back."""
    if not amount:
        return ""
    out = (_text(entry, "CdtDbtInd") == "DBIT") != (_text(entry, "RvslInd") == "true")
    return f"-{amount}" if out else amount


def _adds_up(parts: Sequence[str], whole: str) -> bool:
    try:
        return sum((parse_amount(part) for part in parts), ZERO) == parse_amount(whole)
    except ValidationError:
        return False


def _detailed(raw: _Raw, detail: Element) -> _Raw:
    """Adds who paid and what they wrote."""
    raw.counterparty = _text(
        detail, "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm", "RltdPties/UltmtDbtr/Nm"
    )
    said = [node.text or "" for node in detail.findall("RmtInf/Ustrd")]
    said.append(_text(detail, "RmtInf/Strd/CdtrRefInf/Ref"))
    words = " ".join(text.strip() for text in said if text.strip())
    raw.label = words or raw.label or raw.counterparty
    end = _text(detail, "Refs/EndToEndId")
    if end and end != "NOTPROVIDED":
        raw.reference = " ".join(p for p in (end, raw.reference) if p)
    return raw
