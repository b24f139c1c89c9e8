"""Examples to look around with: added through the actions, removed without a trace but the trail.

Nothing of them is issued, numbered, sent or mailed; the register of rows says what they are.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path as FilePath
from typing import Any, Final

from django.apps import apps
from django.db import DatabaseError, IntegrityError, models, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import actions as crm
from crm.models import Coop, IssuerProfile, Path
from essaim.bulk import insert_rows
from essaim.days import working_days_back
from essaim.imports import removal
from essaim.models import Event, SampleRow, StartMark, User
from essaim.search import index
from essaim.workflow import Act, Missing, Refused, record
from essaim.writing import refuse
from grants import actions as grants
from invoicing import start
from invoicing.actions.catalogue import add_line
from invoicing.actions.drafting import draft_free
from invoicing.models import Invoice, InvoiceLine
from missions import actions as missions
from missions.models import Mission

DATA: Final = FilePath(__file__).resolve().parent.parent / "data" / "sample.json"
SHOWN: Final = 20
Roots = dict[str, set[int]]


@cache
def _texts() -> Any:
    return json.loads(DATA.read_text(encoding="utf-8"))


def is_there() -> bool:
    """Whether the examples are in the database."""
    return StartMark.objects.filter(code=start.SAMPLE).exists()


def has_real_coops() -> bool:
    """Whether coops that are no examples are accompanied here."""
    return start.real(Coop.objects.all()).exists()


# -- adding ----------------------------------------------------------------------------------------
@dataclass
class _Writer:
    """Writes the examples and keeps the rows everything else stands on."""

    by: User
    on: date
    at: datetime
    roots: Roots = field(default_factory=dict)

    @property
    def act(self) -> Act:
        return {"by": self.by, "on": self.on, "at": self.at}

    def keep(self, row: models.Model) -> Any:
        self.roots.setdefault(row._meta.label, set()).add(row.pk)
        return row

    def write(self) -> None:
        texts = _texts()
        funder = self.keep(crm.create_organisation(**texts["funder"], **self.act))
        programme = self.keep(
            grants.create_programme(funder=funder, **texts["programme"], **self.act)
        )
        for row in texts["coops"]:
            coop = self.coop(row)
            if "agreement" in row:
                self.work(coop, row["agreement"], texts["days"])
                self.aid(coop, programme, row["application"])
                self.bill(coop, texts["draft"])

    def coop(self, row: Mapping[str, Any]) -> Coop:
        names = ("legal_name", "city", "postcode", "origin")
        coop = crm.take_over(
            path=Path.objects.get(code=row["path"]),
            stage=row["stage"],
            effective_on=self.on - timedelta(days=row["since"]),
            **{name: row[name] for name in names},
            **self.act,
        )
        self.keep(coop.organisation)
        first, last = row["founder"]
        contact = self.keep(crm.create_contact(first_name=first, last_name=last, **self.act))
        crm.give_role(
            contact, organisation=coop.organisation, role="founder", since=self.on, **self.act
        )
        what, offset = row["next"]
        accompaniment = coop.accompaniments.get()
        later = self.on + timedelta(days=offset)
        crm.plan_next(accompaniment, next_action=what, next_action_on=later, **self.act)
        note = _texts()["note"]
        crm.write_note(coop, title=note["title"], text=note["text"], kind="call", **self.act)
        return coop

    def work(self, coop: Coop, row: Mapping[str, Any], days: list[Mapping[str, Any]]) -> None:
        """An agreement under way, and days logged by whoever looks around: none is sent."""
        agreement = missions.create_agreement(
            client=coop.organisation,
            coop=coop,
            title=row["title"],
            starts_on=self.on - timedelta(days=60),
            days_budgeted=Decimal(row["days"]),
            daily_rate=Decimal(row["rate"]),
            payment_days=30,
            **self.act,
        )
        missions.sign_agreement(agreement, **self.act)
        missions.start_agreement(agreement, **self.act)
        mission: Mission = missions.open_mission(
            agreement,
            title=row["mission"],
            team=[self.by],
            opened_on=self.on - timedelta(days=60),
            **self.act,
        )
        for day in days:
            self.day(mission, day)
        # Without a date: an example reminds nobody by mail.
        crm.add_task(what=_texts()["task"], owner=self.by, coop=coop, **self.act)

    def day(self, mission: Mission, row: Mapping[str, Any]) -> None:
        """A day logged, unless its date is full already."""
        with suppress(Refused):
            missions.log_day(
                mission=mission,
                worked_on=working_days_back(self.on, row["back"]),
                moment=row["moment"],
                subject=row["subject"],
                **self.act,
            )

    def aid(self, coop: Coop, programme: Any, row: Mapping[str, Any]) -> None:
        grants.create_application(
            programme=programme,
            title=row["title"],
            coop=coop,
            eligible_base=Decimal(row["eligible_base"]),
            requested=Decimal(row["requested"]),
            **self.act,
        )

    def bill(self, coop: Coop, row: Mapping[str, Any]) -> None:
        """A draft, once our own details are known; it is barred from being issued."""
        if IssuerProfile.objects.at(self.on) is None:
            return
        draft = draft_free(
            client=coop.organisation, title=row["title"], coop=coop, period_from=self.on,
            period_to=self.on, **self.act,
        )  # fmt: skip
        add_line(
            invoice=draft,
            label=row["label"],
            quantity=Decimal(1),
            unit=InvoiceLine.Unit.PIECE,
            unit_price=Decimal(row["price"]),
            **self.act,
        )


def add_sample(*, confirmed: bool | None = None, by: User, on: date, at: datetime) -> StartMark:
    """Write the examples, once; beside real coops only when that is confirmed. Raises Refused."""
    with transaction.atomic():
        mark = _mark(by=by, at=at)
        if not confirmed and has_real_coops():
            refuse(
                "confirmed", _("Coops are accompanied here already: confirm that you want this.")
            )
        writer = _Writer(by, on, at)
        writer.write()
        _register(removal.closure(writer.roots))
        record(mark, "add_sample", by=by, on=on, at=at)
    return mark


def _mark(*, by: User, at: datetime) -> StartMark:
    """The one row that tells the examples are here: of two who add them at once, one waits."""
    try:
        with transaction.atomic():
            return StartMark.objects.create(code=start.SAMPLE, by=by, at=at)
    except IntegrityError:
        refuse("sample", _("The examples are here already."), reverse("start:sample"))


def _register(rows: Mapping[str, set[int]]) -> None:
    insert_rows(
        [SampleRow(model=label, object_id=key) for label, keys in rows.items() for key in keys]
    )


# -- removing --------------------------------------------------------------------------------------
def _own() -> Roots:
    found: Roots = {}
    for label, key in SampleRow.objects.values_list("model", "object_id"):
        found.setdefault(label, set()).add(key)
    return found


def _since(own: Roots, now: Mapping[str, set[int]]) -> Roots:
    """What was built on the examples, by table."""
    left = {label: keys - own.get(label, set()) for label, keys in now.items()}
    return {
        label: keys
        for label, keys in left.items()
        if keys and not getattr(apps.get_model(label), "goes_with_its_row", False)
    }


def _named(rows: Mapping[str, set[int]], words: str, code: str) -> list[Missing]:
    """Rows with a page of their own say it best; the rest stands on them."""
    found: list[models.Model] = []
    for label, keys in sorted(rows.items()):
        found += apps.get_model(label)._base_manager.filter(pk__in=sorted(keys)[: SHOWN + 1])
    shown = [row for row in found if hasattr(row, "get_absolute_url")] or found
    told = [
        Missing(code, words % {"name": row}, getattr(row, "get_absolute_url", str)())
        for row in shown[:SHOWN]
    ]
    if len(shown) > SHOWN:
        total = sum(len(keys) for keys in rows.values())
        told.append(Missing(code, _("And others: %(count)s rows in all.") % {"count": total}))
    return told


def _touched(own: Roots, mark: StartMark) -> Roots:
    """Examples that somebody changed since: maybe they are no examples any more."""
    events = Event.objects.filter(model=mark._meta.label, object_id=mark.pk)
    after = events.order_by("-pk").values_list("pk", flat=True).first() or 0
    touched: Roots = {}
    later = Event.objects.filter(pk__gt=after).values_list("model", "object_id")
    for label, key in later.distinct():
        if key in own.get(label, ()):
            touched.setdefault(label, set()).add(key)
    return touched


def kept_for_good(rows: Mapping[str, set[int]]) -> list[Missing]:
    """Of what was built on the examples, what never goes."""
    keys = rows.get("invoicing.Invoice", set())
    issued = Invoice.objects.filter(pk__in=keys, state=Invoice.State.ISSUED)
    words = _("Kept for good: %(name)s")
    return _named({"invoicing.Invoice": set(issued.values_list("pk", flat=True))}, words, "kept")


def standing() -> tuple[list[Missing], list[Missing]]:
    """(what never goes, what was added or changed since and would go too); writes nothing."""
    mark = StartMark.objects.filter(code=start.SAMPLE).first()
    if mark is None:
        return [], []
    own = _own()
    since = _since(own, removal.closure(own))
    added = _named(since, _("Added since: %(name)s"), "added")
    changed = _named(_touched(own, mark), _("Changed since: %(name)s"), "changed")
    return kept_for_good(since), added + changed


def built_on() -> str:
    """A fingerprint of what was added or changed since, to know later whether it is the same."""
    mark = StartMark.objects.filter(code=start.SAMPLE).first()
    if mark is None:
        return ""
    own = _own()
    rows = [_since(own, removal.closure(own)), _touched(own, mark)]
    told = [(label, sorted(keys)) for found in rows for label, keys in sorted(found.items())]
    return sha256(repr(told).encode()).hexdigest()[:16] if told else ""


def remove_sample(
    *, with_added: bool | None = None, seen: str = "", by: User, on: date, at: datetime
) -> int:
    """Take the examples away, exactly their rows; answers how many rows went.

    What was built on them since goes too when `with_added`, and it is still what was `seen` (as
    `built_on` tells it); a document issued on them stops it all. Raises Refused with the list.
    """
    with transaction.atomic():
        mark = StartMark.objects.select_for_update().filter(code=start.SAMPLE).first()
        if mark is None:
            refuse("sample", _("The examples are gone already."))
        kept, added = standing()
        if kept or (added and not with_added):
            raise Refused([*kept, *([] if with_added else added)])
        if added and seen != built_on():
            words = _("Something was added or changed since you read this page: read it again.")
            raise Refused([Missing("seen_before", words), *added])
        own = _own()
        gone = removal.closure(own)
        _register({label: keys - own.get(label, set()) for label, keys in gone.items()})
        _delete(gone)
        SampleRow.objects.all().delete()
        record(mark, "remove_sample", by=by, on=on, at=at, gone=True)
        mark.delete()
    return sum(len(keys) for keys in gone.values())


def _delete(rows: Mapping[str, set[int]]) -> None:
    try:
        with transaction.atomic():
            removal.delete(rows)
    except DatabaseError:
        words = _(
            "Something built on the examples is kept for good by the database, a payment or a"
            " signed report for one. Undo it where it was made, or leave the examples and archive"
            " their coops."
        )
        refuse("kept", words)
    for label, keys in rows.items():
        ordered = sorted(keys)
        for first in range(0, len(ordered), 500):
            index.forget(label, ordered[first : first + 500])
