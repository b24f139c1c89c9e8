"""Our own structure: its office rules and its dated issuer profile."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.models.logo import Logo
from crm.models.organisation import Organisation
from crm.stages import Stage
from essaim.identifiers import search_key
from essaim.roles import Role
from essaim.scope import ScopedQuerySet


class Structure(models.Model):
    """The one row that says who we are and how the office works."""

    class Policy(models.TextChoices):
        NONE = "none", _("Nobody validates")
        COORDINATOR = "coordinator", _("A coordinator validates")

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="structure")
    consultant_stage_limit = models.CharField(
        _("Consultants move coops up to"),
        max_length=16,
        choices=Stage.choices,
        default=Stage.TEST_SHOP,
    )
    day_validation = models.CharField(
        _("Validation of days"), max_length=12, choices=Policy.choices, default=Policy.COORDINATOR
    )
    month_lock_day = models.PositiveSmallIntegerField(
        _("Month proposed for locking on the"), default=10
    )
    retention_months = models.PositiveSmallIntegerField(
        _("Persons are looked at again after (months)"),
        default=36,
        help_text=_("Without a word of theirs for so long: told, kept for a reason, or erased."),
    )

    def __str__(self) -> str:
        return str(self.organisation)


class IssuerProfileQuerySet(ScopedQuerySet["IssuerProfile"]):
    def visible_to(self, user: Any) -> "IssuerProfileQuerySet":
        seen = user.has_role(Role.ACCOUNTANT, Role.ADMINISTRATOR)
        return self if seen else self.none()

    def at(self, on: Any) -> "IssuerProfile | None":
        """The profile in force on a date."""
        return self.filter(effective_from__lte=on).order_by("-effective_from").first()


class IssuerProfile(models.Model):
    """What our invoices say of us from a date on; copied on every issued document."""

    class Regime(models.TextChoices):
        RECEIPTS = "receipts", _("VAT on receipts")
        DEBITS = "debits", _("VAT on debits")
        FRANCHISE = "franchise", _("Small-business exemption (art. 293 B)")
        ASSOCIATION_EXEMPT = "association_exempt", _("Exempt association (art. 261-7-1°)")
        OUT_OF_SCOPE = "out_of_scope", _("Out of scope of VAT")

    effective_from = models.DateField(_("In force from"), unique=True)
    legal_name = models.CharField(_("Legal name"), max_length=200)
    legal_form = models.CharField(_("Legal form, as printed"), max_length=160)
    registration = models.CharField(_("Registration, as printed"), max_length=200, blank=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    capital = models.CharField(_("Capital, as printed"), max_length=80, blank=True)
    is_sole_trader = models.BooleanField(_("Sole trader (EI)"), default=False)
    fiscal_month = models.PositiveSmallIntegerField(_("Exercise starts in month"), default=1)
    regime = models.CharField(
        _("VAT regime"), max_length=20, choices=Regime.choices, default=Regime.RECEIPTS
    )
    vat_rate = models.DecimalField(_("Usual VAT rate"), max_digits=4, decimal_places=2, default=20)
    street = models.CharField(_("Street"), max_length=200)
    postcode = models.CharField(_("Postcode"), max_length=10)
    city = models.CharField(_("City"), max_length=100)
    email = models.EmailField(_("E-mail"), blank=True)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    contact_name = models.CharField(_("Person to call"), max_length=120, blank=True)
    iban = models.CharField("IBAN", max_length=34, blank=True)
    bic = models.CharField("BIC", max_length=11, blank=True)
    penalty_rate = models.DecimalField(
        _("Late penalty rate (%)"), max_digits=5, decimal_places=2, default=12
    )
    is_cooperative = models.BooleanField(_("Cooperative company"), default=False)
    operations = models.CharField(
        _("Nature of the operations, as printed"),
        max_length=160,
        blank=True,
        help_text=_("Printed after “société coopérative” when the name does not say it."),
    )
    e_address = models.CharField(
        _("E-invoicing address"),
        max_length=125,
        blank=True,
        help_text=_("The SIREN when left empty."),
    )
    logo = models.ForeignKey(Logo, models.PROTECT, null=True, blank=True, related_name="+")

    objects = IssuerProfileQuerySet.as_manager()

    class Meta:
        ordering = ("-effective_from",)
        constraints = (
            models.CheckConstraint(
                condition=Q(fiscal_month__gte=1, fiscal_month__lte=12),
                name="issuer_exercise_starts_in_a_month",
            ),
            models.CheckConstraint(
                condition=Q(regime__in=("receipts", "debits")) | Q(vat_rate=0),
                name="issuer_without_vat_has_rate_zero",
            ),
        )

    def __str__(self) -> str:
        return f"{self.legal_name} ({self.effective_from:%Y-%m-%d})"

    @property
    def says_it_is_cooperative(self) -> bool:
        """Whether the name itself says so."""
        return "cooperati" in search_key(self.legal_name)

    @property
    def standing(self) -> str:
        """What the law wants after the name of a cooperative that hides it (law of 1947, art. 22).

        Legal wording, French whatever the language of the screen.
        """
        if not self.is_cooperative or self.says_it_is_cooperative:
            return ""
        return f"Société coopérative, {self.operations}"
