"""Organisations: who they are in law, where they are, how they are billed."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from essaim.countries import FRANCE, name_of
from essaim.fields import HttpsURLField
from essaim.identifiers import search_key, sort_key
from essaim.roles import Role
from essaim.scope import ScopedQuerySet


class OrganisationQuerySet(ScopedQuerySet["Organisation"]):
    def visible_to(self, user: Any) -> "OrganisationQuerySet":
        """Everybody sees partners and funders; a consultant sees only their own coops."""
        if user.sees_everything:
            return self
        if not user.has_role(Role.CONSULTANT):
            return self.none()
        coops = self.model._meta.apps.get_model("crm.Coop").objects.visible_to(user)
        mine = Exists(coops.filter(organisation=OuterRef("pk")))
        # A second legal person beside one of their coops is theirs to see too.
        beside = Exists(coops.filter(parallel_entities__organisation=OuterRef("pk")))
        return self.filter(~Q(kind=Organisation.Kind.COOP) | mine | beside)

    def current(self) -> "OrganisationQuerySet":
        return self.filter(archived_on=None)


class Organisation(models.Model):
    class Kind(models.TextChoices):
        COOP = "coop", _("Coop")
        AUTHORITY = "authority", _("Local authority")
        FUNDER = "funder", _("Funder")
        PARTNER = "partner", _("Partner")
        PRODUCER = "producer", _("Producer")
        OTHER = "other", _("Other")

    class ClientKind(models.TextChoices):
        PROFESSIONAL = "professional", _("Professional")
        PUBLIC = "public", _("Public body")
        CONSUMER = "consumer", _("Private person")

    class VatStatus(models.TextChoices):
        LIABLE = "liable", _("Liable to VAT")
        NOT_LIABLE = "not_liable", _("Not liable to VAT")
        OUT_OF_SCOPE = "out_of_scope", _("Out of scope of VAT")

    class Chorus(models.TextChoices):
        NONE = "none", _("None")
        SERVICE = "service", _("Service code")
        ENGAGEMENT = "engagement", _("Engagement number")
        EITHER = "either", _("Service code or engagement number")
        BOTH = "both", _("Service code and engagement number")

    legal_name = models.CharField(_("Legal name"), max_length=200)
    usual_name = models.CharField(_("Usual name"), max_length=120, blank=True)
    kind = models.CharField(_("Kind"), max_length=12, choices=Kind.choices, default=Kind.OTHER)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    rna = models.CharField("RNA", max_length=10, blank=True)
    court_register = models.CharField(
        _("Court register (Alsace-Moselle)"),
        max_length=160,
        blank=True,
        help_text=_("Court, volume and folio, or AMALIA number"),
    )
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    website = HttpsURLField(_("Website"), blank=True)
    street = models.CharField(_("Street"), max_length=200, blank=True)
    postcode = models.CharField(_("Postcode"), max_length=10, blank=True)
    city = models.CharField(_("City"), max_length=100, blank=True)
    country = models.CharField(_("Country"), max_length=2, default="FR")
    billing_name = models.CharField(_("Billing name"), max_length=200, blank=True)
    billing_street = models.CharField(_("Billing street"), max_length=200, blank=True)
    billing_postcode = models.CharField(_("Billing postcode"), max_length=10, blank=True)
    billing_city = models.CharField(_("Billing city"), max_length=100, blank=True)
    billing_email = models.EmailField(_("Billing e-mail"), blank=True)
    client_kind = models.CharField(
        _("Client kind"), max_length=12, choices=ClientKind.choices, default=ClientKind.PROFESSIONAL
    )
    client_kind_reason = models.CharField(
        _("Reason of the client kind"), max_length=300, blank=True
    )
    client_kind_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    vat_status = models.CharField(
        _("VAT status"), max_length=12, choices=VatStatus.choices, default=VatStatus.NOT_LIABLE
    )
    recovers_vat = models.BooleanField(_("Recovers VAT"), default=False)
    e_address = models.CharField(_("E-invoicing address"), max_length=100, blank=True)
    chorus = models.CharField(
        _("Chorus Pro requirement"), max_length=10, choices=Chorus.choices, default=Chorus.NONE
    )
    chorus_service = models.CharField(_("Chorus service code"), max_length=50, blank=True)
    search_key = models.CharField(max_length=320, editable=False, db_index=True)
    sort_key = models.CharField(max_length=200, editable=False, db_index=True)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )
    archived_on = models.DateField(null=True, blank=True)
    archive_reason = models.CharField(max_length=300, blank=True, editable=False)

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("siret",), condition=~Q(siret=""), name="one_organisation_per_siret"
            ),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siren="") | Q(siret__startswith=models.F("siren")),
                name="organisation_siret_starts_with_siren",
            ),
            models.CheckConstraint(
                condition=~Q(duplicate_of=models.F("pk")),
                name="organisation_is_not_its_own_duplicate",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("crm:organisation", args=(self.pk,))

    def fill_keys(self) -> None:
        """Write what it is searched and sorted by."""
        self.search_key = search_key(f"{self.usual_name} {self.legal_name}")[:320]
        self.sort_key = sort_key(self.name)[:200]

    @property
    def name(self) -> str:
        return self.usual_name or self.legal_name

    @property
    def country_name(self) -> str:
        return name_of(self.country)

    @property
    def is_in_alsace_moselle(self) -> bool:
        """Seat in the departments of the local civil code (57, 67, 68)."""
        return self.country == FRANCE and self.postcode[:2] in ("57", "67", "68")

    @property
    def has_legal_personality(self) -> bool:
        return bool(self.siren or self.rna or self.court_register)


class LegalFormPeriod(models.Model):
    """The legal form an organisation had between two dates."""

    class Form(models.TextChoices):
        NONE = "none", _("No legal form yet")
        PRE_ASSOCIATION = "pre_association", _("Association being set up")
        ASSOCIATION = "association", _("Association")
        SAS_COOP = "sas_coop", _("Cooperative SAS")
        SCIC_SAS = "scic_sas", _("SCIC SAS")
        SCIC_SARL = "scic_sarl", _("SCIC SARL")
        SCIC_SA = "scic_sa", _("SCIC SA")
        COOP_1947 = "coop_1947", _("Cooperative (law of 1947)")
        AUTHORITY = "authority", _("Public authority")
        OTHER = "other", _("Other")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="legal_forms")
    form = models.CharField(_("Legal form"), max_length=16, choices=Form.choices)
    since = models.DateField(_("Since"))
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        ordering = ("organisation", "since")
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")),
                name="legal_form_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=("organisation",), condition=Q(until=None), name="one_current_legal_form"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_form_display()}"


class Membership(models.Model):
    """An organisation's membership of ours for one year (cotisation)."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    year = models.PositiveIntegerField(_("Year"))
    amount = models.DecimalField(_("Amount"), max_digits=10, decimal_places=2, default=0)
    paid_on = models.DateField(_("Paid on"), null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "year"), name="one_membership_a_year"),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="membership_amount_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} {self.year}"
