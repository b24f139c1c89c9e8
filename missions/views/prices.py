"""Pages of an agreed price: its pieces, acceptances, the report, papers and signed scans."""

from decimal import Decimal
from typing import Any

from django.forms import formset_factory
from django.http import HttpRequest, HttpResponseBase
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from essaim.views import FormPage, Page, TransitionPage
from missions import actions
from missions.actions import PhaseLine
from missions.compose import amendment_paper
from missions.forms.contracts import AcceptForm, PhaseForm, ReportForm, ScanForm, whole_of
from missions.models import Agreement, Amendment, FrozenPaper, Phase
from missions.views.papers import paper_response, preview_response


class Phases(FormPage):
    """The phases of a price, or the instalments of a pack, before the signature."""

    model = Agreement
    title = gettext_lazy("Phases and instalments")
    explains = gettext_lazy("Each phase has its price and its term; their sum is the price agreed.")
    about = "phases"
    template_name = "missions/phases.html"
    success_message = gettext_lazy("The pieces of the price are kept.")

    def get_facts(self) -> str:
        return str(self.object)

    def get_formsets(self) -> dict[str, Any]:
        names = ("title", "amount", "planned_on")
        rows = [{n: getattr(p, n) for n in names} for p in self.object.phases.all()]
        many = formset_factory(PhaseForm, extra=3, max_num=30, validate_max=True)
        return {
            "phases": many(
                self.request.POST or None,
                initial=rows,
                prefix="phases",
                form_kwargs={"user": self.request.user, "on": self.today},
            )
        }

    def get_context(self, **more: Any) -> dict[str, Any]:
        made = sum((p.amount for p in self.object.phases.all()), Decimal("0.00"))
        return super().get_context(made=made, whole=whole_of(self.object), **more)

    def perform(self, form: Any) -> Agreement:
        found = [one.cleaned_data for one in self.formsets["phases"] if one.cleaned_data]
        lines = [PhaseLine(**data) for data in found]
        return actions.set_phases(self.object, lines, **self.act())


class PhaseMove(TransitionPage):
    model = Phase
    select_related = ("agreement__client", "agreement__coop__organisation")
    forms = {"accept": AcceptForm}
    actions = {
        "accept": actions.accept_phase,
        "take_back_acceptance": actions.take_back_acceptance,
    }
    helps = {"accept": gettext_lazy("An accepted phase may be billed, once.")}

    def get_initial(self) -> dict[str, Any]:
        return {"accepted_on": self.today} | super().get_initial()

    def get_facts(self) -> str:
        return f"{self.object} · {self.object.agreement}"


class ReportDelivered(FormPage):
    model = Agreement
    form_class = ReportForm
    title = gettext_lazy("The report is delivered")
    explains = gettext_lazy(
        "Some agreements are paid on the report: this date opens the right to bill."
    )
    submit_label = gettext_lazy("Record the delivery")
    success_message = gettext_lazy("The delivery is recorded: what is paid on it falls due.")

    def get_facts(self) -> str:
        return str(self.object)

    def get_initial(self) -> dict[str, Any]:
        return {"delivered_on": self.object.report_delivered_on or self.today}

    def perform(self, form: Any) -> Agreement:
        return actions.deliver_report(self.object, **form.cleaned_data, **self.act())


class _Scan(FormPage):
    """The signed paper, scanned, beside what it signs."""

    form_class = ScanForm
    title = gettext_lazy("Signed paper")
    submit_label = gettext_lazy("Keep it")
    success_message = gettext_lazy("The signed paper is kept.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> Any:
        actions.attach_scan(self.object, form.cleaned_data["file"], **self.act())
        return self.object


class AgreementScan(_Scan):
    explains = gettext_lazy("The signed paper is the proof of what was agreed: keep it here.")
    model = Agreement
    select_related = ("coop__organisation",)


class AmendmentScan(_Scan):
    explains = gettext_lazy("The signed paper is the proof of what was agreed: keep it here.")
    model = Amendment
    select_related = ("agreement__coop__organisation",)


class AmendmentSend(FormPage):
    model = Amendment
    select_related = ("agreement",)
    title = gettext_lazy("Send the amendment")
    explains = gettext_lazy("Its text is frozen as it leaves; nothing changes before it is signed.")
    submit_label = gettext_lazy("Mark as sent")
    success_message = gettext_lazy("The amendment is sent: its paper is frozen.")

    def get_facts(self) -> str:
        return str(self.object)

    def perform(self, form: Any) -> Amendment:
        return actions.send_amendment(self.object, **self.act())


class AmendmentPdf(Page):
    model = Amendment
    select_related = ("agreement__client",)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        amendment = self.object
        name = slugify(f"avenant-{amendment.number}-{amendment.agreement}")[:80]
        paper = amendment.papers.last()
        if paper is not None:
            return paper_response(self, paper, name)
        return preview_response(amendment_paper(amendment, on=self.today), name)


class PaperPdf(Page):
    """A frozen paper by its key: an earlier sending stays readable."""

    model = FrozenPaper

    def get_title(self) -> Any:
        return _("Paper")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        paper = self.object
        return paper_response(self, paper, slugify(f"{paper.kind}-{paper.pk}-{paper.rank}"))
