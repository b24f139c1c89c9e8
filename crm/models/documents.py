"""Files that are kept: each document, its versions, and what was judged on one of them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.coop import Coop
from crm.models.journal import Note
from essaim.scope import ScopedQuerySet


class DocumentQuerySet(ScopedQuerySet["Document"]):
    def visible_to(self, user: Any) -> "DocumentQuerySet":
        """Attachments of internal notes follow the note; others follow the coop."""
        seen = self.filter(coop__in=Coop.objects.visible_to(user))
        return seen.filter(Q(note=None) | Q(note__in=Note.objects.visible_to(user)))

    def in_use(self) -> "DocumentQuerySet":
        return self.filter(archived_on=None)


class Document(models.Model):
    """A file: a random name on disk, its hash and its real type; its columns tell the current
    version."""

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
    version = models.PositiveIntegerField(default=1, editable=False)
    archived_on = models.DateField(null=True, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("coop", "-added_at", "-id"), name="document_timeline"),)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("crm:document", args=(self.pk,))


class DocumentVersionQuerySet(ScopedQuerySet["DocumentVersion"]):
    def visible_to(self, user: Any) -> "DocumentVersionQuerySet":
        return self.filter(document__in=Document.objects.visible_to(user))


class DocumentVersion(models.Model):
    """One state of a document, kept for ever: who, when, which bytes."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to="documents/%Y/%m")
    original_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    # What the document repeats of its current version.
    FACTS = ("original_name", "content_type", "sha256", "size")

    objects = DocumentVersionQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=("document", "number"), name="one_version_of_a_document_a_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.document} ({self.number})"

    def get_absolute_url(self) -> str:
        return reverse("crm:document_version", args=(self.pk,))


class DocumentPin(models.Model):
    """A row of any room that was judged on a version, once the document has a later one."""

    version = models.ForeignKey(DocumentVersion, models.PROTECT, related_name="pins")
    model = models.CharField(max_length=80)
    field = models.CharField(max_length=60)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("model", "field", "object_id", "version"), name="one_pin_of_a_row"
            ),
        )

    def __str__(self) -> str:
        return f"{self.model}:{self.object_id} {self.field} -> {self.version}"
