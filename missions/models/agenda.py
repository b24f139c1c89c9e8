"""What a person's own calendar proposes to note, and the calls that were counted in a day."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Note
from essaim.formats import date_fr
from essaim.scope import ScopedQuerySet
from missions.codes import Moment, Work
from missions.models.day import MissionDay
from missions.models.mission import Mission


class CalendarImportQuerySet(ScopedQuerySet["CalendarImport"]):
    def visible_to(self, user: Any) -> "CalendarImportQuerySet":
        """A calendar is read by its owner alone, whatever the roles."""
        return self.filter(person=user)


class CalendarImport(models.Model):
    """A calendar file that was read: how many events, what became of them; none of its words."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    imported_at = models.DateTimeField()
    first_on = models.DateField()
    last_on = models.DateField()
    found = models.PositiveIntegerField(default=0)
    proposed = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=dict, blank=True)

    objects = CalendarImportQuerySet.as_manager()

    class Meta:
        ordering = ("-imported_at", "-pk")

    def __str__(self) -> str:
        return date_fr(self.imported_at)


class CalendarProposalQuerySet(ScopedQuerySet["CalendarProposal"]):
    def visible_to(self, user: Any) -> "CalendarProposalQuerySet":
        """A calendar is read by its owner alone, whatever the roles."""
        return self.filter(person=user)

    def waiting(self) -> "CalendarProposalQuerySet":
        """Neither noted nor left out."""
        return self.filter(day=None, answer=CalendarProposal.Answer.NONE)

    def left_out(self) -> "CalendarProposalQuerySet":
        return self.filter(day=None).exclude(answer=CalendarProposal.Answer.NONE)


class CalendarProposal(models.Model):
    """One event on one date that its owner may turn into a day; it counts nowhere until then."""

    class Answer(models.TextChoices):
        NONE = "", _("None")
        ONCE = "once", _("Not this time")
        EVER = "ever", _("Never again")

    class Guess(models.TextChoices):
        NONE = "", _("Nothing recognised")
        BEFORE = "before", _("as you noted it before")
        EMAIL = "email", _("by somebody invited")
        NAME = "name", _("by its words")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    source = models.ForeignKey(
        CalendarImport, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Fingerprints: of the event with all its dates, and of this date alone.
    series = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    worked_on = models.DateField(_("Date"))
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    title = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)
    mission = models.ForeignKey(
        Mission, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Mission")
    )
    moment = models.CharField(
        _("Moment"), max_length=10, choices=Moment.choices, default=Moment.FULL_DAY
    )
    quantity = models.DecimalField(_("Quantity (days)"), max_digits=3, decimal_places=2, default=1)
    work = models.CharField(_("Work"), max_length=18, choices=Work.choices, default=Work.ON_SITE)
    subject = models.CharField(_("Subject (printed on the invoice)"), max_length=200, blank=True)
    guess = models.CharField(max_length=6, choices=Guess.choices, blank=True, default="")
    is_chosen = models.BooleanField(default=False)
    # Once its owner changed something, a new import leaves their choices alone.
    is_changed = models.BooleanField(default=False)
    answer = models.CharField(max_length=4, choices=Answer.choices, blank=True, default="")
    # Deleting the day frees the event: it waits again.
    day = models.OneToOneField(
        MissionDay, models.SET_NULL, null=True, blank=True, related_name="calendar_event"
    )
    seen_at = models.DateTimeField()

    objects = CalendarProposalQuerySet.as_manager()

    class Meta:
        ordering = ("worked_on", "starts_at", "pk")
        indexes = (
            models.Index(fields=("person", "answer", "worked_on"), name="events_of_a_person"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "key"), name="an_event_is_proposed_once_to_a_person"
            ),
            models.CheckConstraint(
                condition=Q(quantity__in=("0.25", "0.50", "0.75", "1.00")),
                name="proposed_quantity_is_a_quarter_to_one",
            ),
            models.CheckConstraint(
                condition=Q(day=None) | Q(answer=""), name="noted_event_is_not_left_out"
            ),
        )

    def __str__(self) -> str:
        return self.title or str(_("Event without a title"))

    def get_absolute_url(self) -> str:
        return reverse("missions:agenda_event", args=(self.pk,))


class CountedCall(models.Model):
    """A call whose minutes were turned into a day, or that its author will not count."""

    note = models.OneToOneField(Note, models.CASCADE, related_name="counted_call")
    # Deleting the day frees its calls. Without a day: dismissed.
    day = models.ForeignKey(
        MissionDay, models.CASCADE, null=True, blank=True, related_name="counted_calls"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return date_fr(self.at)
