"""What ties our work to grants: funding links and subsidy-share clauses."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from grants.models import GrantApplication, Programme
from invoicing.guards import clause_is_complete
from missions.models import Agreement, Envelope, FundingShare


class FundingLink(models.Model):
    """An agreement, a funding share or an envelope is paid from a programme or an application."""

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="funding_links"
    )
    funding_share = models.ForeignKey(
        FundingShare, models.PROTECT, null=True, blank=True, related_name="funding_links"
    )
    envelope = models.ForeignKey(
        Envelope, models.PROTECT, null=True, blank=True, related_name="funding_links"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="funding_links"
    )
    application = models.ForeignKey(
        GrantApplication, models.PROTECT, null=True, blank=True, related_name="funding_links"
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(agreement__isnull=False, funding_share=None, envelope=None)
                | Q(agreement=None, funding_share__isnull=False, envelope=None)
                | Q(agreement=None, funding_share=None, envelope__isnull=False),
                name="funding_link_starts_from_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(programme__isnull=False) | Q(application__isnull=False),
                name="funding_link_leads_to_a_programme_or_an_application",
            ),
        )

    def __str__(self) -> str:
        source = self.agreement or self.funding_share or self.envelope
        return f"{source} -> {self.application or self.programme}"


class SubsidyShareClauseQuerySet(ScopedQuerySet["SubsidyShareClause"]):
    def visible_to(self, user: Any) -> "SubsidyShareClauseQuerySet":
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()


class SubsidyShareClause(Stateful):
    """Fees tied to a grant: a rate of what is paid or awarded, within a cap."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", pgettext_lazy("clause", "Active")
        ENDED = "ended", _("Ended")

    class Base(models.TextChoices):
        PAID = "paid", _("What is paid")
        AWARDED = "awarded", _("What is awarded")

    class FixedPart(models.TextChoices):
        ADDED = "added", _("Added")
        DEDUCTIBLE = "deductible", _("Deducted")

    agreement = models.ForeignKey(
        Agreement, models.PROTECT, related_name="clauses", verbose_name=_("Agreement")
    )
    applications = models.ManyToManyField(
        GrantApplication, blank=True, related_name="clauses", verbose_name=_("Grants covered")
    )
    state = FSMField(
        _("State"), default=State.DRAFT, choices=State.choices, protected=True, editable=False
    )
    rate = models.DecimalField(_("Rate (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    base = models.CharField(_("Base"), max_length=8, choices=Base.choices, default=Base.PAID)
    fixed_part = models.DecimalField(
        _("Fixed part"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    fixed_part_is = models.CharField(
        _("The fixed part is"), max_length=10, choices=FixedPart.choices, default=FixedPart.ADDED
    )
    cap = models.DecimalField(
        _("Cap (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    floor = models.DecimalField(
        _("Floor (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    tail_months = models.PositiveSmallIntegerField(_("Tail (months)"), null=True, blank=True)
    on_reduction = models.CharField(_("If the grant is reduced"), max_length=500, blank=True)
    on_withdrawal = models.CharField(_("If the client gives up"), max_length=500, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("Payment term (days)"), null=True, blank=True)
    covers_donations_why = models.CharField(
        _("Why donations, crowdfunding or a tax credit are covered"), max_length=500, blank=True
    )

    objects = SubsidyShareClauseQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rate=None) | Q(rate__gt=0, rate__lte=100),
                name="clause_rate_is_a_percent",
            ),
            models.CheckConstraint(
                condition=~Q(state="active")
                | Q(
                    rate__isnull=False,
                    cap__isnull=False,
                    floor__isnull=False,
                    fixed_part__isnull=False,
                    tail_months__isnull=False,
                    payment_days__isnull=False,
                ),
                name="active_clause_is_complete",
            ),
        )

    def __str__(self) -> str:
        return str(self.agreement)

    def get_absolute_url(self) -> str:
        return reverse("invoicing:clause", args=(self.pk,))

    @transition(
        state,
        source=State.DRAFT,
        target=State.ACTIVE,
        permission="invoicing.change_clause",
        custom={"label": _("Activate"), "guards": (clause_is_complete,)},
    )
    def activate(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """From now on disbursements propose fees."""

    @transition(
        state,
        source=State.ACTIVE,
        target=State.ENDED,
        permission="invoicing.change_clause",
        custom={"label": _("End")},
    )
    def end(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """No more fees from it."""
