"""Forms about legal persons and members of a coop."""

from django import forms as plain
from django.utils.translation import gettext_lazy as _

from crm.models import LegalFormPeriod, MemberCount, Organisation
from essaim import forms

FORMS = LegalFormPeriod.Form


class TransformForm(forms.Form):
    """The same legal person in a new form."""

    form = plain.ChoiceField(
        label=_("New legal form"),
        choices=[c for c in FORMS.choices if c[0] not in (FORMS.NONE, FORMS.AUTHORITY)],
    )
    since = plain.DateField(label=_("From"))

    def setup(self) -> None:
        self.fields["since"].initial = self.on


class ParallelEntityForm(forms.Form):
    """A second legal person: one of the list, or a new one."""

    organisation = forms.PickField(
        label=_("An organisation already known"),
        required=False,
        help_text=_("Leave it empty for a new one."),
    )
    legal_name = plain.CharField(label=_("Or its legal name"), max_length=200, required=False)
    form = plain.ChoiceField(
        label=_("Its legal form"), choices=[("", "—"), *FORMS.choices], required=False
    )
    siren = plain.CharField(label="SIREN", max_length=20, required=False)
    since = plain.DateField(label=_("It exists since"))
    why = plain.CharField(
        label=_("What it is for"),
        max_length=300,
        help_text=_("For example: the SCIC runs the shop, the association keeps the volunteers."),
    )

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user).filter(archived_on=None, coop=None)
        self.fields["organisation"].rows = rows  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        known, name = data.get("organisation"), data.get("legal_name")
        if not known and not name and "organisation" not in self.errors:
            self.add_error(
                "legal_name", _("Choose an organisation, or write the name of a new one.")
            )
        if known and name:
            self.add_error(
                "legal_name", _("Choose one of the two: a known organisation or a new one.")
            )


class CorrectCountForm(forms.ModelForm):
    why = plain.CharField(label=_("What was wrong"), max_length=200)

    class Meta:
        model = MemberCount
        fields = ("as_of", "registered", "active", "source")

    field_order = ("as_of", "registered", "active", "source", "why")

    def _post_clean(self) -> None:
        """The action judges the whole count."""
