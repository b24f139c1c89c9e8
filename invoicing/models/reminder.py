"""Reminders: their levels, what was sent at each, and what holds them back."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.models import OutboxMessage
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from invoicing.models.invoice import Instalment, Invoice

# Below this rank a reminder names no penalty (law.md 26).
FIRST_WITH_PENALTIES = 3


class ReminderLevel(models.Model):
    """When a reminder of one rank falls due, and its words; `days` before the due date are < 0."""

    rank = models.PositiveSmallIntegerField(_("Level"), unique=True)
    name = models.CharField(_("Name"), max_length=80)
    days = models.SmallIntegerField(_("Days after the due date"))
    subject = models.CharField(_("Subject of the mail"), max_length=200)
    body = models.TextField(_("Text"), max_length=5000)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        ordering = ("rank",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rank=0, days__lt=0) | Q(rank__gt=0, days__gt=0),
                name="only_the_level_before_the_due_date_is_negative",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def days_apart(self) -> int:
        """How many days between it and the due date, on either side."""
        return abs(self.days)

    @property
    def may_show_penalties(self) -> bool:
        return self.rank >= FIRST_WITH_PENALTIES


class ReminderQuerySet(ScopedQuerySet["Reminder"]):
    def visible_to(self, user: Any) -> "ReminderQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def sent(self) -> "ReminderQuerySet":
        return self.filter(state=Reminder.State.SENT)


class Reminder(models.Model):
    """A reminder of one instalment at one level: its text and its letter, or that it was skipped.

    Inserted and never changed; one row per instalment and level is what makes it leave once.
    """

    class State(models.TextChoices):
        SENT = "sent", _("Reminded")
        SKIPPED = "skipped", _("Skipped for a later level")

    class Channel(models.TextChoices):
        MAIL = "mail", _("By mail")
        LETTER = "letter", _("By post")

    instalment = models.ForeignKey(Instalment, models.PROTECT, related_name="reminders")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reminders")
    level = models.ForeignKey(ReminderLevel, models.PROTECT, related_name="reminders")
    state = models.CharField(max_length=8, choices=State.choices)
    channel = models.CharField(max_length=6, choices=Channel.choices, blank=True)
    is_automatic = models.BooleanField(default=False)
    owed = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    interest = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    fee = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    to = models.EmailField(blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    content = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    message = models.OneToOneField(
        OutboxMessage, models.PROTECT, null=True, blank=True, related_name="+"
    )
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("instalment", "level"), name="an_instalment_is_reminded_once_a_level"
            ),
            models.UniqueConstraint(
                fields=("instalment", "on"),
                condition=Q(state="sent"),
                name="an_instalment_is_reminded_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="skipped", content=None, message=None, channel="")
                | Q(state="sent", content__isnull=False, channel="mail", message__isnull=False)
                | Q(state="sent", content__isnull=False, channel="letter", message=None),
                name="a_reminder_sent_keeps_its_letter",
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice} {self.level}"

    def get_absolute_url(self) -> str:
        return reverse("invoicing:reminder", args=(self.pk,))


class ReminderHold(models.Model):
    """The reminders of an invoice wait until a date, with a reason."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="reminder_holds")
    until = models.DateField(_("Until"))
    reason = models.CharField(_("Reason"), max_length=500)
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("invoice",),
                condition=Q(ended_on=None),
                name="one_hold_of_reminders_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(until__gte=models.F("on")), name="a_hold_ends_after_it_starts"
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice} {self.until:%Y-%m-%d}"


class ReminderNotice(models.Model):
    """Those who follow the client were told that a reminder is coming, so that they may stop it."""

    instalment = models.ForeignKey(Instalment, models.PROTECT, related_name="reminder_notices")
    level = models.ForeignKey(ReminderLevel, models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("instalment", "level"), name="a_reminder_is_announced_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.instalment} {self.level}"


class AutoRemind(models.Model):
    """A client whose reminders leave by themselves, in the name of who decided so."""

    client = models.OneToOneField(Organisation, models.PROTECT, related_name="auto_remind")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.client)
