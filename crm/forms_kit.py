"""Forms about the kit: what an item says, its questions and files, and what a coop has of it."""

from typing import Any

from django import forms as plain
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms import long_text
from crm.models import Requirement
from essaim import forms

FILE_HELP = _("PDF, picture, office document or text, 10 MB at most.")


class RequirementForm(forms.ModelForm):
    # The effect that was read and accepted (crm.kit_effect); empty, it is shown first.
    confirmed = plain.CharField(required=False, widget=plain.HiddenInput, max_length=60)

    class Meta:
        model = Requirement
        fields = (
            "title",
            "stage",
            "milestone",
            "level",
            "why",
            "how",
            "for_coop",
            "is_shared",
            "paths",
            "local_law",
            "general_law",
            "position",
            "is_active",
        )
        widgets = {
            "level": forms.ChipsRadio,
            "paths": forms.ChipsCheckbox,
        }

    def _post_clean(self) -> None:
        """The action judges the whole item."""


class NewRequirementForm(RequirementForm):
    code = plain.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("A short word in small letters, as “charter”: it never changes."),
    )
    field_order = ("code",)

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if Requirement.objects.filter(code=code).exists():
            raise ValidationError(_("This code is taken."), code="taken")
        return code


class QuestionForm(forms.Form):
    """One question that comes back, and its answer; both empty, it is left out."""

    question = plain.CharField(label=_("Question"), max_length=200, required=False)
    answer = long_text(_("Answer"), max_length=2_000, required=False)

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if bool(data.get("question")) != bool(data.get("answer")):
            raise ValidationError(_("A question goes with its answer: fill both, or neither."))
        return data


class KitFileForm(forms.Form):
    file = plain.FileField(label=_("Template file"), help_text=FILE_HELP)
    title = plain.CharField(
        label=_("Title"),
        max_length=160,
        required=False,
        help_text=_("As the coop reads it; empty, the name of the file."),
    )


class TickForm(forms.Form):
    """An item done (a date, words, evidence), or not needed (a reason)."""

    done_on = plain.DateField(label=_("Done on"), required=False)
    words = long_text(
        _("In words"),
        max_length=500,
        required=False,
        help_text=_("Internal, like a note: who told it, what was decided."),
    )
    document: Any = plain.ModelChoiceField(None, label=_("Document already kept"), required=False)
    file = plain.FileField(label=_("Or a new file"), required=False, help_text=FILE_HELP)
    waive = plain.BooleanField(
        label=_("This item is not needed here"),
        required=False,
        help_text=_("Say why in words: it then counts as settled."),
    )

    def __init__(self, *args: Any, documents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        document: Any = self.fields["document"]
        document.queryset = documents
        self.fields["done_on"].initial = self.on
