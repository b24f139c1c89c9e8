"""The budget of a file by the accounts of the French form, and what of it was deposited."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grants.accounts import label_of
from grants.models.application import GrantApplication
from grants.models.office import OfficeQuerySet


class BudgetLine(models.Model):
    """One line; subsidies are no lines: they come from the file and its other funders."""

    class Side(models.TextChoices):
        CHARGE = "charge", pgettext_lazy("budget", "Charges")
        PRODUCT = "product", pgettext_lazy("budget", "Products")

    application = models.ForeignKey(GrantApplication, models.PROTECT, related_name="budget_lines")
    side = models.CharField(max_length=7, choices=Side.choices)
    account = models.CharField(_("Account"), max_length=2)
    label = models.CharField(_("Label"), max_length=160, blank=True)
    planned = models.DecimalField(
        pgettext_lazy("budget", "Planned"), max_digits=9, decimal_places=0, default=0
    )
    realised = models.DecimalField(
        pgettext_lazy("budget", "Realised"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    objects = OfficeQuerySet["BudgetLine"].as_manager()

    class Meta:
        ordering = ("side", "account", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(planned__gte=0) & (Q(realised=None) | Q(realised__gte=0)),
                name="budget_line_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(side="charge", account__startswith="6")
                | Q(side="charge", account="86")
                | Q(side="product", account__startswith="7")
                | Q(side="product", account="87"),
                name="budget_account_is_of_its_side",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.label or self.account_label}"

    @property
    def account_label(self) -> str:
        return label_of(self.account)


class BudgetVersion(models.Model):
    """The budget as it was deposited: it never changes again."""

    application = models.ForeignKey(
        GrantApplication, models.PROTECT, related_name="budget_versions"
    )
    on = models.DateField()
    at = models.DateTimeField()
    # Rows of side, account, label, planned (text), source.
    lines = models.JSONField()
    requested = models.DecimalField(max_digits=12, decimal_places=2, null=True)

    objects = OfficeQuerySet["BudgetVersion"].as_manager()

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.application} {self.on:%Y-%m-%d}"

    def get_absolute_url(self) -> Any:
        return f"{self.application.get_absolute_url()}#budget"
