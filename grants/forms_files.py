"""Forms of one file: its pieces, its budget, its other funders, its episodes, its plan."""

from typing import Any

from django.forms import (
    BooleanField,
    CharField,
    ChoiceField,
    FileField,
    HiddenInput,
    IntegerField,
    ModelChoiceField,
    Textarea,
)
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Document, Organisation
from essaim import forms
from essaim.money import ZERO
from grants.accounts import CHARGES, PRODUCTS, SUBSIDIES
from grants.actions import TypedLine
from grants.forms import SUGGESTED, DatedForm, DatedWhyForm, FactsForm
from grants.models import (
    CoFunder,
    Episode,
    GrantApplication,
    OtherAid,
    Piece,
    PieceKind,
    PlanNeed,
    PlanResource,
)

# -- pieces -----------------------------------------------------------------------------------


class PieceKindForm(FactsForm):
    class Meta:
        model = PieceKind
        fields = ("label", "step", "is_required", "help")
        widgets = {"step": forms.ChipsRadio}
        help_texts = {
            "is_required": _("The deposit is barred without it; another step only warns."),
            "help": _("Where to find it, who signs it, how recent it must be."),
        }


class PieceForm(FactsForm):
    class Meta:
        model = Piece
        fields = ("label", "step", "is_required", "help")
        widgets = {"step": forms.ChipsRadio}


class ReadyForm(forms.Form):
    """The piece is here: a file, a document kept already, or words."""

    fields: Any

    file = FileField(label=_("File"), required=False)
    evidence = ModelChoiceField(
        label=_("Document of the coop"), queryset=Document.objects.none(), required=False
    )
    words = CharField(
        label=_("Where it is kept"),
        required=False,
        max_length=500,
        help_text=_("Enough without a file: a binder, a shared folder, the funder's own site."),
    )

    def __init__(self, *args: Any, piece: Piece, **kwargs: Any) -> None:
        self.piece = piece
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        coop = self.piece.application.coop
        if coop is None:
            del self.fields["file"], self.fields["evidence"]
            return
        rows = Document.objects.visible_to(self.user).filter(coop=coop)
        self.fields["evidence"].queryset = rows.order_by("-added_at")


class SentForm(DatedForm):
    """When the piece left, or when the funder answered."""


class PieceWhyForm(DatedWhyForm):
    """Why a piece is refused, done without, or taken back."""


# -- budget -----------------------------------------------------------------------------------


class BudgetForm(forms.Form):
    carry = BooleanField(
        label=_("Carry the totals to the file"),
        required=False,
        help_text=_("Total cost, own share and contributions in kind follow the budget."),
    )


class LineForm(forms.Form):
    """One line; a row without an amount is left out."""

    fields: Any
    side = ""

    key = IntegerField(widget=HiddenInput, required=False)
    account = ChoiceField(label=_("Account"), required=False)
    label = CharField(label=_("Label"), required=False, max_length=160)
    planned = forms.MoneyField(
        label=pgettext_lazy("budget", "Planned"),
        required=False,
        max_digits=9,
        decimal_places=0,
        error_messages={"max_decimal_places": _("Whole euros, without cents.")},
    )
    realised = forms.MoneyField(label=pgettext_lazy("budget", "Realised"), required=False)

    def __init__(self, *args: Any, with_realised: bool = False, **kwargs: Any) -> None:
        self.with_realised = with_realised
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        names = CHARGES if self.side == "charge" else PRODUCTS
        self.fields["account"].choices = [("", "—")] + [
            (code, f"{code} {label}") for code, label in names.items() if code != SUBSIDIES
        ]
        if not self.with_realised:
            del self.fields["realised"]
        for name in set(self.fields) - {"key", "account"}:
            self.fields[name].widget.attrs["placeholder"] = self.fields[name].label

    @property
    def is_blank(self) -> bool:
        data = self.cleaned_data
        return data.get("planned") is None and data.get("realised") is None

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not self.is_blank and not data.get("account"):
            self.add_error("account", _("Choose the account of this line."))
        return data

    @property
    def line(self) -> TypedLine:
        data = self.cleaned_data
        return TypedLine(
            side=self.side,
            account=data["account"],
            label=data.get("label", ""),
            planned=data.get("planned") or ZERO,
            realised=data.get("realised"),
            key=data.get("key"),
        )


class ChargeForm(LineForm):
    side = "charge"


class ProductForm(LineForm):
    side = "product"


class CopyForm(forms.Form):
    fields: Any
    source = ModelChoiceField(
        label=_("File to copy from"), queryset=GrantApplication.objects.none()
    )

    def __init__(self, *args: Any, application: GrantApplication, **kwargs: Any) -> None:
        self.application = application
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        rows = GrantApplication.objects.visible_to(self.user)
        rows = rows.filter(applicant=self.application.applicant_id, budget_lines__isnull=False)
        self.fields["source"].queryset = rows.exclude(pk=self.application.pk).distinct()


# -- other funders ----------------------------------------------------------------------------


class CoFunderEditForm(FactsForm):
    funder = forms.PickField(label=_("Funder"))
    own_application = ModelChoiceField(
        label=_("Our application there"),
        queryset=GrantApplication.objects.none(),
        required=False,
        help_text=_("When the same applicant asks that funder too."),
    )

    class Meta:
        model = CoFunder
        fields = ("funder", "amount", "is_public", "own_application")
        field_classes = {"amount": forms.MoneyField}

    def setup(self) -> None:
        rows = Organisation.objects.visible_to(self.user).current()
        self.fields["funder"].rows = rows
        self.fields["funder"].suggestions = rows.filter(kind=Organisation.Kind.FUNDER)[:SUGGESTED]
        application = self.instance.application
        mine = GrantApplication.objects.visible_to(self.user)
        mine = mine.filter(applicant=application.applicant_id).exclude(pk=application.pk)
        self.fields["own_application"].queryset = mine


class StandingForm(DatedForm):
    standing = ChoiceField(
        label=_("Standing"), choices=CoFunder.State.choices, widget=forms.ChipsRadio
    )
    amount = forms.MoneyField(
        label=_("Amount"), help_text=_("What it grants, when that is not what was hoped.")
    )
    words = CharField(label=_("In words"), required=False, max_length=500)
    field_order = ("standing", "dated", "amount", "words")


# -- episodes and amendments ------------------------------------------------------------------


class EpisodeForm(FactsForm):
    class Meta:
        model = Episode
        fields = ("kind", "opened_on", "closed_on", "outcome", "words")
        widgets = {"kind": forms.ChipsRadio, "words": Textarea(attrs={"rows": 4})}
        help_texts = {"closed_on": _("Empty while it lasts.")}


class SettleAmendmentForm(forms.Form):
    words = CharField(
        label=_("What came of it"),
        max_length=500,
        help_text=_("Signed, refused, or not needed: and on what paper."),
    )


# -- de minimis and the plan of a coop --------------------------------------------------------


class OtherAidForm(FactsForm):
    class Meta:
        model = OtherAid
        fields = ("giver", "granted_on", "amount", "words")
        field_classes = {"amount": forms.MoneyField}


class NeedForm(FactsForm):
    class Meta:
        model = PlanNeed
        fields = ("kind", "label", "amount")
        field_classes = {"amount": forms.MoneyField}
        widgets = {"kind": forms.ChipsRadio}


class ResourceForm(FactsForm):
    class Meta:
        model = PlanResource
        fields = ("kind", "label", "amount", "certainty")
        field_classes = {"amount": forms.MoneyField}
        widgets = {"kind": forms.ChipsRadio, "certainty": forms.ChipsRadio}
