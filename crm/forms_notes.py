"""Forms about notes, tasks and documents."""

from typing import Any

from django import forms as plain
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.forms import long_text
from crm.forms_kit import FILE_HELP
from crm.models import Contact, Coop, Note, NoteParticipant, TaskMailing
from crm.models.tasks import LATE_AFTER
from essaim import features, forms
from essaim.models import User
from essaim.number_chips import NumberChips
from essaim.roles import Role


def staff() -> Any:
    """Colleagues with a role: a task may be anybody's, the accountant's too."""
    roles = Q()
    for role in Role.values:
        roles |= Q(**{f"is_{role}": True})
    return User.objects.active().filter(roles)


class MomentField(plain.DateTimeField):
    """A date and an hour, with the browser's own picker."""

    widget = plain.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class NoteForm(forms.Form):
    kind = plain.ChoiceField(label=_("Kind"), choices=Note.Kind.choices, widget=forms.ChipsRadio)
    title = plain.CharField(label=_("Title"), max_length=160)
    text = long_text(_("Text"), max_length=Note.MAX_LENGTH, required=False)
    happened_at = MomentField(label=_("When"), required=False, help_text=_("Empty: now."))
    minutes = plain.IntegerField(
        label=_("Minutes"),
        min_value=0,
        max_value=1440,
        required=False,
        widget=NumberChips((10, 15, 30, 45, 60), "min"),
    )
    colleagues = plain.ModelMultipleChoiceField(
        User.objects.none(),
        label=_("Colleagues who were there"),
        required=False,
        widget=forms.ChipsCheckbox,
    )
    contacts = plain.ModelMultipleChoiceField(
        Contact.objects.none(),
        label=_("People who were there"),
        required=False,
        widget=forms.ChipsCheckbox,
    )
    file = plain.FileField(label=_("Attachment"), required=False, help_text=FILE_HELP)
    file_title = plain.CharField(label=_("Title of the attachment"), max_length=160, required=False)
    is_shared = plain.BooleanField(
        label=_("Shared with the coop"),
        required=False,
        help_text=_("Internal notes are read by those who accompany the coop, and nobody else."),
    )
    # The two answers to the question that sharing asks.
    share_confirmed = plain.BooleanField(required=False, widget=plain.HiddenInput)
    keep_internal = plain.BooleanField(required=False, widget=plain.HiddenInput)

    def __init__(self, *args: Any, coop: Coop, note: Note | None = None, **kwargs: Any) -> None:
        self.coop, self.note = coop, note
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        now = Q(roles__organisation=self.coop.organisation_id, roles__until=None)
        kept = Q(pk__in=self.note.participants.values("contact")) if self.note else Q(pk=None)
        people = Contact.objects.filter((now & Q(archived_on=None)) | kept)
        contacts: Any = self.fields["contacts"]
        contacts.queryset = people.distinct()
        colleagues: Any = self.fields["colleagues"]
        there = self.note.participants.values("user") if self.note else ()
        colleagues.queryset = User.objects.filter(Q(pk__in=staff()) | Q(pk__in=there)).exclude(
            pk=self.author_pk
        )
        self.fields["kind"].initial = Note.Kind.NOTE

    @property
    def author_pk(self) -> int:
        """Who writes the note was there: only the others are ticked."""
        return int(self.note.author_id if self.note is not None else self.user.pk)

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        people = [*(data.pop("colleagues", None) or ()), *(data.pop("contacts", None) or ())]
        data["participants"] = people
        if data.pop("keep_internal", False):
            data["is_shared"] = False
        return data


class OwnerField(plain.ModelChoiceField):
    """A colleague to whom a task is given; without a choice, oneself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(User.objects.none(), label=_("Who"), required=False, **kwargs)


class ActionForm(forms.Form):
    """One next action, typed in the form of a note; empty, it is left out."""

    what = plain.CharField(label=_("What"), max_length=200, required=False)
    owner = OwnerField()
    due_on = plain.DateField(label=_("Due on"), required=False)

    def setup(self) -> None:
        owner: Any = self.fields["owner"]
        owner.queryset, owner.initial = staff(), self.user

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        if data.get("due_on") and not data.get("what") and "what" not in self.errors:
            raise ValidationError({"what": _("Say what is to be done, or empty the date.")})
        return data


class TaskDoneForm(forms.Form):
    """Empty when the task is done; `again` puts it back among those to do."""

    again = plain.BooleanField(required=False, widget=plain.HiddenInput)


class TaskForm(forms.Form):
    follows = {features.SEVERAL_PEOPLE: ("owner",)}

    what = plain.CharField(label=_("What"), max_length=200)
    due_on = plain.DateField(label=_("Due on"), required=False)
    owner = OwnerField()

    def __init__(self, *args: Any, kept: User | None = None, **kwargs: Any) -> None:
        self.kept = kept
        super().__init__(*args, **kwargs)

    def setup(self) -> None:
        owner: Any = self.fields["owner"]
        held = Q(pk=self.kept.pk) if self.kept is not None else Q()
        owner.queryset = User.objects.filter(Q(pk__in=staff()) | held) if held else staff()
        owner.initial = self.user


class MailingForm(forms.ModelForm):
    class Meta:
        model = TaskMailing
        fields = ("late_after",)

    def setup(self) -> None:
        if self.instance.pk is None:
            self.fields["late_after"].initial = LATE_AFTER

    def _post_clean(self) -> None:
        """The action judges the row."""


class ParticipantField(plain.ModelMultipleChoiceField):
    widget = forms.ChipsCheckbox

    def label_from_instance(self, obj: NoteParticipant) -> str:  # type: ignore[override]
        return f"{obj} ({obj.email})"


class SendForm(forms.Form):
    """To whom a shared note goes: those who were there, have an address and have not had it."""

    to = ParticipantField(NoteParticipant.objects.none(), label=_("To"))

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to: Any = self.fields["to"]
        to.queryset = people
        to.initial = [p.pk for p in people]


class DocumentForm(forms.Form):
    file = plain.FileField(label=_("File"), help_text=FILE_HELP)
    title = plain.CharField(label=_("Title"), max_length=160, required=False)


class VersionForm(forms.Form):
    file = plain.FileField(label=_("File of the new version"), help_text=FILE_HELP)


class TitleForm(forms.Form):
    title = plain.CharField(label=_("Title"), max_length=160)
