"""« Analyse du parcours »: the funnel, the durations, where coops stop, groups side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm import analytics
from crm.forms_analytics import AnalyticsForm
from crm.rules_analytics import GroupFigures, Quartiles, StageFigures, compare, funnel
from crm.stages import Stage
from essaim.exports import csv_response, xlsx_response
from essaim.formats import NBSP, plain_number
from essaim.tongue import in_french
from essaim.views import Page
from essaim.views.pages import log_refusal

TABLES = ("etapes", "arrets", "comparaison")


def tenth(value: float | None) -> Decimal | None:
    """A duration in days with at most one decimal, as screens and files write it."""
    if value is None:
        return None
    found = Decimal(str(round(value, 1)))
    return found.to_integral_value() if found == found.to_integral_value() else found


def written(value: float | None) -> str:
    found = tenth(value)
    return "" if found is None else f"{plain_number(found)}{NBSP}j"


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage as the page draws it."""

    label: str
    figures: StageFigures
    spread: Quartiles | None
    limit: int | None

    @property
    def is_slow(self) -> bool:
        """Whether half of the coops take longer than the usual duration."""
        return (
            self.limit is not None and self.spread is not None and self.spread.middle > self.limit
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A bar from the first to the third quartile, with its median; per cent of the longest."""

    label: str
    start: float
    width: float
    middle: float
    words: str


def boxes(rows: Sequence[StageRow]) -> list[Box]:
    longest = max((r.spread.high for r in rows if r.spread), default=0) or 1
    found = []
    for row in rows:
        if row.spread is None:
            continue
        low, middle, high = (
            round(v * 100 / longest, 2)
            for v in (row.spread.low, row.spread.middle, row.spread.high)
        )
        words = _("%(middle)s (%(low)s to %(high)s)") % {
            "middle": written(row.spread.middle),
            "low": plain_number(round(row.spread.low)),
            "high": plain_number(round(row.spread.high)),
        }
        found.append(Box(row.label, low, max(high - low, 0.8), max(middle - 0.5, 0), words))
    return found


def entries(rows: Sequence[StageRow]) -> list[tuple[str, int, str, str]]:
    """The funnel as bars: how many entered each stage, and how many passed it."""
    most = max((r.figures.entered for r in rows), default=0) or 1
    found = []
    for row in rows:
        one = row.figures
        words = ngettext("%(n)s passed", "%(n)s passed", one.passed) % {"n": one.passed}
        found.append((row.label, one.entered * 100 // most, f"{one.entered} · {words}", ""))
    return found


class AnalyticsPage(Page):
    """Reads the address, then the stories once; tables and files show the same figures."""

    title = gettext_lazy("Analysis of the path")

    def read(self) -> Any:
        given = self.request.GET
        form = AnalyticsForm(given, user=self.request.user, on=self.today)
        if not form.is_valid():
            log_refusal(self.request, "invalid:" + ",".join(form.errors))
        return form

    def figures(self, form: Any) -> dict[str, Any]:
        user, asked = self.request.user, form.asked()
        by = form.cleaned_data["by"] or analytics.GROUPS[0]
        pairs = analytics.stories(user, asked, by)
        limits = analytics.limits_of(asked.path)
        found = funnel((s for _group, s in pairs), on=self.today, period=asked.period)
        stages = [
            StageRow(str(Stage(row.stage).label), row, row.spread, limits.get(row.stage))
            for row in found
        ]
        reasons, stops = analytics.stop_table(analytics.stops(user, asked))
        return {
            "count": len(pairs),
            "by": by,
            "stages": stages,
            "reasons": reasons,
            "stops": stops,
            "groups": compare(analytics.labelled(pairs, by)),
        }


class StageAnalytics(AnalyticsPage):
    explains = gettext_lazy(
        "How long coops stay at each stage, and where they stop: who needs you more?"
    )
    template_name = "crm/analytics.html"

    def get_back(self) -> tuple[str, Any]:
        return (reverse("crm:board"), _("Coops"))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.read()
        if not form.is_valid():
            return self.show(status=422, form=form, count=None)
        found = self.figures(form)
        stages = found["stages"]
        words = ngettext("%(n)s accompaniment", "%(n)s accompaniments", found["count"])
        self.facts = words % {"n": found["count"]}
        return self.show(
            form=form,
            bars=entries(stages),
            by_label=dict(form.fields["by"].choices)[found["by"]],
            boxes=boxes(stages),
            lines=[
                (label, list(zip(found["reasons"], counts, strict=True)), total)
                for label, counts, total in found["stops"]
            ],
            **found,
        )


# -- files ---------------------------------------------------------------------------------------


def stage_table(stages: Sequence[StageRow]) -> tuple[list[str], Iterator[list[Any]]]:
    header = [
        _("Stage"), _("Entered"), _("Passages"), _("There now"), _("Paused"), _("Passed"),
        _("Gone back"), _("Stopped here"), _("Durations"), _("First quartile (days)"),
        _("Median (days)"), _("Third quartile (days)"), _("Usual duration (days)"),
    ]  # fmt: skip
    return header, (_stage_cells(row) for row in stages)


def _stage_cells(row: StageRow) -> list[Any]:
    one, spread = row.figures, row.spread
    counts = (one.entered, one.passages, one.present, one.paused, one.passed, one.back, one.stops)
    days = (spread.low, spread.middle, spread.high) if spread else (None, None, None)
    kept = [tenth(value) for value in days]
    return [row.label, *counts, len(one.durations), *kept, row.limit]


def group_table(groups: Sequence[GroupFigures]) -> tuple[list[str], Iterator[list[Any]]]:
    header = [
        _("Group"), _("Coops"), _("Under way"), _("Opened"), _("Stopped here"),
        _("Days to the opening (median)"), _("First quartile (days)"), _("Third quartile (days)"),
    ]  # fmt: skip
    return header, (_group_cells(row) for row in groups)


def _group_cells(row: GroupFigures) -> list[Any]:
    road = row.road
    days = (road.middle, road.low, road.high) if road else (None, None, None)
    return [row.label, row.coops, row.live, row.reached, row.stopped, *(tenth(v) for v in days)]


class AnalyticsFile(AnalyticsPage):
    """One of the tables as a file, under the same filters."""

    @in_french()
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        table, kind = kwargs["table"], kwargs["file_format"]
        if table not in TABLES or kind not in ("csv", "xlsx"):
            raise Http404("crm.analytics")
        form = self.read()
        if not form.is_valid():
            raise Http404("crm.analytics")
        header, rows = self.table(table, self.figures(form))
        name = f"analyse-{table}-{self.today:%Y%m%d}.{kind}"
        if kind == "csv":
            return csv_response(name, header, rows)
        return xlsx_response(name, header, rows, title=str(self.title))

    def table(self, name: str, found: dict[str, Any]) -> tuple[list[str], Iterator[list[Any]]]:
        if name == "etapes":
            return stage_table(found["stages"])
        if name == "comparaison":
            return group_table(found["groups"])
        header = [_("Stage"), *found["reasons"], _("Sum")]
        return header, ([label, *counts, total] for label, counts, total in found["stops"])
