"""The call of an organisation's membership for a year, tied to crm's own row."""

from django.db import models

from crm.models import Membership
from invoicing.models.invoice import Invoice


class MembershipCall(models.Model):
    """Which membership a call asks for; `attempt` counts the calls given back before."""

    invoice = models.OneToOneField(Invoice, models.CASCADE, related_name="membership_call")
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="calls")
    attempt = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("membership", "attempt"), name="a_membership_is_called_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.membership}: {self.invoice}"
