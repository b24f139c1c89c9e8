"""Exports for the accountant's firm, and the numbering of invoices."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile
from essaim.days import add_months, month_end, month_start
from essaim.models import Series
from essaim.series import number_of
from essaim.views import FormPage, Page
from essaim.views.pages import log_refusal
from invoicing.actions import desk
from invoicing.forms import NumberingForm, PeriodForm
from invoicing.numbering import INVOICES, MEMBERSHIPS, PATTERNS


def fiscal_month(on: date) -> int:
    """The month our exercise starts in."""
    profile = IssuerProfile.objects.at(on)
    return profile.fiscal_month if profile else 1


def fiscal_year(today: date, month: int) -> tuple[date, date]:
    """First and last day of the exercise a day falls in, when exercises start in `month`."""
    start = date(today.year if today.month >= month else today.year - 1, month, 1)
    return start, add_months(start, 12) - timedelta(days=1)


def near_periods(today: date, month: int = 1) -> list[tuple[str, date, date]]:
    """This month, last month, last quarter, this exercise, the last one."""
    start = month_start(today)
    before = add_months(start, -1)
    quarter = add_months(start.replace(month=3 * ((start.month - 1) // 3) + 1), -3)
    first, last = fiscal_year(today, month)
    year, past = (
        (_("This year"), _("Last year")) if month == 1 else (_("This exercise"), _("Last exercise"))
    )
    return [
        (_("This month"), start, month_end(start)),
        (_("Last month"), before, month_end(before)),
        (_("Last quarter"), quarter, month_end(add_months(quarter, 2))),
        (year, first, last),
        (past, add_months(first, -12), first - timedelta(days=1)),
    ]


class PeriodPage(Page):
    """A page about a period given in the address: `?start=&end=`."""

    default = 1  # of near_periods: last month

    @cached_property
    def near(self) -> list[tuple[str, date, date]]:
        return near_periods(self.today, fiscal_month(self.today))

    def read_period(self) -> tuple[Any, tuple[date, date] | None]:
        """The form and its dates; the default period when nothing is said."""
        given = self.request.POST or self.request.GET
        if "start" not in given and "end" not in given:
            _words, first, last = self.near[self.default]
            form = PeriodForm(
                initial={"start": first, "end": last}, user=self.request.user, on=self.today
            )
            return form, (first, last)
        form = PeriodForm(given, user=self.request.user, on=self.today)
        if not form.is_valid():
            log_refusal(self.request, "invalid:period")
            return form, None
        return form, (form.cleaned_data["start"], form.cleaned_data["end"])

    def periods(self, chosen: tuple[date, date] | None) -> list[tuple[str, str, bool, None]]:
        return [
            (words, f"?start={first:%Y-%m-%d}&end={last:%Y-%m-%d}", (first, last) == chosen, None)
            for words, first, last in self.near
        ]


class Numbering(FormPage):
    """The open series of invoices, or of membership calls (`?series=membership`): its pattern,
    and a new one that continues it."""

    explains = gettext_lazy(
        "Numbers follow each other without a gap: the law asks for it, the tool holds it."
    )
    about = "serie"

    form_class = NumberingForm
    template_name = "invoicing/numbering.html"
    submit_label = gettext_lazy("Use this pattern")
    success_message = gettext_lazy("The next document will follow this pattern.")

    @property
    def kind(self) -> str:
        asked = self.request.GET.get("series", "")
        return asked if asked in PATTERNS else INVOICES

    def get_title(self) -> str:
        if self.kind == MEMBERSHIPS:
            return _("Numbering of membership calls")
        return _("Numbering of invoices")

    def get_initial(self) -> dict[str, Any]:
        found = self.open_series()
        if found is None:
            return {"pattern": PATTERNS[self.kind], "restarts": True}
        return {"pattern": found.pattern, "restarts": found.restarts}

    def get_back(self) -> tuple[str, Any]:
        return (reverse("invoicing:exports"), _("Exports"))

    def open_series(self) -> Series | None:
        return Series.objects.filter(kind=self.kind, closed=False).first()

    def perform(self, form: Any) -> Series:
        return desk.set_numbering(kind=self.kind, **form.cleaned_data, **self.act())

    def get_success_url(self, done: Series) -> str:
        return f"{reverse('invoicing:numbering')}?series={self.kind}"

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = self.open_series()
        rows = Series.objects.filter(kind=self.kind).prefetch_related("years").order_by("-pk")
        address = reverse("invoicing:numbering")
        calls = f"{address}?series={MEMBERSHIPS}"
        more |= {
            "series": list(rows),
            "next_number": self.next_number(found),
            "tabs": [
                (_("Invoices"), address, self.kind == INVOICES, None),
                (_("Membership calls"), calls, self.kind == MEMBERSHIPS, None),
            ],
        }
        return super().get_context(**more)

    def next_number(self, found: Series | None) -> str:
        if found is None:
            return ""
        label = self.today.year if found.restarts else 0
        year = found.years.filter(year=label).first()
        rank = (year.counter if year else 0) + 1
        return number_of(found, year=self.today.year, rank=rank)
