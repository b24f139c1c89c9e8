"""« Ce qui demande attention »: which reasons are told, and from when on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.forms import BooleanField, IntegerField
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim import forms
from essaim.reasons import (
    BY_CODE,
    MOST_DAYS,
    REASONS,
    SUBJECTS,
    Reason,
    Setting,
    Wish,
    default_words,
    measured,
    reset_reason,
    set_reasons,
    settings_of,
)
from essaim.views.edits import FormPage
from essaim.workflow import Refused


@dataclass(frozen=True, slots=True)
class Line:
    """One reason as the page draws it."""

    reason: Reason
    setting: Setting
    told: Any
    days: Any
    roles: str
    measured: str
    default: str


class ReasonsForm(forms.Form):
    """A tick and, where there is a threshold, a number of days per reason."""

    def setup(self) -> None:
        for reason in REASONS:
            label = {"reason": reason.label}
            told = BooleanField(required=False, label=_("Tell: %(reason)s") % label)
            self.fields[f"on_{reason.code}"] = told
            if reason.days is not None:
                self.fields[f"days_{reason.code}"] = IntegerField(
                    required=False,
                    min_value=0,
                    max_value=MOST_DAYS,
                    label=_("Days: %(reason)s") % label,
                )

    def wishes(self) -> list[Wish]:
        given = self.cleaned_data
        return [
            Wish(code=r.code, days=given.get(f"days_{r.code}"), is_on=given[f"on_{r.code}"])
            for r in REASONS
        ]


class ReasonSettings(FormPage):
    template_name = "essaim/reasons.html"
    title = gettext_lazy("What needs attention")
    explains = gettext_lazy("What “Today” tells each role, and from how many days on.")
    form_class = ReasonsForm
    success_url = reverse_lazy("reasons")
    back = (reverse_lazy("settings"), gettext_lazy("Set-up"))

    def get_initial(self) -> dict[str, Any]:
        found = settings_of()
        on = {f"on_{code}": setting.is_on for code, setting in found.items()}
        return on | {f"days_{code}": setting.days for code, setting in found.items()}

    def get_context(self, **more: Any) -> dict[str, Any]:
        context = super().get_context(**more)
        return context | {"parts": parts_of(context["form"])}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if code := request.POST.get("reset", ""):
            return self.reset(code)
        return super().post(request, *args, **kwargs)

    def reset(self, code: str) -> HttpResponseBase:
        """One reason back to what is proposed; what was typed elsewhere is left unsaved."""
        try:
            reset_reason(code, **self.act())
        except Refused as refused:
            form = self.form_class(
                initial=self.get_initial(), user=self.request.user, on=self.today
            )
            return self.not_done(form, refused.missing)
        label = {"reason": BY_CODE[code].label}
        messages.success(self.request, _("“%(reason)s” is back to what is proposed.") % label)
        return redirect(self.success_url)

    def perform(self, form: Any) -> Sequence[Any]:
        return set_reasons(form.wishes(), **self.act())

    def get_success_message(self, done: Any) -> Any:
        return _("Saved.") if done else _("Nothing changed.")


def parts_of(form: Any) -> list[tuple[Any, list[Line]]]:
    """The reasons under their headings, with the fields of each."""
    found = settings_of()
    lines = [
        Line(
            reason,
            found[reason.code],
            form[f"on_{reason.code}"],
            form[f"days_{reason.code}"] if reason.days is not None else None,
            ", ".join(str(role.label).lower() for role in reason.roles),
            measured(reason),
            default_words(reason),
        )
        for reason in REASONS
    ]
    grouped = groupby(lines, key=lambda line: line.reason.subject)
    return [(SUBJECTS[subject], list(some)) for subject, some in grouped]
