"""Dates and amounts of a grant application, as its papers give them."""

from decimal import Decimal
from functools import reduce
from operator import and_
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from essaim.money import ZERO, add_up
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from grants.rules import left_of_grant
from grants.rules_payments import overpaid
from grants.states import FOUNDER_WORDS, GRANTED, TONES


class GrantApplicationQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> "GrantApplicationQuerySet":
        """Amounts of grants are for the office; a consultant sees no application."""
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


AMOUNTS = (
    "total_cost",
    "eligible_base",
    "requested",
    "awarded",
    "agreed",
    "justified",
    "retained",
    "clawed_back",
    "own_share",
    "in_kind",
    "grant_equivalent",
)


def none_negative(*names: str) -> Q:
    """Each column is empty or at least zero."""
    each = (Q(**{name: None}) | Q(**{f"{name}__gte": 0}) for name in names)
    return reduce(and_, each)


class ApplicationFacts(models.Model):
    """Columns and what they say together; those that a move writes are not editable."""

    state: str
    applicant: Any
    disbursements: Any

    class AmountsAre(models.TextChoices):
        NET = "net", _("Net of VAT")
        GROSS = "gross", _("VAT included")

    spotted_on = models.DateField(_("Spotted on"))
    submitted_on = models.DateField(_("Submitted on"), null=True, blank=True)
    acknowledged_on = models.DateField(_("Acknowledged on"), null=True, blank=True)
    complete_on = models.DateField(_("Declared complete on"), null=True, blank=True)
    committee_on = models.DateField(_("Committee on"), null=True, blank=True)
    decided_on = models.DateField(_("Decided on"), null=True, blank=True)
    notified_on = models.DateField(_("Notified on"), null=True, blank=True)
    agreed_on = models.DateField(_("Agreement signed on"), null=True, blank=True)
    expenses_from = models.DateField(_("Eligible expenses from"), null=True, blank=True)
    expenses_until = models.DateField(_("Eligible expenses until"), null=True, blank=True)
    project_from = models.DateField(_("Project from"), null=True, blank=True)
    project_until = models.DateField(_("Project until"), null=True, blank=True)
    report_due_on = models.DateField(_("Report due on"), null=True, blank=True)
    report_sent_on = models.DateField(_("Report sent on"), null=True, blank=True)
    report_accepted_on = models.DateField(_("Report accepted on"), null=True, blank=True)
    lapses_on = models.DateField(_("Lapses on"), null=True, blank=True)
    archive_until = models.DateField(_("Keep until"), null=True, blank=True)
    amounts_are = models.CharField(
        _("Amounts are"), max_length=5, choices=AmountsAre.choices, default=AmountsAre.GROSS
    )
    total_cost = models.DecimalField(
        _("Total cost"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    eligible_base = models.DecimalField(
        _("Eligible base"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    requested = models.DecimalField(
        pgettext_lazy("amount", "Requested"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    awarded = models.DecimalField(
        pgettext_lazy("amount", "Awarded"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    agreed = models.DecimalField(
        pgettext_lazy("amount", "Agreed"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    justified = models.DecimalField(
        _("Justified expenses"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    retained = models.DecimalField(
        _("Final grant"), max_digits=12, decimal_places=2, null=True, blank=True, editable=False
    )
    clawed_back = models.DecimalField(
        pgettext_lazy("amount", "Clawed back"),
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        editable=False,
    )
    own_share = models.DecimalField(
        _("Own share"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    in_kind = models.DecimalField(
        _("In kind"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    grant_equivalent = models.DecimalField(
        _("Gross grant equivalent"), max_digits=12, decimal_places=2, null=True, blank=True
    )

    class Meta:
        abstract = True

    @property
    def is_granted(self) -> bool:
        return self.state in GRANTED

    @property
    def is_ours(self) -> bool:
        """Our own structure is the applicant: no subsidy share is possible."""
        return hasattr(self.applicant, "structure")

    @property
    def granted_amount(self) -> Decimal | None:
        """What the funder owes as it stands: the final grant, else the agreed, else the awarded."""
        for amount in (self.retained, self.agreed, self.awarded):
            if amount is not None:
                return amount
        return None

    @property
    def final_amount(self) -> Decimal | None:
        """What is left of the grant for good; None while open.

        Asking back what was paid above the final grant only sets it right; what is asked back
        beyond that lowers the grant itself. A grant never settled, of which nothing more is
        awaited, is what came. Reads the payments once something was asked back.
        """
        if self.clawed_back is None:
            return self.retained
        granted, paid = self.granted_amount or ZERO, self.paid_in()
        if self.retained is None and not self.disbursements.expected().exclude(kind="clawback"):
            granted = min(granted, paid)
        return left_of_grant(granted, paid, self.clawed_back)

    def paid_in(self) -> Decimal:
        """Euros the funder has paid on account of the grant, repayments not taken off."""
        rows = self.disbursements.filter(state="received").exclude(kind="clawback")
        return add_up(row.kept for row in rows)

    def above_grant(self, amount: Decimal) -> Decimal:
        """Euros above the grant, were `amount` more received."""
        return overpaid(self.granted_amount, self.paid_in(), amount)

    @property
    def state_tone(self) -> str:
        return TONES[self.state]

    @property
    def founder_words(self) -> str:
        """The state, as the founder of the coop is told it."""
        return str(FOUNDER_WORDS[self.state])
