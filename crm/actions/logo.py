"""Our logo: kept by its fingerprint, worn by our profile from a day on."""

from datetime import date, datetime
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.models import IssuerProfile, Logo
from crm.pictures import safe_picture
from essaim.models import User
from essaim.workflow import record
from essaim.writing import refuse


def _profile_from(on: date) -> IssuerProfile:
    """The profile in force, as one of this very day: documents of before keep their own."""
    row = IssuerProfile.objects.at(on)
    if row is None:
        refuse("logo", _("Write first what invoices say of us: the logo goes with it."))
    if row.effective_from != on:
        row.pk, row.effective_from = None, on
        row._state.adding = True
    return row


def wear_logo(*, content: bytes, by: User, on: date, at: datetime) -> IssuerProfile:
    """Show this picture on our documents from today. Raises Refused with what is wrong in it."""
    try:
        safe = safe_picture(content)
    except ValidationError as error:
        refuse("logo", " ".join(error.messages))
    digest = sha256(safe.content).hexdigest()
    with transaction.atomic():
        logo, _made = Logo.objects.get_or_create(
            sha256=digest,
            defaults={
                "kind": safe.kind,
                "content": safe.content,
                "size": len(safe.content),
                "added_by": by,
                "added_at": at,
            },
        )
        row = _profile_from(on)
        row.logo = logo
        row.save()
        record(row, "wear_logo", by=by, on=on, at=at, codes={"logo": digest})
    return row


def drop_logo(*, by: User, on: date, at: datetime) -> IssuerProfile:
    """Show no logo from today on; the picture is kept for the documents that wear it."""
    with transaction.atomic():
        row = _profile_from(on)
        row.logo = None
        row.save()
        record(row, "drop_logo", by=by, on=on, at=at)
    return row
