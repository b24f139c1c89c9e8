"""Verbs of the books: accounts, client codes, periods closed and opened, losses, profiles."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import refuse
from invoicing.chart import role_label
from invoicing.entries_receipts import clients_without_code
from invoicing.locks import closed
from invoicing.models import (
    Account,
    Allocation,
    AuxiliaryAccount,
    BookSettings,
    ExportProfile,
    Invoice,
    PeriodLock,
    WriteOff,
)
from invoicing.rules_fec import clean

# Eight signs at most: the narrowest of the files we write.
NUMBER = re.compile(r"[1-7][0-9]{2}[0-9A-Z]{0,5}")
CODE = re.compile(r"[0-9A-Z]{2,8}")
JOURNAL = re.compile(r"[0-9A-Z]{2}")


@transaction.atomic
def set_account(
    *,
    role: str,
    number: str,
    label: str,
    by: User,
    on: date,
    at: datetime,
    analytic_code: str = "",
) -> Account:
    """Book a role, or a product of one analytic code, on another account."""
    number, label = number.strip().upper(), clean(label, 80)
    found = []
    if not NUMBER.fullmatch(number):
        words = _("An account has three to eight figures and begins with 1 to 7.")
        found.append(Missing("number", words))
    if not label:
        found.append(Missing("label", _("Name the account.")))
    if found:
        raise Refused(found)
    row = Account.objects.select_for_update().filter(role=role, analytic_code=analytic_code).first()
    row = row or Account(role=role, analytic_code=analytic_code)
    before = row.number
    row.number, row.label = number, label
    row.save()
    record(row, "set_account", by=by, on=on, at=at, codes={"from": before, "to": number})
    return row


@transaction.atomic
def drop_account(*, account: Account, by: User, on: date, at: datetime) -> None:
    """Give up the own account of an analytic code: its product's account takes over."""
    if not account.analytic_code:
        refuse(
            "account", _("The account of %(role)s is needed.") % {"role": role_label(account.role)}
        )
    record(account, "drop_account", by=by, on=on, at=at, codes={"number": account.number})
    account.delete()


@transaction.atomic
def give_code(
    *, organisation: Organisation, code: str, by: User, on: date, at: datetime
) -> AuxiliaryAccount:
    """Give a client the code its firm knows it by, once."""
    code = code.strip().upper()
    if not CODE.fullmatch(code):
        refuse("code", _("A code has two to eight letters or figures."))
    if AuxiliaryAccount.objects.filter(organisation=organisation).exists():
        refuse("organisation", _("This client has a code already, and a code never changes."))
    if AuxiliaryAccount.objects.filter(code=code).exists():
        refuse("code", _("Another client bears this code."))
    row = AuxiliaryAccount.objects.create(
        organisation=organisation, code=code, name=organisation.legal_name
    )
    record(row, "give_code", by=by, on=on, at=at)
    return row


@transaction.atomic
def give_codes(*, last: date) -> int:
    """Give a code to every client who is in the books by then and has none, as they came."""
    # Two exports at once: the second waits here, then finds the codes given.
    list(BookSettings.objects.select_for_update().values_list("pk"))
    wanted = clients_without_code(last)
    if not wanted:
        return 0
    settings = BookSettings.current()
    taken = set(AuxiliaryAccount.objects.values_list("code", flat=True))
    names = dict(Organisation.objects.filter(pk__in=wanted).values_list("pk", "legal_name"))
    rows, rank = [], len(taken)
    for pk in wanted:
        rank += 1
        while (code := f"{settings.code_prefix}{rank:0{settings.code_digits}d}") in taken:
            rank += 1
        taken.add(code)
        rows.append(AuxiliaryAccount(organisation_id=pk, code=code, name=names[pk]))
    AuxiliaryAccount.objects.bulk_create(rows, batch_size=500)
    return len(rows)


@transaction.atomic
def set_books(*, by: User, on: date, at: datetime, **values: Any) -> BookSettings:
    """Journals, client codes and the firm's address."""
    journals = ("sales_journal", "bank_journal", "misc_journal")
    for name in journals:
        values[name] = values[name].strip().upper()
        if not JOURNAL.fullmatch(values[name]):
            refuse(name, _("A journal has two letters or figures."))
    if len({values[name] for name in journals}) < len(journals):
        refuse("misc_journal", _("Each journal has a code of its own."))
    values["code_prefix"] = values["code_prefix"].strip().upper()
    if len(values["code_prefix"]) + values["code_digits"] > 8:
        refuse("code_digits", _("A code has eight signs at most."))
    row = BookSettings.objects.select_for_update().order_by("pk").first() or BookSettings()
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    record(row, "set_books", by=by, on=on, at=at)
    return row


