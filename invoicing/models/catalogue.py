"""What we often sell, written once and picked on a free invoice."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from invoicing.models.line import InvoiceLine


class CatalogueQuerySet(ScopedQuerySet["CatalogueItem"]):
    def visible_to(self, user: Any) -> "CatalogueQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def current(self) -> "CatalogueQuerySet":
        return self.filter(archived_on=None)


class CatalogueItem(models.Model):
    class Kind(models.TextChoices):
        FREE = InvoiceLine.Kind.FREE.value, _("Service")
        SUBSCRIPTION = InvoiceLine.Kind.SUBSCRIPTION.value, _("Subscription")
        EXPENSE = InvoiceLine.Kind.EXPENSE.value, _("Rebilled expense")

    label = models.CharField(_("Description"), max_length=300)
    kind = models.CharField(_("Kind"), max_length=14, choices=Kind.choices, default=Kind.FREE)
    unit = models.CharField(
        _("Unit"),
        max_length=3,
        choices=InvoiceLine.Unit.choices,
        default=InvoiceLine.Unit.PIECE,
    )
    unit_price = models.DecimalField(_("Unit price, net"), max_digits=12, decimal_places=2)
    # None: the usual rate of the client's place.
    vat_rate = models.DecimalField(
        _("VAT rate"), max_digits=4, decimal_places=2, null=True, blank=True
    )
    analytic_code = models.CharField(_("Analytic code"), max_length=20, blank=True)
    archived_on = models.DateField(null=True, blank=True, editable=False)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ("label", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(unit_price__gte=0), name="catalogue_price_not_negative"
            ),
        )

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("invoicing:catalogue_edit", args=(self.pk,))
