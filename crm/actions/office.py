"""Verbs on ourselves: the structure's rules, what invoices say of it, the paths."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.actions.electronic import e_address_trouble
from crm.actions.organisations import create_organisation, edit_organisation
from crm.models import Accompaniment, IssuerProfile, Organisation, Path, PathStage, Structure
from crm.stages import Stage
from essaim import identifiers
from essaim.models import User
from essaim.workflow import Missing, Refused, record
from essaim.writing import judge, put, refuse

RULES = frozenset(
    {"consultant_stage_limit", "day_validation", "month_lock_day", "retention_months"}
)
_READERS = (
    ("siren", identifiers.siren),
    ("siret", identifiers.siret),
    ("vat_number", identifiers.vat_number),
    ("iban", identifiers.iban),
    ("bic", identifiers.bic),
)


def set_structure(*, by: User, on: date, at: datetime, **fields: Any) -> Structure:
    """Say who we are and how the office works: one row. Raises Refused.

    `fields` are rules of the office and facts of our organisation (or an existing `organisation`).
    """
    rules = {name: fields.pop(name) for name in list(fields) if name in RULES}
    with transaction.atomic():
        row = Structure.objects.select_related("organisation").first() or Structure()
        organisation = fields.pop("organisation", None)
        if organisation is not None:
            row.organisation = organisation
        elif row.pk is None:
            fields.setdefault("kind", Organisation.Kind.OTHER)
            row.organisation = create_organisation(by=by, on=on, at=at, **fields)
        elif fields:
            row.organisation = edit_organisation(row.organisation, by=by, on=on, at=at, **fields)
        changed = put(row, rules, RULES)
        if not 1 <= row.month_lock_day <= 28:
            refuse("month_lock_day", _("Choose a day from 1 to 28."))
        if not 6 <= row.retention_months <= 120:
            refuse("retention_months", _("Choose from 6 to 120 months."))
        judge(row)
        row.save()
        record(row, "set", by=by, on=on, at=at, codes={"fields": changed})
    return row


def _odd_numbers(row: IssuerProfile) -> Iterator[Missing]:
    """Numbers that each are right and do not go together."""
    if row.siret and row.siren and not row.siret.startswith(row.siren):
        yield Missing("siret", _("This SIRET does not start with the SIREN."))
    of_france = row.siren and row.vat_number.startswith("FR")
    if of_france and row.vat_number != identifiers.vat_of(row.siren):
        yield Missing("vat_number", _("This VAT number is not that of the SIREN."))
    if words := e_address_trouble(row.e_address, siren=row.siren):
        yield Missing("e_address", words)


def _odd_regime(row: IssuerProfile) -> Iterator[Missing]:
    if row.regime not in ("receipts", "debits") and row.vat_rate:
        yield Missing("vat_rate", _("Without VAT the rate is zero."))
    if row.is_cooperative and not row.says_it_is_cooperative and not row.operations.strip():
        yield Missing(
            "operations",
            _(
                "The name does not say that it is a cooperative: write the nature of its"
                " operations, which the law wants printed (law of 1947, art. 22)."
            ),
        )


def write_issuer_profile(*, by: User, on: date, at: datetime, **fields: Any) -> IssuerProfile:
    """Say what our invoices print from a date on; issued documents keep their copy.

    A profile of the same date is corrected, any other stays as it was. Raises Refused.
    """
    starts: Any = fields.get("effective_from")
    if starts is None:
        refuse("effective_from", _("Say from when."))
    before = IssuerProfile.objects.at(starts)
    row = IssuerProfile.objects.filter(effective_from=starts).first() or IssuerProfile()
    if row.pk is None and before is not None:
        row.logo = before.logo  # shown until another is chosen
    known = {f.name for f in IssuerProfile._meta.concrete_fields if not f.primary_key}
    put(row, fields, frozenset(known))
    wrong = []
    for name, read in _READERS:
        try:
            setattr(row, name, read(getattr(row, name)) if getattr(row, name) else "")
        except ValidationError as error:
            wrong.append(Missing(name, " ".join(error.messages)))
    if wrong := wrong or [*_odd_numbers(row), *_odd_regime(row)]:
        raise Refused(wrong)
    judge(row)
    with transaction.atomic():
        row.save()
        codes = {"effective_from": row.effective_from.isoformat(), "regime": row.regime}
        record(row, "write", by=by, on=on, at=at, codes=codes)
    return row


def write_path(
    path: Path | None = None,
    *,
    label: str,
    members_target: int,
    stages: Sequence[Mapping[str, Any]],
    code: str = "",
    by: User,
    on: date,
    at: datetime,
) -> Path:
    """Add a path or change one; `stages` are {stage, is_optional, limit_days} in order.

    A stage where an accompaniment stands can't be taken away. Raises Refused.
    """
    row = path or Path(code=code, position=Path.objects.count())
    row.label, row.members_target = label, members_target
    wanted = [str(stage["stage"]) for stage in stages]
    in_order = [s for s in Stage.values if s in wanted]
    if not wanted or len(set(wanted)) != len(wanted) or in_order != wanted:
        refuse("stages", _("Give each stage once, in the order of the pipeline."))
    if wanted[0] != Stage.CONTACT or Stage.DONE in wanted:
        refuse("stages", _("A path begins with the first contact; its end needs no stage."))
    judge(row)
    with transaction.atomic():
        row.save()
        standing = Accompaniment.objects.live().filter(path=row).exclude(stage__in=wanted)
        if found := standing.first():
            refuse("stages", _("“%(coop)s” is at a stage you take away.") % {"coop": found})
        row.stages.all().delete()
        PathStage.objects.bulk_create(
            PathStage(path=row, position=at_, **stage) for at_, stage in enumerate(stages)
        )
        record(row, "write", by=by, on=on, at=at, codes={"stages": wanted})
    return row
