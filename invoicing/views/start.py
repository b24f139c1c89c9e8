"""The first run: four short steps, four questions, a first invoice."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import IssuerProfile, Path, Requirement
from essaim import features, people
from essaim.forms import EmptyForm
from essaim.models import Series, User
from essaim.series import number_of
from essaim.views import Action, FormPage, Page
from essaim.views.people import PersonInvite
from invoicing import forms_start, start
from invoicing.actions import starting
from invoicing.numbering import INVOICES

SHELL = reverse_lazy("start:home")


class StartHome(Page):
    """The four steps with what became of each, the questions, the examples."""

    title = gettext_lazy("First steps")
    template_name = "invoicing/start/home.html"
    explains = gettext_lazy(
        "Four short steps to your first invoice. Leave whenever you want: what is done stays done."
    )

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = start.steps()
        may = self.request.user.has_perm
        return super().get_context(
            steps=[(step, may(step.permission)) for step in found],
            behind=sum(not step.is_open for step in found),
            total=len(found),
            go_on=start.next_url(found),
            answered=bool(features.answers()),
            may_bill=may("invoicing.draft_invoice"),
            **more,
        )


class StepPage(FormPage):
    """One of the four steps; it can be skipped, left, taken again."""

    code: str = ""
    template_name = "invoicing/start/step.html"
    submit_label = gettext_lazy("Save and go on")
    submit_icon = "arrow-right"

    def get_title(self) -> Any:
        return start.LABELS[self.code]

    def get_facts(self) -> str:
        place = start.STEPS.index(self.code) + 1
        return _("Step %(place)s of %(total)s") % {"place": place, "total": len(start.STEPS)}

    def get_back(self) -> tuple[str, Any]:
        place = start.STEPS.index(self.code)
        if not place:
            return (str(SHELL), _("First steps"))
        before = start.STEPS[place - 1]
        return (reverse(f"start:{before}"), start.LABELS[before])

    def get_success_url(self, done: Any) -> str:
        return start.next_url(start.steps(), self.code)

    def get_context(self, **more: Any) -> dict[str, Any]:
        found = start.steps()
        more |= {
            "stepper": [
                (s.label, "current" if s.code == self.code else s.state, "") for s in found
            ],
            "place": start.STEPS.index(self.code) + 1,
            "total": len(found),
            "skip_url": reverse("start:skip", args=(self.code,)),
            "is_done": any(s.code == self.code and s.state == "done" for s in found),
            "after_url": start.next_url(found, self.code),
        }
        return super().get_context(**more)


class IssuerStep(StepPage):
    code = start.ISSUER
    form_class = forms_start.IssuerStepForm
    template_name = "invoicing/start/issuer.html"
    explains = gettext_lazy("What your invoices say of you. The rest can wait.")

    def get_initial(self) -> dict[str, Any]:
        return forms_start.IssuerStepForm.initial_of(IssuerProfile.objects.at(self.today))

    def perform(self, form: Any) -> IssuerProfile:
        return starting.say_who_we_are(**form.profile(), **self.act())


class NumberingStep(StepPage):
    code = start.NUMBERING
    form_class = forms_start.NumberStepForm
    template_name = "invoicing/start/numbering.html"
    explains = gettext_lazy("Invoices bear numbers without a gap: choose how they look.")

    def found(self) -> Series | None:
        return Series.objects.filter(kind=INVOICES, closed=False).first()

    def get_initial(self) -> dict[str, Any]:
        found = self.found()
        if found is None:
            return {"number": f"F{self.today.year}-0001"}
        label = self.today.year if found.restarts else 0
        year = found.years.filter(year=label).first()
        rank = (year.counter if year else 0) + 1
        return {"number": number_of(found, year=self.today.year, rank=rank)}

    def perform(self, form: Any) -> Series:
        if form.initial["number"] == self.request.POST.get("number") and (found := self.found()):
            return found
        return starting.number_from(form.cleaned_data["number"], **self.act())


class PeopleStep(StepPage):
    """Invite colleagues one after the other, or say that one is alone."""

    code = start.PEOPLE
    form_class = forms_start.PeopleStepForm
    template_name = "invoicing/start/people.html"
    explains = gettext_lazy("Each colleague chooses a password; roles say who may do what.")
    submit_label = gettext_lazy("Send the invitation")
    submit_icon = "user-plus"

    @property
    def says_alone(self) -> bool:
        return "alone" in self.request.POST

    def get_form_class(self) -> Any:
        return EmptyForm if self.says_alone else self.form_class

    def perform(self, form: Any) -> User | None:
        if self.says_alone:
            starting.work_alone(**self.act())
            return None
        return people.invite(
            **form.cleaned_data, link=PersonInvite(request=self.request).link_for, **self.act()
        )

    def not_done(self, form: Any, missing: Any) -> Any:
        if self.says_alone:
            form = self.form_class(user=self.request.user, on=self.today)
        return super().not_done(form, missing)

    def get_success_message(self, done: User | None) -> str:
        if done is None:
            return _("Noted: what is only for teams is put aside.")
        return _("%(name)s is invited: the message leaves with the next mail.") % {"name": done}

    def get_success_url(self, done: User | None) -> str:
        return super().get_success_url(done) if done is None else reverse("start:people")

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(everybody=list(User.objects.active()[:12]), **more)


class KitStep(StepPage):
    """The kit as it is proposed, item by item, or none."""

    code = start.KIT
    form_class = EmptyForm
    template_name = "invoicing/start/kit.html"
    explains = gettext_lazy("What each coop is asked at each stage, from the idea to the opening.")
    submit_label = gettext_lazy("Take the proposed kit")
    submit_icon = "check"

    def perform(self, form: Any) -> None:
        starting.take_kit(with_items="none" not in self.request.POST, **self.act())

    def get_context(self, **more: Any) -> dict[str, Any]:
        rows = Requirement.objects.all()
        return super().get_context(
            paths=list(Path.objects.prefetch_related("stages")),
            items=rows.count(),
            required=rows.filter(level=Requirement.Level.REQUIRED).count(),
            **more,
        )


class KitPick(StepPage):
    """Which items of the kit are in use."""

    code = start.KIT
    form_class = forms_start.KitPickForm
    template_name = "invoicing/start/kit_pick.html"
    title = gettext_lazy("Choose the items of the kit")
    explains = gettext_lazy("Untick what you never ask: coops are no longer asked for it.")

    def get_title(self) -> Any:
        return self.title

    def get_back(self) -> tuple[str, Any]:
        return (reverse("start:kit"), start.LABELS[start.KIT])

    def perform(self, form: Any) -> None:
        starting.pick_kit(form.cleaned_data["items"], **self.act())


class Skip(Page):
    """Leave a step for later."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("start:home")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        starting.skip(self.kwargs["code"], **self.act())
        return redirect(start.next_url(start.steps(), self.kwargs["code"]))


