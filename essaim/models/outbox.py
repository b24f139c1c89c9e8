"""Mail waiting to leave, with its attachments, written in the transaction of what it tells."""

from datetime import datetime

from django.apps import apps
from django.db import models
from django.db.models import Q


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    def ready(self, *, at: datetime) -> "OutboxMessageQuerySet":
        """Mail that may leave now: not sent, not given up, held by no other run."""
        waiting = self.filter(sent_at=None, given_up_at=None)
        free = Q(leased_until=None) | Q(leased_until__lt=at)
        return waiting.filter(free, Q(next_try_at=None) | Q(next_try_at__lte=at))


class OutboxMessage(models.Model):
    """One mail; `key` makes it leave once whatever runs twice."""

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    cc = models.JSONField(default=list)
    sender = models.CharField(max_length=200, blank=True)
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # What happened on the way: a run that takes the message holds it until `leased_until`.
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("created_at",), name="outbox_waiting", condition=models.Q(sent_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} -> {self.to}"


class OutboxAttachment(models.Model):
    """A file that leaves with a message: its own bytes, or those of a row that never changes."""

    message = models.ForeignKey(OutboxMessage, models.PROTECT, related_name="attachments")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=80)
    content = models.BinaryField(null=True, blank=True)
    # "invoicing.FrozenFile" and its key: its `content` is read when the mail leaves.
    source_model = models.CharField(max_length=80, blank=True)
    source_id = models.BigIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ("message", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("message", "position"), name="attachments_of_a_message_have_an_order"
            ),
            models.CheckConstraint(
                condition=Q(content__isnull=False, source_model="", source_id=None)
                | (Q(content=None, source_id__isnull=False) & ~Q(source_model="")),
                name="attachment_has_its_bytes_or_names_their_row",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def read(self) -> bytes:
        """The bytes that leave; raises when the row they stand in is gone."""
        if self.content is not None:
            return bytes(self.content)
        model = apps.get_model(self.source_model)
        return bytes(
            model._default_manager.values_list("content", flat=True).get(pk=self.source_id)
        )