@transaction.atomic
def close_period(*, until: date, by: User, on: date, at: datetime) -> PeriodLock:
    """Close the books up to a day: nothing is dated in them any more."""
    before = PeriodLock.objects.until()
    if until >= on:
        refuse("until", _("Only past days are closed: today's documents are still to come."))
    if before is not None and until <= before:
        words = _("The books are closed up to %(until)s already: open them again to go back.")
        refuse("until", words % {"until": date_fr(before)})
    return _lock(until, "", by=by, on=on, at=at)


@transaction.atomic
def open_period(*, until: date | None, reason: str, by: User, on: date, at: datetime) -> PeriodLock:
    """Open the books again, whole or back to an earlier day, with the reason that is kept."""
    before = PeriodLock.objects.until()
    if before is None:
        refuse("until", _("No period is closed."))
    if until is not None and until >= before:
        words = _("Choose a day before %(until)s, or leave it empty to open everything.")
        refuse("until", words % {"until": date_fr(before)})
    if not reason.strip():
        refuse("reason", _("Say why in a sentence."))
    return _lock(until, reason.strip(), by=by, on=on, at=at)


def _lock(until: date | None, reason: str, *, by: User, on: date, at: datetime) -> PeriodLock:
    row = PeriodLock.objects.create(until=until, reason=reason, by=by, at=at)
    codes = {"until": until.isoformat() if until else ""}
    verb = "open_period" if reason else "close_period"
    record(row, verb, by=by, on=on, at=at, codes=codes, text=reason)
    return row


@transaction.atomic
def write_off(*, invoice: Invoice, reason: str, by: User, on: date, at: datetime) -> WriteOff:
    """Give up what is left of an invoice as a bad debt; no credit note, the invoice stays due."""
    locked = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    found = closed(on)
    if not locked.is_issued or locked.is_credit_note:
        found.append(Missing("invoice", _("Only an issued invoice is given up.")))
    if not reason.strip():
        found.append(Missing("reason", _("Say why in a sentence.")))
    if found:
        raise Refused(found)
    left = Decimal(Invoice.objects.with_left().get(pk=locked.pk).left)
    if left <= 0:
        refuse("invoice", _("Nothing is left to pay on this invoice."))
    row = WriteOff.objects.create(
        invoice=locked, amount=left, reason=reason.strip()[:300], on=on, by=by, at=at
    )
    Allocation.objects.create(invoice=locked, write_off=row, amount=left, on=on, by=by, at=at)
    record(locked, "write_off", by=by, on=on, at=at, codes={"write_off": row.pk}, text=reason)
    return row


@transaction.atomic
def save_profile(
    *,
    name: str,
    columns: Iterable[str],
    by: User,
    on: date,
    at: datetime,
    profile: ExportProfile | None = None,
    **values: Any,
) -> ExportProfile:
    """Keep how a firm wants its CSV, under a name."""
    row = profile or ExportProfile()
    row.name, row.columns = name.strip(), list(columns)
    for field, value in values.items():
        setattr(row, field, value)
    found = _profile_problems(row)
    if found:
        raise Refused(found)
    row.save()
    record(row, "save_profile", by=by, on=on, at=at)
    return row


def _profile_problems(row: ExportProfile) -> list[Missing]:
    found = []
    if not row.name:
        found.append(Missing("name", _("Name the profile.")))
    elif ExportProfile.objects.filter(name=row.name).exclude(pk=row.pk).exists():
        found.append(Missing("name", _("Another profile has this name.")))
    if not row.columns:
        found.append(Missing("columns", _("Choose at least one column.")))
    if row.separator == row.decimal_mark:
        words = _("The separator can't be the decimal mark.")
        found.append(Missing("separator", words))
    return found


@transaction.atomic
def delete_profile(*, profile: ExportProfile, by: User, on: date, at: datetime) -> None:
    """Remove a profile; past exports keep how they were written in their log."""
    record(profile, "delete_profile", by=by, on=on, at=at)
    profile.delete()
