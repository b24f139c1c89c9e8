"""Tags and filters of every template: icons, amounts, dates, badges, fields, cells."""

import logging
from datetime import datetime
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from essaim.formats import (
    DASH,
    NBSP,
    as_date,
    capped,
    date_fr,
    day_fr,
    days,
    distance,
    fraction,
    long_date_fr,
    money,
    number,
)
from essaim.roles import TABLE, Role
from essaim.why import reserved, ways
from essaim.workflow import edges

register = template.Library()
log = logging.getLogger("essaim.icons")

# -- icons --------------------------------------------------------------------


@lru_cache(maxsize=512)
def _drawn(name: str, label: str) -> SafeString:
    hidden = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    attributes = {"class": "icon", "focusable": "false", **hidden}
    try:
        svg = lucide._render_icon(name, None, **attributes)
    except lucide.IconDoesNotExist:
        # A misspelt name must not take a page down; a test reads every name in the templates.
        log.warning("no icon named %s", name)
        svg = lucide._render_icon("circle-dashed", None, **attributes)
    for useless in (' width="24"', ' height="24"'):
        svg = svg.replace(useless, "", 1)
    return mark_safe(svg)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of Lucide inlined; without `label` it is hidden from screen readers."""
    return _drawn(str(name), str(label))


# -- amounts, days, dates -----------------------------------------------------

for _filter in (money, number, days, fraction, capped, date_fr, day_fr, long_date_fr):
    register.filter(_filter.__name__, _filter)


@register.simple_tag(takes_context=True)
def when(context: Any, value: Any, *, due: bool = False, near: bool = True) -> SafeString:
    """<time> with the date, and how far it is from `today`.

    `due=True`: a past day is late and shown so. `near=False`: the date alone.
    """
    if not value:
        return mark_safe(DASH)
    day, today = as_date(value), context.get("today")
    written = f"{day:%d/%m/%Y}"
    if not near or not today:
        return format_html('<time datetime="{}">{}</time>', day.isoformat(), written)
    words, late = distance(
        day, as_date(today) if isinstance(today, datetime) else today, late=bool(due)
    )
    return format_html(
        '<time class="when{}" datetime="{}">{} <span>{}</span></time>',
        " late" if late else "",
        day.isoformat(),
        written,
        words.replace(" ", NBSP),
    )


# -- badges and people --------------------------------------------------------

TONES: dict[str, tuple[str, str]] = {
    # tone -> (class, icon): colour never stands alone.
    "good": ("good", "circle-check"),
    "info": ("info", "send"),
    "warn": ("warn", "clock"),
    "bad": ("bad", "circle-alert"),
    "quiet": ("quiet", "circle"),
    "draft": ("draft", "pencil"),
    "done": ("quiet", "check"),
}
# Codes of states that are read alike in every room; a model may say otherwise by `state_tone`.
STATE_TONES = {
    "draft": "draft",
    "spotted": "quiet",
    "checking": "quiet",
    "writing": "draft",
    "proposed": "info",
    "sent": "info",
    "issued": "info",
    "submitted": "info",
    "filed": "info",
    "planned": "quiet",
    "expected": "quiet",
    "requested": "info",
    "logged": "quiet",
    "noted": "quiet",
    "to_validate": "warn",
    "instruction": "info",
    "committee": "info",
    "incomplete": "warn",
    "complete": "info",
    "waiting_list": "warn",
    "adjourned": "warn",
    "partly_paid": "warn",
    "part_paid": "warn",
    "paused": "warn",
    "over_budget": "warn",
    "to_arbitrate": "warn",
    "disputed": "warn",
    "active": "good",
    "running": "good",
    "in_force": "good",
    "signed": "good",
    "granted": "good",
    "agreed": "good",
    "validated": "good",
    "paid": "good",
    "received": "good",
    "billed": "done",
    "open": "good",
    "late": "bad",
    "rejected": "bad",
    "refused": "bad",
    "terminated": "bad",
    "lapsed": "bad",
    "clawback": "bad",
    "repayment": "bad",
    "abandoned": "quiet",
    "released": "quiet",
    "merged": "quiet",
    "closed": "done",
    "done": "done",
    "ended": "done",
    "settled": "done",
    "credited": "quiet",
    "withdrawn": "quiet",
    "archived": "quiet",
}


@register.simple_tag
def badge(label: Any, tone: str = "quiet", icon_name: str | None = None) -> SafeString:
    """A pill with a text and an icon. Tones: good info warn bad quiet draft done."""
    css, drawn = TONES.get(str(tone), TONES["quiet"])
    return format_html(
        '<span class="badge {}">{}{}</span>', css, _drawn(icon_name or drawn, ""), label
    )


@register.simple_tag
def state_badge(obj: Any, field: str = "state") -> SafeString:
    """The badge of an object's state; `obj.state_tone` or `obj.badges` may speak first.

    `badges` is a list of (label, tone): part-paid and late show together.
    """
    several = getattr(obj, "badges", None)
    if several is not None and field == "state":
        return mark_safe(" ".join(badge(label, tone) for label, tone in several))
    code = getattr(obj, field, "")
    label = getattr(obj, f"get_{field}_display", lambda: code)()
    tone = getattr(obj, f"{field}_tone", None) or STATE_TONES.get(str(code), "quiet")
    return badge(label, tone)


@register.filter
def initials(person: Any) -> str:
    """The two letters of a person."""
    if person is None or person == "":
        return ""
    if found := getattr(person, "initials", ""):
        return str(found)
    words = [w for w in str(person).replace("-", " ").split() if w]
    return "".join(w[0] for w in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@register.filter
def role_words(user: Any) -> str:
    """ "Coordinator, accountant": the roles a person holds, in words."""
    names = [str(role.label) for role in Role if role.value in user.role_codes]
    return ", ".join(names).capitalize() if names else _("No role yet")


@register.simple_tag
def person(someone: Any) -> SafeString:
    """Initials in a disc, the whole name for readers and on hover; nothing for nobody."""
    if not someone:
        return mark_safe("")
    return format_html(
        '<span class="person" title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="sr">{0}</span></span>',
        someone,
        initials(someone),
    )


# -- addresses, fields, cells -------------------------------------------------


@register.simple_tag(takes_context=True)
def qs_with(context: Any, **changes: Any) -> str:
    """The query string of this page with some parameters changed; None or "" drops one.

    A changed filter goes back to the first page.
    """
    data = context["request"].GET.copy()
    if "after" not in changes:
        data.pop("after", None)
    for name, value in changes.items():
        if value is None or value == "":
            data.pop(name, None)
        else:
            data[name] = str(value)
    return f"?{data.urlencode()}" if data else "?"


@register.simple_tag(takes_context=True)
def qs_set(context: Any, name: str, value: Any) -> str:
    """`qs_with` for a parameter whose name is known at run time."""
    return qs_with(context, **{name: value})


@register.filter
def has_bar(missing: Any) -> bool:
    """Whether one of these Missing bars the way; warnings alone do not."""
    return any(item.level == "bar" for item in missing or ())


@register.inclusion_tag("essaim/components/field.html")
def field(
    bound: Any, *, label: Any = None, help: Any = None, hide_label: bool = False
) -> dict[str, Any]:
    """One form field: label, help, control, error beside it."""
    return {
        "field": bound,
        "label": bound.label if label is None else label,
        "help": bound.help_text if help is None else help,
        "hide_label": hide_label,
        "unit": getattr(bound.field, "unit", ""),
        "kind": _kind(bound),
    }


def _kind(bound: Any) -> str:
    widget = bound.field.widget
    if bound.widget_type == "checkbox":
        return "check"
    if getattr(widget, "template_name", "").startswith("essaim/widgets/") or bound.use_fieldset:
        return "group"
    return "line"


@register.simple_tag(takes_context=True)
def cell(context: Any, column: Any, row: Any) -> Any:
    """One cell of a list, drawn by the column's template or by its kind."""
    value = column.of(row)
    if column.template:
        flat = {
            "row": row,
            "value": value,
            "today": context.get("today"),
            "user": context.get("user"),
            "page": context.get("page"),
            # A button of a cell posts like any other form.
            "csrf_token": context.get("csrf_token"),
        }
        return render_to_string(column.template, flat, request=None)
    if column.kind == "badge":
        return state_badge(
            row, column.value if isinstance(column.value, str) and column.value else "state"
        )
    if column.kind == "when":
        return when(context, value, due=column.is_due(row))
    if column.kind == "person":
        return person(value)
    return _written(column.kind, value)


