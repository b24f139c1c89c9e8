"""Lists: columns, filters kept in the address, pages by key and never by count."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from essaim.identifiers import search_key
from essaim.views.pages import Action, Page

CAP = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    `value`: a dotted path ("coop.name") or a callable taking the row. `kind` formats it: text,
    money, days, date, when, badge (the row's state), person, number; or `template` draws the
    cell from `row` and `value`. `phone`: where it goes when the table becomes cards. `due`: for
    the kind when, the row's attribute that says whether a past day is late (always, without it).
    """

    label: Any
    value: str | Callable[[Any], Any] = ""
    kind: Literal["text", "money", "days", "date", "when", "badge", "person", "number"] = "text"
    template: str = ""
    phone: Literal["title", "sub", "amount", "side", "badge", "hide"] = "sub"
    end: bool | None = None
    due: str = ""

    @property
    def at_end(self) -> bool:
        """Numbers stand on the right."""
        return self.kind in {"money", "days", "number"} if self.end is None else self.end

    def is_due(self, row: Any) -> bool:
        """Whether a past day in this column is late on this row."""
        return bool(getattr(row, self.due)) if self.due else True

    def of(self, row: Any) -> Any:
        """The value of this column on one row; None when a link of the path is missing."""
        if callable(self.value):
            return self.value(row)
        found = row
        for part in filter(None, self.value.split(".")):
            found = found.get(part) if isinstance(found, Mapping) else getattr(found, part, None)
            if callable(found):
                found = found()
        return None if found is row else found


@dataclass(frozen=True, slots=True)
class Chips:
    """A filter drawn as a row of links; the first option is the one without a parameter.

    `apply(rows, value, page)` narrows the rows for a value other than the first.
    """

    name: str
    options: Sequence[tuple[str, Any]]
    apply: Callable[[Any, str, Any], Any]
    label: Any = ""

    def chosen(self, data: QueryDict) -> str:
        given = data.get(self.name, "")
        return given if given in dict(self.options) else self.options[0][0]


# -- pages by key -------------------------------------------------------------


def after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows strictly after `values` in this order; the last name is the unique key.

    Written `d <= x AND NOT (d = x AND id >= y)`: the form both engines read from an index.
    """
    name, down = order[0].lstrip("-"), order[0].startswith("-")
    if len(order) == 1:
        return Q(**{f"{name}__{'lt' if down else 'gt'}": values[0]})
    reach = Q(**{f"{name}__{'lte' if down else 'gte'}": values[0]})
    return reach & ~(Q(**{name: values[0]}) & _not_after(order[1:], values[1:]))


def _not_after(order: Sequence[str], values: Sequence[Any]) -> Q:
    name, down = order[0].lstrip("-"), order[0].startswith("-")
    if len(order) == 1:
        return Q(**{f"{name}__{'gte' if down else 'lte'}": values[0]})
    before = Q(**{f"{name}__{'gt' if down else 'lt'}": values[0]})
    return before | (Q(**{name: values[0]}) & _not_after(order[1:], values[1:]))


def with_key(order: Sequence[str]) -> tuple[str, ...]:
    """The order made total by the primary key, in the direction of its last column."""
    if order and order[-1].lstrip("-") in {"pk", "id"}:
        return tuple(order)
    return (*order, "-pk" if order and order[-1].startswith("-") else "pk")


def field_of(rows: QuerySet[Any], path: str) -> "Field[Any, Any]":
    """The field an order column reads, through relations or from an annotation."""
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return annotation.output_field
    model: type[Model] = rows.model
    *links, last = path.split("__")
    for link in links:
        model = model._meta.get_field(link).related_model
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


def to_cursor(row: Any, order: Sequence[str]) -> str:
    """The place of a row in the order, as text for an address."""
    values = []
    for name in order:
        found = row
        for part in name.lstrip("-").split("__"):
            found = getattr(found, part)
        values.append(found if isinstance(found, bool | int) else str(found))
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def from_cursor(text: str, rows: QuerySet[Any], order: Sequence[str]) -> list[Any] | None:
    """The values of a cursor, or None when it was made up or belongs to another order."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        values = json.loads(raw)
        if not isinstance(values, list) or len(values) != len(order):
            return None
        fields = [field_of(rows, name.lstrip("-")) for name in order]
        read = [f.to_python(v) for f, v in zip(fields, values, strict=True)]
        return None if None in read else read
    except (binascii.Error, ValueError, ValidationError, FieldDoesNotExist, TypeError):
        return None


def capped(rows: QuerySet[Any], cap: int = CAP) -> int:
    """How many rows, never counting past the cap (shown as "99+" by the `capped` filter)."""
    return rows.order_by()[:cap].count()


