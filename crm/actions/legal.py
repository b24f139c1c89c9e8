"""Verbs on legal forms: the same legal person in a new form, or a second one beside it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.common import own, refuse_duplicate, writable
from crm.actions.organisations import create_organisation
from crm.models import Coop, LegalFormPeriod, Organisation, ParallelEntity
from essaim.formats import date_fr
from essaim.models import User
from essaim.workflow import record
from essaim.writing import judge, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class ParallelEntityDeclared:
    """What reactions on `crm.Coop.declare_parallel_entity` receive as `data`."""

    organisation: Organisation
    since: date


def set_legal_form(
    organisation: Organisation, *, form: str, since: date, by: User, on: date, at: datetime
) -> LegalFormPeriod:
    """Open a period of legal form and end the one before it the same day.

    The legal person stays the same: its grants go on (law 47-1775, art. 28 bis). Raises Refused.
    """
    if form not in LegalFormPeriod.Form.values:
        refuse("form", _("Choose a legal form of the list."))
    if since > on:
        refuse("since", _("The date can't be in the future."))
    with transaction.atomic():
        rows = Organisation.objects.select_for_update(of=("self",), no_key=True)
        refuse_duplicate(rows.get(pk=organisation.pk))
        last = organisation.legal_forms.order_by("-since", "-pk").first()
        if last is not None:
            _end(last, form, since)
        period = LegalFormPeriod.objects.create(organisation=organisation, form=form, since=since)
        codes = {"form": form, "since": since.isoformat()}
        record(organisation, "set_legal_form", by=by, on=on, at=at, codes=codes)
    return period


def _end(last: LegalFormPeriod, form: str, since: date) -> None:
    said = {"form": last.get_form_display(), "date": date_fr(last.since)}
    if since <= last.since:
        text = _("“%(form)s” is noted from %(date)s on: the next form begins later.")
        refuse("since", text % said)
    if last.until is None and last.form == form:
        refuse("form", _("“%(form)s” already is the form, since %(date)s.") % said)
    last.until = since
    last.save(update_fields=["until"])


def _beside(coop: Coop, organisation: Organisation) -> None:
    """Refuse what stands beside no coop: itself, another coop, the same one twice."""
    if organisation.pk == coop.organisation_id:
        refuse("organisation", _("This is the coop’s own organisation: choose the other one."))
    if Coop.objects.filter(organisation=organisation).exists():
        text = _("“%(name)s” is a coop of its own: it stands beside no other.")
        refuse("organisation", text % {"name": organisation})
    if ParallelEntity.objects.filter(coop=coop, organisation=organisation).exists():
        text = _("“%(name)s” is already declared beside this coop.")
        refuse("organisation", text % {"name": organisation})


def declare_parallel_entity(
    coop: Coop,
    *,
    since: date,
    why: str,
    organisation: Organisation | None = None,
    form: str = "",
    by: User,
    on: date,
    at: datetime,
    **fields: Any,
) -> ParallelEntity:
    """Write down a second legal person beside a coop's own: an existing `organisation`, or a new
    one made of `fields` and of its legal `form`.

    The coop's grants stay with the first person; each open one needs an amendment, which
    reactions raise in the same transaction. Raises Refused.
    """
    own(coop, by)
    writable(coop)
    with transaction.atomic():
        held = Coop.objects.select_for_update(of=("self",), no_key=True).get(pk=coop.pk)
        if organisation is None:
            fields.setdefault("kind", Organisation.Kind.COOP)
            organisation = create_organisation(by=by, on=on, at=at, **fields)
        _beside(held, organisation)
        if form and not organisation.legal_forms.exists():
            set_legal_form(organisation, form=form, since=since, by=by, on=on, at=at)
        row = ParallelEntity(
            coop=held, organisation=organisation, since=since, why=why.strip(), declared_by=by
        )
        return _declared(row, by=by, on=on, at=at)


def _declared(row: ParallelEntity, *, by: User, on: date, at: datetime) -> ParallelEntity:
    if row.since > on:
        refuse("since", _("The date can't be in the future."))
    if not row.why:
        refuse("why", _("Say in a sentence what the second entity is for."))
    judge(row)
    row.save()
    record(
        row.coop,
        "declare_parallel_entity",
        by=by,
        on=on,
        at=at,
        codes={"organisation": row.organisation_id, "since": row.since.isoformat()},
        text=row.why,
        data=ParallelEntityDeclared(organisation=row.organisation, since=row.since),
    )
    return row


def transform(
    coop: Coop, *, form: str, since: date, by: User, on: date, at: datetime
) -> LegalFormPeriod:
    """Note the new form of a coop's own legal person. Raises Refused, PermissionDenied."""
    own(coop, by)
    writable(coop)
    return set_legal_form(coop.organisation, form=form, since=since, by=by, on=on, at=at)
