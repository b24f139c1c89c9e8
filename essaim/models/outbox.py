"""Mail waiting to leave, written in the transaction of what it tells."""

from django.db import models


class OutboxMessage(models.Model):
    """One mail; `key` makes it leave once whatever runs twice."""

    key = models.CharField(max_length=120, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("created_at",), name="outbox_waiting", condition=models.Q(sent_at=None)
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} -> {self.to}"
