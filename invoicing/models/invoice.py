"""Invoices: drafts that may be changed, issued ones that nothing changes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from crm.models import Coop, IssuerProfile, Organisation
from essaim.money import sql_cents
from essaim.roles import Role
from essaim.scope import ScopedQuerySet
from essaim.workflow import MoveData, Stateful
from invoicing.guards import ready_to_adopt, ready_to_issue
from invoicing.models.clause import SubsidyShareClause
from missions.models import Agreement, Envelope

_MONEY = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuing(MoveData):
    """The number just taken and the hash it seals."""

    number: str
    year: int
    rank: int
    series_id: int
    previous: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopting(MoveData):
    """What an earlier tool gave: its number and date; the hash that seals the row."""

    number: str
    issued_on: date
    digest: str


class InvoiceQuerySet(ScopedQuerySet["Invoice"]):
    def visible_to(self, user: Any) -> "InvoiceQuerySet":
        """Amounts of invoices are for the office."""
        seen = user.has_role(Role.COORDINATOR, Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def issued(self) -> "InvoiceQuerySet":
        return self.filter(state=Invoice.State.ISSUED)

    def with_left(self) -> Any:
        """Adds `allocated` (paid or credited) and `left` to pay, to the cent."""
        allocations = self.model._meta.apps.get_model("invoicing.Allocation")
        total = (
            allocations.objects.filter(invoice=OuterRef("pk"))
            .order_by()
            .values("invoice")
            .annotate(total=Sum("amount"))
            .values("total")
        )
        rows = self.annotate(
            allocated=sql_cents(
                Coalesce(Subquery(total, output_field=_MONEY), 0, output_field=_MONEY)
            )
        )
        return rows.annotate(left=sql_cents(F("gross") - F("deducted") - F("allocated")))

    def without_pdf(self) -> "InvoiceQuerySet":
        """Issued documents of ours whose PDF is still to be made."""
        files = self.model._meta.apps.get_model("invoicing.FrozenFile")
        made = files.objects.filter(invoice=OuterRef("pk"), kind=FrozenFile.Kind.PDF)
        return self.issued().exclude(kind=Invoice.Kind.TAKEN_OVER).exclude(Exists(made))

    def claims(self) -> "InvoiceQuerySet":
        """Issued documents somebody has to pay: all but credit notes."""
        return self.issued().exclude(kind=Invoice.Kind.CREDIT_NOTE)

    def unpaid(self) -> "InvoiceQuerySet":
        return self.claims().with_left().filter(left__gt=0)

    def with_late(self, *, on: date) -> Any:
        """Adds `late`: of what is left, the part of instalments past due (payments fill them in
        order); needs `with_left`."""
        parts = self.model._meta.apps.get_model("invoicing.Instalment")
        past = parts.objects.filter(invoice=OuterRef("pk"), due_on__lt=on)
        total = past.order_by().values("invoice").annotate(total=Sum("amount")).values("total")
        # A taken-over document may have no schedule of ours: it is due as a whole.
        zero = Value(0, output_field=_MONEY)
        whole = Coalesce(
            Subquery(total, output_field=_MONEY),
            F("gross") - F("deducted"),
            output_field=_MONEY,
        )
        missing = sql_cents(whole - F("allocated"))
        return self.annotate(late=Case(When(due_on__lt=on, then=missing), default=zero))

    def overdue(self, *, on: date) -> "InvoiceQuerySet":
        """Those with an instalment past due that payments do not cover."""
        return self.unpaid().filter(due_on__lt=on).with_late(on=on).filter(late__gt=0)

    def remindable(self) -> "InvoiceQuerySet":
        """Unpaid ones that nothing suspends: no open dispute, no signed repayment plan."""
        models_of = self.model._meta.apps
        here = {"invoice": OuterRef("pk")}
        disputes = models_of.get_model("invoicing.Dispute").objects
        plans = models_of.get_model("invoicing.RepaymentPlan").objects
        return (
            self.unpaid()
            .exclude(Exists(disputes.filter(opening=None, closing=None, **here)))
            .exclude(Exists(plans.filter(state__in=("signed", "kept"), **here)))
        )


class Invoice(Stateful):
    class Kind(models.TextChoices):
        INVOICE = "invoice", _("Invoice")
        CREDIT_NOTE = "credit_note", _("Credit note")
        CORRECTIVE = "corrective", _("Corrective invoice")
        DEPOSIT = "deposit", _("Deposit invoice")
        MEMBERSHIP_CALL = "membership_call", _("Membership call")
        TAKEN_OVER = "taken_over", _("Taken-over invoice")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ISSUED = "issued", _("Issued")

    kind = models.CharField(_("Kind"), max_length=16, choices=Kind.choices, default=Kind.INVOICE)
    state = FSMField(
        _("State"), default=State.DRAFT, choices=State.choices, protected=True, editable=False
    )
    client = models.ForeignKey(
        Organisation, models.PROTECT, related_name="invoices", verbose_name=_("Client")
    )
    coop = models.ForeignKey(Coop, models.PROTECT, null=True, blank=True, related_name="invoices")
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    # The one periodic invoice of an `order` envelope, across coops.
    envelope = models.ForeignKey(
        Envelope, models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    clause = models.ForeignKey(
        SubsidyShareClause, models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credit_notes"
    )
    issuer = models.ForeignKey(IssuerProfile, models.PROTECT, null=True, blank=True)
    title = models.CharField(_("Subject"), max_length=200, blank=True)
    period_from = models.DateField(_("Work from"), null=True, blank=True)
    period_to = models.DateField(_("Work until"), null=True, blank=True)
    term_days = models.PositiveSmallIntegerField(_("Payment term (days)"), default=30)
    term_method = models.CharField(
        _("Payment term is"),
        max_length=14,
        choices=Agreement.TermMethod.choices,
        default=Agreement.TermMethod.NET,
    )
    wanted_due_on = models.DateField(_("Due on"), null=True, blank=True)
    term_basis = models.CharField(
        _("Legal basis of a due date past the cap"), max_length=500, blank=True
    )
    # One invoice for many services of a period: at most 45 days (C. com. L441-10, I).
    is_recap = models.BooleanField(_("Periodic invoice (recap)"), default=False)
    order_number = models.CharField(_("Client's order number"), max_length=60, blank=True)
    words = models.TextField(_("Words printed on the invoice"), blank=True, max_length=2000)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    # Set by issuing, frozen ever after.
    series_id_used = models.BigIntegerField(null=True, blank=True, editable=False)
    number = models.CharField(_("Number"), max_length=35, null=True, blank=True, editable=False)  # noqa: DJ001
    year = models.PositiveIntegerField(null=True, blank=True, editable=False)
    rank = models.PositiveIntegerField(null=True, blank=True, editable=False)
    issued_on = models.DateField(_("Issued on"), null=True, blank=True, editable=False)
    issued_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Its first due date (BT-9 of the electronic invoice); the schedule holds the others.
    due_on = models.DateField(_("Due on"), null=True, blank=True, editable=False)
    issuer_copy = models.JSONField(default=dict, editable=False)
    client_copy = models.JSONField(default=dict, editable=False)
    terms_copy = models.JSONField(default=dict, editable=False)
    vat_copy = models.JSONField(default=list, editable=False)
    net = models.DecimalField(_("Net"), max_digits=14, decimal_places=2, default=0, editable=False)
    vat = models.DecimalField(_("VAT"), max_digits=14, decimal_places=2, default=0, editable=False)
    gross = models.DecimalField(
        _("Gross"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    # Deposits taken off a final invoice (gross, and the VAT in it): `gross - deducted` is asked.
    deducted = models.DecimalField(
        _("Deposits deducted"), max_digits=14, decimal_places=2, default=0, editable=False
    )
    deducted_vat = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False)
    deposits_copy = models.JSONField(default=list, editable=False)
    rules_version = models.CharField(max_length=10, blank=True, editable=False)
    previous = models.CharField(max_length=64, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("state", "-issued_on", "-id"), name="invoices_in_order"),
            models.Index(fields=("client", "state"), name="invoices_of_a_client"),
            models.Index(fields=("state", "due_on"), name="invoices_due"),
            models.Index(fields=("series_id_used", "rank"), name="invoices_by_rank"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="draft", number=None, issued_on=None, digest="")
                | Q(
                    state="issued",
                    number__isnull=False,
                    issued_on__isnull=False,
                    issued_at__isnull=False,
                    due_on__isnull=False,
                    issuer__isnull=False,
                ),
                name="invoice_issued_has_number_and_date",
            ),
            models.UniqueConstraint(
                fields=("number",),
                condition=~Q(kind="taken_over"),
                name="invoice_number_is_given_once",
            ),
            models.UniqueConstraint(
                fields=("client", "number"),
                condition=Q(kind="taken_over"),
                name="invoice_is_taken_over_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="taken_over") | Q(rank=None, series_id_used=None, previous=""),
                name="taken_over_invoice_stands_in_no_series",
            ),
            models.UniqueConstraint(
                fields=("series_id_used", "year", "rank"), name="invoice_rank_is_given_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=("credit_note", "corrective")) | Q(origin__isnull=False),
                name="credit_note_cites_its_origin",
            ),
            models.CheckConstraint(
                condition=Q(gross=sql_cents(F("net") + F("vat"))),
                name="invoice_gross_is_net_plus_vat",
            ),
            models.CheckConstraint(
                condition=Q(net__gte=0, vat__gte=0), name="invoice_amounts_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(deducted__gte=0, deducted_vat__gte=0)
                & Q(gross__gte=sql_cents(F("deducted"))),
                name="deposits_deducted_stay_within_the_invoice",
            ),
        )

    def __str__(self) -> str:
        return self.number or str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return reverse("invoicing:invoice", args=(self.pk,))

    @property
    def is_issued(self) -> bool:
        return self.state == self.State.ISSUED

    @property
    def asked(self) -> Any:
        """What the document asks to be paid (gross, deposits taken off)."""
        return self.gross - self.deducted

    @property
    def is_credit_note(self) -> bool:
        return self.kind == self.Kind.CREDIT_NOTE

    @transition(
        state,
        source=State.DRAFT,
        target=State.ISSUED,
        permission="invoicing.issue_invoice",
        custom={"label": _("Issue (final number)"), "data": Issuing, "guards": (ready_to_issue,)},
    )
    def issue(self, *, by: Any, on: date, at: datetime, data: Issuing) -> None:
        self.issued_on, self.issued_at = on, at
        self.number, self.year, self.rank = data.number, data.year, data.rank
        self.series_id_used, self.previous, self.digest = data.series_id, data.previous, data.digest

    @transition(
        state,
        source=State.DRAFT,
        target=State.ISSUED,
        permission="invoicing.take_over_invoice",
        custom={"label": _("Take over"), "data": Adopting, "guards": (ready_to_adopt,)},
    )
    def adopt(self, *, by: Any, on: date, at: datetime, data: Adopting) -> None:
        self.number, self.issued_on, self.issued_at = data.number, data.issued_on, at
        self.year, self.digest = data.issued_on.year, data.digest


class Instalment(models.Model):
    """One due date of an invoice and what falls due then."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="instalments")
    position = models.PositiveSmallIntegerField(default=1)
    due_on = models.DateField(_("Due on"))
    amount = models.DecimalField(_("Amount"), max_digits=14, decimal_places=2)

    class Meta:
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=("invoice", "position"), name="instalments_are_ordered"),
        )

    def __str__(self) -> str:
        return f"{self.due_on:%Y-%m-%d} {self.amount}"


class FrozenFile(models.Model):
    """The bytes of an issued document, rendered once; inserted and never touched again."""

    class Kind(models.TextChoices):
        PDF = "pdf", _("Factur-X (PDF/A-3 with its XML)")
        XML = "xml", _("XML of the electronic invoice")
        PLAIN = "plain", _("Plain PDF, without XML")
        ACQUITTED = "acquitted", _("Acquitted copy")
        COPY = "copy", _("Copy of an earlier tool")

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PDF)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    rendered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("invoice", "kind"), name="one_frozen_file_of_a_kind"),
        )

    def __str__(self) -> str:
        return f"{self.invoice} {self.kind}"
