"""Forms about coops and their accompaniment: what each move and each fact asks."""

from typing import Any

from django import forms as plain
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm import actions
from crm.guards import own_limit
from crm.models import Accompaniment, Coop, MemberCount, Milestone, Path
from crm.stages import RANK, Stage
from essaim import features, forms
from essaim.models import User
from essaim.roles import Role

ACCOMPANY = (Role.CONSULTANT, Role.COORDINATOR, Role.ADMINISTRATOR)


def companions() -> list[tuple[int, str]]:
    """Who may follow coops; an office has few people, so a plain select will do."""
    return [(u.pk, str(u)) for u in User.objects.active() if u.has_role(*ACCOMPANY)]


class PersonField(plain.TypedChoiceField):
    """One colleague who accompanies coops."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, choices=companions, **kwargs)

    def clean(self, value: Any) -> User | None:
        key = super().clean(value)
        return User.objects.get(pk=key) if key else None

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "pk", value)


class PeopleField(plain.TypedMultipleChoiceField):
    """Several colleagues who accompany coops."""

    widget = forms.ChipsCheckbox

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, choices=companions, required=False, **kwargs)

    def clean(self, value: Any) -> list[User]:
        return list(User.objects.filter(pk__in=super().clean(value)))


def long_text(label: Any, **kwargs: Any) -> plain.CharField:
    return plain.CharField(label=label, widget=plain.Textarea, **kwargs)


class WhyForm(forms.Form):
    why = long_text(_("Reason"), max_length=500)


class DatedForm(forms.Form):
    """A move takes effect today or earlier."""

    effective_on = plain.DateField(label=_("On"))

    def setup(self) -> None:
        self.fields["effective_on"].initial = self.on


class MoveForm(forms.Form):
    """The accompaniment that moves is known to the form."""

    def __init__(self, *args: Any, accompaniment: Accompaniment, **kwargs: Any) -> None:
        self.accompaniment = accompaniment
        super().__init__(*args, **kwargs)


class AdvanceForm(MoveForm):
    to = plain.ChoiceField(label=_("Stage"), widget=forms.ChipsRadio)
    effective_on = plain.DateField(label=_("On"))
    why = long_text(_("In words"), max_length=500, required=False)

    def setup(self) -> None:
        self.fields["effective_on"].initial = self.on
        here = RANK[self.accompaniment.stage]
        stages = [s.stage for s in self.accompaniment.path.stages.all()]
        to: Any = self.fields["to"]
        limit = RANK[own_limit(self.user)]
        to.choices = [
            (code, Stage(code).label)
            for code in stages
            if self.reached(RANK[code], here) and RANK[code] <= max(limit, here)
        ]

    @staticmethod
    def reached(rank: int, here: int) -> bool:
        return rank > here


class GoBackForm(AdvanceForm):
    why = long_text(_("Reason"), max_length=500)

    @staticmethod
    def reached(rank: int, here: int) -> bool:
        return rank < here


class PathForm(DatedForm):
    path = plain.ModelChoiceField(label=_("New path"), queryset=Path.objects.none())
    to = plain.ChoiceField(
        label=_("Stage"),
        required=False,
        help_text=_("Another stage is needed only when the present one is not on the new path."),
    )
    why = long_text(_("Reason"), max_length=500)
    field_order = ("path", "to")

    def setup(self) -> None:
        super().setup()
        path: Any = self.fields["path"]
        path.queryset = Path.objects.visible_to(self.user)
        to: Any = self.fields["to"]
        stages = [(s.value, s.label) for s in Stage if s != Stage.DONE]
        to.choices = [("", _("Stay at the present stage")), *stages]


class PauseForm(forms.Form):
    review_on = plain.DateField(label=_("Review on"))
    why = long_text(_("Reason"), max_length=500)


class ReleaseForm(DatedForm):
    why = long_text(_("Reason"), max_length=500)


class MergeForm(DatedForm):
    into = forms.PickField(
        search="organisation__search_key",
        label=_("Into which coop"),
        help_text=_("Nothing moves: this coop becomes read-only and points to the other."),
    )
    why = long_text(_("In words"), max_length=500, required=False)
    field_order = ("into",)

    def setup(self) -> None:
        super().setup()
        live = Accompaniment.objects.live().values("coop")
        rows = Coop.objects.visible_to(self.user).filter(pk__in=live)
        into: Any = self.fields["into"]
        into.rows = rows.select_related("organisation")


class FinishForm(DatedForm):
    outcome = plain.ChoiceField(
        label=_("Outcome"), choices=Accompaniment.Outcome.choices, widget=forms.ChipsRadio
    )
    why = long_text(_("In words"), max_length=500, required=False)
    field_order = ("outcome",)


class AbandonForm(MoveForm):
    """Why, when, who decided, and a decision for each loose end of the rooms above."""

    reason_code = plain.ChoiceField(
        label=_("Why the project stops"),
        choices=Accompaniment.AbandonReason.choices,
        widget=forms.ChipsRadio,
    )
    effective_on = plain.DateField(label=_("On"))
    decided_by = plain.CharField(label=_("Who decided"), max_length=200)

    def setup(self) -> None:
        self.fields["effective_on"].initial = self.on
        for end in actions.loose_ends(self.accompaniment, user=self.user):
            self.fields[f"decision:{end.key}"] = plain.ChoiceField(
                label=end.label, choices=list(end.choices), widget=forms.ChipsRadio
            )

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        names = [name for name in data if name.startswith("decision:")]
        data["decisions"] = {name.removeprefix("decision:"): data.pop(name) for name in names}
        return data


class CoopFields(forms.Form):
    """What is asked of a coop when it comes to us."""

    follows = {features.SEVERAL_PEOPLE: ("owner",)}

    legal_name = plain.CharField(label=_("Name"), max_length=200)
    commune = plain.CharField(label=_("Commune"), max_length=100)
    postcode = plain.CharField(
        label=_("Postcode"),
        max_length=5,
        help_text=_("It says which law applies: Alsace-Moselle has its own kit items."),
    )
    street = plain.CharField(label=_("Street"), max_length=200, required=False)
    email = plain.EmailField(label=_("E-mail"), required=False)
    phone = plain.CharField(label=_("Phone"), max_length=30, required=False)
    path = plain.ModelChoiceField(Path.objects.all(), label=_("Path"), empty_label=None)
    owner = PersonField(label=_("Followed by"))
    origin = plain.CharField(label=_("Origin of the contact"), max_length=200, required=False)

    def setup(self) -> None:
        self.fields["owner"].initial = self.user
        if not self.user.has_perm("crm.assign_accompaniment"):
            del self.fields["owner"]

    def clean_postcode(self) -> str:
        value = self.cleaned_data["postcode"]
        if not (value.isascii() and value.isdigit() and len(value) == 5):
            raise ValidationError(_("A postcode has five digits."), code="postcode")
        return value


class CoopNewForm(CoopFields):
    is_offered = plain.BooleanField(label=_("Accompaniment offered"), required=False)
    same = plain.BooleanField(
        label=_("It is another one: create it all the same"),
        required=False,
        widget=plain.HiddenInput,
    )


class TakeOverForm(CoopFields):
    stage = plain.ChoiceField(
        label=_("Stage it has reached"), choices=Stage.choices[:-1], widget=forms.ChipsRadio
    )
    started_on = plain.DateField(label=_("Accompanied since"), required=False)
    effective_on = plain.DateField(label=_("In this stage since"))
    why = long_text(_("In words"), max_length=500, required=False)


class CoopEditForm(forms.ModelForm):
    mother = forms.PickField(
        search="organisation__search_key", label=_("Mother coop"), required=False
    )

    class Meta:
        model = Coop
        fields = (
            "commune",
            "insee",
            "epci",
            "department",
            "is_qpv",
            "is_frr",
            "members_target",
            "opening_target",
            "jobs_created",
            "origin",
            "mother",
        )

    def setup(self) -> None:
        rows = Coop.objects.visible_to(self.user).select_related("organisation")
        mother: Any = self.fields["mother"]
        mother.rows = rows.exclude(pk=self.instance.pk)

    def _post_clean(self) -> None:
        """The action judges the whole coop."""


class MembersForm(forms.ModelForm):
    class Meta:
        model = MemberCount
        fields = ("as_of", "registered", "active", "source")

    def setup(self) -> None:
        self.fields["as_of"].initial = self.on

    def _post_clean(self) -> None:
        """The action judges the whole count."""


class MilestoneForm(forms.Form):
    kind = plain.ChoiceField(
        label=_("Milestone"), choices=Milestone.Kind.choices, widget=forms.ChipsRadio
    )
    happened_on = plain.DateField(label=_("Date"))

    def setup(self) -> None:
        self.fields["happened_on"].initial = self.on


class BlockForm(forms.Form):
    reason = plain.CharField(label=_("What blocks"), max_length=200)


class NextForm(forms.Form):
    next_action = plain.CharField(label=_("Next action"), max_length=200, required=False)
    next_action_on = plain.DateField(label=_("On"), required=False)


class AssignForm(forms.Form):
    follows = {features.SEVERAL_PEOPLE: ("team",)}

    owner = PersonField(label=_("Followed by"))
    team = PeopleField(label=_("Team"))
