"""Forms about people over time: roles, archives, duplicates, how long they are kept."""

from typing import Any

from django import forms as plain
from django.utils.translation import gettext_lazy as _

from crm.models import Contact, ContactRole, Organisation
from essaim import forms
from essaim.days import add_months


class RoleForm(forms.Form):
    """What somebody is or was in an organisation, from when to when."""

    organisation = forms.PickField(label=_("Organisation"))
    role = plain.ChoiceField(
        label=_("Role"), choices=ContactRole.Role.choices, widget=forms.ChipsRadio
    )
    since = plain.DateField(label=_("Since"), required=False)
    until = plain.DateField(
        label=_("Until"), required=False, help_text=_("Empty while the role goes on.")
    )

    def setup(self) -> None:
        organisation: Any = self.fields["organisation"]
        organisation.rows = Organisation.objects.visible_to(self.user).current()


class RoleEditForm(RoleForm):
    """The organisation of a role stays: another one is another role."""

    def setup(self) -> None:
        del self.fields["organisation"]


class ArchiveForm(forms.Form):
    reason = plain.CharField(label=_("Reason"), max_length=300)


class EraseForm(forms.Form):
    reason = plain.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Kept in the trail: write neither their name nor their address."),
    )


class KeepForm(forms.Form):
    reason = plain.CharField(label=_("Why they are kept"), max_length=300)
    review_on = plain.DateField(label=_("Look at it again on"))

    def setup(self) -> None:
        if self.on is not None:
            self.fields["review_on"].initial = add_months(self.on, 12)


class TwinForm(forms.Form):
    """The row that says the same thing, and is kept."""

    target = forms.PickField(
        label=_("The one that is kept"),
        help_text=_("You then choose, value by value, what is kept of each."),
    )

    def __init__(self, *args: Any, model: type[Organisation] | type[Contact], **kwargs: Any):
        self.model = model
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        target: Any = self.fields["target"]
        target.rows = self.model.objects.visible_to(self.user).current()


class JoinForm(forms.Form):
    """For each fact on which two rows differ, which of both is kept."""

    def __init__(
        self, *args: Any, differences: dict[str, tuple[Any, str, str]], **kwargs: Any
    ) -> None:
        self.differences = differences
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        for name, (label, kept, other) in self.differences.items():
            self.fields[name] = plain.ChoiceField(
                label=label,
                choices=[("target", kept or "—"), ("source", other or "—")],
                initial="target" if kept else "source",
                widget=plain.RadioSelect,
            )

    @property
    def take(self) -> frozenset[str]:
        return frozenset(k for k, v in self.cleaned_data.items() if v == "source")
