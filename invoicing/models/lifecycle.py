"""What platforms and clients answered to a document once it was sent."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from invoicing.models.invoice import Invoice


class LifecycleStatus(models.Model):
    """One status of an issued document; rows are added and never touched again."""

    class Status(models.TextChoices):
        DEPOSITED = "deposited", _("Deposited")
        REJECTED = "rejected", _("Rejected")
        REFUSED = "refused", _("Refused")
        COLLECTED = "collected", _("Collected")

    class Reason(models.TextChoices):
        FORMAT = "NON_CONFORME", _("The file does not follow the format")
        DUPLICATE = "DOUBLON", _("Already deposited")
        RECIPIENT = "DEST_ERR", _("Wrong recipient")
        ROUTING = "CODE_ROUTAGE_ERR", _("Wrong e-invoicing address or service")
        SIRET = "SIRET_ERR", _("Wrong SIRET")
        ORDER = "CMD_ERR", _("Order or engagement number missing or wrong")
        CONTRACT = "REF_CT_ABSENT", _("Contract reference missing")
        TOTALS = "MONTANTTOTAL_ERR", _("Wrong total")
        VAT = "TX_TVA_ERR", _("Wrong VAT rate")
        PRICE = "PU_ERR", _("Wrong price")
        QUANTITY = "QTE_ERR", _("Wrong quantity")
        SERVICE = "LIVR_INCOMP", _("The work is not done, or not wholly")
        QUALITY = "QUALITE_ERR", _("The work is contested")
        OTHER = "AUTRE", _("Another reason")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="statuses")
    status = models.CharField(_("Status"), max_length=10, choices=Status.choices)
    reason_code = models.CharField(_("Reason"), max_length=20, choices=Reason.choices, blank=True)
    reason = models.CharField(_("Reason in words"), max_length=500, blank=True)
    on = models.DateField(_("On"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=("deposited", "rejected", "refused", "collected")),
                name="lifecycle_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("rejected", "refused"))
                | (~Q(reason="") & ~Q(reason_code="")),
                name="rejected_and_refused_say_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.invoice} {self.status}"

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        tones: dict[str, str] = {"rejected": "bad", "refused": "bad", "collected": "good"}
        return tones.get(self.status, "info")

    @classmethod
    def current_of(cls, invoice: Any) -> "LifecycleStatus | None":
        """The last status of a document."""
        return cls.objects.filter(invoice=invoice).order_by("pk").last()
