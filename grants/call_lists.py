"""A list of calls as a file: its columns, how each cell is read, and what each row becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import tablib  # type: ignore[import-untyped]
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets

from crm.stages import Stage
from essaim.identifiers import search_key
from essaim.workflow import Refused
from grants import actions
from grants.models import Call

MOST_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class ListColumn:
    """A column of the model: its code, its title, an example, whether a row needs it."""

    code: str
    title: Any
    example: str
    is_needed: bool = False


COLUMNS: Final = (
    ListColumn("source_id", gettext_lazy("Number"), "AAP-2027-014", is_needed=True),
    ListColumn("funder", gettext_lazy("Funder"), "Région Grand Est", is_needed=True),
    ListColumn("programme", gettext_lazy("Programme"), "Emploi ESS", is_needed=True),
    ListColumn("title", gettext_lazy("Call"), "Emploi ESS, session de printemps", is_needed=True),
    ListColumn("opens_on", gettext_lazy("Opening"), "15/01/2027"),
    ListColumn("pre_deposit_on", gettext_lazy("Pre-deposit"), "15/02/2027"),
    ListColumn("deadline", gettext_lazy("Deadline"), "31/03/2027 12:00"),
    ListColumn("zone", gettext_lazy("Time zone"), "Europe/Paris"),
    ListColumn("recurrence", gettext_lazy("Recurrence"), "Tous les ans"),
    ListColumn("territory", gettext_lazy("Territory"), "Grand Est"),
    ListColumn("stages", gettext_lazy("Stages"), "Collectif ; Labo"),
    ListColumn("url", gettext_lazy("Link"), "https://www.grandest.fr/"),
)
_DATES: Final = ("%d/%m/%Y", "%Y-%m-%d")
_MOMENTS: Final = ("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")


def code_of(title: str) -> str:
    """The column a heading names, accents and case aside; empty when it names none."""
    wanted = search_key(title)
    for column in COLUMNS:
        if wanted in (search_key(str(column.title)), search_key(column.code)):
            return column.code
    return ""


def title_of(code: str) -> str:
    return next((str(c.title) for c in COLUMNS if c.code == code), code)


def written(raw: Any) -> str:
    """A cell as text that reads back the same: dates in ISO, whole numbers without a point."""
    if isinstance(raw, datetime):
        return raw.isoformat(timespec="minutes")
    if isinstance(raw, date):
        return raw.isoformat()
    return str(raw).strip()


class _Day(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        text = str(value or "").strip()
        if not text:
            return None
        for form in (*_DATES, *_MOMENTS):
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007
            except ValueError:
                continue
        raise ValueError(_("“%(text)s” is no date: write 31/01/2027.") % {"text": text[:40]})


class _Moment(widgets.Widget):  # type: ignore[misc]
    """Day and hour on the clock of the row's zone; a day alone ends at 23:59."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> datetime | None:
        text = str(value or "").strip()
        if not text:
            return None
        zone = ZoneInfo(_zone_of(row))
        for form in _MOMENTS:
            try:
                return datetime.strptime(text, form).replace(tzinfo=zone)
            except ValueError:
                continue
        day = _Day().clean(text)
        if day is None:
            return None
        return datetime(day.year, day.month, day.day, 23, 59, tzinfo=zone)


def _zone_of(row: Mapping[str, Any] | None) -> str:
    asked = str((row or {}).get("zone") or "").strip() or Call.Zone.PARIS
    for code, label in Call.Zone.choices:
        if search_key(asked) in (search_key(code), search_key(str(label))):
            return str(code)
    raise ValueError(_("“%(text)s” is no time zone we know.") % {"text": asked[:40]})


