"""Forms about organisations, people and our own office."""

from typing import Any

from django import forms as plain
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.field_rights import writable_fields
from crm.forms import long_text
from crm.models import (
    Contact,
    ContactRole,
    IssuerProfile,
    LegalFormPeriod,
    Organisation,
    Path,
    PathStage,
    Structure,
)
from crm.stages import Stage
from essaim import features, forms
from essaim.countries import names


class OrganisationForm(forms.ModelForm):
    """Facts of an organisation; the action normalises its identifiers."""

    follows = {features.PUBLIC_SECTOR: ("chorus", "chorus_service")}

    siren = plain.CharField(label="SIREN", max_length=20, required=False)
    siret = plain.CharField(label="SIRET", max_length=24, required=False)
    rna = plain.CharField(label="RNA", max_length=20, required=False)
    vat_number = plain.CharField(label=_("VAT number"), max_length=30, required=False)
    country = plain.ChoiceField(
        label=_("Country"), choices=lambda: list(names().items()), required=False
    )

    class Meta:
        model = Organisation
        fields = (
            "legal_name",
            "usual_name",
            "kind",
            "siren",
            "siret",
            "rna",
            "court_register",
            "vat_number",
            "street",
            "postcode",
            "city",
            "country",
            "email",
            "phone",
            "website",
            "billing_name",
            "billing_street",
            "billing_postcode",
            "billing_city",
            "billing_email",
            "vat_status",
            "recovers_vat",
            "e_address",
            "chorus",
            "chorus_service",
        )

    def setup(self) -> None:
        held = self.instance if self.instance.pk else None
        for name in set(self.fields) - writable_fields(self.user, held):
            del self.fields[name]
        # A coop is welcomed by its own page, which opens its accompaniment.
        kind: Any = self.fields.get("kind")
        if kind is not None and held is None and not self.user.sees_everything:
            kind.choices = [c for c in kind.choices if c[0] != Organisation.Kind.COOP]

    def _post_clean(self) -> None:
        """Identifiers are judged by the action, once normalised: "123 456 789" is welcome."""


class ClientKindForm(forms.Form):
    client_kind = plain.ChoiceField(
        label=_("Client kind"), choices=Organisation.ClientKind.choices, widget=forms.ChipsRadio
    )
    reason = long_text(_("Reason"), max_length=300)


class LegalFormForm(forms.Form):
    form = plain.ChoiceField(label=_("Legal form"), choices=LegalFormPeriod.Form.choices)
    since = plain.DateField(label=_("Since"))


class MembershipForm(forms.Form):
    year = plain.IntegerField(label=_("Year"), min_value=1900, max_value=2200)
    amount = forms.MoneyField(label=_("Amount"))
    paid_on = plain.DateField(label=_("Paid on"), required=False)

    def setup(self) -> None:
        self.fields["year"].initial = self.on.year if self.on else None


class ContactForm(forms.ModelForm):
    organisation = forms.PickField(label=_("Organisation"), required=False)
    role = plain.ChoiceField(
        label=_("Role"), choices=[("", "—"), *ContactRole.Role.choices], required=False
    )

    class Meta:
        model = Contact
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "legal_basis",
            "consent_on",
            "consent_withdrawn_on",
            "last_contact_on",
        )

    def setup(self) -> None:
        organisation: Any = self.fields["organisation"]
        organisation.rows = Organisation.objects.visible_to(self.user).current()

    def _post_clean(self) -> None:
        """The action judges the whole person."""

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if bool(data.get("organisation")) != bool(data.get("role")):
            raise ValidationError(
                {"role": _("Give an organisation and the role in it, or neither.")}
            )
        return data


class PathForm(forms.Form):
    label = plain.CharField(label=_("Label"), max_length=80)
    members_target = plain.IntegerField(label=_("Member target"), min_value=0, max_value=100_000)


class StageForm(plain.Form):
    """One stage of a path: in it or not, optional or not, how long it usually lasts."""

    stage = plain.ChoiceField(choices=Stage.choices[:-1], widget=plain.HiddenInput)
    is_used = plain.BooleanField(label=_("In this path"), required=False)
    is_optional = plain.BooleanField(label=_("Optional"), required=False)
    limit_days = plain.IntegerField(
        label=_("Usual duration (days)"), min_value=1, max_value=3650, required=False
    )

    @staticmethod
    def initial_of(path: Path | None) -> list[dict[str, Any]]:
        known: dict[str, PathStage] = {s.stage: s for s in path.stages.all()} if path else {}
        return [
            {
                "stage": code,
                "is_used": code in known,
                "is_optional": code in known and known[code].is_optional,
                "limit_days": known[code].limit_days if code in known else None,
            }
            for code in Stage.values[:-1]
        ]


class StructureForm(forms.ModelForm):
    legal_name = plain.CharField(label=_("Legal name"), max_length=200)
    street = plain.CharField(label=_("Street"), max_length=200, required=False)
    postcode = plain.CharField(label=_("Postcode"), max_length=10, required=False)
    city = plain.CharField(label=_("City"), max_length=100, required=False)

    class Meta:
        model = Structure
        fields = ("consultant_stage_limit", "day_validation", "month_lock_day", "retention_months")

    field_order = ("legal_name", "street", "postcode", "city")

    def _post_clean(self) -> None:
        """The action judges the whole."""


class IssuerForm(forms.ModelForm):
    siren = plain.CharField(label="SIREN", max_length=20, required=False)
    siret = plain.CharField(label="SIRET", max_length=24, required=False)
    vat_number = plain.CharField(label=_("VAT number"), max_length=30, required=False)
    iban = plain.CharField(label="IBAN", max_length=50, required=False)
    vat_rate = forms.PercentField(label=_("Usual VAT rate"))
    penalty_rate = forms.PercentField(label=_("Late penalty rate (%)"))

    class Meta:
        model = IssuerProfile
        fields = (
            "effective_from",
            "legal_name",
            "legal_form",
            "registration",
            "siren",
            "siret",
            "vat_number",
            "capital",
            "is_sole_trader",
            "fiscal_month",
            "regime",
            "vat_rate",
            "street",
            "postcode",
            "city",
            "email",
            "phone",
            "contact_name",
            "iban",
            "bic",
            "penalty_rate",
            "is_cooperative",
            "operations",
            "e_address",
        )

    def _post_clean(self) -> None:
        """The action judges the whole, identifiers once normalised."""
