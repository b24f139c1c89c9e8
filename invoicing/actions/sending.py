"""Verbs of mail: a document or a statement goes to its client with its frozen file."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim import outbox
from essaim.models import OutboxMessage, User
from essaim.outbox import Attached
from essaim.workflow import Act, Missing, Refused, record
from essaim.writing import put, refuse
from invoicing.models import FrozenFile, Invoice, MailText, Sending
from invoicing.texts import allowed_in, kind_of, profile_of, text_problems

MOST_COPIES = 5


def file_name(invoice: Invoice) -> str:
    """The name under which a document leaves: FA-2026-0001-COOP-EPI.pdf."""
    client = slugify(invoice.client_copy.get("name", ""))[:40]
    return f"{slugify(invoice.number or '')}-{client}".strip("-").upper() + ".pdf"


def sendable(invoice: Invoice) -> tuple[FrozenFile | None, list[Missing]]:
    """The frozen PDF of a document, or why it cannot be sent."""
    if not invoice.is_issued:
        words = _("A draft is not sent: issue it first.")
        return None, [Missing("state", words, invoice.get_absolute_url())]
    if invoice.kind == Invoice.Kind.TAKEN_OVER:
        words = _("This invoice was issued by another tool: send its own file from there.")
        return None, [Missing("pdf", words)]
    file = invoice.files.filter(kind=FrozenFile.Kind.PDF).first()
    if file is None:
        words = _("The PDF of %(number)s is still to be made: send it in a moment.")
        return None, [Missing("pdf", words % {"number": invoice.number})]
    return file, []


def check_addresses(to: str, cc: Sequence[str]) -> list[Missing]:
    """What is wrong in the addresses typed."""
    found = []
    for field, address in (("to", to), *(("cc", one) for one in cc)):
        try:
            validate_email(address)
        except ValidationError:
            words = _("“%(address)s” is not an e-mail address.") % {"address": address}
            found.append(Missing(field, words if address else _("To whom? Type an address.")))
    if len(cc) > MOST_COPIES:
        found.append(Missing("cc", _("Five copies at most.")))
    return found


def _check_words(to: str, cc: Sequence[str], subject: str, body: str) -> None:
    found = check_addresses(to, cc)
    found += [
        Missing(name, _("This text is empty."))
        for name, text in (("subject", subject), ("body", body))
        if not text.strip()
    ]
    if found:
        raise Refused(found)


def _sent_today(invoice: Invoice, to: str, on: date, reasons: Mapping[str, str]) -> None:
    """A second mail of the same document to the same address on one day wants a sentence."""
    if reasons.get("sent_today", "").strip():
        return
    if Sending.objects.filter(invoice=invoice, to__iexact=to, on=on).exists():
        words = _("%(number)s was already sent to %(to)s today.")
        told = words % {"number": invoice.number, "to": to}
        raise Refused([Missing("sent_today", told, level="warn")])


@transaction.atomic
def send_invoice(
    *,
    invoice: Invoice,
    to: str,
    subject: str,
    body: str,
    by: User,
    on: date,
    at: datetime,
    cc: Sequence[str] = (),
    reasons: Mapping[str, str] | None = None,
) -> Sending:
    """Send an issued document with its frozen PDF: the mail waits in the outbox, and is kept.

    Refuses a draft, a document whose PDF is pending, wrong addresses, and without a sentence
    what was sent to the same address today.
    """
    to, cc = to.strip(), [one.strip() for one in cc if one.strip()]
    # A second click waits here for the first one.
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    file, problems = sendable(invoice)
    if file is None:
        raise Refused(problems)
    _check_words(to, cc, subject, body)
    _sent_today(invoice, to, on, reasons or {})
    attached = Attached(name=file_name(invoice), source=file)
    message = _mail(f"sending:{invoice.pk}:{at.isoformat()}:{to}"[:120], to, cc, subject, body,
                    attached, on=on, at=at)  # fmt: skip
    sending = _kept(message, kind_of(invoice), invoice.client, invoice, by=by, on=on)
    why = (reasons or {}).get("sent_today", "")
    record(invoice, "send", by=by, on=on, at=at, codes={"sending": sending.pk}, text=why)
    return sending


def _mail(
    key: str,
    to: str,
    cc: Sequence[str],
    subject: str,
    body: str,
    attached: Attached,
    *,
    on: date,
    at: datetime,
) -> OutboxMessage:
    """Put a mail of the structure in the outbox."""
    profile = profile_of(on)
    return outbox.put(
        key=key,
        to=to,
        cc=cc,
        sender=profile.legal_name,
        reply_to=profile.email,
        subject=subject,
        body=body,
        attachments=[attached],
        at=at,
    )


def _kept(
    message: OutboxMessage,
    kind: str,
    client: Organisation,
    invoice: Invoice | None,
    *,
    by: User,
    on: date,
) -> Sending:
    """The row that keeps what was sent, as it stands in the outbox."""
    return Sending.objects.create(
        kind=kind,
        client=client,
        invoice=invoice,
        to=message.to,
        cc=message.cc,
        subject=message.subject,
        body=message.body,
        message=message,
        on=on,
        at=message.created_at,
        by=by,
    )


@transaction.atomic
def send_many(
    *, mails: Mapping[Invoice, Mapping[str, Any]], by: User, on: date, at: datetime
) -> list[Sending]:
    """Send several documents, each with its own `to`, `subject` and `body`: all or none."""
    act: Act = {"by": by, "on": on, "at": at}
    found, done = [], []
    for invoice, words in mails.items():
        try:
            done.append(send_invoice(invoice=invoice, **words, **act))
        except Refused as refused:
            found += refused.missing
    if found:
        raise Refused(found)
    return done


@transaction.atomic
def send_statement(
    *,
    client: Organisation,
    content: bytes,
    name: str,
    to: str,
    subject: str,
    body: str,
    by: User,
    on: date,
    at: datetime,
) -> Sending:
    """Send a client the statement of its account, as the file just made."""
    client = Organisation.objects.select_for_update(of=("self",)).get(pk=client.pk)
    _check_words(to.strip(), (), subject, body)
    key = f"statement:{client.pk}:{at.isoformat()}"
    attached = Attached(name=name, content=content)
    message = _mail(key, to.strip(), (), subject, body, attached, on=on, at=at)
    sending = _kept(message, MailText.Kind.STATEMENT, client, None, by=by, on=on)
    record(client, "send_statement", by=by, on=on, at=at, codes={"sending": sending.pk})
    return sending


@transaction.atomic
def try_again(*, message: OutboxMessage, by: User, on: date, at: datetime) -> OutboxMessage:
    """Let a mail that did not leave be tried again at once."""
    if message.sent_at is not None:
        refuse("message", _("This mail left already."))
    outbox.try_again(message)
    record(message, "try_again", by=by, on=on, at=at)
    return message


@transaction.atomic
def write_text(
    *, text: MailText, subject: str, body: str, by: User, on: date, at: datetime
) -> MailText:
    """Change the text mails of a kind start from; refuses words that stand for nothing."""
    text = MailText.objects.select_for_update().get(pk=text.pk)
    values = {"subject": " ".join(subject.split()), "body": body.strip()}
    if found := text_problems(values, allowed_in(text)):
        raise Refused(found)
    put(text, values, ("subject", "body"))
    text.save()
    record(text, "write", by=by, on=on, at=at)
    return text