class _Zone(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return _zone_of({"zone": value})


class _Recurrence(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value or "").strip()
        if not text:
            return str(Call.Recurrence.ONCE)
        for code, label in Call.Recurrence.choices:
            if search_key(text) in (search_key(code), search_key(str(label))):
                return str(code)
        known = ", ".join(str(label) for label in Call.Recurrence.labels)
        words = _("“%(text)s” is no recurrence: %(known)s.")
        raise ValueError(words % {"text": text[:40], "known": known})


class _Stages(widgets.Widget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        names = {search_key(str(label)): code for code, label in Stage.choices}
        names |= {search_key(code): code for code in Stage.values}
        found = []
        for part in str(value or "").replace(",", ";").split(";"):
            if not part.strip():
                continue
            code = names.get(search_key(part))
            if code is None:
                words = _("“%(text)s” is no stage of the accompaniment.")
                raise ValueError(words % {"text": part.strip()[:40]})
            found.append(code)
        return [code for code in Stage.values if code in found]


class _Words(widgets.Widget):  # type: ignore[misc]
    """Text of at most `longest` characters; needed unless said."""

    def __init__(self, longest: int, *, is_needed: bool = False) -> None:
        super().__init__()
        self.longest, self.is_needed = longest, is_needed

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = str(value or "").strip()
        if self.is_needed and not text:
            raise ValueError(_("This cell is empty."))
        if len(text) > self.longest:
            words = _("At most %(longest)s characters.")
            raise ValueError(words % {"longest": self.longest})
        return text


class _Link(_Words):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = super().clean(value, row=row, **kwargs)
        if text and not text.startswith(("https://", "http://")):
            raise ValueError(_("A link begins with https://."))
        return text


def _field(name: str, widget: Any) -> Any:
    return fields.Field(attribute=name, column_name=name, widget=widget)


class CallResource(resources.ModelResource):  # type: ignore[misc]
    """A row becomes a call by the room's own actions; its list and its number name it."""

    source = _field("source", _Words(120, is_needed=True))
    source_id = _field("source_id", _Words(120, is_needed=True))
    licence = _field("licence", _Words(120))
    title = _field("title", _Words(200, is_needed=True))
    opens_on = _field("opens_on", _Day())
    pre_deposit_on = _field("pre_deposit_on", _Day())
    zone = _field("zone", _Zone())
    deadline = _field("deadline", _Moment())
    recurrence = _field("recurrence", _Recurrence())
    territory = _field("territory", _Words(200))
    stages = _field("stages", _Stages())
    url = _field("url", _Link(200))

    class Meta:
        model = Call
        import_id_fields = ("source", "source_id")
        fields = (
            "source",
            "source_id",
            "licence",
            "title",
            "opens_on",
            "pre_deposit_on",
            "zone",
            "deadline",
            "recurrence",
            "territory",
            "stages",
            "url",
        )
        skip_unchanged = True
        report_skipped = True
        skip_html_diff = True
        clean_model_instances = False
        store_instance = True

    def __init__(
        self, *, programmes: Mapping[tuple[str, str], Any], checked_on: date, who: dict[str, Any]
    ) -> None:
        super().__init__()
        self.programmes, self.checked_on, self.who = programmes, checked_on, who

    def after_init_instance(self, instance: Any, new: Any, row: Any, **kwargs: Any) -> None:
        """A call already known stays with its programme; a new one is given the row's."""
        key = (
            search_key(str(row.get("funder") or "")),
            search_key(str(row.get("programme") or "")),
        )
        found = self.programmes.get(key)
        if found is None:
            raise ValidationError({"programme": _("This programme is not known.")})
        if new:
            instance.programme = found
        elif instance.programme_id != found.pk:
            words = _("This number belongs to a call of another programme: %(programme)s.")
            raise ValidationError({"programme": words % {"programme": instance.programme}})

    def do_instance_save(self, instance: Any, is_create: bool) -> None:  # noqa: FBT001
        facts = {name: getattr(instance, name) for name in self._meta.fields}
        facts["checked_on"] = self.checked_on
        try:
            if is_create:
                programme = instance.programme
                made = actions.create_call(programme=programme, **facts, **self.who)
                instance.pk = made.pk
            else:
                actions.edit_call(instance, **facts, **self.who)
        except Refused as refused:
            raise ValidationError({m.code: str(m.text) for m in refused.missing}) from refused


def dataset_of(rows: list[dict[str, str]], *, source: str, licence: str) -> Any:
    """Rows of cells by code, as the library reads them."""
    headers = ["source", "licence", *(column.code for column in COLUMNS)]
    made = tablib.Dataset(headers=headers)
    for cells in rows:
        made.append([source, licence, *(cells.get(c.code, "") for c in COLUMNS)])
    return made
