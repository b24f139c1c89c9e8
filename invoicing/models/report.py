"""Reports to funders: what of whose time was told to whom, each fraction once; cost claims."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from grants.models import GrantApplication, Programme
from invoicing.guards_reports import (
    a_day_not_ahead,
    a_reason_said,
    may_cancel,
    may_make,
    not_the_last_word,
)
from missions.models import DayShare, Envelope

_USER = settings.AUTH_USER_MODEL


class Layout(models.TextChoices):
    COOP = "coop", _("One row a beneficiary")
    DAY = "day", _("One row a day")


class ReportModelQuerySet(ScopedQuerySet["ReportModel"]):
    def visible_to(self, user: Any) -> "ReportModelQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def current(self) -> "ReportModelQuerySet":
        return self.filter(archived_on=None)


class ReportModel(models.Model):
    """Columns a funder wants, in its order and in its words; kept to be used again."""

    name = models.CharField(_("Name"), max_length=120, unique=True)
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="report_models",
        verbose_name=_("Programme"),
    )
    layout = models.CharField(_("Rows"), max_length=4, choices=Layout.choices, default=Layout.COOP)
    # [{"code": ..., "label": ...}], judged by rules_report.check_columns.
    columns = models.JSONField(default=list)
    archived_on = models.DateField(null=True, blank=True)

    objects = ReportModelQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("invoicing:report_model_edit", args=(self.pk,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDated(MoveData):
    """The day of a move; words of a refusal or of a cancellation stay erasable."""

    dated: date | None = None  # today when nothing is said
    digest: str = ""
    why: str = field(default="", metadata={"words": True})


class FunderReportQuerySet(ScopedQuerySet["FunderReport"]):
    def visible_to(self, user: Any) -> "FunderReportQuerySet":
        """Reports are the office's; a cost claim tells salaries, so few may read it."""
        if not user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR):
            return self.none()
        if user.has_perm("missions.view_cost_rate"):
            return self
        return self.exclude(kind=FunderReport.Kind.COSTS)

    def standing(self) -> "FunderReportQuerySet":
        return self.exclude(state=FunderReport.State.CANCELLED)


