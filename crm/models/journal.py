"""What is written along the way: notes, who was there, to whom they were sent."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.contact import Contact
from crm.models.coop import Coop
from essaim.roles import Role
from essaim.scope import ScopedQuerySet


class NoteQuerySet(ScopedQuerySet["Note"]):
    def visible_to(self, user: Any) -> "NoteQuerySet":
        """Internal notes are for those who accompany: the accountant reads shared ones only."""
        notes = self.filter(coop__in=Coop.objects.visible_to(user))
        if user.has_role(Role.COORDINATOR, Role.ADMINISTRATOR):
            return notes
        if user.has_role(Role.CONSULTANT):
            accompaniments = self.model._meta.apps.get_model("crm.Accompaniment").objects
            mine = accompaniments.accompanied_by(user).values("coop")
            return notes.filter(Q(coop__in=mine) | Q(is_shared=True))
        return notes.filter(is_shared=True)


class Note(models.Model):
    """A report of a call, a meeting, a visit (compte rendu)."""

    class Kind(models.TextChoices):
        CALL = "call", _("Phone call")
        MEETING = "meeting", _("Meeting")
        VISIT = "visit", _("Visit")
        EMAIL = "email", _("E-mail")
        NOTE = "note", _("Note")

    MAX_LENGTH = 50_000

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="notes")
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices, default=Kind.NOTE)
    at = models.DateTimeField(_("When"))
    minutes = models.PositiveIntegerField(_("Minutes"), null=True, blank=True)
    title = models.CharField(_("Title"), max_length=160)
    text = models.TextField(_("Text"), blank=True, max_length=MAX_LENGTH)
    is_shared = models.BooleanField(_("Shared with the coop"), default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notes")
    written_at = models.DateTimeField()

    objects = NoteQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("coop", "-at", "-id"), name="note_timeline"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:note", args=(self.pk,))


class NoteParticipant(models.Model):
    """Somebody who was there: a colleague or a contact."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(user=None, contact__isnull=False) | Q(user__isnull=False, contact=None),
                name="participant_is_a_colleague_or_a_contact",
            ),
        )

    def __str__(self) -> str:
        return str(self.user or self.contact)

    @property
    def email(self) -> str:
        who: Any = self.user or self.contact
        return str(who.email)


class NoteMail(models.Model):
    """A shared note that was sent to one of those who were there: once each."""

    note = models.ForeignKey(Note, models.PROTECT, related_name="mails")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, models.PROTECT, null=True, blank=True, related_name="note_mails"
    )
    message = models.OneToOneField("essaim.OutboxMessage", models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(user=None, contact__isnull=False) | Q(user__isnull=False, contact=None),
                name="note_mail_goes_to_a_colleague_or_a_contact",
            ),
            models.UniqueConstraint(fields=("note", "user"), name="note_goes_once_to_a_colleague"),
            models.UniqueConstraint(fields=("note", "contact"), name="note_goes_once_to_a_contact"),
        )

    def __str__(self) -> str:
        return str(self.user or self.contact)
