"""What was brought from elsewhere: a file tried dry, written whole, undone while nothing stands
on it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from essaim import hooks
from essaim.move_data import MoveData
from essaim.scope import ScopedQuerySet
from essaim.stateful import Stateful


def may_import(batch: Any, user: Any) -> bool:
    """The right to import at all, and that of this kind."""
    own = hooks.importers.of(batch.kind)
    return bool(own) and user.has_perm("essaim.import_data") and user.has_perm(own[0].permission)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing(MoveData):
    leave_out: bool | None = None  # write the good rows and leave the faulty ones


class ImportBatchQuerySet(ScopedQuerySet["ImportBatch"]):
    def visible_to(self, user: Any) -> "ImportBatchQuerySet":
        """Those of the kinds this person may import."""
        if not user.has_perm("essaim.import_data"):
            return self.none()
        rows = hooks.importers.rows
        return self.filter(
            kind__in=[k for k, (own,) in rows.items() if user.has_perm(own.permission)]
        )


class ImportBatch(Stateful):
    """One file brought in: what it was, what it would do, what it did."""

    class State(models.TextChoices):
        CHECKED = "checked", _("To confirm")
        WRITTEN = "written", _("Written")
        UNDONE = "undone", _("Taken back")
        DROPPED = "dropped", _("Given up")

    kind = models.CharField(_("Kind"), max_length=30)
    file_name = models.CharField(_("File"), max_length=120)
    sha256 = models.CharField(max_length=64, db_index=True)
    sheet = models.CharField(_("Sheet of the file"), max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    header_row = models.PositiveIntegerField(default=0)
    header = models.JSONField(default=list)
    # Column code -> {"column": title} or {"value": what all rows take}.
    mapping = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("Sent on"))
    written_at = models.DateTimeField(null=True, blank=True, editable=False)
    state = FSMField(
        _("State"), default=State.CHECKED, choices=State.choices, protected=True, editable=False
    )
    counts = models.JSONField(default=dict)
    # Label of a model -> keys of all that this import made, and the last event of that moment.
    made = models.JSONField(default=dict)
    last_event = models.BigIntegerField(default=0)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("checked", "dropped")) | Q(written_at__isnull=False),
                name="written_import_says_when",
            ),
        )

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import_batch", args=(self.pk,))

    @property
    def state_tone(self) -> str:
        return {"checked": "info", "written": "good"}.get(self.state, "quiet")

    @transition(
        state,
        source=State.CHECKED,
        target=State.WRITTEN,
        permission=may_import,
        custom={"label": _("Import"), "data": Writing},
    )
    def write(self, *, by: Any, on: Any, at: Any, data: Writing) -> None:
        self.written_at = at

    @transition(
        state,
        source=State.CHECKED,
        target=State.DROPPED,
        permission=may_import,
        custom={"label": _("Give up this import")},
    )
    def drop(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """Nothing was written, nothing will be."""

    @transition(
        state,
        source=State.WRITTEN,
        target=State.UNDONE,
        permission=may_import,
        custom={"label": _("Undo this import")},
    )
    def undo(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """What it made is removed; the trail stays."""


class ImportFile(models.Model):
    """The bytes that were sent, kept until they are written or given up."""

    batch = models.OneToOneField(ImportBatch, models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.batch)


class ImportRow(models.Model):
    """One row of the file: what it says, what it would do, what it made."""

    class Verdict(models.TextChoices):
        CREATE = "create", _("To create")
        LINK = "link", _("To link to an existing record")
        SAME = "same", _("Already there")
        DOUBTFUL = "doubtful", _("Maybe a duplicate")
        FAULT = "fault", _("Faulty")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("Row"))
    # {"values": {code: text}, "read": [[code, words]]}: what the file says, what it could not say.
    raw = models.JSONField(default=dict)
    # Where it was known in the earlier tool.
    ref = models.CharField(max_length=100, blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    # "" or what was chosen for a doubtful row: create, skip, or the key of the same record.
    choice = models.CharField(max_length=30, blank=True)
    # {"title", "detail", "faults": [[column, words]], "candidates": [[key, words]]}
    plan = models.JSONField(default=dict)
    model = models.CharField(max_length=80, blank=True)
    object_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("number", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("batch", "number"), name="one_row_of_a_number_an_import"
            ),
        )
        indexes = (
            models.Index(fields=("batch", "verdict", "number"), name="rows_of_an_import"),
            models.Index(fields=("model", "ref"), name="import_rows_by_reference"),
            models.Index(fields=("model", "object_id"), name="import_rows_by_object"),
        )

    def __str__(self) -> str:
        return f"{self.batch}:{self.number}"


class ImportRemoval(models.Model):
    """The leave to remove one row that is otherwise frozen: an import that made it is undone."""

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="removals")
    model = models.CharField(max_length=80)
    object_id = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("model", "object_id"), name="a_row_is_removed_once"),
        )

    def __str__(self) -> str:
        return f"{self.model}:{self.object_id}"
