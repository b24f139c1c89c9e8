"""Verbs of the first run: steps, answers that switch fields, a first invoice."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.actions import create_organisation, set_structure
from crm.actions.starting import TAXED, begin_office, change_regime, choose_kit
from crm.models import IssuerProfile, Organisation, Requirement, Structure
from essaim import features, series
from essaim.identifiers import search_key
from essaim.models import Series, StartMark, User
from essaim.postal import Postal
from essaim.series_reading import Read
from essaim.workflow import Act, Missing, Refused, record
from essaim.writing import refuse
from invoicing import start
from invoicing.actions.catalogue import add_line
from invoicing.actions.drafting import draft_free
from invoicing.models import Invoice, InvoiceLine
from invoicing.numbering import INVOICES


@transaction.atomic
def mark(code: str, *, by: User, on: date, at: datetime) -> StartMark:
    """Note one thing of the first run; noting it again changes nothing."""
    row, made = StartMark.objects.get_or_create(code=code, defaults={"by": by, "at": at})
    if made:
        record(row, "mark", by=by, on=on, at=at, codes={"code": code})
    return row


@transaction.atomic
def skip(code: str, *, by: User, on: date, at: datetime) -> None:
    """Leave a step for later; it can be taken at any time."""
    if code not in start.STEPS:
        refuse("code", _("There is no such step."))
    mark(start.BEGUN, by=by, on=on, at=at)
    mark(start.SKIPPED + code, by=by, on=on, at=at)


@transaction.atomic
def say_who_we_are(*, by: User, on: date, at: datetime, **fields: object) -> IssuerProfile:
    """The first step: the issuer, our structure, and whether we charge VAT. Raises Refused."""
    act: Act = {"by": by, "on": on, "at": at}
    profile = begin_office(**fields, **act)
    features.answer(vat=profile.regime in TAXED, **act)
    mark(start.BEGUN, **act)
    return profile


@transaction.atomic
def number_from(read: Read, *, by: User, on: date, at: datetime) -> Series:
    """The second step: the next invoice bears this number, the others follow. Raises Refused."""
    act: Act = {"by": by, "on": on, "at": at}
    found = series.open_series(
        INVOICES, pattern=read.pattern, restarts=read.restarts, first=read.first, year=on.year
    )
    record(found, "set_pattern", codes={"first": read.first}, **act)
    mark(start.BEGUN, **act)
    return found


@transaction.atomic
def work_alone(*, by: User, on: date, at: datetime) -> None:
    """The third step of somebody alone: teams are left aside, days need no second pair of eyes."""
    act: Act = {"by": by, "on": on, "at": at}
    if not _is_alone():
        words = _("Several accounts are open here: close the others first.")
        refuse("several_people", words, reverse("users"))
    features.answer(several_people=False, **act)
    _validation(Structure.Policy.NONE, **act)
    mark(start.BEGUN, **act)


def _is_alone() -> bool:
    return len(User.objects.active()[:2]) < 2


def _validation(policy: str, *, by: User, on: date, at: datetime) -> None:
    """Who validates days, once the structure is there to say it."""
    row = Structure.objects.first()
    if row is not None and row.day_validation != policy:
        set_structure(day_validation=policy, by=by, on=on, at=at)


@transaction.atomic
def take_kit(*, with_items: bool, by: User, on: date, at: datetime) -> None:
    """The fourth step: the kit as it is proposed, or no item at all."""
    act: Act = {"by": by, "on": on, "at": at}
    if not with_items:
        choose_kit((), **act)
    elif not Requirement.objects.filter(is_active=True).exists():
        choose_kit(frozenset(Requirement.objects.values_list("pk", flat=True)), **act)
    mark(start.BEGUN, **act)
    mark(start.CHOSEN, **act)


@transaction.atomic
def pick_kit(items: frozenset[int], *, by: User, on: date, at: datetime) -> int:
    """The fourth step, item by item; answers how many changed."""
    act: Act = {"by": by, "on": on, "at": at}
    changed = choose_kit(items, **act)
    mark(start.BEGUN, **act)
    mark(start.CHOSEN, **act)
    return changed


@transaction.atomic
def say_what_we_use(
    *,
    public_sector: bool,
    vat: bool,
    several_people: bool,
    linked_fees: bool,
    by: User,
    on: date,
    at: datetime,
) -> None:
    """Answer the four questions. VAT is also what our invoices say, and people who validate days.

    Raises Refused, among others when VAT was charged on issued invoices: that is said by a new
    profile, dated.
    """
    act: Act = {"by": by, "on": on, "at": at}
    before = features.answers()
    if before.get(features.VAT) != vat:
        _say_vat(vat, **act)
    alone = before.get(features.SEVERAL_PEOPLE) is False
    if several_people and alone:
        _validation(Structure.Policy.COORDINATOR, **act)
    elif not several_people and not alone and _is_alone():
        _validation(Structure.Policy.NONE, **act)
    features.answer(
        public_sector=public_sector,
        vat=vat,
        several_people=several_people,
        linked_fees=linked_fees,
        **act,
    )


def _say_vat(vat: bool, *, by: User, on: date, at: datetime) -> None:  # noqa: FBT001
    """What invoices say follows the answer while none was issued; then a dated profile says it."""
    present = IssuerProfile.objects.at(on)
    if present is None or (present.regime in TAXED) == vat:
        return
    if Invoice.objects.filter(state=Invoice.State.ISSUED).exists():
        words = _("Invoices were issued already: say the new VAT regime in a profile, from a date.")
        refuse("vat", words, reverse("crm:issuer_new"))
    regime = IssuerProfile.Regime.RECEIPTS if vat else IssuerProfile.Regime.FRANCHISE
    change_regime(regime=regime, by=by, on=on, at=at)


@transaction.atomic
def first_invoice(
    *,
    client: str,
    address: Postal,
    label: str,
    unit_price: Decimal,
    quantity: Decimal,
    siren: str = "",
    by: User,
    on: date,
    at: datetime,
) -> Invoice:
    """Write a client down and draft an invoice of one line, dated today: to be read, then issued.

    Raises Refused when the client is known already.
    """
    act: Act = {"by": by, "on": on, "at": at}
    if known := _known(client, siren):
        url = f"{reverse('invoicing:invoice_new')}?client={known.pk}"
        words = _("“%(name)s” is known already: make a free invoice for it.")
        raise Refused([Missing("known", words % {"name": known}, url)])
    payer = create_organisation(
        legal_name=client,
        street=address.street,
        postcode=address.postcode,
        city=address.city,
        siren=siren,
        kind=Organisation.Kind.PARTNER,
        **act,
    )
    draft = draft_free(client=payer, title=label[:200], period_from=on, period_to=on, **act)
    unit = InvoiceLine.Unit.PIECE
    add_line(invoice=draft, label=label, quantity=quantity, unit=unit, unit_price=unit_price, **act)
    draft.refresh_from_db()
    return draft


def _known(name: str, siren: str) -> Organisation | None:
    rows = Organisation.objects.current()
    if siren and (found := rows.filter(siren=siren).first()):
        return found
    same = rows.filter(search_key__contains=search_key(name))[:50]
    return next((row for row in same if search_key(row.legal_name) == search_key(name)), None)
