"""The financing plan of a coop: what it needs, and what is to pay for it beside its grants."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Coop
from grants.models.office import OfficeQuerySet


class PlanNeed(models.Model):
    """Something to pay for."""

    class Kind(models.TextChoices):
        INVESTMENT = "investment", pgettext_lazy("plan", "Investments")
        START_UP = "start_up", pgettext_lazy("plan", "Start-up costs")
        WORKING_CAPITAL = "working_capital", pgettext_lazy("plan", "Working capital")
        OTHER = "other", pgettext_lazy("plan", "Other needs")

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="plan_needs")
    kind = models.CharField(_("Kind"), max_length=15, choices=Kind.choices)
    label = models.CharField(_("Label"), max_length=160)
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=2)

    objects = OfficeQuerySet["PlanNeed"].as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_need_is_positive"),
        )

    def __str__(self) -> str:
        return self.label


class Certainty(models.TextChoices):
    CERTAIN = "certain", pgettext_lazy("plan", "Certain")
    AWAITED = "awaited", pgettext_lazy("plan", "Awaited")
    CONDITIONAL = "conditional", pgettext_lazy("plan", "Conditional")


class PlanResource(models.Model):
    """Money that no application of ours brings."""

    class Kind(models.TextChoices):
        OWN = "own", pgettext_lazy("plan", "Own share")
        MEMBERS = "members", pgettext_lazy("plan", "Members’ shares")
        LOAN = "loan", pgettext_lazy("plan", "Loan")
        GIFT = "gift", pgettext_lazy("plan", "Gifts and crowdfunding")
        OTHER = "other", pgettext_lazy("plan", "Other resources")

    coop = models.ForeignKey(Coop, models.PROTECT, related_name="plan_resources")
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices)
    label = models.CharField(_("Label"), max_length=160)
    amount = models.DecimalField(_("Amount"), max_digits=12, decimal_places=2)
    certainty = models.CharField(
        _("How sure"), max_length=11, choices=Certainty.choices, default=Certainty.AWAITED
    )

    objects = OfficeQuerySet["PlanResource"].as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_resource_is_positive"),
        )

    def __str__(self) -> str:
        return self.label