def _written(kind: str, value: Any) -> Any:
    shown = {"money": money, "days": days, "date": date_fr, "number": number}.get(kind)
    if shown is not None:
        return shown(value)
    return DASH if value is None or value == "" else conditional_escape(value)


@register.inclusion_tag("essaim/components/moves.html", takes_context=True)
def moves(
    context: Any,
    obj: Any,
    url_name: str,
    *,
    first: str = "",
    skip: str = "",
    as_menu: bool = False,
    label: Any = "",
) -> dict[str, Any]:
    """The moves this person may make now: `first` (edge names, in order) as buttons, the rest
    in a menu. `url_name` takes the object's key and the edge's name; `skip` leaves edges out.

    On the page of the object itself the buttons are judged: one that is barred says why.
    """
    wanted, hidden = first.split(), skip.split()
    user = context["user"]

    def url(name: str) -> str:
        return reverse(url_name, args=[obj.pk, name])

    found = [edge for edge in edges(obj, user) if edge.allowed and edge.name not in hidden]
    rest = [(edge.name, edge.label, url(edge.name)) for edge in found if edge.name not in wanted]
    buttons = [(name, url(name)) for name in wanted if name not in hidden]
    today = context.get("today") if obj is context.get("object") else None
    ahead = ways(obj, buttons, user=user, on=None if as_menu else today)
    if as_menu:
        rest, ahead = [(way.name, way.label, way.url) for way in ahead] + rest, []
    return {"ahead": ahead, "rest": rest, "label": label}


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by key, "" when there is none."""
    return mapping.get(key, "") if mapping else ""


@register.simple_tag
def colon() -> str:
    """Between a label and its value: French puts a space before it, English none."""
    return pgettext("between a label and its value", ":")


@register.simple_tag
def reserved_to(exception: Any) -> str:
    """Who may open a page refused for lack of a right, "" when the refusal names none."""
    code = str(exception or "")
    return str(reserved(code).text) if code in TABLE else ""
