"""What is written along the way: notes, tasks, documents."""

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


class TaskQuerySet(ScopedQuerySet["Task"]):
    def visible_to(self, user: Any) -> "TaskQuerySet":
        if not user.role_codes:
            return self.none()
        return self.filter(Q(coop__in=Coop.objects.visible_to(user)) | Q(owner=user))

    def open(self) -> "TaskQuerySet":
        return self.filter(done_on=None)


class Task(models.Model):
    coop = models.ForeignKey(Coop, models.PROTECT, null=True, blank=True, related_name="tasks")
    note = models.ForeignKey(Note, models.PROTECT, null=True, blank=True, related_name="tasks")
    what = models.CharField(_("What"), max_length=200)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="tasks", verbose_name=_("Who")
    )
    done_on = models.DateField(_("Done on"), null=True, blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("owner", "due_on"), name="task_open", condition=Q(done_on=None)),
        )

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return reverse("crm:coop", args=(self.coop_id,)) if self.coop_id else reverse("crm:tasks")


class DocumentQuerySet(ScopedQuerySet["Document"]):
    def visible_to(self, user: Any) -> "DocumentQuerySet":
        """Attachments of internal notes follow the note; others follow the coop."""
        seen = self.filter(coop__in=Coop.objects.visible_to(user))
        return seen.filter(Q(note=None) | Q(note__in=Note.objects.visible_to(user)))


class Document(models.Model):
    """A file: a random name on disk, its hash and its real type."""

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="documents")
    note = models.ForeignKey(Note, models.PROTECT, null=True, blank=True, related_name="documents")
    title = models.CharField(_("Title"), max_length=160)
    file = models.FileField(_("File"), upload_to="documents/%Y/%m")
    original_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("coop", "-added_at", "-id"), name="document_timeline"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:document", args=(self.pk,))
