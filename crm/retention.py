"""Persons we have not heard of for long: read in one query, page by page."""

from datetime import date
from typing import Any

from django.db.models import DateField, Exists, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest, TruncDate

from crm.models import Accompaniment, Contact, ContactRole, NoteParticipant, Retention, Structure
from essaim.days import add_months
from essaim.models import Event

_NEVER = date(1900, 1, 1)


def months_kept() -> int:
    """How many months without a word before a person is looked at again (of the structure)."""
    found = Structure.objects.values_list("retention_months", flat=True).first()
    return found if found is not None else Structure._meta.get_field("retention_months").default


def limit(on: date) -> date:
    return add_months(on, -months_kept())


def _date_of(rows: Any, expression: Any) -> Any:
    latest = rows.order_by().values("contact").annotate(last=Max(expression)).values("last")
    return Coalesce(Subquery(latest, output_field=DateField()), Value(_NEVER))


def with_last_sign(rows: Any) -> Any:
    """Adds `last_sign`: their last contact, else the last note or role, else when written down."""
    mine = {"contact": OuterRef("pk")}
    notes = NoteParticipant.objects.filter(**mine)
    roles = ContactRole.objects.filter(**mine)
    created = Event.objects.filter(
        model=Contact._meta.label, verb="crm.Contact.create", object_id=OuterRef("pk")
    )
    written = Subquery(created.order_by().values("on")[:1], output_field=DateField())
    activity = Greatest(
        Coalesce(F("last_contact_on"), Value(_NEVER)),
        _date_of(notes, TruncDate("note__at")),
        _date_of(roles, F("since")),
        _date_of(roles, F("until")),
        output_field=DateField(),
    )
    rows = rows.annotate(last_activity=activity, written_on=Coalesce(written, Value(_NEVER)))
    return rows.annotate(
        last_sign=Greatest(F("last_activity"), F("written_on"), output_field=DateField())
    )


def past_retention(*, on: date, rows: Any = None) -> Any:
    """Persons without a sign since the limit, who play no part in a live accompaniment and are
    not kept until later; those who withdrew their consent too. Longest silence first.
    """
    rows = Contact.objects.all() if rows is None else rows
    rows = rows.filter(erased_on=None, duplicate_of=None)
    live = Accompaniment.objects.live().values("coop__organisation")
    in_charge = ContactRole.objects.filter(
        Q(until=None) | Q(until__gte=on), contact=OuterRef("pk"), organisation__in=live
    )
    kept = Retention.objects.filter(contact=OuterRef("pk"), review_on__gt=on)
    withdrew = Q(legal_basis=Contact.LegalBasis.CONSENT, consent_withdrawn_on__isnull=False)
    silent = Q(last_sign__lt=limit(on)) & ~Exists(in_charge)
    rows = with_last_sign(rows).filter(~Exists(kept), silent | withdrew)
    return rows.order_by("last_sign", "pk")
