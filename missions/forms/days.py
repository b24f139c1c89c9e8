"""Forms of days: logging in a few taps, splitting, deciding who pays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms as base
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Coop, Note, Organisation
from essaim import forms
from essaim.days import is_working_day
from essaim.formats import fraction
from essaim.identifiers import search_key
from essaim.models import User
from missions.codes import Arbitration, Moment, Nature, Work
from missions.models import Mission, MissionDay
from missions.rules import QUANTITIES, default_quantity

RECENT, COOPS = 4, 12


def recent_days(on: date, count: int = 4) -> list[date]:
    """Today, then the working days before it."""
    found, day = [on], on - timedelta(days=1)
    while len(found) < count:
        if is_working_day(day):
            found.append(day)
        day -= timedelta(days=1)
    return found


def near_days(on: date, chosen: Any) -> list[date]:
    """The chips of the day: the near ones, and the day a link already chose."""
    days = recent_days(on, 6)
    try:
        day = chosen if isinstance(chosen, date) else date.fromisoformat(str(chosen or on))
    except ValueError:
        return days
    return days if day in days or day > on else [day, *days]


def missions_of(user: Any) -> Any:
    """Open missions this person may log on."""
    rows = Mission.objects.visible_to(user).open()
    return rows.select_related("coop__organisation", "agreement")


def likely_missions(user: Any) -> list[Mission]:
    """The last four missions this person worked on, then start-up help and internal ones."""
    last: list[int] = []
    worked = MissionDay.objects.filter(consultant=user).order_by("-worked_on", "-pk")
    for key in worked.values_list("mission", flat=True)[:40]:
        if key not in last:
            last.append(key)
    found = {m.pk: m for m in missions_of(user).filter(pk__in=last[:RECENT])}
    chosen = [found[key] for key in last[:RECENT] if key in found]
    others = missions_of(user).exclude(pk__in=found).order_by("-opened_on", "-pk")
    return chosen + list(others[: max(2, 6 - len(chosen))])


def likely_coops(user: Any) -> list[Coop]:
    """Coops to tick for a session with several: those this person accompanies, the last first."""
    rows = Coop.objects.visible_to(user).select_related("organisation")
    return list(rows.order_by("-pk")[:COOPS])


QUANTITY_CHOICES = [
    ("", gettext_lazy("As the moment")),
    *((str(q), fraction(q)) for q in QUANTITIES),
]


class DayForm(forms.Form):
    """What was worked: rows of chips, then words."""

    worked_on = base.DateField(label=gettext_lazy("Day"), widget=forms.DateChips())
    mission = forms.PickField(
        label=gettext_lazy("Mission"), search="coop__organisation__search_key"
    )
    moment = base.ChoiceField(
        label=gettext_lazy("Moment"), choices=Moment.choices, widget=forms.ChipsRadio()
    )
    quantity = base.TypedChoiceField(
        label=gettext_lazy("Other quantity"),
        choices=QUANTITY_CHOICES,
        coerce=Decimal,
        empty_value=None,
        required=False,
        widget=forms.ChipsRadio(),
    )
    work = base.ChoiceField(
        label=gettext_lazy("Work"), choices=Work.choices, widget=forms.ChipsRadio()
    )
    subject = base.CharField(
        label=gettext_lazy("Subject (printed on the invoice)"), max_length=200, required=False
    )
    km = base.IntegerField(label="km", min_value=0, max_value=5000, required=False)
    coops = base.ModelMultipleChoiceField(
        label=gettext_lazy("Coops present"),
        queryset=Coop.objects.none(),
        required=False,
        widget=forms.ChipsCheckbox(),
        help_text=gettext_lazy("For a session with several coops."),
    )
    other_coops = base.CharField(
        label=gettext_lazy("Other coops, by name, separated by commas"),
        max_length=400,
        required=False,
    )
    participants = base.IntegerField(
        label=gettext_lazy("Participants"), min_value=0, max_value=10_000, required=False
    )
    internal_note = base.CharField(
        label=gettext_lazy("Internal note (never printed)"), max_length=1000, required=False
    )
    is_volunteer = base.BooleanField(label=gettext_lazy("Volunteer work"), required=False)

    main = ("worked_on", "mission", "moment", "work", "subject", "km")
    several = ("coops", "other_coops", "participants")
    more = ("quantity", "internal_note", "is_volunteer")

    def setup(self) -> None:
        widget: Any = self.fields["worked_on"].widget
        if self.on is not None:
            chosen = self["worked_on"].value()
            widget.days, widget.today = near_days(self.on, chosen), self.on
        mission: Any = self.fields["mission"]
        mission.rows, mission.suggestions = missions_of(self.user), likely_missions(self.user)
        coops: Any = self.fields["coops"]
        seen = likely_coops(self.user)
        coops.queryset = Coop.objects.visible_to(self.user).select_related("organisation")
        coops.choices = [(coop.pk, str(coop)) for coop in seen]
        moment: Any = self.fields["moment"]
        mission.widget.extra = [("#several", _("Several coops"))]
        moment.widget.extra = [("#other", _("Other"))]
        moment.choices = [(m.value, f"{m.label} · {fraction(default_quantity(m))}") for m in Moment]

    def clean_other_coops(self) -> list[Coop]:
        found = []
        rows = Coop.objects.visible_to(self.user).select_related("organisation")
        for name in filter(None, map(str.strip, self.cleaned_data["other_coops"].split(","))):
            same = list(rows.filter(organisation__search_key__contains=search_key(name))[:2])
            if len(same) != 1:
                words = _("Nothing found under “%(name)s”.")
                if same:
                    words = _("Several coops match “%(name)s”: type more letters.")
                raise ValidationError(words % {"name": name})
            found += same
        return found

    def facts(self) -> dict[str, Any]:
        """The day, as the actions take it."""
        data = dict(self.cleaned_data)
        named = [*data.pop("coops"), *data.pop("other_coops")]
        keep = {k: data[k] for k in (*self.main, *self.more, "participants") if k in data}
        return {**keep, "beneficiaries": list(dict.fromkeys(named))}


class LogForm(DayForm):
    """A new day, its pair and its report in the same gesture."""

    pair = forms.PickField(label=gettext_lazy("With a colleague"), search="name", required=False)
    note_title = base.CharField(
        label=gettext_lazy("Title of the report"), max_length=160, required=False
    )
    note_kind = base.ChoiceField(
        label=gettext_lazy("Kind"), choices=Note.Kind.choices, required=False, initial="visit"
    )
    note_text = base.CharField(
        label=gettext_lazy("Meeting report"),
        max_length=Note.MAX_LENGTH,
        required=False,
        widget=base.Textarea(),
    )

    report = ("note_title", "note_kind", "note_text")

    def setup(self) -> None:
        super().setup()
        pair: Any = self.fields["pair"]
        others = User.objects.active().exclude(pk=self.user.pk)
        pair.rows = others.filter(is_consultant=True) | others.filter(is_coordinator=True)
        pair.suggestions = list(pair.rows.order_by("name")[:3])

    def note(self) -> dict[str, Any] | None:
        """The report typed with the day; None when nothing was written."""
        data = self.cleaned_data
        if not (data["note_title"].strip() or data["note_text"].strip()):
            return None
        title = data["note_title"].strip() or data["subject"].strip() or str(_("Meeting report"))
        return {"title": title, "kind": data["note_kind"] or "visit", "text": data["note_text"]}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        mission = data.get("mission")
        if (data.get("note_text") or data.get("note_title")) and mission and not mission.coop_id:
            self.add_error("note_text", _("A report belongs to a coop: this mission has none."))
        return data


class SplitForm(forms.Form):
    """How a day is cut: quantities per nature, and why."""

    billed = forms.DaysField(label=Nature.BILLED.label, required=False)
    given = forms.DaysField(label=Nature.GIVEN.label, required=False)
    elsewhere = forms.DaysField(label=Nature.ELSEWHERE.label, required=False)
    volunteer = forms.DaysField(label=Nature.VOLUNTEER.label, required=False)
    why = base.CharField(
        label=gettext_lazy("Why a part is not billed"), max_length=300, required=False
    )


class ArbitrationForm(forms.Form):
    decision = base.ChoiceField(
        label=gettext_lazy("Who pays this day?"),
        widget=forms.ChipsRadio(),
        choices=[
            (a.value, a.label)
            for a in Arbitration
            if a not in (Arbitration.NONE, Arbitration.PENDING)
        ],
    )
    payer = forms.PickField(label=gettext_lazy("The other payer"), required=False)
    why = base.CharField(label=gettext_lazy("Why"), max_length=300, required=False)

    def setup(self) -> None:
        payer: Any = self.fields["payer"]
        payer.rows = Organisation.objects.visible_to(self.user).current()


class RejectForm(forms.Form):
    why = base.CharField(label=gettext_lazy("Why"), max_length=500)


class MonthForm(forms.Form):
    month = base.DateField(label=gettext_lazy("Month"))
    open = base.BooleanField(required=False, widget=base.HiddenInput())