class PutAway(Page):
    """Put the list of first things away."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect("today")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        starting.mark(start.AWAY, **self.act())
        return redirect("today")


class Features(FormPage):
    """« Ce que nous utilisons »: four questions that switch menus and fields."""

    form_class = forms_start.FeaturesForm
    title = gettext_lazy("What we use")
    template_name = "invoicing/start/features.html"
    explains = gettext_lazy(
        "A no puts menus and fields aside, never your data: what has rows stays where it was."
    )
    success_message = gettext_lazy("Noted. You can change your mind here at any time.")

    def get_initial(self) -> dict[str, Any]:
        """What was not answered yet is told by what was set up."""
        known, found = features.answers(), IssuerProfile.objects.at(self.today)
        if features.VAT in known or found is None:
            return {}
        return {features.VAT: "yes" if found.regime in starting.TAXED else "no"}

    def perform(self, form: Any) -> None:
        starting.say_what_we_use(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        return reverse("start:home" if start.BEGUN in start.marks() else "start:features")

    def get_context(self, **more: Any) -> dict[str, Any]:
        return super().get_context(still_used=features.still_used(), **more)


class FirstInvoice(FormPage):
    """A client, a line, a price: then read it and issue it."""

    form_class = forms_start.FirstInvoiceForm
    title = gettext_lazy("First invoice")
    explains = gettext_lazy(
        "Write the client and one line; you read the whole before it is issued."
    )
    submit_label = gettext_lazy("Read it before issuing")
    submit_icon = "arrow-right"
    back = (reverse_lazy("today"), gettext_lazy("Today"))

    def perform(self, form: Any) -> Any:
        return starting.first_invoice(**form.cleaned_data, **self.act())

    def get_success_url(self, done: Any) -> str:
        if self.request.user.has_perm("invoicing.issue_invoice"):
            return reverse("invoicing:issue", args=(done.pk,))
        return done.get_absolute_url()

    def get_actions(self) -> list[Action]:
        url = reverse("invoicing:invoice_new")
        return [Action(_("For a client known already"), url, "building-2")]
