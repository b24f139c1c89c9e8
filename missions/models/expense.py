"""Expenses: what was spent for a mission, who bears it in the end, and what is given back."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import FSMField, transition

from crm.models import Organisation
from essaim.formats import date_fr
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from missions.codes import Treatment
from missions.guards import not_ones_own
from missions.guards_expenses import (
    a_reason_to_send_back,
    expense_can_be_settled,
    expense_is_complete,
    expense_is_of_its_person,
    may_validate_expense,
)
from missions.models.kept_file import KeptFile
from missions.models.mission import Mission


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpenseSentBack(MoveData):
    why: str = field(default="", metadata={"words": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth(MoveData):
    """What a validation settles: net to bill, and to give back to the person."""

    billable: Decimal | None = None
    reimbursable: Decimal | None = None
    how: str = field(default="", metadata={"words": True})


class ExpenseQuerySet(ScopedQuerySet["Expense"]):
    def visible_to(self, user: Any) -> "ExpenseQuerySet":
        """A consultant sees their own expenses; the office sees all."""
        if user.sees_everything:
            return self
        return self.filter(consultant=user) if user.has_role(Role.CONSULTANT) else self.none()

    def to_validate(self) -> "ExpenseQuerySet":
        return self.filter(state=Expense.State.SUBMITTED)

    def to_reimburse(self) -> "ExpenseQuerySet":
        """Validated, paid by the person, not given back yet."""
        settled = (Expense.State.VALIDATED, Expense.State.BILLED)
        return self.filter(state__in=settled, reimbursed_on=None, reimbursable__gt=0)

    def billable(self) -> "ExpenseQuerySet":
        """Those that an invoice takes back, whether one holds them already or not."""
        return self.filter(
            state=Expense.State.VALIDATED,
            treatment__in=(Treatment.REBILLED, Treatment.ADVANCED),
            billable__gt=0,
        )


class Expense(Stateful):
    class Kind(models.TextChoices):
        TRAIN = "train", _("Train")
        HOTEL = "hotel", _("Hotel")
        MEALS = "meals", _("Meals")
        KM = "km", _("Own car (km)")
        PRINTING = "printing", _("Printing")
        OTHER = "other", pgettext_lazy("expense", "Other")

    class PaidBy(models.TextChoices):
        PERSON = "person", _("By the person")
        STRUCTURE = "structure", _("By the structure")

    class State(models.TextChoices):
        LOGGED = "logged", pgettext_lazy("expense", "Logged")
        SUBMITTED = "submitted", _("To validate")
        VALIDATED = "validated", pgettext_lazy("expense", "Validated")
        BILLED = "billed", pgettext_lazy("expense", "Billed")
        SETTLED = "settled", pgettext_lazy("expense", "Settled")

    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="expenses",
        verbose_name=_("Consultant"),
    )
    mission = models.ForeignKey(
        Mission, models.PROTECT, related_name="expenses", verbose_name=_("Mission")
    )
    spent_on = models.DateField(_("Date"))
    kind = models.CharField(_("Kind"), max_length=8, choices=Kind.choices)
    label = models.CharField(_("What for (printed on the invoice)"), max_length=160)
    treatment = models.CharField(
        _("Treatment"), max_length=8, choices=Treatment.choices, default=Treatment.REBILLED
    )
    paid_by = models.CharField(
        pgettext_lazy("expense", "Paid"),
        max_length=9,
        choices=PaidBy.choices,
        default=PaidBy.PERSON,
    )
    gross = models.DecimalField(
        _("Amount, VAT included"), max_digits=10, decimal_places=2, default=0
    )
    vat = models.DecimalField(_("VAT in it"), max_digits=10, decimal_places=2, default=0)
    km = models.DecimalField("km", max_digits=7, decimal_places=1, null=True, blank=True)
    power = models.PositiveSmallIntegerField(_("Fiscal power (CV)"), null=True, blank=True)
    is_electric = models.BooleanField(_("Electric vehicle"), default=False)
    receipt = models.OneToOneField(
        KeptFile, models.PROTECT, null=True, blank=True, related_name="expense"
    )
    # Who is billed, when it is not the agreement's client.
    payer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="expenses"
    )
    state = FSMField(
        _("State"), default=State.LOGGED, choices=State.choices, protected=True, editable=False
    )
    logged_at = models.DateTimeField(editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    validated_at = models.DateTimeField(null=True, blank=True, editable=False)
    validated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    # Settled by the validation: net to bill, to give back, and how it was counted.
    billable = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, editable=False
    )
    reimbursable = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, editable=False
    )
    how = models.CharField(max_length=200, blank=True, editable=False)
    reimbursed_on = models.DateField(null=True, blank=True, editable=False)
    # Goes up when a credit note makes it billable again.
    generation = models.PositiveSmallIntegerField(default=1, editable=False)

    objects = ExpenseQuerySet.as_manager()

    class Meta:
        ordering = ("-spent_on", "-pk")
        indexes = (
            models.Index(fields=("consultant", "-spent_on", "-id"), name="expenses_of_a_person"),
            models.Index(fields=("-spent_on", "-id"), name="expenses_in_order"),
            models.Index(fields=("state", "spent_on"), name="expenses_of_a_state"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="km", km__gt=0, power__gte=3, power__lte=7, gross=0, vat=0)
                | (~Q(kind="km") & Q(km=None, power=None, gross__gt=0)),
                name="expense_is_an_amount_or_kilometres",
            ),
            models.CheckConstraint(
                condition=Q(vat__gte=0, vat__lte=models.F("gross")),
                name="expense_vat_is_within_its_amount",
            ),
            models.CheckConstraint(
                condition=~Q(kind="km") | ~Q(treatment="advanced"),
                name="kilometres_are_not_advanced_for_a_client",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("logged", "submitted"))
                | Q(
                    validated_at__isnull=False,
                    validated_by__isnull=False,
                    billable__isnull=False,
                    reimbursable__isnull=False,
                ),
                name="validated_expense_says_by_whom_and_how_much",
            ),
            models.CheckConstraint(
                condition=~Q(treatment="advanced", state__in=("validated", "billed"))
                | Q(receipt__isnull=False),
                name="advanced_cost_has_its_receipt",
            ),
            models.CheckConstraint(
                condition=~Q(treatment="kept") | ~Q(state="billed"),
                name="kept_expense_is_not_billed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {date_fr(self.spent_on)}, {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("missions:expense", args=(self.pk,))

    @property
    def client(self) -> Organisation | None:
        """Who bears it when it is rebilled or advanced."""
        agreement = self.mission.agreement
        return self.payer or (agreement.client if agreement is not None else None)

    @property
    def badges(self) -> list[tuple[Any, str]]:
        """The state, then whether the person waits for their money."""
        tones = {"submitted": "info", "validated": "good", "billed": "done", "settled": "done"}
        found: list[tuple[Any, str]] = [(self.get_state_display(), tones.get(self.state, "draft"))]
        if self.reimbursed_on:
            found.append((_("Given back"), "quiet"))
        elif self.reimbursable and self.state in ("validated", "billed"):
            found.append((_("To give back"), "warn"))
        return found

    @transition(
        state,
        source=State.LOGGED,
        target=State.SUBMITTED,
        permission="missions.log_expense",
        custom={
            "label": _("Send for validation"),
            "guards": (expense_is_of_its_person, expense_is_complete),
        },
    )
    def submit(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.submitted_at = at

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.LOGGED,
        permission="missions.log_expense",
        custom={"label": _("Take back"), "guards": (expense_is_of_its_person,)},
    )
    def withdraw(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.submitted_at = None

    @transition(
        state,
        source=State.SUBMITTED,
        target=State.VALIDATED,
        permission=may_validate_expense,
        custom={
            "label": _("Validate"),
            "data": Worth,
            "guards": (expense_is_complete, not_ones_own),
        },
    )
    def validate(self, *, by: Any, on: Any, at: Any, data: Worth) -> None:
        self.validated_at, self.validated_by = at, by
        self.billable, self.reimbursable, self.how = data.billable, data.reimbursable, data.how

    @transition(
        state,
        source=[State.SUBMITTED, State.VALIDATED],
        target=State.LOGGED,
        permission="missions.validate_expense",
        custom={
            "label": _("Send back"),
            "data": ExpenseSentBack,
            "guards": (a_reason_to_send_back,),
        },
    )
    def reject(self, *, by: Any, on: Any, at: Any, data: ExpenseSentBack) -> None:
        self.submitted_at = self.validated_at = self.validated_by = None
        self.billable = self.reimbursable = None
        self.how = ""

    @transition(
        state,
        source=State.VALIDATED,
        target=State.BILLED,
        permission="invoicing.issue_invoice",
        custom={"label": _("Bill")},
    )
    def bill(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """The invoice that holds it was issued: every field is locked."""

    @transition(
        state,
        source=State.BILLED,
        target=State.VALIDATED,
        permission="invoicing.credit_invoice",
        custom={"label": _("Free")},
    )
    def free(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        self.generation += 1

    @transition(
        state,
        source=State.VALIDATED,
        target=State.SETTLED,
        permission="missions.reimburse_expense",
        custom={"label": _("Settle"), "guards": (expense_can_be_settled,)},
    )
    def settle(self, *, by: Any, on: Any, at: Any, data: MoveData) -> None:
        """We bear it: nothing is left to give back."""
