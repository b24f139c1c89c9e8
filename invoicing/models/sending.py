"""Documents that left by mail: texts to start from, and what was really sent."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models import Organisation
from essaim.models import OutboxMessage
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from invoicing.models.invoice import Invoice


class MailText(models.Model):
    """The text a mail starts from, for one kind of document; `{words}` stand for its facts."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        CORRECTIVE = "corrective", _("Corrective invoice")
        DEPOSIT = "deposit", _("Deposit invoice")
        MEMBERSHIP_CALL = "membership_call", _("Membership call")
        STATEMENT = "statement", _("Statement of account")

    kind = models.CharField(_("Kind"), max_length=16, choices=Kind.choices, unique=True)
    subject = models.CharField(_("Subject of the mail"), max_length=200)
    body = models.TextField(_("Text"), max_length=5000)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.get_kind_display())


class SendingQuerySet(ScopedQuerySet["Sending"]):
    def visible_to(self, user: Any) -> "SendingQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def left(self) -> "SendingQuerySet":
        """Those that really went out."""
        return self.filter(message__sent_at__isnull=False)


class Sending(models.Model):
    """A document sent to its client: to whom, with which words; inserted and never changed.

    Whether it left is what its outbox message says.
    """

    kind = models.CharField(max_length=16, choices=MailText.Kind.choices)
    client = models.ForeignKey(Organisation, models.PROTECT, related_name="sendings")
    invoice = models.ForeignKey(
        Invoice, models.PROTECT, null=True, blank=True, related_name="sendings"
    )
    to = models.EmailField(_("To"))
    cc = models.JSONField(default=list)
    subject = models.CharField(_("Subject of the mail"), max_length=200)
    body = models.TextField(_("Text"))
    message = models.OneToOneField(OutboxMessage, models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = SendingQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="statement", invoice=None)
                | (~Q(kind="statement") & Q(invoice__isnull=False)),
                name="sending_is_of_a_document_or_a_statement",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} -> {self.to}"
