"""Tags and filters of every template: icons, amounts, dates, badges, fields, cells."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from essaim.money import cents
from essaim.roles import Role
from essaim.workflow import edges

register = template.Library()

NBSP = "\u00a0"
MINUS = "\u2212"
DASH = "—"
FRACTIONS = {Decimal("0.25"): "¼", Decimal("0.5"): "½", Decimal("0.75"): "¾"}

# -- icons --------------------------------------------------------------------


@lru_cache(maxsize=512)
def _drawn(name: str, label: str) -> SafeString:
    hidden = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    svg = lucide._render_icon(name, None, **{"class": "icon", "focusable": "false", **hidden})
    for useless in (' width="24"', ' height="24"'):
        svg = svg.replace(useless, "", 1)
    return mark_safe(svg)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of Lucide inlined; without `label` it is hidden from screen readers."""
    return _drawn(str(name), str(label))


# -- amounts, days, dates -----------------------------------------------------


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", NBSP)


@register.filter
def money(value: Any, digits: int = 2) -> str:
    """1 200,00 € with no-break spaces; a dash for nothing. `money:0` rounds to euros."""
    if value is None or value == "":
        return DASH
    amount = cents(value if isinstance(value, Decimal | int) else Decimal(str(value)))
    sign = MINUS if amount < 0 else ""
    if not digits:
        return f"{sign}{_grouped(str(cents(abs(amount)).quantize(Decimal(1))))}{NBSP}€"
    whole, part = f"{abs(amount):.2f}".split(".")
    return f"{sign}{_grouped(whole)},{part}{NBSP}€"


def plain_number(value: Any) -> str:
    """11.50 as "11,5": no useless zero, French comma, grouped thousands."""
    number = Decimal(str(value))
    sign = MINUS if number < 0 else ""
    whole, _dot, part = f"{abs(number):f}".partition(".")
    part = part.rstrip("0")
    return f"{sign}{_grouped(whole)}{',' + part if part else ''}"


@register.filter
def number(value: Any) -> str:
    """A number the French way, without useless zeros."""
    return DASH if value is None or value == "" else plain_number(value)


@register.filter
def days(value: Any) -> str:
    """0,5 j with a no-break space; a dash for nothing."""
    return DASH if value is None or value == "" else f"{plain_number(value)}{NBSP}j"


@register.filter
def fraction(value: Any) -> str:
    """½ for 0.5, 1½ for 1.5: the quantity on a chip."""
    if value is None or value == "":
        return DASH
    quantity = Decimal(str(value))
    whole, part = divmod(quantity, 1)
    if part in FRACTIONS:
        return f"{int(whole) or ''}{FRACTIONS[part]}"
    return plain_number(quantity)


@register.filter
def capped(value: Any, cap: int = 100) -> str:
    """99+ for a count that stopped at its cap."""
    return f"{cap - 1}+" if value is not None and int(value) >= cap else str(value or 0)


def _as_date(value: Any) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def date_fr(value: Any) -> str:
    """16/02/2027, with the time for an instant left out."""
    return DASH if not value else f"{_as_date(value):%d/%m/%Y}"


@register.filter
def day_fr(value: Any) -> str:
    """lun. 16: a near day, on a chip or at the head of a column."""
    return DASH if not value else date_format(_as_date(value), "D. j").lower()


@register.filter
def long_date_fr(value: Any) -> str:
    """lundi 16 février 2027."""
    return DASH if not value else date_format(_as_date(value), "l j F Y").lower()


def distance(day: date, today: date, *, late: bool) -> tuple[str, bool]:
    """ "dans 12 j", "aujourd'hui", "il y a 6 j" or "en retard de 6 j"; and whether it is late."""
    gap = (day - today).days
    if gap == 0:
        return _("today"), False
    if gap > 0:
        return _("in %(days)s d") % {"days": gap}, False
    words = _("%(days)s d late") if late else _("%(days)s d ago")
    return words % {"days": -gap}, late


@register.simple_tag(takes_context=True)
def when(context: Any, value: Any, *, due: bool = False, near: bool = True) -> SafeString:
    """<time> with the date, and how far it is from `today`.

    `due=True`: a past day is late and shown so. `near=False`: the date alone.
    """
    if not value:
        return mark_safe(DASH)
    day, today = _as_date(value), context.get("today")
    written = f"{day:%d/%m/%Y}"
    if not near or not today:
        return format_html('<time datetime="{}">{}</time>', day.isoformat(), written)
    words, late = distance(
        day, _as_date(today) if isinstance(today, datetime) else today, late=bool(due)
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
    """
    wanted, hidden = first.split(), skip.split()
    found = [
        (edge.name, edge.label, reverse(url_name, args=[obj.pk, edge.name]))
        for edge in edges(obj, context["user"])
        if edge.allowed and edge.name not in hidden
    ]
    ahead = sorted((m for m in found if m[0] in wanted), key=lambda m: wanted.index(m[0]))
    rest = [m for m in found if m[0] not in wanted]
    if as_menu:
        ahead, rest = [], ahead + rest
    return {"ahead": ahead, "rest": rest, "label": label}


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by key, "" when there is none."""
    return mapping.get(key, "") if mapping else ""