class ListPage(Page):
    """A list. Set `model`, `columns`, `order` (columns that are NOT NULL) and the words of
    the empty state. It reads one page of rows and counts nothing.
    """

    template_name = "essaim/list.html"
    partial = "rows"
    columns: Sequence[Column] = ()
    order: Sequence[str] = ("-pk",)
    page_size: int = 50
    chips: Sequence[Chips] = ()
    filterset_class: Any = None
    search_fields: Sequence[str] = ()
    search_label: Any = ""
    empty_title: Any = ""
    empty_text: Any = ""
    empty_icon: str = "sprout"
    bulk: Sequence[Action] = ()
    # What a ticked line adds to the sum of the bar: of the kind money or days.
    ticked: Column | None = None

    def get_bulk(self) -> Sequence[Action]:
        """What may be done with ticked lines; each is a BulkPage."""
        return self.bulk

    def ticked_figure(self, row: Any) -> Any:
        return self.ticked.of(row) if self.ticked is not None else None

    def get_columns(self) -> Sequence[Column]:
        return self.columns

    def get_queryset(self) -> QuerySet[Any]:
        """Rows before filters; extend it with select_related and annotations."""
        return self.get_objects()

    def row_url(self, row: Any) -> str:
        """Where a row leads; "" for none."""
        return row.get_absolute_url() if hasattr(row, "get_absolute_url") else ""

    def get_chips(self) -> Sequence[Chips]:
        return self.chips

    def search(self, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
        """Every word in one of the fields; a `search_key` column is read accent-blind."""
        for word in words.split():
            anywhere = Q()
            for name in self.search_fields:
                if name.endswith("search_key"):
                    key = search_key(word)
                    anywhere |= Q(**{f"{name}__contains": key}) if key else Q()
                else:
                    anywhere |= Q(**{f"{name}__icontains": word})
            rows = rows.filter(anywhere)
        return rows

    @cached_property
    def words(self) -> str:
        return self.request.GET.get("q", "").strip()[:100]

    @cached_property
    def filterset(self) -> Any:
        if self.filterset_class is None:
            return None
        return self.filterset_class(
            self.request.GET, queryset=self.get_queryset(), request=self.request
        )

    def filtered(self) -> QuerySet[Any]:
        """Rows after every filter of the address, not yet cut into pages."""
        rows = self.filterset.qs if self.filterset is not None else self.get_queryset()
        for chips in self.get_chips():
            chosen = chips.chosen(self.request.GET)
            if chosen != chips.options[0][0]:
                rows = chips.apply(rows, chosen, self)
        return self.search(rows, self.words) if self.words and self.search_fields else rows

    def paged(self) -> tuple[list[Any], str]:
        """One page of rows and the cursor of the next, "" at the end."""
        rows, order = self.filtered(), with_key(self.order)
        cursor = self.request.GET.get("after", "")
        if cursor and (values := from_cursor(cursor, rows, order)) is not None:
            rows = rows.filter(after(order, values))
        found = list(rows.order_by(*order)[: self.page_size + 1])
        shown = found[: self.page_size]
        return shown, to_cursor(shown[-1], order) if len(found) > len(shown) else ""

    def active_filters(self) -> list[str]:
        """The filters in force, in words, for the empty state."""
        out = [f"« {self.words} »"] if self.words and self.search_fields else []
        for chips in self.get_chips():
            chosen = chips.chosen(self.request.GET)
            if chosen != chips.options[0][0]:
                out.append(str(dict(chips.options)[chosen]))
        if self.filterset is not None and self.filterset.is_bound:
            fields = self.filterset.form.fields
            out += [str(fields[n].label) for n in fields if self.request.GET.get(n)]
        return out

    def get_empty(self) -> dict[str, Any]:
        """The words of an empty list: what to do next, or which filter hides the rest."""
        filters = self.active_filters()
        if filters:
            return {
                "title": _("Nothing here with: %(filters)s.") % {"filters": ", ".join(filters)},
                "text": "",
                "see_all": self.request.path,
            }
        return {
            "title": self.empty_title or _("Nothing here yet."),
            "text": self.empty_text,
            "action": self.shown_primary(),
        }

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows, cursor = self.paged()
        context = super().get_context(**more)
        context |= {
            "columns": self.get_columns(),
            "rows": [(row, self.row_url(row)) for row in rows],
            "next_cursor": cursor,
            "first_page": "after" not in self.request.GET,
            "chips": [(c, c.chosen(self.request.GET)) for c in self.get_chips()],
            "filter_form": self.filterset.form if self.filterset is not None else None,
            "words": self.words,
            "searchable": bool(self.search_fields),
            "empty": None if rows else self.get_empty(),
            "bulk": [a for a in self.get_bulk() if self.request.user.has_perm(a.permission)],
        }
        return context

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()
