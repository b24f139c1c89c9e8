"""People outside the structure: founders, treasurers, elected representatives."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.models.organisation import Organisation
from essaim.identifiers import search_key, sort_key
from essaim.roles import Role
from essaim.scope import ScopedQuerySet


class ContactQuerySet(ScopedQuerySet["Contact"]):
    def visible_to(self, user: Any) -> "ContactQuerySet":
        if user.sees_everything:
            return self
        if not user.has_role(Role.CONSULTANT):
            return self.none()
        seen = Organisation.objects.visible_to(user)
        roles = ContactRole.objects.filter(contact=OuterRef("pk"))
        return self.filter(~Exists(roles) | Exists(roles.filter(organisation__in=seen)))

    def current(self) -> "ContactQuerySet":
        return self.filter(archived_on=None)


class Contact(models.Model):
    class LegalBasis(models.TextChoices):
        CONSENT = "consent", _("Consent")
        CONTRACT = "contract", _("Contract")
        INTEREST = "interest", _("Legitimate interest")

    first_name = models.CharField(_("First name"), max_length=80, blank=True)
    # Empty once the person is erased, and only then.
    last_name = models.CharField(_("Last name"), max_length=80)
    email = models.EmailField(_("E-mail"), blank=True)
    phone = models.CharField(_("Phone"), max_length=30, blank=True)
    legal_basis = models.CharField(
        _("Legal basis"), max_length=10, choices=LegalBasis.choices, default=LegalBasis.INTEREST
    )
    consent_on = models.DateField(_("Consent given on"), null=True, blank=True)
    consent_withdrawn_on = models.DateField(_("Consent withdrawn on"), null=True, blank=True)
    last_contact_on = models.DateField(_("Last contact by them"), null=True, blank=True)
    search_key = models.CharField(max_length=260, editable=False, db_index=True)
    sort_key = models.CharField(max_length=200, editable=False, db_index=True)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+"
    )
    archived_on = models.DateField(null=True, blank=True)
    archive_reason = models.CharField(max_length=300, blank=True, editable=False)
    erased_on = models.DateField(null=True, blank=True, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ("sort_key", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(legal_basis="consent") | Q(consent_on__isnull=False),
                name="contact_consent_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(consent_withdrawn_on=None)
                | Q(consent_on__isnull=False, consent_withdrawn_on__gte=F("consent_on")),
                name="contact_consent_is_given_before_it_is_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(erased_on=None)
                | Q(first_name="", last_name="", email="", phone="", archive_reason=""),
                name="an_erased_person_has_no_name",
            ),
        )

    def __str__(self) -> str:
        if self.erased_on is not None:
            return str(_("Person erased"))
        return f"{self.first_name} {self.last_name}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.fill_keys()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("crm:contact", args=(self.pk,))

    def fill_keys(self) -> None:
        """Write what it is searched and sorted by."""
        self.search_key = search_key(f"{self.first_name} {self.last_name} {self.email}")[:260]
        self.sort_key = sort_key(f"{self.last_name} {self.first_name}")[:200]

    @property
    def has_withdrawn(self) -> bool:
        """Consent was the ground to keep them, and is no more."""
        return self.legal_basis == self.LegalBasis.CONSENT and self.consent_withdrawn_on is not None


class ContactRole(models.Model):
    """What a person is in an organisation, between two dates."""

    class Role(models.TextChoices):
        FOUNDER = "founder", _("Founder")
        PRESIDENT = "president", _("President")
        TREASURER = "treasurer", _("Treasurer")
        REFERENT = "referent", _("Referent")
        ELECTED = "elected", _("Elected representative")
        EMPLOYEE = "employee", _("Employee")
        OTHER = "other", _("Other")

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="roles")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    role = models.CharField(_("Role"), max_length=10, choices=Role.choices)
    since = models.DateField(_("Since"), null=True, blank=True)
    until = models.DateField(_("Until"), null=True, blank=True)

    class Meta:
        verbose_name_plural = _("Roles")
        constraints = (
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=models.F("since")),
                name="contact_role_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.contact}, {self.get_role_display()}"

    def is_current(self, on: date) -> bool:
        """Begun, as far as is known, and not ended on a date."""
        begun = self.since is None or self.since <= on
        return begun and (self.until is None or self.until >= on)