class FunderReport(Stateful):
    """What is told a funder of a period: days at a price, or what salaries cost.

    Its rows are reserved while it is a draft; once it was sent nothing of it changes but what
    became of it.
    """

    class Kind(models.TextChoices):
        DAYS = "days", _("Report (days at a price)")
        COSTS = "costs", _("Cost claim (salaries and a flat rate)")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("report", "Draft")
        SENT = "sent", pgettext_lazy("report", "Sent")
        ACCEPTED = "accepted", pgettext_lazy("report", "Accepted")
        SENT_BACK = "sent_back", pgettext_lazy("report", "Sent back")
        CANCELLED = "cancelled", pgettext_lazy("report", "Cancelled")

    kind = models.CharField(_("Kind"), max_length=5, choices=Kind.choices, default=Kind.DAYS)
    title = models.CharField(_("Title"), max_length=200)
    funder = models.ForeignKey(
        Organisation, models.PROTECT, related_name="reports", verbose_name=_("Funder")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    application = models.ForeignKey(
        GrantApplication, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    envelope = models.ForeignKey(
        Envelope, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    first = models.DateField(_("From"))
    last = models.DateField(_("To"))
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    state = FSMField(
        _("State"), default=State.DRAFT, choices=State.choices, protected=True, editable=False
    )
    model = models.ForeignKey(
        ReportModel, models.PROTECT, null=True, blank=True, related_name="reports"
    )
    layout = models.CharField(_("Rows"), max_length=4, choices=Layout.choices, default=Layout.COOP)
    columns = models.JSONField(default=list)
    with_given = models.BooleanField(_("List the time given apart"), default=False)
    flat_rate = models.DecimalField(
        _("Flat rate (%)"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    # Everything a sent report prints, as it was that day.
    snapshot = models.JSONField(default=dict, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", editable=False
    )
    made_on = models.DateField(editable=False)
    made_by = models.ForeignKey(_USER, models.PROTECT, related_name="+", editable=False)
    sent_on = models.DateField(_("Sent on"), null=True, blank=True, editable=False)
    answered_on = models.DateField(_("Answered on"), null=True, blank=True, editable=False)

    objects = FunderReportQuerySet.as_manager()

    class Meta:
        ordering = ("-last", "-pk")
        indexes = (models.Index(fields=("-last", "-id"), name="reports_in_order"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(last__gte=models.F("first")), name="report_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(programme__isnull=False, application=None, envelope=None)
                | Q(programme=None, application__isnull=False, envelope=None)
                | Q(programme=None, application=None, envelope__isnull=False),
                name="report_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "cancelled"))
                | (Q(sent_on__isnull=False) & ~Q(digest="")),
                name="sent_report_has_a_date_and_a_digest",
            ),
            models.CheckConstraint(
                condition=Q(kind="costs", flat_rate__gte=0, flat_rate__lte=100)
                | (~Q(kind="costs") & Q(flat_rate=None)),
                name="cost_claim_has_a_flat_rate",
            ),
            models.CheckConstraint(
                condition=~Q(replaces=models.F("pk")), name="report_does_not_replace_itself"
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("invoicing:report", args=(self.pk,))

    @property
    def of(self) -> Any:
        """The envelope, the application or the programme it is about."""
        return self.envelope or self.application or self.programme

    @property
    def is_draft(self) -> bool:
        return bool(self.state == self.State.DRAFT)

    @property
    def is_claim(self) -> bool:
        return self.kind == self.Kind.COSTS

    @property
    def is_due(self) -> bool:
        """A past due date is late while nothing was sent."""
        return self.is_draft

    @property
    def state_tone(self) -> str:
        tones = {"sent": "info", "accepted": "good", "sent_back": "warn", "cancelled": "quiet"}
        return tones.get(self.state, "draft")

    @transition(
        state,
        source=State.DRAFT,
        target=State.SENT,
        permission=may_make,
        custom={"label": _("Send the report"), "data": ReportDated, "guards": (a_day_not_ahead,)},
    )
    def send(self, *, by: Any, on: date, at: Any, data: ReportDated) -> None:
        self.sent_on, self.digest = data.dated or on, data.digest

    @transition(
        state,
        source=[State.SENT, State.SENT_BACK],
        target=State.ACCEPTED,
        permission=may_make,
        custom={
            "label": _("Record the acceptance"),
            "data": ReportDated,
            "guards": (a_day_not_ahead,),
        },
    )
    def accept(self, *, by: Any, on: date, at: Any, data: ReportDated) -> None:
        self.answered_on = data.dated or on

    @transition(
        state,
        source=State.SENT,
        target=State.SENT_BACK,
        permission=may_make,
        custom={
            "label": _("The funder sent it back"),
            "data": ReportDated,
            "guards": (a_day_not_ahead, a_reason_said),
        },
    )
    def send_back(self, *, by: Any, on: date, at: Any, data: ReportDated) -> None:
        self.answered_on = data.dated or on

    @transition(
        state,
        source=[State.DRAFT, State.SENT, State.SENT_BACK],
        target=State.CANCELLED,
        permission=may_cancel,
        custom={
            "label": _("Cancel the report"),
            "data": ReportDated,
            "guards": (a_reason_said, not_the_last_word),
        },
    )
    def cancel(self, *, by: Any, on: date, at: Any, data: ReportDated) -> None:
        """Its fractions may be told again."""


class ReportedShare(models.Model):
    """A fraction of a day told one funder; while the report stands, nobody else is told it.

    `fraction` is the first generation of the share: what was credited and billed again is the
    same work. Amounts are copies: no later rate changes them. A cancelled report lets its
    fractions go; what it told stays in its snapshot.
    """

    report = models.ForeignKey(FunderReport, models.PROTECT, related_name="reported")
    share = models.ForeignKey(DayShare, models.PROTECT, related_name="reported")
    fraction = models.OneToOneField(DayShare, models.PROTECT, related_name="reported_in")
    days = models.DecimalField(max_digits=7, decimal_places=4)
    amount = models.DecimalField(max_digits=12, decimal_places=2)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(days__gt=0, amount__gte=0), name="reported_share_is_of_some_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report}: {self.share}"

    @property
    def why_kept(self) -> str:
        """Why the share can't be made again, in words."""
        words = gettext("The day of %(day)s is told to %(funder)s in “%(report)s”.")
        return words % {
            "day": date_fr(self.share.day.worked_on),
            "funder": self.report.funder,
            "report": self.report,
        }


class ClaimMonth(models.Model):
    """One person's month in a cost claim: salary, time on the operation, all time worked."""

    report = models.ForeignKey(FunderReport, models.PROTECT, related_name="months")
    person = models.ForeignKey(_USER, models.PROTECT, related_name="+")
    month = models.DateField()
    salary = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    is_typed = models.BooleanField(default=False)
    operation = models.DecimalField(max_digits=9, decimal_places=4)
    total = models.DecimalField(max_digits=9, decimal_places=4)
    cost = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    flat = models.DecimalField(max_digits=12, decimal_places=2, default=0)

    class Meta:
        ordering = ("month", "person__name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("report", "person", "month"), name="a_person_claims_a_month_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="claim_month_is_a_first"),
            models.CheckConstraint(
                condition=Q(operation__gte=0, total__gte=0, cost__gte=0, flat__gte=0)
                & (Q(salary=None) | Q(salary__gte=0)),
                name="claim_month_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.month:%Y-%m}"


class FlatRate(models.Model):
    """What is added to salaries for all other costs where a programme says nothing of its own."""

    percent = models.DecimalField(_("Flat rate (%)"), max_digits=5, decimal_places=2, default=40)
    source = models.CharField(_("Source"), max_length=300, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(models.Value(1), name="one_usual_flat_rate"),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100), name="flat_rate_is_a_percent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.percent} %"

    def get_absolute_url(self) -> str:
        return reverse("invoicing:report_models")
